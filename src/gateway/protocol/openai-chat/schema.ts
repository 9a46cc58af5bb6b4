/**
 * OpenAI Chat Completions on the wire (https://platform.openai.com/docs/api-reference/chat), and what the many servers and
 * clients that speak it add or leave out. Unknown fields are ignored, and so is `null`.
 */
import * as z from 'zod';
import { understoodOnce } from '../understood.ts';

const text = z.string().nullish();
const number = z.number().nullish();
const flag = z.boolean().nullish();
const anything = z.unknown().optional();
/** Ids and numbers that some send as the other of the two. */
const looseId = z.union([z.string(), z.number().transform(String)]).nullish().catch(undefined);
const looseIndex = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).nullish().catch(undefined);

const imageUrl = z.union([z.string(), z.looseObject({ url: z.string(), detail: text })]);

/** A piece of a message's content. Mistral's thoughts are parts as well. */
export const partSchema = z.looseObject({
  type: text,
  text,
  refusal: text,
  image_url: imageUrl.nullish(),
  input_audio: z.looseObject({ data: z.string(), format: text }).nullish(),
  file: z.looseObject({ filename: text, file_data: text, file_id: text }).nullish(),
  thinking: z.union([z.string(), z.array(z.looseObject({ text }))]).nullish(),
  /** OpenRouter's and LiteLLM's way to mark the prompt for Anthropic's cache, and OpenAI's own. */
  cache_control: z.looseObject({ ttl: text }).nullish().catch(undefined),
  prompt_cache_breakpoint: z.looseObject({}).nullish().catch(undefined),
});
export type WirePart = z.infer<typeof partSchema>;

export const contentSchema = z.union([z.string(), z.array(z.union([z.string(), partSchema]))]).nullish();
export type WireContent = z.infer<typeof contentSchema>;

/** As a whole in messages, in pieces in streams. `arguments` should be text, but some send the object. */
export const toolCallSchema = z.looseObject({
  index: looseIndex,
  id: looseId,
  type: text.catch(undefined),
  function: z.looseObject({ name: text, arguments: anything }).nullish(),
  custom: z.looseObject({ name: text, input: text }).nullish(),
  /** Gemini's signature of the call, through its OpenAI-shaped API. */
  extra_content: z.looseObject({ google: z.looseObject({ thought_signature: text }).nullish() }).nullish().catch(undefined),
});
export type WireToolCall = z.infer<typeof toolCallSchema>;

/** One message of a request or an answer, or the change to it that a chunk of a stream brings. */
export const messageSchema = z.looseObject({
  role: text.catch(undefined),
  content: contentSchema,
  refusal: text,
  name: text.catch(undefined),
  tool_calls: z.array(toolCallSchema).nullish(),
  tool_call_id: looseId,
  function_call: z.looseObject({ name: text, arguments: anything }).nullish(),
  /** Thoughts: DeepSeek, llama.cpp, LM Studio, SGLang. */
  reasoning_content: text,
  /** Thoughts: vLLM, OpenRouter, Ollama, Groq. */
  reasoning: z.union([z.string(), z.looseObject({})]).nullish(),
  reasoning_text: text.catch(undefined),
  reasoning_details: z.array(z.looseObject({ type: text, text, summary: text })).nullish().catch(undefined),
  /** Pictures that the model made (OpenRouter). */
  images: z.array(z.looseObject({ image_url: imageUrl.nullish() })).nullish().catch(undefined),
});
export type WireMessage = z.infer<typeof messageSchema>;

const functionSchema = z.looseObject({ name: z.string(), description: text, parameters: anything, strict: flag });
export const toolSchema = z.looseObject({
  type: text,
  function: functionSchema.nullish(),
  custom: z.looseObject({
    name: z.string(),
    description: text,
    format: z.looseObject({ type: text, grammar: z.looseObject({ syntax: z.string(), definition: z.string() }).nullish() }).nullish(),
  }).nullish(),
});

const named = z.looseObject({ name: z.string() }).nullish();
export const toolChoiceSchema = z.union([
  z.string(),
  z.looseObject({ type: text, function: named, custom: named, allowed_tools: z.looseObject({ mode: text, tools: z.array(z.looseObject({ function: named, custom: named })) }).nullish() }),
]);

export const requestSchema = z.looseObject({
  model: z.string(),
  messages: z.array(understoodOnce(messageSchema.extend({ role: z.string() }))),
  tools: z.array(understoodOnce(toolSchema)).nullish(),
  functions: z.array(functionSchema).nullish(),
  tool_choice: toolChoiceSchema.nullish(),
  function_call: toolChoiceSchema.nullish(),
  parallel_tool_calls: flag,
  max_tokens: number,
  max_completion_tokens: number,
  temperature: number,
  top_p: number,
  top_k: number,
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  seed: number,
  presence_penalty: number,
  frequency_penalty: number,
  n: number,
  logprobs: flag,
  logit_bias: z.looseObject({}).nullish(),
  modalities: z.array(z.string()).nullish(),
  web_search_options: z.looseObject({}).nullish(),
  verbosity: text,
  reasoning_effort: text,
  reasoning: z.looseObject({ effort: text, max_tokens: number, enabled: flag, exclude: flag }).nullish(),
  enable_thinking: flag,
  chat_template_kwargs: z.looseObject({ enable_thinking: flag, thinking: flag }).nullish(),
  thinking: z.looseObject({ type: text, budget_tokens: number }).nullish(),
  response_format: z.looseObject({ type: text, json_schema: z.looseObject({ name: text, schema: anything, strict: flag }).nullish(), schema: anything }).nullish(),
  prompt_cache_key: text,
  safety_identifier: text,
  user: text,
  stream: flag,
  stream_options: z.looseObject({ include_usage: flag }).nullish(),
});
export type WireRequest = z.infer<typeof requestSchema>;

export const usageSchema = z.looseObject({
  prompt_tokens: number,
  completion_tokens: number,
  total_tokens: number,
  prompt_tokens_details: z.looseObject({ cached_tokens: number, cache_write_tokens: number, cache_creation_input_tokens: number }).nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: number }).nullish(),
  /** DeepSeek. */
  prompt_cache_hit_tokens: number,
  /** Moonshot. */
  cached_tokens: number,
  reasoning_tokens: number,
});
export type WireUsage = z.infer<typeof usageSchema>;

export const choiceSchema = z.looseObject({
  index: looseIndex,
  message: messageSchema.nullish(),
  delta: messageSchema.nullish(),
  finish_reason: text,
  /** The stop sequence that matched (vLLM), or the number of a token. */
  stop_reason: z.union([z.string(), z.number()]).nullish().catch(undefined),
  usage: usageSchema.nullish().catch(undefined),
  error: anything,
});
export type WireChoice = z.infer<typeof choiceSchema>;

/** A whole answer, and a chunk of a stream. */
export const answerSchema = z.looseObject({
  id: looseId,
  model: text.catch(undefined),
  choices: z.array(choiceSchema).nullish(),
  usage: usageSchema.nullish().catch(undefined),
  error: anything,
  x_groq: z.looseObject({ usage: usageSchema.nullish() }).nullish().catch(undefined),
  /** llama.cpp: tokens that came out of its cache. */
  timings: z.looseObject({ cache_n: number }).nullish().catch(undefined),
});
export type WireAnswer = z.infer<typeof answerSchema>;
