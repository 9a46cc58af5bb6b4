import assert from 'node:assert/strict';
import { FailedAnswerError, ProtocolError } from '../../../../../src/gateway/protocol/codec.ts';
import type { IrErrorType, IrEvent, IrUsage, Json, JsonObject } from '../../../../../src/gateway/protocol/ir.ts';
import { openAiChat } from '../../../../../src/gateway/protocol/openai-chat/index.ts';
import type { ChatContext } from '../../../../../src/gateway/protocol/openai-chat/request.ts';
import { bytesOf, countedIds, decodeAll, encodeAll } from '../meaning.ts';

const context: ChatContext = { model: 'gpt-x', includeUsage: false, customTools: ['patch'], usedCallIds: ['call_0'], created: 7 };
const start: IrEvent = { type: 'start', id: 'r1', model: 'upstream' };
const finish: IrEvent = { type: 'finish', finish: { reason: 'stop' } };

function chunksOf(events: readonly IrEvent[], changes: Partial<ChatContext> = {}): readonly (JsonObject | string)[] {
  const text = encodeAll(openAiChat.createStreamEncoder({ ...context, ...changes }), events);
  return text.split('\n\n').filter((line) => line !== '').map((line) => {
    assert.ok(line.startsWith('data: '), line);
    return line === 'data: [DONE]' ? '[DONE]' : (JSON.parse(line.slice('data: '.length)) as JsonObject);
  });
}

const choicesOf = (chunks: readonly (JsonObject | string)[]): readonly JsonObject[] => chunks.flatMap((chunk) => (typeof chunk === 'string' ? [] : ((chunk['choices'] ?? []) as readonly JsonObject[])));

