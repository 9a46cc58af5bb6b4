import assert from 'node:assert/strict';
import { isContextOverflow, overflowNumbers } from '../../../../src/gateway/protocol/context-overflow.ts';

describe('a conversation that is too long', () => {
  const messages: readonly (readonly [server: string, message: string, numbers: { input: number; limit: number; output?: number } | undefined])[] = [
    ['Anthropic', 'prompt is too long: 208310 tokens > 200000 maximum', { input: 208310, limit: 200000 }],
    ['Anthropic, room for the answer', 'input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length or `max_tokens` and try again', { input: 188240, output: 21333, limit: 200000 }],
    ['OpenAI', "This model's maximum context length is 128000 tokens. However, your messages resulted in 130052 tokens. Please reduce the length of the messages.", { input: 130052, limit: 128000 }],
    ['OpenAI, Responses', 'Your input exceeds the context window of this model. Please adjust your input and try again.', undefined],
    ['vLLM', "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (8000 in the messages, 1000 in the completion). Please reduce the length of the messages or completion.", { input: 8000, output: 1000, limit: 8192 }],
    ['vLLM, newer', "Requested token count exceeds the model's maximum context length of 262144 tokens. You requested a total of 262462 tokens: 230462 tokens from the input messages and 32000 tokens for the completion.", { input: 230462, output: 32000, limit: 262144 }],
    ['vLLM, output', "This model's maximum context length is 40960 tokens. However, you requested 32000 output tokens and your prompt contains at least 8961 input tokens", { input: 8961, output: 32000, limit: 40960 }],
    ['llama.cpp', 'request (68879 tokens) exceeds the available context size (65536 tokens), try increasing it', { input: 68879, limit: 65536 }],
    ['llama.cpp, older', 'the request exceeds the available context size. try increasing the context size or enable context shift', undefined],
    ['llama.cpp, while answering', 'Context size has been exceeded.', undefined],
    ['Ollama', 'the input length exceeds the context length', undefined],
    ['Ollama, llama-server', 'the prompt is longer than the context length currently available to the model; shorten the prompt', undefined],
    ['LM Studio', 'Trying to keep the first 13062 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.', { input: 13062, limit: 4096 }],
    ['LM Studio, newer', 'The number of tokens to keep from the initial prompt is greater than the context length.', undefined],
    ['Gemini', 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).', { input: 1200000, limit: 1048576 }],
    ['SGLang', "The input (9000 tokens) is longer than the model's context length (8192 tokens).", undefined],
    ['OpenRouter', "This endpoint's maximum context length is 131072 tokens. However, you requested about 140000 tokens (140000 of text input).", undefined],
    ['Mistral', 'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length', { input: 40000, limit: 32768 }],
    ['Bedrock', 'Input is too long for requested model.', undefined],
    ['TensorRT-LLM', 'Prompt too long: 5152 tokens exceeds max_seq_len 2048 (leave room for output tokens)', { input: 5152, limit: 2048 }],
    ['with commas', 'prompt is too long: 1,022,145 tokens > 1,000,000 maximum', { input: 1022145, limit: 1000000 }],
  ];
  for (const [server, message, numbers] of messages) {
    it(`is told by ${server}`, () => {
      assert.ok(isContextOverflow(message));
      if (numbers) assert.deepEqual(overflowNumbers(message), numbers);
      else {
        const found = overflowNumbers(message);
        // What is read out of a message without both numbers must at least not be nonsense.
        assert.ok(found === undefined || found.input > found.limit, JSON.stringify(found));
      }
    });
  }

  for (const message of [
    'Too many tokens per day, please wait before trying again.',
    'Tokens per minute limit exceeded - too many tokens processed',
    'Rate limit reached for gpt-5 on tokens per min (TPM): Limit 30000, Used 29000, Requested 4000. Please try again in 6s.',
    'integer above maximum value, expected a value <= 32768, but got 65536',
    'context deadline exceeded',
    'model not found',
    "messages.1: 'system' role is not supported on this model",
  ]) {
    it(`is not “${message.slice(0, 50)}”`, () => assert.equal(isContextOverflow(message), false));
  }
});
