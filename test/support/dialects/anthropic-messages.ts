import { type Dialect, field, list, type Part, pieces, proofOf, sse, text, unknownField } from './dialect.ts';

export const anthropicMessages: Dialect = {
  protocol: 'anthropic-messages',
  streamType: 'text/event-stream',
  serves: (path) => path.endsWith('/messages'),
  wantsStream: (body) => field(body, 'stream') === true,
  offeredTools: (body) => list(field(body, 'tools')).map((tool) => text(field(tool, 'name'))),
  toolResults: (body) => blocks(body, 'tool_result').map((block) => JSON.stringify(field(block, 'content'))),
  pictures: (body) => [...blocks(body, 'image'), ...blocks(body, 'tool_result').flatMap((block) => list(field(block, 'content')))].map((block) => text(field(field(block, 'source'), 'data'))).filter((data) => data !== ''),
  thoughts: (body) => blocks(body, 'thinking').map((block) => ({ text: text(field(block, 'thinking')), proof: text(field(block, 'signature')) })),
  refusal(body) {
    const thinks = ['enabled', 'adaptive'].includes(text(field(field(body, 'thinking'), 'type')));
    if (thinks && (field(body, 'top_k') !== undefined || (field(body, 'temperature') ?? 1) !== 1)) return '`temperature` may only be set to 1 and `top_k` must be unset when thinking is enabled';
    if (field(body, 'max_tokens') === undefined) return 'max_tokens: Field required';
    return unknownField(body, known);
  },
  count: (path) => (path.endsWith('/messages/count_tokens') ? { input_tokens: 10 } : undefined),
  reply(parts, { body, sequence }) {
    const thinks = ['enabled', 'adaptive'].includes(text(field(field(body, 'thinking'), 'type')));
    // What is left out of the display is thought and signed all the same.
    const shows = field(field(body, 'thinking'), 'display') !== 'omitted';
    const content = parts.filter(({ type }) => thinks || type !== 'thinking').map((part, index) => toBlock(part, index, shows, sequence));
    const usage = { input_tokens: 10, output_tokens: 5 };
    const stopReason = parts.some(({ type }) => type === 'call') ? 'tool_use' : 'end_turn';
    const message = { id: `msg_${sequence}`, type: 'message', role: 'assistant', model: 'scripted-model' };
    const events = [
      { type: 'message_start', message: { ...message, content: [], stop_reason: null, stop_sequence: null, usage } },
      ...content.flatMap((block, index) => [
        { type: 'content_block_start', index, content_block: empty(block) },
        ...deltas(block).map((delta) => ({ type: 'content_block_delta', index, delta })),
        { type: 'content_block_stop', index },
      ]),
      { type: 'message_delta', delta: { stop_reason: stopReason, stop_sequence: null }, usage: { output_tokens: 5 } },
      { type: 'message_stop' },
    ];
    return { frames: events.map(sse), whole: { ...message, content, stop_reason: stopReason, stop_sequence: null, usage } };
  },
};

const known = new Set(['model', 'messages', 'max_tokens', 'system', 'metadata', 'stop_sequences', 'stream', 'temperature', 'top_p', 'top_k', 'tools', 'tool_choice', 'thinking', 'output_config', 'cache_control', 'context_management', 'container', 'mcp_servers', 'service_tier', 'inference_geo', 'safeguards', 'speed', 'fallbacks']);

type Block =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown };

function toBlock(part: Part, index: number, shows: boolean, sequence: number): Block {
  if (part.type === 'thinking') return { type: 'thinking', thinking: shows ? part.text : '', signature: proofOf(sequence) };
  if (part.type === 'text') return part;
  return { type: 'tool_use', id: `toolu_${sequence}_${index}`, name: part.name, input: part.arguments };
}

function empty(block: Block): object {
  if (block.type === 'tool_use') return { ...block, input: {} };
  return block.type === 'text' ? { type: 'text', text: '' } : { type: 'thinking', thinking: '', signature: '' };
}

function deltas(block: Block): readonly object[] {
  if (block.type === 'text') return pieces(block.text).map((piece) => ({ type: 'text_delta', text: piece }));
  if (block.type === 'tool_use') return pieces(JSON.stringify(block.input)).map((piece) => ({ type: 'input_json_delta', partial_json: piece }));
  return [...(block.thinking === '' ? [] : pieces(block.thinking).map((piece) => ({ type: 'thinking_delta', thinking: piece }))), { type: 'signature_delta', signature: block.signature }];
}

function blocks(body: unknown, type: string): readonly unknown[] {
  return list(field(body, 'messages')).flatMap((message) => list(field(message, 'content')).filter((block) => field(block, 'type') === type));
}