describe('openai-chat: streams to clients', () => {
  it('begin with the role, end with a reason and the mark, and carry the client’s name of the model', () => {
    const chunks = chunksOf([start, { type: 'text-start', block: 0 }, { type: 'text-delta', block: 0, text: 'a' }, { type: 'text-end', block: 0 }, finish]);
    const head = { id: 'r1', object: 'chat.completion.chunk', created: 7, model: 'gpt-x' };
    assert.deepEqual(chunks, [
      { ...head, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] },
      { ...head, choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }] },
      { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      '[DONE]',
    ]);
  });

  it('tell the usage only to a client that asked, also when it comes behind the finish', () => {
    const usage: IrEvent = { type: 'usage', usage: { inputUncached: 3, cacheRead: 2, outputText: 4, outputReasoning: 1 } };
    assert.equal(chunksOf([start, usage, finish]).some((chunk) => typeof chunk !== 'string' && 'usage' in chunk), false);
    for (const events of [[start, usage, finish], [start, finish, usage]]) {
      const last = chunksOf(events, { includeUsage: true }).at(-2) as JsonObject;
      assert.deepEqual([last['choices'], last['usage']], [[], { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10, prompt_tokens_details: { cached_tokens: 2 }, completion_tokens_details: { reasoning_tokens: 1 } }]);
    }
    assert.equal(chunksOf([start, finish], { includeUsage: true }).length, 3, 'what is unknown is not told');
  });

  it('keep the pieces of parallel calls apart by index, with ids that are new in the conversation', () => {
    const chunks = choicesOf(
      chunksOf([
        start,
        { type: 'tool-call-start', block: 0, id: 'call_0', name: 'read', input: 'json' },
        { type: 'tool-call-start', block: 1, id: 'call_1', name: 'read', input: 'json' },
        { type: 'tool-call-delta', block: 1, text: '{"b":' },
        { type: 'tool-call-delta', block: 0, text: '{"a":1}' },
        { type: 'tool-call-delta', block: 1, text: '2}' },
        { type: 'tool-call-end', block: 0 },
        { type: 'tool-call-end', block: 1 },
        { type: 'finish', finish: { reason: 'tool-calls' } },
      ]),
    );
    const calls = chunks.flatMap((choice) => ((choice['delta'] as JsonObject)['tool_calls'] ?? []) as readonly JsonObject[]);
    assert.deepEqual(calls, [
      { index: 0, id: 'call_0_2', type: 'function', function: { name: 'read', arguments: '' } },
      { index: 1, id: 'call_1', type: 'function', function: { name: 'read', arguments: '' } },
      { index: 1, function: { arguments: '{"b":' } },
      { index: 0, function: { arguments: '{"a":1}' } },
      { index: 1, function: { arguments: '2}' } },
    ]);
    assert.equal(chunks.at(-1)?.['finish_reason'], 'tool_calls');
  });

  it('hand on the free text of a custom tool, however the server wrapped it', () => {
    for (const [input, pieces] of [['json', ['{"input":"*** Be', 'gin\\n"}']], ['text', ['*** Be', 'gin\n']]] as const) {
      const chunks = choicesOf(chunksOf([start, { type: 'tool-call-start', block: 0, id: 'c', name: 'patch', input }, ...pieces.map((text): IrEvent => ({ type: 'tool-call-delta', block: 0, text })), { type: 'tool-call-end', block: 0 }, finish]));
      assert.deepEqual((chunks[1]?.['delta'] as JsonObject)['tool_calls'], [{ index: 0, id: 'c', type: 'custom', custom: { name: 'patch', input: '*** Begin\n' } }]);
    }
  });

  it('fail with an error object, and never seem to end well', () => {
    const error: IrEvent = { type: 'error', error: { type: 'network', status: 502, message: 'gone' } };
    const expected = { error: { message: 'gone', type: 'upstream_error', param: null, code: 'upstream_unreachable' } };
    assert.deepEqual(chunksOf([start, error, finish]).at(-1), expected);
    assert.deepEqual(chunksOf([error]), [expected]);
    const cut = chunksOf([start]);
    assert.deepEqual([cut.length, ((cut.at(-1) as JsonObject)['error'] as JsonObject)['code']], [2, 'upstream_truncated']);
  });

  it('keep the client waiting with comments until the end', () => {
    const encoder = openAiChat.createStreamEncoder(context);
    assert.equal(encoder.heartbeat(), ': keep-alive\n\n');
    encoder.encode(start);
    encoder.encode(finish);
    assert.equal(encoder.heartbeat(), '');
  });

  const reasons: readonly (readonly [finish: Extract<IrEvent, { type: 'finish' }>['finish'], refused: boolean, reason: string])[] = [
    [{ reason: 'length' }, false, 'length'],
    [{ reason: 'content-filter' }, false, 'content_filter'],
    [{ reason: 'refusal' }, false, 'content_filter'],
    [{ reason: 'refusal' }, true, 'stop'],
    [{ reason: 'pause' }, false, 'stop'],
    [{ reason: 'stop-sequence', sequence: 'x' }, false, 'stop'],
  ];
  for (const [given, refused, reason] of reasons) {
    it(`${given.reason}${refused ? ' with words' : ''} is ${reason}`, () => {
      assert.equal(choicesOf(chunksOf([start, ...(refused ? [{ type: 'refusal-delta', text: 'No.' } as const] : []), { type: 'finish', finish: given }])).at(-1)?.['finish_reason'], reason);
    });
  }
});

describe('openai-chat: usage', () => {
  const cases: readonly (readonly [server: string, wire: JsonObject, usage: IrUsage])[] = [
    ['OpenAI: the cache is part of the prompt (peers 48)', { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120, prompt_tokens_details: { cached_tokens: 64 }, completion_tokens_details: { reasoning_tokens: 15 } }, { inputUncached: 36, cacheRead: 64, outputText: 5, outputReasoning: 15 }],
    ['OpenAI: what was written to the cache', { prompt_tokens: 100, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 10, cache_write_tokens: 50 } }, { inputUncached: 40, cacheRead: 10, cacheWrite: 50, outputText: 1 }],
    ['DeepSeek', { prompt_tokens: 30, completion_tokens: 9, prompt_cache_hit_tokens: 16, prompt_cache_miss_tokens: 14 }, { inputUncached: 14, cacheRead: 16, outputText: 9 }],
    ['Moonshot', { prompt_tokens: 30, completion_tokens: 9, cached_tokens: 30 }, { inputUncached: 0, cacheRead: 30, outputText: 9 }],
    ['xAI: thoughts are not part of the completion', { prompt_tokens: 10, completion_tokens: 5, total_tokens: 115, completion_tokens_details: { reasoning_tokens: 100 } }, { inputUncached: 10, outputText: 5, outputReasoning: 100 }],
    ['no details: unknown stays unknown', { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, prompt_tokens_details: null, completion_tokens_details: null }, { inputUncached: 10, outputText: 5 }],
    ['nonsense: never below nothing', { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 64 }, completion_tokens_details: { reasoning_tokens: 9 } }, { inputUncached: 0, cacheRead: 64, outputText: 0, outputReasoning: 9 }],
  ];
  for (const [server, usage, expected] of cases) {
    it(server, () => {
      const body: JsonObject = { id: 'x', model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }], usage };
      assert.deepEqual(openAiChat.decodeResponse(body).response.usage, expected);
    });
  }

  it('llama.cpp tells what its cache saved among its timings', () => {
    const body: JsonObject = { choices: [{ message: { content: 'a' }, finish_reason: 'stop' }], usage: { prompt_tokens: 100, completion_tokens: 2 }, timings: { cache_n: 90, prompt_n: 10 } };
    assert.deepEqual(openAiChat.decodeResponse(body).response.usage, { inputUncached: 10, cacheRead: 90, outputText: 2 });
  });
});

