/** What OpenAI's own SDK demands of a stream (its accumulator throws otherwise), written down as assertions. */
import assert from 'node:assert/strict';
import { createSseParser } from '../../../../../src/gateway/protocol/sse.ts';
import type { JsonObject } from '../../../../../src/gateway/protocol/ir.ts';

type Wire = { readonly [key: string]: any };

/** @returns the answer of the last event */
export function readStrictly(text: string): { readonly final: Wire; readonly types: readonly string[]; readonly events: readonly Wire[] } {
  const parser = createSseParser();
  const items = [...parser.push(new TextEncoder().encode(text)), ...parser.end()];
  const events = items.map((item): Wire => {
    assert.equal(item.type, 'message');
    const event = JSON.parse(item.type === 'message' ? item.data : '') as Wire;
    assert.equal(item.type === 'message' && item.event, event['type']);
    return event;
  });
  const output: Wire[] = [];
  let final: Wire | undefined;
  events.forEach((event, index) => {
    assert.equal(event['sequence_number'], index, 'sequence numbers have no gaps');
    assert.equal(final, undefined, 'nothing comes after the last event');
    const type = event['type'] as string;
    if (index === 0) assert.equal(type, 'response.created');
    if (event['response'] !== undefined) {
      checkResponse(event['response']);
      if (index > 0) assert.equal(event['response'].id, events[0]?.['response'].id, 'the id never changes');
      assert.deepEqual(event['response'].output.map(identity), output.map(identity), `${type} holds the answer so far`);
      if (type === 'response.in_progress') assert.deepEqual(event['response'].output, output, 'a snapshot is exact');
    }
    apply(event, type, output);
    if (['response.completed', 'response.incomplete', 'response.failed'].includes(type)) {
      final = event['response'];
      if (type !== 'response.failed') {
        assert.deepEqual(final?.['output'], output, 'the final answer is what was streamed');
        assert.equal(typeof final?.['usage'].input_tokens, 'number');
      }
    }
  });
  assert.ok(final, 'the stream has an end');
  return { final, types: events.map((event) => event['type'] as string), events };
}

function identity(item: Wire): unknown {
  return [item['type'], item['id'], item['call_id']];
}

function checkResponse(response: Wire): void {
  for (const field of ['id', 'model', 'status', 'object']) assert.equal(typeof response[field], 'string', field);
  assert.equal(typeof response['created_at'], 'number');
  const seen = new Set<string>();
  for (const item of response['output'] as Wire[]) {
    for (const key of [item['id'], item['call_id'] === undefined ? undefined : `call ${item['call_id']}`]) {
      if (key === undefined) continue;
      assert.ok(typeof key === 'string' && key !== '' && !seen.has(key), `ids are unique: ${key}`);
      seen.add(key);
    }
  }
}

function apply(event: Wire, type: string, output: Wire[]): void {
  if (type === 'response.output_item.added') {
    assert.equal(event['output_index'], output.length, 'indexes have no gaps');
    output.push(structuredClone(event['item']));
    return;
  }
  if (event['output_index'] === undefined) return;
  const item = output[event['output_index'] as number];
  assert.ok(item, `${type} for an item that was added`);
  if (type === 'response.output_item.done') {
    assert.deepEqual(identity(event['item']), identity(item), 'an item keeps its identity');
    assertGrown(item, event['item']);
    output[event['output_index'] as number] = structuredClone(event['item']);
    return;
  }
  assert.equal(event['item_id'], item['id'], `${type} names its item`);
  const set = (list: Wire[], index: number, field: string): void => {
    assert.ok(list[index], `${type} for a part that was added`);
    const part = list[index] as JsonObject;
    if (type.endsWith('.delta')) list[index] = { ...part, [field]: `${String(part[field])}${String(event['delta'])}` };
    else assert.equal(event[field], part[field], `${type} repeats what was streamed`);
  };
  switch (type) {
    case 'response.content_part.added':
      assert.equal(event['content_index'], item['content'].length);
      item['content'].push(structuredClone(event['part']));
      return;
    case 'response.content_part.done':
      assert.deepEqual(event['part'], item['content'][event['content_index']]);
      return;
    case 'response.reasoning_summary_part.added':
      assert.equal(event['summary_index'], item['summary'].length);
      item['summary'].push(structuredClone(event['part']));
      return;
    case 'response.reasoning_summary_part.done':
      assert.deepEqual(event['part'], item['summary'][event['summary_index']]);
      return;
    case 'response.output_text.delta':
    case 'response.output_text.done':
      return set(item['content'], event['content_index'], 'text');
    case 'response.refusal.delta':
    case 'response.refusal.done':
      return set(item['content'], event['content_index'], 'refusal');
    case 'response.reasoning_summary_text.delta':
    case 'response.reasoning_summary_text.done':
      return set(item['summary'], event['summary_index'], 'text');
    case 'response.function_call_arguments.delta':
    case 'response.function_call_arguments.done':
    case 'response.custom_tool_call_input.delta':
    case 'response.custom_tool_call_input.done': {
      const field = type.includes('custom') ? 'input' : 'arguments';
      assert.equal(item['type'], field === 'input' ? 'custom_tool_call' : 'function_call');
      const list = [item];
      set(list, 0, field);
      output[event['output_index'] as number] = list[0] as Wire;
      return;
    }
    default:
      assert.fail(`unknown event ${type}`);
  }
}

/** The finished item is the streamed one, finished: same text, same arguments. */
function assertGrown(streamed: Wire, done: Wire): void {
  if (streamed['type'] === 'tool_search_call' || streamed['type'] === 'image_generation_call') return;
  const { status: _1, encrypted_content: _2, ...before } = streamed;
  const { status: _3, encrypted_content: _4, ...after } = done;
  assert.deepEqual(after, before, 'the finished item is what was streamed');
}
