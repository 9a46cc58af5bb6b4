import assert from 'node:assert/strict';
import { ProtocolError, type UpstreamTraits } from '../../../../../src/gateway/protocol/codec.ts';
import type { IrErrorType, IrRequest, JsonObject } from '../../../../../src/gateway/protocol/ir.ts';
import { openAiChat } from '../../../../../src/gateway/protocol/openai-chat/index.ts';

function decode(fields: JsonObject): IrRequest {
  return openAiChat.decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...fields }, {}).request;
}

function encode(fields: Partial<IrRequest>, traits: UpstreamTraits = {}): { readonly body: JsonObject; readonly warnings: readonly string[] } {
  const encoded = openAiChat.encodeRequest({ model: 'm', messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }], tools: [], stream: false, ...fields }, traits);
  return { body: encoded.body as JsonObject, warnings: encoded.warnings.map(({ message }) => message) };
}

describe('openai-chat: requests of clients', () => {
  it('ask for thinking in every spelling', () => {
    assert.deepEqual(decode({ reasoning_effort: 'high' }).reasoning, { enabled: true, effort: 'high' });
    assert.deepEqual(decode({ reasoning_effort: 'none' }).reasoning, { enabled: false });
    assert.deepEqual(decode({ reasoning: { max_tokens: 2000, exclude: true } }).reasoning, { enabled: true, budgetTokens: 2000, visible: false });
    assert.deepEqual(decode({ enable_thinking: false }).reasoning, { enabled: false });
    assert.deepEqual(decode({ chat_template_kwargs: { enable_thinking: false } }).reasoning, { enabled: false });
    assert.deepEqual(decode({ thinking: { type: 'enabled', budget_tokens: 3000 } }).reasoning, { enabled: true, budgetTokens: 3000 });
    assert.equal(decode({ reasoning_effort: null }).reasoning, undefined);
  });

  it('limit the answer by either name', () => {
    assert.equal(decode({ max_tokens: 5 }).maxOutputTokens, 5);
    assert.equal(decode({ max_tokens: 5, max_completion_tokens: 7 }).maxOutputTokens, 7);
  });

  it('ask for JSON in every spelling', () => {
    assert.deepEqual(decode({ response_format: { type: 'json_object' } }).output, { type: 'json' });
    assert.deepEqual(decode({ response_format: { type: 'json_object', schema: { type: 'object' } } }).output, { type: 'json-schema', name: 'answer', schema: { type: 'object' }, strict: false });
    assert.equal(decode({ response_format: { type: 'text' } }).output, undefined);
  });

  it('name the field that nobody can understand', () => {
    const pathOf = (body: JsonObject): string => {
      try {
        openAiChat.decodeRequest(body, {});
      } catch (error) {
        assert.ok(error instanceof ProtocolError);
        return error.path;
      }
      return assert.fail('decoded');
    };
    assert.equal(pathOf({ model: 'm' }), 'messages');
    assert.equal(pathOf({ model: 'm', messages: [{ role: 'robot', content: 'x' }] }), 'messages.0.role');
    assert.equal(pathOf({ model: 'm', messages: [], temperature: 'hot' }), 'temperature');
  });
});

