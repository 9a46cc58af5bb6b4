import { type Dialect, field, list, pieces, text } from './dialect.ts';

export const ollama: Dialect = {
  protocol: 'ollama',
  streamType: 'application/x-ndjson',
  serves: (path) => path.endsWith('/api/chat'),
  wantsStream: (body) => field(body, 'stream') !== false,
  offeredTools: (body) => list(field(body, 'tools')).map((tool) => text(field(field(tool, 'function'), 'name'))),
  toolResults: (body) =>
    list(field(body, 'messages'))
      .filter((message) => field(message, 'role') === 'tool')
      .map((message) => JSON.stringify(field(message, 'content'))),
  pictures: (body) => list(field(body, 'messages')).flatMap((message) => list(field(message, 'images')).map(text)),
  thoughts: (body) => list(field(body, 'messages')).flatMap((message) => (text(field(message, 'thinking')) === '' ? [] : [{ text: text(field(message, 'thinking')) }])),
  refusal: () => undefined, // what it does not know is skipped
  count: () => undefined,
  reply(parts, { body }) {
    const head = { model: text(field(body, 'model')), created_at: '2026-09-01T08:00:00Z' };
    const end = { done: true, done_reason: 'stop', total_duration: 1_000_000, prompt_eval_count: 10, eval_count: 5 };
    // A model that can think does so unless it is told not to.
    const said = parts.filter(({ type }) => type !== 'thinking' || field(body, 'think') !== false);
    const lines: readonly object[] = said.flatMap((part): readonly object[] => {
      if (part.type === 'call') return [{ content: '', tool_calls: [{ function: { name: part.name, arguments: part.arguments } }] }];
      return pieces(part.text).map((piece) => (part.type === 'thinking' ? { content: '', thinking: piece } : { content: piece }));
    });
    const joined = (type: 'thinking' | 'text'): string => said.flatMap((part) => (part.type === type ? [part.text] : [])).join('');
    const calls = said.flatMap((part) => (part.type === 'call' ? [{ function: { name: part.name, arguments: part.arguments } }] : []));
    const message = { role: 'assistant', content: joined('text'), ...(joined('thinking') !== '' && { thinking: joined('thinking') }), ...(calls.length > 0 && { tool_calls: calls }) };
    return {
      frames: [...lines.map((line) => ({ ...head, message: { role: 'assistant', ...line }, done: false })), { ...head, message: { role: 'assistant', content: '' }, ...end }].map((line) => `${JSON.stringify(line)}\n`),
      whole: { ...head, message, ...end },
    };
  },
};
