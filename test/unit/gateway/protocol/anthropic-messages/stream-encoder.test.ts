import assert from 'node:assert/strict';
import { anthropicMessages } from '../../../../../src/gateway/protocol/anthropic-messages/index.ts';
import type { IrEvent, IrSignature, JsonObject } from '../../../../../src/gateway/protocol/ir.ts';
import { isSealed, unseal } from '../../../../../src/gateway/protocol/sealed.ts';
import { encodeAll } from '../meaning.ts';

const start: IrEvent = { type: 'start', id: 'r1', model: 'upstream' };
const text = (block: number, ...pieces: readonly string[]): readonly IrEvent[] => [{ type: 'text-start', block }, ...pieces.map((piece): IrEvent => ({ type: 'text-delta', block, text: piece })), { type: 'text-end', block }];
const thought = (block: number, pieces: readonly string[], proof: { readonly signature?: IrSignature; readonly sealed?: IrSignature } = {}): readonly IrEvent[] => [
  { type: 'reasoning-start', block, summary: false },
  ...pieces.map((piece): IrEvent => ({ type: 'reasoning-delta', block, text: piece })),
  { type: 'reasoning-end', block, ...proof },
];
const call = (block: number, id: string, pieces: readonly string[], signature?: IrSignature): readonly IrEvent[] => [
  { type: 'tool-call-start', block, id, name: 'read', input: 'json' },
  ...pieces.map((piece): IrEvent => ({ type: 'tool-call-delta', block, text: piece })),
  { type: 'tool-call-end', block, ...(signature === undefined ? {} : { signature }) },
];
const finish = (reason: 'stop' | 'tool-calls' | 'length' | 'refusal' | 'content-filter' | 'pause' = 'stop'): IrEvent => ({ type: 'finish', finish: { reason } });

/** The events on the wire as pairs of their name and their data. */
function wireOf(events: readonly IrEvent[], thinking = true, usedCallIds: readonly string[] = []): readonly (readonly [string, JsonObject])[] {
  const encoded = encodeAll(anthropicMessages.createStreamEncoder({ model: 'claude-x', thinking, usedCallIds }), events);
  return encoded.split('\n\n').filter((event) => event !== '').map((event) => {
    const match = /^event: (\w+)\ndata: (.*)$/.exec(event);
    assert.ok(match?.[1] !== undefined && match[2] !== undefined, event);
    const data = JSON.parse(match[2]) as JsonObject;
    assert.equal(data['type'], match[1]);
    return [match[1], data];
  });
}

/** One word per event: what claude insists on is their order. */
function shape(events: readonly IrEvent[], thinking = true): string {
  return wireOf(events, thinking).map(([name, data]) => {
    const index = data['index'] === undefined ? '' : String(data['index'] as number);
    const block = data['content_block'] as JsonObject | undefined;
    const delta = data['delta'] as JsonObject | undefined;
    const kind = { content_block_start: `start${index}:${String(block?.['type'] as string)}`, content_block_delta: `delta${index}:${String(delta?.['type'] as string).replace('_delta', '')}`, content_block_stop: `stop${index}` }[name];
    return kind ?? name;
  }).join(' ');
}

