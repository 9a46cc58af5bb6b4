import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { FailedAnswerError, ProtocolError } from '../../../../../src/gateway/protocol/codec.ts';
import type { IrError, IrErrorType, IrResponse, Json, JsonObject } from '../../../../../src/gateway/protocol/ir.ts';
import { openAiResponses } from '../../../../../src/gateway/protocol/openai-responses/index.ts';
import { answers } from '../arbitrary.ts';

const { context } = openAiResponses.decodeRequest({ model: 'local', input: 'hi', tools: [{ type: 'custom', name: 'apply_patch' }] }, {});
const answer: IrResponse = { id: 'x', model: 'm', parts: [], finish: { reason: 'stop' }, usage: {} };

function encode(response: Partial<IrResponse>): JsonObject {
  return openAiResponses.encodeResponse({ ...answer, ...response }, context) as JsonObject;
}

describe('openai-responses: whole answers', () => {
  it('come back as they went', () => {
    fc.assert(
      fc.property(answers({ custom: ['apply_patch'], signatures: false, images: true }), (response) => {
        const { response: again, warnings } = openAiResponses.decodeResponse(encode(response));
        const plain = (parts: IrResponse['parts']): unknown => parts.map((part) => (part.type === 'reasoning' ? { type: part.type, text: part.text, summary: part.summary } : part));
        assert.deepEqual(warnings, []);
        assert.deepEqual({ ...again, parts: plain(again.parts) }, { ...response, model: 'local', parts: plain(response.parts) });
      }),
    );
  });

  it('join texts that follow each other into one message', () => {
    const { output } = encode({ parts: [{ type: 'text', text: 'a' }, { type: 'text', text: '' }, { type: 'refusal', text: 'b' }, { type: 'image', media: { type: 'url', url: 'https://x/i.png' } }] }) as { output: { content: unknown[] }[] };
    assert.equal(output.length, 1);
    assert.deepEqual(output[0]?.content, [{ type: 'output_text', text: 'a', annotations: [], logprobs: [] }, { type: 'refusal', refusal: 'b' }, { type: 'output_text', text: '![image](https://x/i.png)', annotations: [], logprobs: [] }]);
  });

  it('are never silent about a refusal', () => {
    assert.deepEqual((encode({ finish: { reason: 'refusal' } }) as { output: { content: unknown[] }[] }).output[0]?.content, [{ type: 'refusal', refusal: 'The model declined to answer.' }]);
  });

  it('are read from servers of every kind', () => {
    const decode = (body: Json): IrResponse => openAiResponses.decodeResponse(body, { newId: (prefix) => `${prefix}1` }).response;
    assert.deepEqual(decode({ output: [{ role: 'assistant', content: 'plain' }] }), { id: 'resp_1', model: '', parts: [{ type: 'text', text: 'plain' }], finish: { reason: 'stop' }, usage: {} });
    assert.deepEqual(decode({ id: 'r', status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [] }).finish, { reason: 'length' });
    assert.deepEqual(decode({ id: 'r', output: [{ type: 'function_call', name: 'f', arguments: { a: 1 } }] }).parts, [{ type: 'tool-call', id: 'call_1', name: 'f', input: { type: 'json', text: '{"a":1}' } }]);
    assert.deepEqual(openAiResponses.decodeResponse({ output: [{ type: 'web_search_call', id: 'w' }] }).warnings.map(({ code }) => code), ['unsupported-part']);
  });

  it('count tokens without counting any twice', () => {
    const usage = { input_tokens: 100, input_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 }, output_tokens: 50, output_tokens_details: { reasoning_tokens: 20 } };
    const { response } = openAiResponses.decodeResponse({ output: [], usage });
    assert.deepEqual(response.usage, { inputUncached: 10, cacheRead: 60, cacheWrite: 30, outputText: 30, outputReasoning: 20 });
    assert.deepEqual(encode({ usage: response.usage })['usage'], { ...usage, total_tokens: 150 });
    assert.deepEqual(openAiResponses.decodeResponse({ output: [], usage: { input_tokens: 5 } }).response.usage, { inputUncached: 5 });
  });

  it('that report a failure are failures, and bodies that are no answers are no answers', () => {
    assert.throws(() => openAiResponses.decodeResponse({ status: 'failed', error: { code: 'insufficient_quota', message: 'no money' }, output: [] }), (error) => error instanceof FailedAnswerError && error.error.type === 'billing' && error.error.message === 'no money');
    assert.throws(() => openAiResponses.decodeResponse({ error: 'model not loaded' }), FailedAnswerError);
    for (const body of [null, [], 'x', {}, { choices: [] }] as Json[]) assert.throws(() => openAiResponses.decodeResponse(body), ProtocolError);
  });
});

describe('openai-responses: errors', () => {
  const encodeError = (error: Partial<IrError> & { readonly type: IrErrorType }): unknown => {
    const { status, headers, body } = openAiResponses.encodeError({ status: 0, message: 'm', ...error });
    return [status, headers['retry-after'], ((body as JsonObject)['error'] as JsonObject)['code']];
  };

  it('have OpenAI’s status and code', () => {
    assert.deepEqual(encodeError({ type: 'context-overflow', status: 400 }), [400, undefined, 'context_length_exceeded']);
    assert.deepEqual(encodeError({ type: 'authentication', status: 401, code: 'invalid_api_key' }), [401, undefined, 'invalid_api_key']);
    assert.deepEqual(encodeError({ type: 'rate-limit', status: 429, retryAfterMs: 2500 }), [429, '3', 'rate_limit_exceeded']);
    assert.deepEqual(encodeError({ type: 'overloaded', status: 529 }), [503, undefined, 'server_is_overloaded']);
    assert.deepEqual(encodeError({ type: 'network', status: 502, code: 'ECONNREFUSED' }), [502, undefined, 'ECONNREFUSED']);
    assert.deepEqual(encodeError({ type: 'network', status: 400 }), [400, undefined, 'upstream_unreachable']);
    assert.deepEqual(encodeError({ type: 'not-found', status: 500 }), [404, undefined, 'model_not_found']);
  });

  it('with status 429 always tell codex how long to wait, because it gives up otherwise', () => {
    assert.deepEqual(encodeError({ type: 'rate-limit', status: 429 }), [429, '5', 'rate_limit_exceeded']);
  });

  it('are read whatever the server’s spelling', () => {
    const decode = openAiResponses.decodeError;
    assert.deepEqual(decode(400, {}, '{"error":{"message":"too long","type":"invalid_request_error","param":"input","code":"context_length_exceeded"}}'), { type: 'context-overflow', status: 400, message: 'too long', code: 'context_length_exceeded' });
    assert.equal(decode(429, { 'retry-after': '7' }, '{"error":{"message":"slow"}}').retryAfterMs, 7000);
    assert.equal(decode(502, {}, '<html><head><title>502 Bad Gateway</title></head></html>').message, '502 Bad Gateway');
  });
});