describe('openai-chat: requests to servers', () => {
  it('use the names that the server knows', () => {
    assert.deepEqual(encode({ maxOutputTokens: 9 }, { maxTokensField: 'max_completion_tokens' }).body['max_completion_tokens'], 9);
    assert.deepEqual((encode({ messages: [{ role: 'system', developer: false, parts: [{ type: 'text', text: 'a' }] }] }, { systemRole: 'developer', systemAnywhere: true }).body['messages'] as readonly JsonObject[])[0]?.['role'], 'developer');
    assert.equal(encode({ stream: true }, { streamUsage: false }).body['stream_options'], undefined);
    assert.equal(encode({ cacheKey: 'k' }).body['prompt_cache_key'], undefined);
    assert.equal(encode({ cacheKey: 'k' }, { promptCacheKey: true }).body['prompt_cache_key'], 'k');
  });

  it('leave out sampling that OpenAI’s thinking models refuse', () => {
    const sampling = { temperature: 0.2, topP: 0.95, presencePenalty: 0, frequencyPenalty: 0.5, topK: 64, stop: ['x'], seed: 3 };
    const sent = (model: string, traits: UpstreamTraits): readonly string[] => Object.keys(encode({ model, ...sampling }, traits).body).filter((field) => ['temperature', 'top_p', 'top_k', 'presence_penalty', 'frequency_penalty', 'stop', 'seed'].includes(field)).toSorted();
    const openAi: UpstreamTraits = { maxTokensField: 'max_completion_tokens' };
    assert.deepEqual(sent('gpt-5.5', openAi), ['presence_penalty', 'seed']);
    assert.deepEqual(sent('o3-mini', openAi), ['presence_penalty', 'seed']);
    assert.equal(sent('gpt-4.1', openAi).length, 6);
    assert.equal(sent('gpt-5-chat-latest', openAi).length, 6);
    assert.equal(sent('gpt-5.5', {}).length, 7);
    assert.match(encode({ model: 'o3', topP: 0.9 }, openAi).warnings.join(), /top_p left out/);
  });

  it('ask only for efforts that the server knows', () => {
    const effort = (reasoning: IrRequest['reasoning'], traits: UpstreamTraits = {}): unknown => encode({ reasoning }, traits).body['reasoning_effort'];
    assert.equal(effort({ enabled: true, effort: 'max' }), 'high');
    assert.equal(effort({ enabled: true, effort: 'minimal' }), 'low');
    assert.equal(effort({ enabled: true, budgetTokens: 31_999 }), 'high');
    assert.equal(effort({ enabled: true, budgetTokens: -1 }), undefined);
    assert.equal(effort({ enabled: true }), undefined);
    assert.equal(effort({ enabled: false }), undefined);
    assert.equal(effort({ enabled: false }, { efforts: ['none', 'low'] }), 'none');
    assert.equal(effort({ enabled: false }, { efforts: ['minimal', 'low'] }), 'minimal');
    assert.equal(effort({ enabled: true, effort: 'high' }, { efforts: [] }), undefined);
    assert.equal(effort({ effort: 'xhigh' }, { efforts: ['low', 'xhigh'] }), 'xhigh');
  });

  it('leave out a limit that does not fit into the window with the conversation', () => {
    assert.equal(encode({ maxOutputTokens: 32_000 }, { contextWindow: 131_072 }).body['max_tokens'], 32_000);
    const { body, warnings } = encode({ maxOutputTokens: 32_000 }, { contextWindow: 32_768, plainSchemas: true });
    assert.equal(body['max_tokens'], 32_000, 'a short conversation leaves room');
    assert.deepEqual(warnings, []);
    const long = encode({ maxOutputTokens: 32_000, messages: [{ role: 'user', parts: [{ type: 'text', text: 'x'.repeat(5000) }] }] }, { contextWindow: 32_768 });
    assert.equal(long.body['max_tokens'], undefined);
    assert.match(long.warnings.join(), /context window/);
  });

  it('call a schema strict only where OpenAI would take it as one', () => {
    const strict = (schema: JsonObject): unknown => ((encode({ output: { type: 'json-schema', name: 'a b!', schema, strict: true } }).body['response_format'] as JsonObject)['json_schema'] as JsonObject)['strict'];
    assert.equal(strict({ type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false }), true);
    assert.equal(strict({ type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }), false);
    assert.equal(strict({ type: 'object', properties: { a: { type: 'object', properties: {} } }, required: ['a'], additionalProperties: false }), false);
    assert.equal(strict({ type: 'array', items: {} }), false);
    assert.equal(((encode({ output: { type: 'json-schema', name: 'a b!', schema: {}, strict: false } }).body['response_format'] as JsonObject)['json_schema'] as JsonObject)['name'], 'a_b_');
  });

  it('hand back thoughts only in the field that the server reads (peers 13)', () => {
    const messages: IrRequest['messages'] = [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }, { role: 'assistant', parts: [{ type: 'reasoning', text: 'Hm.', summary: false }, { type: 'text', text: 'Yes.' }] }];
    const second = (traits: UpstreamTraits): unknown => (encode({ messages }, traits).body['messages'] as readonly JsonObject[])[1];
    assert.deepEqual(second({}), { role: 'assistant', content: 'Yes.' });
    assert.deepEqual(second({ reasoningField: 'reasoning' }), { role: 'assistant', content: 'Yes.', reasoning: 'Hm.' });
  });

  it('leave pictures out where the model cannot see, and say so to the model', () => {
    const messages: IrRequest['messages'] = [{ role: 'user', parts: [{ type: 'image', media: { type: 'url', url: 'https://example.com/a.png' } }] }];
    assert.deepEqual((encode({ messages }, { images: false }).body['messages'] as readonly JsonObject[])[0]?.['content'], '[a picture was left out: this model cannot read it]');
  });
});

describe('openai-chat: errors', () => {
  const shapes: readonly (readonly [type: IrErrorType, status: number, code: string | null])[] = [
    ['invalid-request', 400, null],
    ['context-overflow', 400, 'context_length_exceeded'],
    ['authentication', 401, 'invalid_api_key'],
    ['permission', 403, null],
    ['billing', 402, 'insufficient_quota'],
    ['not-found', 404, 'model_not_found'],
    ['too-large', 413, null],
    ['rate-limit', 429, 'rate_limit_exceeded'],
    ['overloaded', 503, 'overloaded'],
    ['timeout', 424, 'upstream_timeout'],
    ['network', 424, 'upstream_unreachable'],
    ['server', 500, null],
    ['truncated', 502, 'upstream_truncated'],
  ];
  for (const [type, status, code] of shapes) {
    it(`${type} is ${status}`, () => {
      const { status: given, body } = openAiChat.encodeError({ type, status: 418, message: 'why' });
      const { error } = body as { readonly error: JsonObject };
      assert.deepEqual([given, error['code'], error['message'], error['param']], [status, code, 'why', null]);
    });
  }

  it('keep the server’s own code, but for an overflow that clients must recognise', () => {
    const codeOf = (type: IrErrorType): unknown => (openAiChat.encodeError({ type, status: 400, message: '', code: 'theirs' }).body as { readonly error: JsonObject }).error['code'];
    assert.deepEqual([codeOf('invalid-request'), codeOf('context-overflow')], ['theirs', 'context_length_exceeded']);
  });

  it('tell clients not to repeat what cannot work, and when to come back', () => {
    assert.deepEqual(openAiChat.encodeError({ type: 'network', status: 502, message: '' }).headers, { 'x-should-retry': 'false' });
    assert.deepEqual(openAiChat.encodeError({ type: 'rate-limit', status: 429, message: '', retryAfterMs: 2500 }).headers, { 'retry-after': '3' });
  });
});
