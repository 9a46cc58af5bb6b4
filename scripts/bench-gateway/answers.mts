/** What the model server says in each protocol: one answer, whole or piece by piece. */
import type { Protocol } from '../../src/core/protocol.ts';

export interface StreamedAnswer {
  readonly contentType: string;
  /** What comes before the first piece of text, and after the last. */
  readonly head: string;
  readonly tail: string;
  /** One piece of text on the wire; `text` needs no escapes. */
  piece(text: string): string;
}

const text = 'The program reads every file of the project, notes what each one exports, and prints the graph. It begins in main.ts.\n'.repeat(6);
const created = 1_764_000_000;
const model = 'bench-model';

const sse = (data: object, event?: string): string => `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
const typed = (data: { readonly type: string }): string => sse(data, data.type);
/** A template around a text that needs no escapes: the server's own cost must stay small. */
const around = (whole: string): ((text: string) => string) => {
  const [before = '', after = ''] = whole.split('\u0001');
  return (piece) => before + piece + after;
};
const mark = '\u0001';
const raw = (wire: string): string => wire.replaceAll('\\u0001', mark);

const responseShell = { id: 'resp_1', object: 'response', created_at: created, model, error: null, incomplete_details: null, instructions: null, metadata: {}, parallel_tool_calls: true, temperature: 1, tool_choice: 'auto', tools: [], top_p: 1 };
const responseMessage = (status: string, said: string): object => ({ id: 'msg_1', type: 'message', role: 'assistant', status, content: said === '' ? [] : [{ type: 'output_text', text: said, annotations: [] }] });
const responseUsage = { input_tokens: 100, input_tokens_details: { cached_tokens: 0 }, output_tokens: 200, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 300 };
const chatChunk = (delta: object, finish: string | null = null): string => sse({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created, model, system_fingerprint: 'fp_1', choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] });
const geminiChunk = (parts: readonly object[], more: object = {}, finish: object = {}): string => sse({ candidates: [{ content: { parts, role: 'model' }, ...finish, index: 0 }], ...more, modelVersion: model, responseId: 'r1' });
const ollamaLine = (message: object, more: object = {}): string => `${JSON.stringify({ model, created_at: '2026-01-01T00:00:00.000Z', message, done: false, ...more })}\n`;
const ollamaEnd = { done_reason: 'stop', done: true, total_duration: 1, load_duration: 1, prompt_eval_count: 100, prompt_eval_duration: 1, eval_count: 200, eval_duration: 1 };

export const streams: Readonly<Record<Protocol, StreamedAnswer>> = {
  'anthropic-messages': {
    contentType: 'text/event-stream; charset=utf-8',
    head:
      typed({ type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 100, output_tokens: 1 } } } as { type: string }) +
      typed({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as { type: string }),
    piece: around(raw(typed({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: mark } } as { type: string }))),
    tail:
      typed({ type: 'content_block_stop', index: 0 } as { type: string }) +
      typed({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 200 } } as { type: string }) +
      typed({ type: 'message_stop' }),
  },
  'openai-chat': {
    contentType: 'text/event-stream',
    head: chatChunk({ role: 'assistant', content: '' }),
    piece: around(raw(chatChunk({ content: mark }))),
    tail: `${chatChunk({}, 'stop')}${sse({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created, model, choices: [], usage: { prompt_tokens: 100, completion_tokens: 200, total_tokens: 300 } })}data: [DONE]\n\n`,
  },
  'openai-responses': {
    contentType: 'text/event-stream; charset=utf-8',
    head:
      typed({ type: 'response.created', sequence_number: 0, response: { ...responseShell, status: 'in_progress', output: [], usage: null } } as { type: string }) +
      typed({ type: 'response.output_item.added', sequence_number: 1, output_index: 0, item: responseMessage('in_progress', '') } as { type: string }) +
      typed({ type: 'response.content_part.added', sequence_number: 2, item_id: 'msg_1', output_index: 0, content_index: 0, part: { type: 'output_text', text: '', annotations: [] } } as { type: string }),
    piece: around(raw(typed({ type: 'response.output_text.delta', sequence_number: 3, item_id: 'msg_1', output_index: 0, content_index: 0, delta: mark, logprobs: [] } as { type: string }))),
    tail:
      typed({ type: 'response.output_text.done', sequence_number: 4, item_id: 'msg_1', output_index: 0, content_index: 0, text: 'done', logprobs: [] } as { type: string }) +
      typed({ type: 'response.output_item.done', sequence_number: 5, output_index: 0, item: responseMessage('completed', 'done') } as { type: string }) +
      typed({ type: 'response.completed', sequence_number: 6, response: { ...responseShell, status: 'completed', output: [responseMessage('completed', 'done')], usage: responseUsage } } as { type: string }),
  },
  gemini: {
    contentType: 'text/event-stream',
    head: '',
    piece: around(raw(geminiChunk([{ text: mark }]))),
    tail: geminiChunk([{ text: '.' }], { usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 200, totalTokenCount: 300 } }, { finishReason: 'STOP' }),
  },
  ollama: {
    contentType: 'application/x-ndjson',
    head: '',
    piece: around(raw(ollamaLine({ role: 'assistant', content: mark }))),
    tail: ollamaLine({ role: 'assistant', content: '' }, ollamaEnd),
  },
};

export const wholes: Readonly<Record<Protocol, string>> = {
  'anthropic-messages': JSON.stringify({ id: 'msg_1', type: 'message', role: 'assistant', model, content: [{ type: 'text', text }], stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: 100, output_tokens: 200 } }),
  'openai-chat': JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion', created, model, choices: [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, logprobs: null, finish_reason: 'stop' }], usage: { prompt_tokens: 100, completion_tokens: 200, total_tokens: 300 } }),
  'openai-responses': JSON.stringify({ ...responseShell, status: 'completed', output: [responseMessage('completed', text)], usage: responseUsage }),
  gemini: JSON.stringify({ candidates: [{ content: { parts: [{ text }], role: 'model' }, finishReason: 'STOP', index: 0 }], usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 200, totalTokenCount: 300 }, modelVersion: model, responseId: 'r1' }),
  ollama: JSON.stringify({ model, created_at: '2026-01-01T00:00:00.000Z', message: { role: 'assistant', content: text }, ...ollamaEnd }),
};

/** What the end of a proper answer holds, in the client's own protocol. */
export const endMarks: Readonly<Record<Protocol, string>> = {
  'anthropic-messages': '"end_turn"',
  'openai-chat': '"stop"',
  'openai-responses': '"completed"',
  gemini: '"STOP"',
  ollama: '"done_reason":"stop"',
};
