/**
 * OpenAI's chat completions as everybody speaks them: `data:` events with one JSON chunk each, `[DONE]` at the end.
 * https://platform.openai.com/docs/api-reference/chat-streaming
 */
import * as z from 'zod';
import { parseJson } from '../../base/json.ts';
import { createEventStreamDecoder, malformed, reported } from './decoder.ts';
import type { ChatCodec, ChatEvent, FinishReason } from './model.ts';
import { errorMessageOf, isErrorReply } from './reply.ts';
import type { SseMessage } from './sse.ts';

/** Text, or the parts that Mistral's reasoning models send. */
const contentPart = z.looseObject({
  type: z.string().nullish(),
  text: z.string().nullish(),
  thinking: z.union([z.string(), z.array(z.looseObject({ text: z.string().nullish() }))]).nullish(),
});
const content = z.union([z.string(), z.array(contentPart)]).nullish();

const message = z.looseObject({
  content,
  /** DeepSeek, llama.cpp, SGLang, LM Studio. */
  reasoning_content: z.string().nullish(),
  /** OpenRouter, vLLM, Ollama. */
  reasoning: z.string().nullish(),
  refusal: z.string().nullish(),
});

const choice = z.looseObject({ delta: message.nullish(), message: message.nullish(), finish_reason: z.string().nullish() });

const usage = z.looseObject({ prompt_tokens: z.number().nullish(), completion_tokens: z.number().nullish() });

const chunk = z.looseObject({ choices: z.array(choice).nullish(), usage: usage.nullish() });

export const openaiChat: ChatCodec = {
  protocol: 'openai-chat',

  buildRequest: ({ model, messages, maxTokens }) => ({
    path: '/chat/completions',
    headers: { accept: 'text/event-stream' },
    body: { model, messages: messages.map(({ role, content }) => ({ role, content })), stream: true, stream_options: { include_usage: true }, ...(maxTokens !== undefined && { max_tokens: maxTokens }) },
  }),

  /** Some strict servers refuse `stream_options`; the token count is worth less than the answer. OpenAI's thinking models have another name for the limit. */
  simplify(request, status, body) {
    if (status !== 400 && status !== 422) return undefined;
    if ('max_tokens' in request.body && body.includes('max_completion_tokens')) {
      const { max_tokens: limit, ...rest } = request.body;
      return { ...request, body: { ...rest, max_completion_tokens: limit } };
    }
    if (!('stream_options' in request.body) || !body.includes('stream_options')) return undefined;
    const { stream_options: _leftOut, ...rest } = request.body;
    return { ...request, body: rest };
  },

  createDecoder() {
    let finish: ChatEvent | undefined;
    return createEventStreamDecoder({
      read({ data, event }: SseMessage) {
        // Everything has been said; usage may have come after the finish reason, so the finish waits for this.
        if (data.trim() === '[DONE]') return [finish ?? { type: 'finish', reason: 'stop' }];
        const json = parseJson(data);
        if (json === undefined) return event === 'error' ? [reported(data)] : [malformed('sent an event that is not JSON')];
        if (event === 'error' || isErrorReply(json)) return [reported(errorMessageOf(json))];
        const parsed = chunk.safeParse(json);
        if (!parsed.success) return [malformed('sent an event that is not a chat completion')];
        const { events, finish: ended } = readChunk(parsed.data);
        finish ??= ended;
        return events;
      },
      // `[DONE]` is left out by some servers; a finish reason is an end as well.
      end: () => (finish ? [finish] : []),
    });
  },

  decodeWhole(body) {
    if (isErrorReply(body)) return [reported(errorMessageOf(body))];
    const parsed = chunk.safeParse(body);
    if (!parsed.success || !parsed.data.choices?.[0]?.message) return [malformed('sent JSON that is not a chat completion')];
    const { events, finish } = readChunk(parsed.data);
    return [...events, finish ?? { type: 'finish', reason: 'stop' }];
  },
};

function readChunk(data: z.infer<typeof chunk>): { readonly events: readonly ChatEvent[]; readonly finish?: ChatEvent } {
  const events: ChatEvent[] = [];
  const first = data.choices?.[0];
  const said = first?.delta ?? first?.message;
  if (said) {
    const reasoning = said.reasoning_content ?? said.reasoning;
    if (reasoning) events.push({ type: 'reasoning-delta', text: reasoning });
    if (typeof said.content === 'string') {
      if (said.content !== '') events.push({ type: 'text-delta', text: said.content });
    } else for (const part of said.content ?? []) events.push(...readPart(part));
    if (said.refusal) events.push({ type: 'text-delta', text: said.refusal });
  }
  if (data.usage) {
    events.push({ type: 'usage', inputTokens: data.usage.prompt_tokens ?? undefined, outputTokens: data.usage.completion_tokens ?? undefined });
  }
  return first?.finish_reason ? { events, finish: finishOf(first.finish_reason) } : { events };
}

function readPart(part: z.infer<typeof contentPart>): ChatEvent[] {
  const thinking = typeof part.thinking === 'string' ? part.thinking : (part.thinking ?? []).map(({ text }) => text ?? '').join('');
  return [
    ...(thinking ? [{ type: 'reasoning-delta', text: thinking } as const] : []),
    ...(part.text ? [{ type: 'text-delta', text: part.text } as const] : []),
  ];
}

function finishOf(reason: string): ChatEvent {
  if (reason === 'error') return reported(undefined);
  const known: Readonly<Record<string, FinishReason>> = { stop: 'stop', length: 'length', content_filter: 'refusal' };
  const mapped = known[reason];
  return mapped ? { type: 'finish', reason: mapped } : { type: 'finish', reason: 'other', detail: reason };
}
