/** Ollama's own chat: one JSON object per line, the last one with `done`. https://docs.ollama.com/api/chat */
import * as z from 'zod';
import { parseJson } from '../../base/json.ts';
import { createNdjsonDecoder, malformed, reported } from './decoder.ts';
import type { ChatCodec, ChatEvent, FinishReason } from './model.ts';
import { errorMessageOf, isErrorReply } from './reply.ts';

const part = z.looseObject({
  message: z.looseObject({ content: z.string().nullish(), thinking: z.string().nullish() }).nullish(),
  done: z.boolean().nullish(),
  done_reason: z.string().nullish(),
  prompt_eval_count: z.number().nullish(),
  eval_count: z.number().nullish(),
});

export const ollama: ChatCodec = {
  protocol: 'ollama',

  buildRequest: ({ model, messages, maxTokens }) => ({
    path: '/chat',
    headers: { accept: 'application/x-ndjson' },
    body: { model, messages: messages.map(({ role, content }) => ({ role, content })), stream: true, ...(maxTokens !== undefined && { options: { num_predict: maxTokens } }) },
  }),

  createDecoder: () =>
    createNdjsonDecoder({
      read(line) {
        const json = parseJson(line);
        return json === undefined ? [malformed('sent a line that is not JSON')] : readPart(json);
      },
      end: () => [],
    }),
};

function readPart(value: unknown): readonly ChatEvent[] {
  if (isErrorReply(value)) return [reported(errorMessageOf(value))];
  const parsed = part.safeParse(value);
  if (!parsed.success || (!parsed.data.message && !parsed.data.done)) return [malformed('sent a line that is not a chat answer of Ollama')];
  const { message, done, done_reason, prompt_eval_count, eval_count } = parsed.data;
  const events: ChatEvent[] = [];
  if (message?.thinking) events.push({ type: 'reasoning-delta', text: message.thinking });
  if (message?.content) events.push({ type: 'text-delta', text: message.content });
  if (!done) return events;
  if (prompt_eval_count || eval_count) events.push({ type: 'usage', inputTokens: prompt_eval_count ?? undefined, outputTokens: eval_count ?? undefined });
  events.push(finishOf(done_reason ?? 'stop'));
  return events;
}

function finishOf(reason: string): ChatEvent {
  const known: Readonly<Record<string, FinishReason>> = { stop: 'stop', length: 'length' };
  const mapped = known[reason];
  return mapped ? { type: 'finish', reason: mapped } : { type: 'finish', reason: 'other', detail: reason };
}
