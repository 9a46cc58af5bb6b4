import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { FailedAnswerError, ProtocolError } from '../../../../../src/gateway/protocol/codec.ts';
import { gemini } from '../../../../../src/gateway/protocol/gemini/index.ts';
import type { IrError, IrErrorType, IrResponse, Json, JsonObject } from '../../../../../src/gateway/protocol/ir.ts';
import { answers } from '../arbitrary.ts';

const { context } = gemini.decodeRequest({ contents: [{ parts: [{ text: 'hi' }] }], generationConfig: { thinkingConfig: { includeThoughts: true } } }, { model: 'local', stream: false });

function decode(body: Json): IrResponse {
  return gemini.decodeResponse(body, { newId: (prefix) => `${prefix}1` }).response;
}

describe('gemini: whole answers', () => {
  it('come back as they went', () => {
    fc.assert(
      fc.property(answers({ signatures: false, refusals: false }), (response) => {
        const again = decode(gemini.encodeResponse(response, context));
        const words = (parts: IrResponse['parts']): string => parts.map((part) => (part.type === 'tool-call' ? `[${part.id} ${part.name} ${JSON.stringify(JSON.parse(part.input.text))}]` : 'text' in part ? `${part.type === 'reasoning' ? '~' : ''}${part.text}` : '')).join('').replaceAll('~', '');
        assert.equal(words(again.parts), words(response.parts));
        assert.deepEqual([again.finish, again.model, again.id], [response.finish, 'local', 'resp_1']);
      }),
    );
  });

  it('are never silent about a refusal', () => {
    const answer = gemini.encodeResponse({ id: 'x', model: '', parts: [], finish: { reason: 'refusal' }, usage: {} }, context) as { candidates: JsonObject[]; usageMetadata?: unknown };
    assert.deepEqual(answer.candidates, [{ content: { role: 'model', parts: [{ text: 'The model declined to answer.' }] }, finishReason: 'SAFETY', index: 0 }]);
    assert.equal('usageMetadata' in answer, false);
  });

  it('are read from servers of every kind', () => {
    assert.deepEqual(decode({ candidates: [{ content: { parts: [{ text: 'a' }] } }] }), { id: 'gemini_1', model: '', parts: [{ type: 'text', text: 'a' }], finish: { reason: 'stop' }, usage: {} });
    assert.deepEqual(decode([{ candidates: [{ content: { parts: [{ text: 'a' }] } }] }, { candidates: [{ content: { parts: [{ text: 'b' }] }, finishReason: 'MAX_TOKENS' }] }]).finish, { reason: 'length' });
    assert.deepEqual(decode({ promptFeedback: { blockReason: 'SAFETY' } }), { id: 'gemini_1', model: '', parts: [{ type: 'refusal', text: 'The server blocked the prompt (SAFETY)' }], finish: { reason: 'content-filter' }, usage: {} });
  });

  it('that report a failure are failures, and bodies that are no answers are no answers', () => {
    assert.throws(() => decode({ error: { code: 429, message: 'slow', status: 'RESOURCE_EXHAUSTED' } }), (error) => error instanceof FailedAnswerError && error.error.type === 'rate-limit');
    assert.throws(() => decode({ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }] }), FailedAnswerError);
    for (const body of [null, [], 'x', {}, { choices: [] }, [1]] as Json[]) assert.throws(() => decode(body), ProtocolError);
  });
});

describe('gemini: errors', () => {
  const encodeError = (error: Partial<IrError> & { readonly type: IrErrorType }): unknown => {
    const { status, headers, body } = gemini.encodeError({ status: 0, message: 'm', ...error });
    const inner = (body as JsonObject)['error'] as JsonObject;
    assert.equal(inner['code'], status);
    return [status, inner['status'], headers['retry-after']];
  };

  it('have Google’s code and status', () => {
    assert.deepEqual(encodeError({ type: 'invalid-request', status: 422 }), [422, 'INVALID_ARGUMENT', undefined]);
    assert.deepEqual(encodeError({ type: 'context-overflow', status: 413 }), [400, 'INVALID_ARGUMENT', undefined]);
    assert.deepEqual(encodeError({ type: 'authentication', status: 401 }), [401, 'UNAUTHENTICATED', undefined]);
    assert.deepEqual(encodeError({ type: 'not-found', status: 404 }), [404, 'NOT_FOUND', undefined]);
    assert.deepEqual(encodeError({ type: 'overloaded', status: 529 }), [503, 'UNAVAILABLE', undefined]);
    assert.deepEqual(encodeError({ type: 'network', status: 400 }), [400, 'INVALID_ARGUMENT', undefined]);
    assert.deepEqual(encodeError({ type: 'server', status: 500 }), [500, 'INTERNAL', undefined]);
    assert.deepEqual(encodeError({ type: 'timeout' }), [504, 'DEADLINE_EXCEEDED', undefined]);
  });

  it('tell gemini how long to wait in its own words, and never to wait for money', () => {
    const { body, headers } = gemini.encodeError({ type: 'rate-limit', status: 429, message: 'slow', retryAfterMs: 2500 });
    assert.equal(headers['retry-after'], '3');
    assert.deepEqual(((body as JsonObject)['error'] as JsonObject)['details'], [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2.5s' }]);
    assert.deepEqual(encodeError({ type: 'rate-limit', status: 429 }), [429, 'RESOURCE_EXHAUSTED', '5']);
    assert.deepEqual(encodeError({ type: 'billing', status: 429 }), [400, 'FAILED_PRECONDITION', undefined]);
  });

  it('are read with what Google says in details', () => {
    const decodeError = (status: number, error: JsonObject): IrError => gemini.decodeError(status, {}, JSON.stringify({ error }));
    assert.equal(decodeError(429, { code: 429, message: 'x', details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.5s' }] }).retryAfterMs, 34_500);
    assert.deepEqual(decodeError(400, { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' }), { type: 'authentication', status: 401, message: 'API key not valid. Please pass a valid API key.', code: 'INVALID_ARGUMENT' });
    assert.equal(decodeError(400, { code: 400, message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).', status: 'INVALID_ARGUMENT' }).type, 'context-overflow');
    assert.equal(gemini.decodeError(404, {}, '[{"error":{"code":404,"message":"models/x is not found","status":"NOT_FOUND"}}]').message, 'models/x is not found');
    assert.equal(gemini.decodeError(502, {}, '<html><title>Bad Gateway</title></html>').message, 'Bad Gateway');
  });
});