describe('openai-chat: whole answers', () => {
  const decode = (message: JsonObject, finishReason = 'stop'): Json => JSON.parse(JSON.stringify(openAiChat.decodeResponse({ id: 'x', model: 'm', choices: [{ index: 0, message, finish_reason: finishReason }] }, { newId: countedIds() }).response.parts)) as Json;

  it('are read in every spelling', () => {
    assert.deepEqual(decode({ content: '<think>\nHm.</think>\n\nYes.' }), [{ type: 'reasoning', text: 'Hm.', summary: false }, { type: 'text', text: 'Yes.' }]);
    assert.deepEqual(decode({ content: 'Yes.', reasoning: 'Hm.' }), [{ type: 'reasoning', text: 'Hm.', summary: false }, { type: 'text', text: 'Yes.' }]);
    assert.deepEqual(decode({ content: null, tool_calls: [{ function: { name: 'a', arguments: '{}' } }, { id: '', function: { name: 'b', arguments: null } }] }), [
      { type: 'tool-call', id: 'call_new1', name: 'a', input: { type: 'json', text: '{}' } },
      { type: 'tool-call', id: 'call_new2', name: 'b', input: { type: 'json', text: '' } },
    ]);
    assert.deepEqual(decode({ content: '' }), []);
  });

  it('fail where they say so, and where a call got lost (peers 18)', () => {
    const failure = (body: Json): IrErrorType | 'not an answer' => {
      try {
        openAiChat.decodeResponse(body);
      } catch (error) {
        if (error instanceof FailedAnswerError) return error.error.type;
        assert.ok(error instanceof ProtocolError);
        return 'not an answer';
      }
      return assert.fail('decoded');
    };
    assert.equal(failure({ error: { message: 'no', code: 429 } }), 'rate-limit');
    assert.equal(failure({ choices: [{ message: { content: null }, finish_reason: 'tool_calls' }] }), 'server');
    assert.equal(failure({ choices: [{ message: { tool_calls: [{ id: 'a', function: { arguments: '{}' } }] }, finish_reason: 'tool_calls' }] }), 'server');
    assert.equal(failure({ choices: [] }), 'not an answer');
    assert.equal(failure({ hello: 1 }), 'not an answer');
    assert.equal(failure([]), 'not an answer');
  });

  it('carry the client’s names of tools that the server knows by others', () => {
    const tools = [{ type: 'function', name: `mcp__${'x'.repeat(80)}`, schema: { type: 'object' } }, { type: 'function', name: 'my.tool', schema: { type: 'object' } }] as const;
    const { body, context: upstream } = openAiChat.encodeRequest({ model: 'm', messages: [], tools, stream: true }, {});
    const names = ((body as JsonObject)['tools'] as readonly JsonObject[]).map((tool) => (tool['function'] as JsonObject)['name'] as string);
    for (const name of names) assert.match(name, /^[a-zA-Z0-9_-]{1,64}$/);
    const events = decodeAll(openAiChat.createStreamDecoder(upstream), [bytesOf(names.map((name, index) => `data: ${JSON.stringify({ choices: [{ delta: { tool_calls: [{ index, id: `c${index}`, function: { name, arguments: '{}' } }] }, finish_reason: index === 1 ? 'tool_calls' : null }] })}\n\n`).join(''))]);
    assert.deepEqual(events.flatMap((event) => (event.type === 'tool-call-start' ? [event.name] : [])), tools.map((tool) => tool.name));
  });
});
