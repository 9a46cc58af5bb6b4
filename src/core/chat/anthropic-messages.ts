/** Anthropic's Messages: named events from `message_start` to `message_stop`. https://docs.claude.com/en/api/messages-streaming */
import * as z from 'zod';
import { parseJson } from '../../base/json.ts';
import { createEventStreamDecoder, malformed, reported } from './decoder.ts';
import type { ChatCodec, ChatEvent, FinishReason } from './model.ts';
import { errorMessageOf } from './reply.ts';
import type { SseMessage } from './sse.ts';

/** The protocol wants a limit. Every current model can write this much. */
const usualMaxTokens = 16_384;

const usage = z.looseObject({
  input_tokens: z.number().nullish(),
  cache_creation_input_tokens: z.number().nullish(),
  cache_read_input_tokens: z.number().nullish(),
  output_tokens: z.number().nullish(),
});
const block = z.looseObject({ type: z.string().nullish(), text: z.string().nullish(), thinking: z.string().nullish() });

const streamed = z.looseObject({
  type: z.string(),
  message: z.looseObject({ usage: usage.nullish() }).nullish(),
  content_block: block.nullish(),
  delta: z.looseObject({ text: z.string().nullish(), thinking: z.string().nullish(), stop_reason: z.string().nullish() }).nullish(),
  usage: usage.nullish(),
});

const whole = z.looseObject({ type: z.literal('message'), content: z.array(block), stop_reason: z.string().nullish(), usage: usage.nullish() });

export const anthropicMessages: ChatCodec = {
  protocol: 'anthropic-messages',

  buildRequest({ model, messages, maxTokens = usualMaxTokens }) {
    const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content).join('\n\n');
    return {
      path: '/messages',
      headers: { accept: 'text/event-stream', 'anthropic-version': '2023-06-01' },
      body: {
        model,
        max_tokens: maxTokens,
        ...(system === '' ? {} : { system }),
        messages: messages.filter(({ role }) => role !== 'system').map(({ role, content }) => ({ role, content })),
        stream: true,
      },
    };
  },

  createDecoder() {
    let finish: ChatEvent | undefined;
    return createEventStreamDecoder({
      read({ data, event }: SseMessage) {
        const json = parseJson(data);
        if (json === undefined) return event === 'error' ? [reported(data)] : [malformed('sent an event that is not JSON')];
        const parsed = streamed.safeParse(json);
        if (event === 'error' || (parsed.success && parsed.data.type === 'error')) return [reported(errorMessageOf(json))];
        if (!parsed.success) return [malformed('sent an event that is not part of a message')];
        switch (parsed.data.type) {
          case 'message_start':
            return usageOf(parsed.data.message?.usage);
          case 'content_block_start':
            return blockEvents(parsed.data.content_block ?? {});
          case 'content_block_delta':
            return blockEvents(parsed.data.delta ?? {});
          case 'message_delta':
            if (parsed.data.delta?.stop_reason) finish = finishOf(parsed.data.delta.stop_reason);
            return usageOf(parsed.data.usage);
          case 'message_stop':
            return [finish ?? { type: 'finish', reason: 'stop' }];
          default:
            return []; // ping, content_block_stop, and what the protocol will add
        }
      },
      // Servers that imitate the protocol leave out `message_stop`; a stop reason is an end as well.
      end: () => (finish ? [finish] : []),
    });
  },

  decodeWhole(body) {
    const parsed = whole.safeParse(body);
    if (!parsed.success) {
      const message = errorMessageOf(body);
      return [message === undefined ? malformed('sent JSON that is not a message') : reported(message)];
    }
    return [...parsed.data.content.flatMap(blockEvents), ...usageOf(parsed.data.usage), finishOf(parsed.data.stop_reason ?? 'end_turn')];
  },
};

function blockEvents(part: { readonly text?: string | null; readonly thinking?: string | null }): ChatEvent[] {
  if (part.thinking) return [{ type: 'reasoning-delta', text: part.thinking }];
  return part.text ? [{ type: 'text-delta', text: part.text }] : [];
}

/** What was read from or written to the cache was sent too. */
function usageOf(counts: z.infer<typeof usage> | null | undefined): ChatEvent[] {
  if (!counts) return [];
  const sent = [counts.input_tokens, counts.cache_creation_input_tokens, counts.cache_read_input_tokens].filter((count) => typeof count === 'number');
  const inputTokens = sent.length > 0 ? sent.reduce((sum, count) => sum + count, 0) : undefined;
  return [{ type: 'usage', inputTokens: inputTokens || undefined, outputTokens: counts.output_tokens ?? undefined }];
}

function finishOf(reason: string): ChatEvent {
  const known: Readonly<Record<string, FinishReason>> = { end_turn: 'stop', stop_sequence: 'stop', max_tokens: 'length', model_context_window_exceeded: 'length', refusal: 'refusal' };
  const mapped = known[reason];
  return mapped ? { type: 'finish', reason: mapped } : { type: 'finish', reason: 'other', detail: reason };
}
