import assert from 'node:assert/strict';
import { FailedAnswerError, ProtocolError, type UpstreamTraits } from '../../../../../src/gateway/protocol/codec.ts';
import type { IrEvent, IrRequest, Json, JsonObject } from '../../../../../src/gateway/protocol/ir.ts';
import { ollama } from '../../../../../src/gateway/protocol/ollama/index.ts';
import { imageOf } from '../../../../../src/gateway/protocol/ollama/images.ts';
import { countedIds, encodeAll } from '../meaning.ts';

const hi: IrRequest['messages'] = [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }];
const context = { model: 'qwen3', thinking: true, createdAt: '2026-11-20T12:00:00.000Z' };
const start: IrEvent = { type: 'start', id: 'x', model: 'upstream' };
const finish: IrEvent = { type: 'finish', finish: { reason: 'stop' } };

function encode(fields: Partial<IrRequest>, traits: UpstreamTraits = {}): { readonly body: JsonObject; readonly warnings: readonly string[] } {
  const encoded = ollama.encodeRequest({ model: 'qwen3', messages: hi, tools: [], stream: false, ...fields }, traits);
  return { body: encoded.body as JsonObject, warnings: encoded.warnings.map(({ message }) => message) };
}

const linesOf = (text: string): readonly JsonObject[] => text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as JsonObject);

describe('ollama: requests to servers', () => {
  it('set the window of the context, and let nothing be cut off in silence (peers 34)', () => {
    const { body } = encode({ maxOutputTokens: 9, topK: 3 }, { contextWindow: 32_768 });
    assert.deepEqual(body, { model: 'qwen3', messages: [{ role: 'user', content: 'hi' }], options: { num_ctx: 32_768, num_predict: 9, top_k: 3 }, stream: false, truncate: false, shift: false });
  });

  const thinking: readonly (readonly [model: string, reasoning: IrRequest['reasoning'], traits: UpstreamTraits, think: Json | undefined])[] = [
    ['qwen3', { enabled: true }, {}, undefined],
    ['qwen3', { enabled: true, effort: 'high' }, {}, undefined],
    ['qwen3', { enabled: false }, {}, false],
    ['qwen3', { enabled: false }, { thinkValues: 'none' }, undefined],
    ['gpt-oss:20b', { enabled: true, effort: 'high' }, {}, 'high'],
    ['gpt-oss:20b', { enabled: true, effort: 'xhigh' }, {}, 'high'],
    ['gpt-oss:20b', { enabled: true, effort: 'minimal' }, {}, 'low'],
    ['gpt-oss:20b', { enabled: true, budgetTokens: 5000 }, {}, 'medium'],
    ['gpt-oss:20b', { enabled: false }, {}, 'low'],
    ['qwen3', { enabled: true, effort: 'max' }, { thinkValues: 'levels' }, 'max'],
    ['qwen3', undefined, {}, undefined],
  ];
  for (const [model, reasoning, traits, think] of thinking) {
    it(`think is ${JSON.stringify(think)} for ${model} and ${JSON.stringify(reasoning)}`, () => {
      assert.equal(encode({ model, ...(reasoning === undefined ? {} : { reasoning }) }, traits).body['think'], think);
    });
  }

  it('choose tools by offering no others', () => {
    const tools = [{ type: 'function', name: 'a', schema: { type: 'object' } }, { type: 'function', name: 'b', schema: { type: 'object' } }] as const;
    const offered = (toolChoice: IrRequest['toolChoice']): unknown => ((encode({ tools, ...(toolChoice === undefined ? {} : { toolChoice }) }).body['tools'] ?? []) as readonly JsonObject[]).map((tool) => (tool['function'] as JsonObject)['name']);
    assert.deepEqual(offered(undefined), ['a', 'b']);
    assert.deepEqual(offered({ type: 'none' }), []);
    assert.deepEqual(offered({ type: 'tool', name: 'b' }), ['b']);
    assert.deepEqual(offered({ type: 'required' }), ['a', 'b']);
  });

  it('have parameters that Ollama’s own type takes', () => {
    const schema: JsonObject = { $ref: '#/$defs/P', $defs: { P: { type: 'object', properties: { a: true, b: { type: ['integer', 'null'] }, c: { enum: [1, 'x'] } }, required: ['a'] } } };
    const [tool] = encode({ tools: [{ type: 'function', name: 'f', schema }] }).body['tools'] as readonly JsonObject[];
    assert.deepEqual((tool?.['function'] as JsonObject)['parameters'], { type: 'object', properties: { a: {}, b: { anyOf: [{ type: 'integer' }, { type: 'null' }] }, c: { anyOf: [{ type: 'number', enum: [1] }, { type: 'string', enum: ['x'] }] } }, required: ['a'] });
  });
});

