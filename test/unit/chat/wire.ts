/** Whole answers in each protocol, in the forms that servers of the wild give them. Two-, three- and four-byte characters included. */

const data = (...objects: readonly unknown[]): string => objects.map((object) => `data: ${JSON.stringify(object)}\n\n`).join('');
const lines = (...objects: readonly unknown[]): string => objects.map((object) => `${JSON.stringify(object)}\n`).join('');
const named = (...objects: readonly { readonly type: string }[]): string => objects.map((object) => `event: ${object.type}\ndata: ${JSON.stringify(object)}\n\n`).join('');

const delta = (content: Readonly<Record<string, unknown>>, finish_reason: string | null = null): unknown => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta: content, finish_reason }],
});
const usage = { id: 'chatcmpl-1', object: 'chat.completion.chunk', choices: [], usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 } };

export const openai = {
  /** OpenAI: usage after the finish reason, then `[DONE]`. */
  plain: data(delta({ role: 'assistant', content: '' }), delta({ content: 'Grüß ' }), delta({ content: '世界 🌍' }), delta({}, 'stop'), usage) + 'data: [DONE]\n\n',
  /** OpenRouter: comments as heartbeats, reasoning beside the content. */
  reasoning: `: OPENROUTER PROCESSING\n\n${data(delta({ role: 'assistant', content: '', reasoning: 'Hm' }), delta({ reasoning_content: ' – ja' }))}: OPENROUTER PROCESSING\n\n${data(delta({ content: 'Ja' }), delta({}, 'length'), usage)}data: [DONE]\n\n`,
  /** Mistral: a list of parts. */
  parts: data(delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }] }), delta({ content: [{ type: 'text', text: 'Ja' }] }), delta({ content: '' }, 'stop')) + 'data: [DONE]\n\n',
  /** No `[DONE]`, no last empty line. */
  bare: `${data(delta({ content: 'Ja' }))}data: ${JSON.stringify(delta({}, 'stop'))}`,
  /** A vLLM that dies in mid-answer. */
  failing: data(delta({ content: 'Ja' }), { error: { message: 'CUDA out of memory.', type: 'InternalServerError', code: 500 } }) + 'data: [DONE]\n\n',
  /** Older llama.cpp. */
  errorField: `${data(delta({ content: 'Ja' }))}error: {"code":500,"message":"context shift is disabled","type":"server_error"}\n\n`,
  truncated: data(delta({ content: 'Ja' }), delta({ content: ' aber' })),
};

export const ollama = {
  plain: lines(
    { model: 'm', created_at: '2026-11-20T00:00:00Z', message: { role: 'assistant', content: 'Grüß ' }, done: false },
    { model: 'm', created_at: '2026-11-20T00:00:00Z', message: { role: 'assistant', content: '世界 🌍' }, done: false },
    { model: 'm', created_at: '2026-11-20T00:00:00Z', message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', total_duration: 5, prompt_eval_count: 9, eval_count: 4 },
  ),
  thinking: lines({ message: { role: 'assistant', content: '', thinking: 'Hm' }, done: false }, { message: { role: 'assistant', content: 'Ja' }, done: false }, { message: { role: 'assistant', content: '' }, done: true, done_reason: 'length' }),
  failing: lines({ message: { role: 'assistant', content: 'Ja' }, done: false }, { error: 'llama runner process has terminated: exit status 2' }),
  truncated: lines({ message: { role: 'assistant', content: 'Ja' }, done: false }),
  /** The last line without its end. */
  noNewline: lines({ message: { role: 'assistant', content: 'Ja' }, done: false }, { message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop' }).trimEnd(),
};

const start = { type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], usage: { input_tokens: 5, cache_read_input_tokens: 4, output_tokens: 1 } } };
const block = (index: number, content_block: unknown): { type: string } => ({ type: 'content_block_start', index, content_block } as { type: string });
const part = (index: number, delta: unknown): { type: string } => ({ type: 'content_block_delta', index, delta } as { type: string });
const stopped = (index: number): { type: string } => ({ type: 'content_block_stop', index } as { type: string });
const ended = (stop_reason: string): { type: string } => ({ type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 4 } } as { type: string });

export const anthropic = {
  plain: named(start, { type: 'ping' }, block(0, { type: 'text', text: '' }), part(0, { type: 'text_delta', text: 'Grüß ' }), part(0, { type: 'text_delta', text: '世界 🌍' }), stopped(0), ended('end_turn'), { type: 'message_stop' }),
  thinking: named(
    start,
    block(0, { type: 'thinking', thinking: '', signature: '' }),
    part(0, { type: 'thinking_delta', thinking: 'Hm' }),
    part(0, { type: 'signature_delta', signature: 'abc' }),
    stopped(0),
    block(1, { type: 'text', text: '' }),
    part(1, { type: 'text_delta', text: 'Ja' }),
    stopped(1),
    ended('max_tokens'),
    { type: 'message_stop' },
  ),
  failing: named(start, block(0, { type: 'text', text: '' }), part(0, { type: 'text_delta', text: 'Ja' }), { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } as { type: string }),
  truncated: named(start, block(0, { type: 'text', text: '' }), part(0, { type: 'text_delta', text: 'Ja' }), stopped(0)),
  /** An imitation that never says `message_stop`. */
  noStop: named(start, block(0, { type: 'text', text: '' }), part(0, { type: 'text_delta', text: 'Ja' }), ended('end_turn')),
};
