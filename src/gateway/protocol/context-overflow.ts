/**
 * "The conversation does not fit into the model's context", as the servers say it. Clients compact the conversation when
 * they recognise it, and repeat the same request for ever when they do not.
 */

/** Each of these is a real server's wording; token quotas ("too many tokens per minute") must not match. */
const wordings: readonly RegExp[] = [
  /prompt is too long|prompt too long/i, // Anthropic, Ollama
  /input is too long for requested model/i, // Bedrock
  /input length and `?max_tokens`? exceed context limit/i, // Anthropic
  /maximum (context|model) length|maximum context window/i, // OpenAI, vLLM, OpenRouter, Groq
  /(exceed|greater than|longer than|larger than|too (long|large)|overflow|does not fit|out of)\S*.{0,80}context[ _-]?(length|window|size|limit)/is, // llama.cpp, Ollama, LM Studio, SGLang
  /context[ _-]?(length|window|size|limit).{0,60}(exceed|overflow|too small|reached)/is, // llama.cpp, Copilot
  /when context the overflows/i, // LM Studio
  /input token count .{0,40}exceeds the maximum/is, // Gemini
  /tokens? .{0,60}(too large|too long) for (this )?model|exceeds max_(seq|model)_len/is, // Mistral, TensorRT-LLM
  /`?inputs`? tokens \+ `?max_new_tokens`? must be/i, // TGI
  /input length .{0,40}exceeds the maximum allowed length/is, // SGLang
  /capability_rejected: prompt_too_long/i, // Claude apps gateway
];

const codes = new Set(['context_length_exceeded', 'exceed_context_size_error', 'model_context_window_exceeded', 'context_window_exceeded']);

export function isContextOverflow(message: string): boolean {
  return wordings.some((wording) => wording.test(message));
}

/** A vendor's machine-readable code or type. */
export function isOverflowCode(code: string): boolean {
  return codes.has(code);
}

export interface OverflowNumbers {
  readonly limit: number;
  readonly input: number;
  /** Set where the server counts the room for the answer too. */
  readonly output?: number;
}

/** The token counts in an overflow message, as far as they can be told apart. */
export function overflowNumbers(message: string): OverflowNumbers | undefined {
  const text = message.replaceAll(/(\d)[,_ ](?=\d{3}\b)/g, '$1');
  const sum = /(\d+)\s*\+\s*(\d+)\s*>\s*(\d+)/.exec(text);
  if (sum) return { input: Number(sum[1]), output: Number(sum[2]), limit: Number(sum[3]) };
  const limit = first(text, [
    /> (\d+) maximum/i,
    /(?:context|model) (?:length|window|size|limit)(?: is| of)?(?: only)? \(?(\d+)/i,
    /maximum number of tokens allowed \(?(\d+)/i,
    /max_(?:seq|model)_len\D{0,4}(\d+)/i,
    /model with (\d+) maximum/i,
    /"n_ctx":\s*(\d+)/,
    /exceeds \D{0,60}?(\d+)/i,
  ]);
  if (limit === undefined) return undefined;
  const output = first(text, [/(\d+) (?:tokens )?(?:in|for|from) the (?:completion|output)/i, /requested (\d+) output tokens/i, /`?max_(?:completion_)?tokens`?\D{1,20}(\d+)/i]);
  const input = first(text, [
    /(\d+) (?:tokens )?(?:in|from) the (?:input )?(?:messages|prompt|input)/i,
    /(?:contains|has) (?:at least )?(\d+) (?:input )?tokens/i,
    /request \((\d+) tokens\)/i,
    /prompt (?:is )?too long: (\d+)/i,
    /"n_prompt_tokens":\s*(\d+)/,
    /(?:input token count|input length|prompt)\D{0,30}\((?:length )?(\d+)/i,
    /input length (?:is )?(\d+)/i,
    /(?:resulted in|requested|first|contains) (\d+) tokens/i,
  ]);
  if (input === undefined || input === limit) return undefined;
  return { limit, input, ...(output === undefined ? {} : { output }) };
}

function first(text: string, patterns: readonly RegExp[]): number | undefined {
  for (const pattern of patterns) {
    const match = pattern.exec(text);
    if (match?.[1] !== undefined) return Number(match[1]);
  }
  return undefined;
}
