import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { IrEvent, Json } from '../../../../../src/gateway/protocol/ir.ts';
import { responseEvents } from '../../../../../src/gateway/protocol/collect.ts';
import { openAiResponses } from '../../../../../src/gateway/protocol/openai-responses/index.ts';
import { answers, collect } from '../arbitrary.ts';
import { decodePieces, streamsIn } from '../replay.ts';
import { readStrictly } from './strict-client.ts';

const tools: Json = [
  { type: 'function', name: 'bash', parameters: { type: 'object', properties: {} } },
  { type: 'custom', name: 'apply_patch' },
  { type: 'namespace', name: 'agents', description: 'Sub-agents.', tools: [{ type: 'function', name: 'spawn', parameters: {} }, { type: 'custom', name: 'script' }] },
  { type: 'tool_search', execution: 'client', parameters: { type: 'object', properties: { query: { type: 'string' } } } },
];
const { context } = openAiResponses.decodeRequest({ model: 'local', input: 'hi', tools }, { receivedAt: 1_795_197_711_000 });

function encodeAll(events: readonly IrEvent[], { beats = false, from = context } = {}): string {
  const encoder = openAiResponses.createStreamEncoder(from);
  const first = beats ? encoder.heartbeat() : '';
  return first + events.map((event) => encoder.encode(event) + (beats ? encoder.heartbeat() : '')).join('') + encoder.end();
}

const start: IrEvent = { type: 'start', id: 'chatcmpl-1', model: 'upstream-name' };
const stop: IrEvent = { type: 'finish', finish: { reason: 'stop' } };
const call = (block: number, id: string, name: string, text: string, input: 'json' | 'text' = 'json'): IrEvent[] => [
  { type: 'tool-call-start', block, id, name, input },
  ...(text === '' ? [] : [{ type: 'tool-call-delta', block, text } as const]),
  { type: 'tool-call-end', block },
];