describe('anthropic-messages: streams to clients', () => {
  it('are what claude insists on: message_start, whole blocks in order, message_delta with reason and usage, message_stop', () => {
    const events: readonly IrEvent[] = [start, ...thought(0, ['a', 'b']), ...text(1, 'c', 'd'), ...call(2, 'x', ['{"p":', '1}']), { type: 'usage', usage: { inputUncached: 3, outputText: 4 } }, finish('tool-calls')];
    assert.equal(
      shape(events),
      'message_start start0:thinking delta0:thinking delta0:thinking delta0:signature stop0 start1:text delta1:text delta1:text stop1 start2:tool_use delta2:input_json delta2:input_json stop2 message_delta message_stop',
    );
    const [, last] = wireOf(events).at(-2) ?? ['', {}];
    assert.deepEqual(last, { type: 'message_delta', delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { input_tokens: 3, output_tokens: 4 } });
  });

  it('end text before thoughts and thoughts before text, whatever the server did (peers 19)', () => {
    assert.equal(shape([start, ...text(0, 'a'), ...thought(1, ['b']), ...text(2, 'c'), finish()]), 'message_start start0:text delta0:text stop0 start1:thinking delta1:thinking delta1:signature stop1 start2:text delta2:text stop2 message_delta message_stop');
  });

  it('never mix two blocks: what comes for a later one waits (peers 1, 6, 8)', () => {
    const mixed: readonly IrEvent[] = [
      start,
      { type: 'tool-call-start', block: 0, id: 'a', name: 'read', input: 'json' },
      { type: 'tool-call-start', block: 1, id: 'b', name: 'read', input: 'json' },
      { type: 'tool-call-delta', block: 1, text: '{"p":2}' },
      { type: 'tool-call-delta', block: 0, text: '{"p":1}' },
      { type: 'text-start', block: 2 },
      { type: 'text-delta', block: 2, text: 'late' },
      { type: 'text-end', block: 2 },
      { type: 'tool-call-end', block: 1 },
      { type: 'tool-call-end', block: 0 },
      finish('tool-calls'),
    ];
    assert.equal(shape(mixed, false), 'message_start start0:tool_use delta0:input_json stop0 start1:tool_use delta1:input_json stop1 start2:text delta2:text stop2 message_delta message_stop');
  });

  it('end every block that was begun, also one that the server never ended', () => {
    assert.equal(shape([start, { type: 'text-start', block: 0 }, { type: 'text-delta', block: 0, text: 'a' }, finish()]), 'message_start start0:text delta0:text stop0 message_delta message_stop');
  });

  it('have no blocks without content, and always arguments', () => {
    assert.equal(shape([start, ...text(0), ...thought(1, []), ...call(2, 'a', []), finish('tool-calls')]), 'message_start start0:tool_use delta0:input_json stop0 message_delta message_stop');
    const deltas = wireOf([start, ...call(0, 'a', ['  ']), finish('tool-calls')]).filter(([name]) => name === 'content_block_delta').map(([, data]) => (data['delta'] as JsonObject)['partial_json']);
    assert.equal(deltas.join(''), '  {}');
  });

  it('carry no thoughts to a client that did not ask for them', () => {
    assert.equal(shape([start, ...thought(0, ['a'], { signature: { origin: 'gemini', value: 's' } }), ...text(1, 'b'), ...call(2, 'x', ['{}'], { origin: 'gemini', value: 's' }), finish('tool-calls')], false), 'message_start start0:text delta0:text stop0 start1:tool_use delta1:input_json stop1 message_delta message_stop');
  });

  it('give thoughts of other servers an envelope for a signature, and Anthropic’s own untouched (peers 11, 12)', () => {
    const signatureOf = (events: readonly IrEvent[]): string =>
      wireOf([start, ...events, finish()]).flatMap(([, data]) => {
        const delta = data['delta'] as JsonObject | undefined;
        return delta?.['type'] === 'signature_delta' ? [delta['signature'] as string] : [];
      }).join('');
    assert.equal(signatureOf(thought(0, ['a'], { signature: { origin: 'anthropic-messages', value: 'EqQB' } })), 'EqQB');
    assert.equal(signatureOf(thought(0, [], { signature: { origin: 'anthropic-messages', value: 'EqQB' } })), 'EqQB', 'thoughts that are not shown');
    const foreign = signatureOf(thought(0, ['a', 'b'], { signature: { origin: 'openai-responses', value: 'gAAA' } }));
    assert.deepEqual(unseal(foreign, 'ab'), [{ type: 'reasoning', reasoning: { type: 'reasoning', text: 'ab', summary: false, signature: { origin: 'openai-responses', value: 'gAAA' } } }]);
    assert.ok(isSealed(signatureOf(thought(0, ['a']))), 'thoughts that nobody signed');
  });

  it('seal thoughts without text as redacted thoughts', () => {
    const blockOf = (events: readonly IrEvent[]): JsonObject => wireOf([start, ...events, finish()]).find(([name]) => name === 'content_block_start')?.[1]['content_block'] as JsonObject;
    assert.deepEqual(blockOf(thought(0, [], { sealed: { origin: 'anthropic-messages', value: 'EmwK' } })), { type: 'redacted_thinking', data: 'EmwK' });
    const foreign = blockOf(thought(0, [], { sealed: { origin: 'openai-responses', value: 'gAAA' } }));
    assert.equal(foreign['type'], 'redacted_thinking');
    assert.ok(isSealed(foreign['data'] as string));
  });

  it('put the signature of a call into a sealed thought before it, and find it again in the next request', () => {
    const signature: IrSignature = { origin: 'gemini', value: 'c2ln' };
    const events = [start, ...call(0, 'call_1', ['{"a":1}'], signature), finish('tool-calls')];
    assert.equal(shape(events), 'message_start start0:redacted_thinking stop0 start1:tool_use delta1:input_json stop1 message_delta message_stop');
    const sealed = wireOf(events)[1]?.[1]['content_block'] as JsonObject;
    const { request } = anthropicMessages.decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'x' }, { role: 'assistant', content: [sealed, { type: 'tool_use', id: 'call_1', name: 'read', input: { a: 1 } }] }] }, {});
    assert.deepEqual(request.messages[1]?.parts, [{ type: 'tool-call', id: 'call_1', name: 'read', input: { type: 'json', text: '{"a":1}' }, signature }]);
  });

  for (const known of ['start', 'end'] as const) {
    it(`keep the signature of a call whose arguments come in pieces, known at its ${known}`, () => {
      const signature: IrSignature = { origin: 'gemini', value: 'c2ln' };
      const events: readonly IrEvent[] = [
        start,
        { type: 'tool-call-start', block: 0, id: 'call_1', name: 'read', input: 'json', ...(known === 'start' ? { signature } : {}) },
        ...['{"a"', ':', '1}'].map((piece): IrEvent => ({ type: 'tool-call-delta', block: 0, text: piece })),
        { type: 'tool-call-end', block: 0, signature },
        ...call(1, 'call_2', ['{}']),
        finish('tool-calls'),
      ];
      const blocks = wireOf(events).flatMap(([name, data]) => (name === 'content_block_start' ? [data['content_block'] as JsonObject] : []));
      assert.deepEqual(blocks.map(({ type }) => type), known === 'start' ? ['redacted_thinking', 'tool_use', 'tool_use'] : ['tool_use', 'redacted_thinking', 'tool_use']);
      const content = blocks.map((block) => (block['id'] === 'call_1' ? { ...block, input: { a: 1 } } : block));
      const { request } = anthropicMessages.decodeRequest({ model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }, { role: 'assistant', content }] }, {});
      assert.deepEqual(request.messages[1]?.parts, [
        { type: 'tool-call', id: 'call_1', name: 'read', input: { type: 'json', text: '{"a":1}' }, signature },
        { type: 'tool-call', id: 'call_2', name: 'read', input: { type: 'json', text: '{}' } },
      ]);
    });
  }

  it('stream arguments as they come, one piece behind where a signature may follow', () => {
    const encoder = anthropicMessages.createStreamEncoder({ model: 'm', thinking: true, usedCallIds: [] });
    encoder.encode(start);
    encoder.encode({ type: 'tool-call-start', block: 0, id: 'a', name: 'read', input: 'json' });
    assert.equal(encoder.encode({ type: 'tool-call-delta', block: 0, text: '{"p":' }), '');
    assert.match(encoder.encode({ type: 'tool-call-delta', block: 0, text: '1' }), /content_block_start.*\n\n.*\n.*\{\\"p\\":/s);
    assert.match(encoder.encode({ type: 'tool-call-delta', block: 0, text: '}' }), /^event: content_block_delta/);
  });

  it('give calls ids that claude and Anthropic take, and that are new in the conversation', () => {
    const ids = wireOf([start, ...call(0, 'functions.read:0', ['{}']), ...call(1, 'call_0', ['{}']), ...call(2, 'call_0', ['{}']), finish('tool-calls')], false, ['call_0'])
      .filter(([name]) => name === 'content_block_start')
      .map(([, data]) => (data['content_block'] as JsonObject)['id'] as string);
    assert.match(ids[0] ?? '', /^functions_read_0_[0-9a-f]{16}$/);
    assert.deepEqual(ids.slice(1), ['call_0_2', 'call_0_3']);
  });

  it('tell why the answer ended', () => {
    const stopOf = (event: IrEvent, before: readonly IrEvent[] = []): unknown => wireOf([start, ...before, event]).find(([name]) => name === 'message_delta')?.[1]['delta'];
    assert.deepEqual(stopOf(finish('length')), { stop_reason: 'max_tokens', stop_sequence: null });
    assert.deepEqual(stopOf(finish('pause')), { stop_reason: 'pause_turn', stop_sequence: null });
    assert.deepEqual(stopOf({ type: 'finish', finish: { reason: 'stop-sequence', sequence: '</a>' } }), { stop_reason: 'stop_sequence', stop_sequence: '</a>' });
    assert.deepEqual(stopOf(finish('refusal'), [{ type: 'refusal-delta', text: 'No.' }]), { stop_reason: 'refusal', stop_sequence: null, stop_details: { type: 'refusal', category: null, explanation: 'No.' } });
    assert.deepEqual(stopOf(finish('content-filter')), { stop_reason: 'refusal', stop_sequence: null, stop_details: { type: 'refusal', category: null, explanation: null } });
  });

  it('bring usage that came late', () => {
    const deltas = wireOf([start, ...text(0, 'a'), finish(), { type: 'usage', usage: { inputUncached: 5, outputText: 2 } }]).filter(([name]) => name === 'message_delta');
    assert.deepEqual(deltas.map(([, data]) => (data['usage'] as JsonObject)['input_tokens']), [0, 5]);
  });

  it('fail with the error of the protocol, and never seem to end well', () => {
    const error: IrEvent = { type: 'error', error: { type: 'overloaded', status: 503, message: 'Loading model' } };
    assert.equal(shape([start, ...text(0, 'a').slice(0, 2), error, finish()]), 'message_start start0:text delta0:text error');
    assert.equal(shape([error]), 'error');
    assert.deepEqual(wireOf([error])[0]?.[1], { type: 'error', error: { type: 'overloaded_error', message: 'Loading model' } });
    assert.equal(shape([start, ...text(0, 'a')]), 'message_start start0:text delta0:text stop0 error');
    assert.equal(shape([]), 'error');
  });

  it('keep the client waiting with pings until the end', () => {
    const encoder = anthropicMessages.createStreamEncoder({ model: 'm', thinking: true, usedCallIds: [] });
    assert.equal(encoder.heartbeat(), 'event: ping\ndata: {"type": "ping"}\n\n');
    encoder.encode(start);
    assert.notEqual(encoder.heartbeat(), '');
    encoder.encode(finish());
    assert.equal(encoder.heartbeat(), '');
    encoder.end();
    assert.equal(encoder.heartbeat() + encoder.end(), '');
  });
});
