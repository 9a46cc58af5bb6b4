import { dataOf, type Dialect, field, list, pieces, text } from './dialect.ts';

/** As servers of open models speak it: thoughts in `reasoning_content`, unasked. */
export const openaiChat: Dialect = {
  protocol: 'openai-chat',
  streamType: 'text/event-stream',
  serves: (path) => path.endsWith('/chat/completions'),
  wantsStream: (body) => field(body, 'stream') === true,
  offeredTools: (body) => list(field(body, 'tools')).map((tool) => text(field(field(tool, 'function'), 'name'))),
  toolResults: (body) =>
    list(field(body, 'messages'))
      .filter((message) => field(message, 'role') === 'tool')
      .map((message) => JSON.stringify(field(message, 'content'))),
  pictures: (body) => list(field(body, 'messages')).flatMap((message) => list(field(message, 'content')).flatMap((part) => dataOf(field(field(part, 'image_url'), 'url')))),
  thoughts: (body) => list(field(body, 'messages')).flatMap((message) => (text(field(message, 'reasoning_content')) === '' ? [] : [{ text: text(field(message, 'reasoning_content')) }])),
  refusal: () => undefined, // servers of open models skip what they do not know
  count: () => undefined,
  reply(parts, { sequence }) {
    const head = { id: `chatcmpl-${sequence}`, created: 1, model: 'scripted-model' };
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
    const calls = parts.filter((part) => part.type === 'call').map(({ name, arguments: values }, index) => ({ id: `call_${sequence}_${index}`, type: 'function', function: { name, arguments: JSON.stringify(values) } }));
    const said = (type: 'thinking' | 'text'): string => parts.flatMap((part) => (part.type === type ? [part.text] : [])).join('');
    const message = { role: 'assistant', content: said('text') || null, ...(said('thinking') !== '' && { reasoning_content: said('thinking') }), ...(calls.length > 0 && { tool_calls: calls }) };
    const finishReason = calls.length > 0 ? 'tool_calls' : 'stop';
    const deltas: readonly object[] = [
      { role: 'assistant', content: '' },
      ...(said('thinking') === '' ? [] : pieces(said('thinking')).map((piece) => ({ reasoning_content: piece }))),
      ...(said('text') === '' ? [] : pieces(said('text')).map((piece) => ({ content: piece }))),
      ...calls.flatMap((call, index) => [
        { tool_calls: [{ ...call, index, function: { ...call.function, arguments: '' } }] },
        ...pieces(call.function.arguments).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
      ]),
    ];
    const chunks = [
      ...deltas.map((delta) => ({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: null }] })),
      { ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: finishReason }] },
      { ...head, object: 'chat.completion.chunk', choices: [], usage },
    ];
    return {
      frames: [...chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n'],
      whole: { ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finishReason }], usage },
    };
  },
};