describe('openai-responses: streams to a client', () => {
  it('satisfy the strictest client for every stream that any Responses server sends', () => {
    for (const { name, bytes } of streamsIn('openai-responses/streams')) {
      const events = decodePieces(openAiResponses.createStreamDecoder(), [bytes]);
      const { final } = readStrictly(encodeAll(events));
      const failed = events.some((event) => event.type === 'error');
      assert.equal(final['status'] === 'failed', failed, name);
    }
  });

  it('satisfy it for every answer, with heartbeats between all events, and say the same when they are read again', () => {
    fc.assert(
      fc.property(answers({ custom: ['apply_patch'], signatures: false }), fc.boolean(), (answer, beats) => {
        const text = encodeAll(responseEvents(answer), { beats });
        readStrictly(text);
        const again = decodePieces(openAiResponses.createStreamDecoder(), [new TextEncoder().encode(text)]);
        assert.deepEqual(meaning(again), meaning(responseEvents(answer)));
      }),
    );
  });

  it('carry the client’s model name, its time and an id made of the server’s', () => {
    const { final } = readStrictly(encodeAll([start, stop]));
    assert.equal(final['model'], 'local');
    assert.equal(final['created_at'], 1_795_197_711);
    assert.equal(final['id'], 'resp_chatcmpl-1');
  });

  it('answer before the server does, while a local model loads, and keep the id that they began with', () => {
    const encoder = openAiResponses.createStreamEncoder(context);
    const early = encoder.heartbeat();
    assert.match(early, /response\.created/);
    assert.match(encoder.heartbeat(), /^event: response\.in_progress/);
    assert.equal(encoder.encode(start), '');
    readStrictly(early + 'event: response.in_progress\ndata: ' + JSON.stringify({ ...JSON.parse(/data: (.*)/.exec(early.split('\n\n')[1] ?? '')?.[1] ?? ''), sequence_number: 2 }) + '\n\n' + encoder.encode(stop) + encoder.end());
  });

  it('give a namespaced tool its own name and namespace back, which is what codex looks for', () => {
    const { final } = readStrictly(encodeAll([start, ...call(0, 'c1', 'agents__spawn', '{"a":1}'), { type: 'finish', finish: { reason: 'tool-calls' } }]));
    assert.deepEqual(final['output'], [{ id: 'fc_chatcmpl-1_0', type: 'function_call', status: 'completed', call_id: 'c1', name: 'spawn', namespace: 'agents', arguments: '{"a":1}' }]);
  });

  it('give a custom tool its text, whether the server has custom tools or was told of a function', () => {
    for (const [input, text] of [['text', '*** Begin Patch'], ['json', '{"input":"*** Begin Patch"}']] as const) {
      const { final, types } = readStrictly(encodeAll([start, ...call(0, 'c1', 'apply_patch', text, input), stop]));
      assert.equal(final['output'][0].input, '*** Begin Patch');
      assert.equal(final['output'][0].type, 'custom_tool_call');
      assert.ok(types.includes('response.custom_tool_call_input.done'));
    }
    const { final } = readStrictly(encodeAll([start, ...call(0, 'c1', 'agents__script', '{"input":"x"}'), stop]));
    assert.equal(final['output'][0].namespace, 'agents');
  });

  it('let the client search its tools', () => {
    const { final } = readStrictly(encodeAll([start, ...call(0, 'c1', 'tool_search', '{"query":"mail"}'), stop]));
    assert.deepEqual(final['output'], [{ id: 'tsc_chatcmpl-1_0', type: 'tool_search_call', status: 'completed', call_id: 'c1', execution: 'client', arguments: { query: 'mail' } }]);
  });

  it('give calls without arguments an empty object, and calls with the same id different ones', () => {
    const { final } = readStrictly(encodeAll([start, ...call(0, 'same', 'bash', ''), ...call(1, 'same', 'bash', '{}'), ...call(2, '', 'bash', '{}'), stop]));
    assert.deepEqual(final['output'].map((item: { arguments: string; call_id: string }) => [item.arguments, item.call_id]), [['{}', 'same'], ['{}', 'same_2'], ['{}', 'call']]);
  });

  it('write parallel calls whose pieces interleave', () => {
    const pieces: IrEvent[] = [
      { type: 'tool-call-start', block: 0, id: 'a', name: 'bash', input: 'json' },
      { type: 'tool-call-start', block: 1, id: 'b', name: 'bash', input: 'json' },
      { type: 'tool-call-delta', block: 1, text: '{"x":' },
      { type: 'tool-call-delta', block: 0, text: '{}' },
      { type: 'tool-call-delta', block: 1, text: '1}' },
      { type: 'tool-call-end', block: 0 },
      { type: 'tool-call-end', block: 1 },
    ];
    const { final } = readStrictly(encodeAll([start, ...pieces, stop], { beats: true }));
    assert.deepEqual(final['output'].map((item: { arguments: string }) => item.arguments), ['{}', '{"x":1}']);
  });

  it('carry Anthropic’s signature with the thoughts and Gemini’s beside the call, and get both back', () => {
    const text = encodeAll([
      start,
      { type: 'reasoning-start', block: 0, summary: false },
      { type: 'reasoning-delta', block: 0, text: 'thinking…' },
      { type: 'reasoning-end', block: 0, signature: { origin: 'anthropic-messages', value: 'SIG' } },
      { type: 'tool-call-start', block: 1, id: 'c1', name: 'bash', input: 'json' },
      { type: 'tool-call-end', block: 1, signature: { origin: 'gemini', value: 'GSIG' } },
      stop,
    ]);
    const { final } = readStrictly(text);
    const { request, warnings } = openAiResponses.decodeRequest({ model: 'm', input: final['output'], tools }, {});
    assert.deepEqual(warnings, []);
    assert.deepEqual(request.messages, [
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'thinking…', summary: false, signature: { origin: 'anthropic-messages', value: 'SIG' } },
          { type: 'tool-call', id: 'c1', name: 'bash', input: { type: 'json', text: '{}' }, signature: { origin: 'gemini', value: 'GSIG' } },
        ],
      },
    ]);
  });

  it('hand OpenAI’s own encrypted reasoning on as it is, with its id', () => {
    const { final } = readStrictly(encodeAll([start, { type: 'reasoning-start', block: 0, summary: true, id: 'rs_own' }, { type: 'reasoning-end', block: 0, sealed: { origin: 'openai-responses', value: 'gAAA' } }, stop]));
    assert.deepEqual(final['output'], [{ id: 'rs_own', type: 'reasoning', summary: [], encrypted_content: 'gAAA' }]);
  });

  it('fail in both of the ways that clients look for, and never pretend an end', () => {
    const error: IrEvent = { type: 'error', error: { type: 'rate-limit', status: 429, message: 'Slow down.', retryAfterMs: 1500 } };
    const { final, events } = readStrictly(encodeAll([start, { type: 'text-start', block: 0 }, { type: 'text-delta', block: 0, text: 'half' }, error]));
    assert.deepEqual(final['error'], { code: 'rate_limit_exceeded', message: 'Slow down. Please try again in 1.5s.' });
    assert.deepEqual(final['output'][0].status, 'incomplete');
    const thrown = events.at(-2);
    assert.equal(thrown?.['code'], 'rate_limit_exceeded');
    assert.equal(thrown?.['error'].message, thrown?.['message']);
    assert.equal(readStrictly(encodeAll([start, { type: 'text-start', block: 0 }])).final['status'], 'failed');
    assert.equal(readStrictly(encodeAll([])).final['error'].code, 'server_error');
  });

  it('say what codex understands: too long a conversation, an empty account, a request that is wrong for ever', () => {
    const codeOf = (type: 'context-overflow' | 'billing' | 'not-found' | 'server'): string => readStrictly(encodeAll([{ type: 'error', error: { type, status: 400, message: 'x' } }])).final['error'].code;
    assert.deepEqual([codeOf('context-overflow'), codeOf('billing'), codeOf('not-found'), codeOf('server')], ['context_length_exceeded', 'insufficient_quota', 'invalid_prompt', 'server_error']);
  });

  it('tell a limit and a filter from a complete answer', () => {
    const statusOf = (finish: Extract<IrEvent, { type: 'finish' }>['finish']): unknown => {
      const { final } = readStrictly(encodeAll([start, { type: 'finish', finish }]));
      return [final['status'], final['incomplete_details']?.reason];
    };
    assert.deepEqual(statusOf({ reason: 'length' }), ['incomplete', 'max_output_tokens']);
    assert.deepEqual(statusOf({ reason: 'content-filter' }), ['incomplete', 'content_filter']);
    assert.deepEqual(statusOf({ reason: 'stop-sequence', sequence: 'x' }), ['completed', undefined]);
    assert.deepEqual(statusOf({ reason: 'pause' }), ['completed', undefined]);
  });

  it('show a refusal to codex, which takes a message with a refusal for none', () => {
    const events: IrEvent[] = [start, { type: 'refusal-delta', text: 'I will not ' }, { type: 'refusal-delta', text: 'do that' }, { type: 'finish', finish: { reason: 'refusal' } }];
    assert.deepEqual(readStrictly(encodeAll(events)).final['output'][0].content, [{ type: 'refusal', refusal: 'I will not do that' }]);
    const codex = openAiResponses.decodeRequest({ model: 'm', input: 'hi', client_metadata: { 'x-codex-window-id': '1' } }, {}).context;
    assert.equal(readStrictly(encodeAll(events, { from: codex })).final['output'][0].content[0].text, 'I will not do that');
    assert.equal(readStrictly(encodeAll([start, { type: 'finish', finish: { reason: 'refusal' } }])).final['output'][0].content[0].refusal, 'The model declined to answer.');
  });

  it('take usage that comes after the finish', () => {
    const { final } = readStrictly(encodeAll([start, stop, { type: 'usage', usage: { inputUncached: 10, cacheRead: 90, outputText: 3, outputReasoning: 4 } }]));
    assert.deepEqual(final['usage'], { input_tokens: 100, input_tokens_details: { cached_tokens: 90, cache_write_tokens: 0 }, output_tokens: 7, output_tokens_details: { reasoning_tokens: 4 }, total_tokens: 107 });
  });
});

/** What a stream says, without what the way there and back may change: ids, and whether thoughts are called a summary. */
function meaning(events: readonly IrEvent[]): unknown {
  const { parts, ...answer } = collect(events);
  return { ...answer, id: '', model: '', parts: parts.map((part) => (part.type === 'reasoning' ? { type: part.type, text: part.text } : part)) };
}