describe('ollama: requests of clients', () => {
  it('are streams unless they say otherwise', () => {
    assert.equal(ollama.decodeRequest({ model: 'm', messages: [] }, {}).request.stream, true);
    assert.equal(ollama.decodeRequest({ model: 'm', messages: [], stream: false }, {}).request.stream, false);
    assert.equal(ollama.decodeRequest({ model: 'm' }, {}).request.messages.length, 0);
  });

  it('give calls without ids the same ids in every turn', () => {
    const turn: readonly JsonObject[] = [{ role: 'user', content: 'hi' }, { role: 'assistant', content: '', tool_calls: [{ function: { name: 'a', arguments: {} } }] }, { role: 'tool', content: 'x' }];
    const messages = (more: readonly JsonObject[]): unknown => ollama.decodeRequest({ model: 'm', messages: [...turn, ...more] }, {}).request.messages.slice(0, 3);
    assert.deepEqual(messages([]), messages([{ role: 'assistant', content: '', tool_calls: [{ function: { name: 'a', arguments: {} } }] }]));
  });

  it('name the field that nobody can understand', () => {
    assert.throws(() => ollama.decodeRequest({ model: 'm', messages: [{ role: 'robot', content: '' }] }, {}), (error) => error instanceof ProtocolError && error.path === 'messages.0.role');
    assert.throws(() => ollama.decodeRequest({ messages: [] }, {}), (error) => error instanceof ProtocolError && error.path === 'model');
  });

  it('tell a picture by its first bytes', () => {
    const typeOf = (data: string): unknown => {
      const part = ollama.decodeRequest({ model: 'm', messages: [{ role: 'user', content: '', images: [data] }] }, {}).request.messages[0]?.parts[0];
      return part?.type === 'image' && part.media.type === 'base64' ? part.media.mediaType : undefined;
    };
    assert.deepEqual(['iVBORw0KGgo=', '/9j/4AAQ', 'R0lGODlh', 'UklGRiQA', 'AAAA', 'data:image/gif;base64,AAAA'].map(typeOf), ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/png', 'image/gif']);
  });
});

describe('ollama: streams to clients', () => {
  it('end with a line that tells why and what it cost', () => {
    const lines = linesOf(encodeAll(ollama.createStreamEncoder(context), [start, { type: 'text-start', block: 0 }, { type: 'text-delta', block: 0, text: 'a' }, { type: 'text-end', block: 0 }, { type: 'usage', usage: { inputUncached: 3, cacheRead: 2, outputText: 1 } }, { type: 'finish', finish: { reason: 'length' } }]));
    const head = { model: 'qwen3', created_at: context.createdAt };
    assert.deepEqual(lines, [
      { ...head, message: { role: 'assistant', content: 'a' }, done: false },
      { ...head, message: { role: 'assistant', content: '' }, done: true, done_reason: 'length', prompt_eval_count: 5, eval_count: 1 },
    ]);
  });

  it('carry whole calls, one after the other, and no thoughts to a client that wants none', () => {
    const events: readonly IrEvent[] = [
      start,
      { type: 'reasoning-start', block: 9, summary: false },
      { type: 'reasoning-delta', block: 9, text: 'Hm.' },
      { type: 'reasoning-end', block: 9 },
      { type: 'tool-call-start', block: 0, id: 'c1', name: 'a', input: 'json' },
      { type: 'tool-call-start', block: 1, id: 'c2', name: 'b', input: 'json' },
      { type: 'tool-call-delta', block: 1, text: '{"x":' },
      { type: 'tool-call-delta', block: 0, text: '' },
      { type: 'tool-call-delta', block: 1, text: '9007199254740993}' },
      { type: 'tool-call-end', block: 1 },
      { type: 'tool-call-end', block: 0 },
      { type: 'finish', finish: { reason: 'tool-calls' } },
    ];
    const text = encodeAll(ollama.createStreamEncoder({ ...context, thinking: false }), events);
    assert.match(text, /"x":9007199254740993\}/, 'numbers stay what they are');
    assert.deepEqual(linesOf(text).flatMap((line) => ((line['message'] as JsonObject)['tool_calls'] ?? []) as readonly JsonObject[]).map((call) => [call['id'], (call['function'] as JsonObject)['name']]), [['c1', 'a'], ['c2', 'b']]);
    assert.doesNotMatch(text, /Hm/);
  });

  it('keep the client waiting with lines that every client can parse, and none behind the end', () => {
    const encoder = ollama.createStreamEncoder(context);
    assert.deepEqual(linesOf(encoder.heartbeat()), [{ model: 'qwen3', created_at: context.createdAt, message: { role: 'assistant', content: '' }, done: false }]);
    encoder.encode(finish);
    assert.equal(encoder.heartbeat(), '');
  });

  it('fail with an error line, and never seem to end well', () => {
    assert.deepEqual(linesOf(encodeAll(ollama.createStreamEncoder(context), [start, { type: 'error', error: { type: 'server', status: 500, message: 'it broke' } }, finish])), [{ error: 'it broke' }]);
    assert.match(encodeAll(ollama.createStreamEncoder(context), [start]), /"error":"the model server closed/);
  });
});

describe('ollama: whole answers', () => {
  it('fail where they say so', () => {
    assert.throws(() => ollama.decodeResponse({ error: "model 'x' not found" }), (error) => error instanceof FailedAnswerError);
    assert.throws(() => ollama.decodeResponse({ models: [] }), ProtocolError);
  });

  it('get ids for calls that have none', () => {
    const { response } = ollama.decodeResponse({ model: 'm', message: { role: 'assistant', content: '<think>Hm.</think>Yes.', tool_calls: [{ function: { name: 'a', arguments: { b: 1 } } }] }, done: true, done_reason: 'stop', prompt_eval_count: 4, eval_count: 2 }, { newId: countedIds() });
    assert.deepEqual(response, {
      id: 'chat_new2',
      model: 'm',
      parts: [{ type: 'reasoning', text: 'Hm.', summary: false }, { type: 'text', text: 'Yes.' }, { type: 'tool-call', id: 'call_new1', name: 'a', input: { type: 'json', text: '{"b":1}' } }],
      finish: { reason: 'tool-calls' },
      usage: { inputUncached: 4, outputText: 2 },
    });
  });
});

describe('pictures of Ollama', () => {
  const typeOf = (bytes: readonly number[]): string | undefined => {
    const { media } = imageOf(Buffer.from([...bytes, 0, 0, 0, 0]).toString('base64'));
    return media.type === 'base64' ? media.mediaType : undefined;
  };

  it('are told apart by their first bytes', () => {
    assert.deepEqual([[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], [0xff, 0xd8, 0xff], [...Buffer.from('GIF89a')], [...Buffer.from('RIFF')], [...Buffer.from('BM')], [...Buffer.from('B@')]].map(typeOf), ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp', 'image/png']);
  });
});
