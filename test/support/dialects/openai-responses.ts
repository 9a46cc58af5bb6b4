import { dataOf, type Dialect, field, list, type Part, pieces, proofOf, sse, text, unknownField } from './dialect.ts';

export const openaiResponses: Dialect = {
  protocol: 'openai-responses',
  streamType: 'text/event-stream',
  serves: (path) => path.endsWith('/responses'),
  wantsStream: (body) => field(body, 'stream') === true,
  offeredTools: (body) => list(field(body, 'tools')).map((tool) => text(field(tool, 'name'))),
  toolResults: (body) => items(body, 'function_call_output').map((item) => JSON.stringify(field(item, 'output'))),
  pictures: (body) =>
    list(field(body, 'input'))
      .flatMap((item) => [...list(field(item, 'content')), ...list(field(item, 'output'))])
      .flatMap((part) => dataOf(field(part, 'image_url'))),
  thoughts: (body) =>
    items(body, 'reasoning').map((item) => ({
      text: list(field(item, 'summary')).map((part) => text(field(part, 'text'))).join(''),
      proof: text(field(item, 'encrypted_content')),
    })),
  refusal(body) {
    // Models that think refuse every sampling but their own.
    const sampling = ['temperature', 'top_p'].find((name) => text(field(body, 'model')).startsWith('gpt-5') && field(body, name) !== undefined);
    return sampling === undefined ? unknownField(body, known) : `Unsupported parameter: '${sampling}' is not supported with this model.`;
  },
  count: (path) => (path.endsWith('/responses/input_tokens') ? { object: 'response.input_tokens', input_tokens: 10 } : undefined),
  reply(parts, { body, sequence }) {
    // Without this wish the thoughts stay with the server, which is of no use to clients that ask it to store nothing.
    const seals = list(field(body, 'include')).includes('reasoning.encrypted_content');
    const output = parts.map((part, index) => toItem(part, `${sequence}_${index}`, seals ? proofOf(sequence) : undefined));
    const response = { id: `resp_${sequence}`, object: 'response', created_at: 1, model: 'scripted-model', status: 'in_progress', output: [] as unknown[] };
    const usage = { input_tokens: 10, input_tokens_details: { cached_tokens: 0 }, output_tokens: 5, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 15 };
    const whole = { ...response, status: 'completed', output, usage };
    const events: readonly Event[] = [
      { type: 'response.created', response },
      ...parts.flatMap((part, index) => itemEvents(part, index, output[index] ?? {})),
      { type: 'response.completed', response: whole },
    ];
    return { frames: events.map((event, index) => sse({ ...event, sequence_number: index })), whole };
  },
};

const known = new Set(['background', 'client_metadata', 'context_management', 'conversation', 'include', 'input', 'instructions', 'max_output_tokens', 'max_tool_calls', 'metadata', 'model', 'parallel_tool_calls', 'previous_response_id', 'prompt', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'reasoning', 'safety_identifier', 'service_tier', 'store', 'stream', 'stream_options', 'temperature', 'text', 'tool_choice', 'tools', 'top_logprobs', 'top_p', 'truncation', 'user']);

type Item = Readonly<Record<string, unknown>>;
type Event = Item & { readonly type: string };

function toItem(part: Part, id: string, proof: string | undefined): Item {
  switch (part.type) {
    case 'thinking':
      return { type: 'reasoning', id: `rs_${id}`, summary: [{ type: 'summary_text', text: part.text }], ...(proof !== undefined && { encrypted_content: proof }) };
    case 'text':
      return { type: 'message', id: `msg_${id}`, role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: part.text, annotations: [] }] };
    case 'call':
      return { type: 'function_call', id: `fc_${id}`, call_id: `call_${id}`, name: part.name, arguments: JSON.stringify(part.arguments), status: 'completed' };
  }
}

function itemEvents(part: Part, index: number, item: Item): readonly Event[] {
  const at = { item_id: item['id'], output_index: index };
  const done = { type: 'response.output_item.done', output_index: index, item };
  const added = (changes: Item): Event => ({ type: 'response.output_item.added', output_index: index, item: { ...item, ...changes } });
  switch (part.type) {
    case 'thinking':
      return [
        added({ summary: [] }),
        { type: 'response.reasoning_summary_part.added', ...at, summary_index: 0, part: { type: 'summary_text', text: '' } },
        ...pieces(part.text).map((delta) => ({ type: 'response.reasoning_summary_text.delta', ...at, summary_index: 0, delta })),
        { type: 'response.reasoning_summary_text.done', ...at, summary_index: 0, text: part.text },
        { type: 'response.reasoning_summary_part.done', ...at, summary_index: 0, part: { type: 'summary_text', text: part.text } },
        done,
      ];
    case 'text':
      return [
        added({ status: 'in_progress', content: [] }),
        { type: 'response.content_part.added', ...at, content_index: 0, part: { type: 'output_text', text: '', annotations: [] } },
        ...pieces(part.text).map((delta) => ({ type: 'response.output_text.delta', ...at, content_index: 0, delta })),
        { type: 'response.output_text.done', ...at, content_index: 0, text: part.text },
        { type: 'response.content_part.done', ...at, content_index: 0, part: { type: 'output_text', text: part.text, annotations: [] } },
        done,
      ];
    case 'call':
      return [
        added({ status: 'in_progress', arguments: '' }),
        ...pieces(String(item['arguments'])).map((delta) => ({ type: 'response.function_call_arguments.delta', ...at, delta })),
        { type: 'response.function_call_arguments.done', ...at, arguments: item['arguments'] },
        done,
      ];
  }
}

function items(body: unknown, type: string): readonly unknown[] {
  return list(field(body, 'input')).filter((item) => field(item, 'type') === type);
}
