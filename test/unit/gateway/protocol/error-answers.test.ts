import assert from 'node:assert/strict';
import { decodeErrorAnswer, decodeErrorValue, retryHeaders } from '../../../../src/gateway/protocol/error-answers.ts';
import type { IrErrorType } from '../../../../src/gateway/protocol/ir.ts';

describe('error answers of any server', () => {
  const answers: readonly (readonly [name: string, status: number, body: unknown, type: IrErrorType, message: string, code?: string])[] = [
    ['Anthropic', 529, { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'overloaded', 'Overloaded', 'overloaded_error'],
    ['Anthropic with details', 400, { type: 'error', error: { type: 'invalid_request_error', message: 'no', details: { error_code: 'tool_name_conflict' } } }, 'invalid-request', 'no', 'tool_name_conflict'],
    ['OpenAI', 401, { error: { message: 'Incorrect API key provided', type: 'invalid_request_error', param: null, code: 'invalid_api_key' } }, 'authentication', 'Incorrect API key provided', 'invalid_api_key'],
    ['OpenAI without money', 429, { error: { message: 'You exceeded your current quota', type: 'insufficient_quota', code: 'insufficient_quota' } }, 'billing', 'You exceeded your current quota', 'insufficient_quota'],
    ['OpenAI, overflow by code', 400, { error: { message: 'no', type: 'invalid_request_error', code: 'context_length_exceeded' } }, 'context-overflow', 'no', 'context_length_exceeded'],
    ['llama.cpp, overflow by type', 400, { error: { code: 400, message: 'too big', type: 'exceed_context_size_error', n_prompt_tokens: 9, n_ctx: 8 } }, 'context-overflow', 'too big', 'exceed_context_size_error'],
    ['llama.cpp, loading', 503, { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }, 'overloaded', 'Loading model', 'unavailable_error'],
    ['vLLM, older', 404, { object: 'error', message: 'The model `x` does not exist.', type: 'NotFoundError', param: null, code: 404 }, 'not-found', 'The model `x` does not exist.', 'NotFoundError'],
    ['FastAPI', 422, { detail: [{ loc: ['body', 'messages'], msg: 'Field required', type: 'missing' }] }, 'invalid-request', 'Field required', 'missing'],
    ['FastAPI, short', 401, { detail: 'Unauthorized' }, 'authentication', 'Unauthorized'],
    ['Ollama', 404, { error: "model 'x' not found" }, 'not-found', "model 'x' not found"],
    ['OpenRouter', 502, { error: { code: 502, message: 'Provider returned error', metadata: { raw: '{"error":{"message":"the real reason"}}' } } }, 'network', 'the real reason'],
    ['Gemini', 400, [{ error: { code: 400, message: 'The input token count (9) exceeds the maximum number of tokens allowed (8).', status: 'INVALID_ARGUMENT' } }], 'context-overflow', 'The input token count (9) exceeds the maximum number of tokens allowed (8).', 'INVALID_ARGUMENT'],
    ['a number for a message', 500, { error: { message: 5 } }, 'server', 'the server answered with status 500 and no message'],
    ['nothing', 500, {}, 'server', 'the server answered with status 500 and no message'],
  ];
  for (const [name, status, body, type, message, code] of answers) {
    it(name, () => {
      assert.deepEqual(decodeErrorAnswer(status, {}, JSON.stringify(body)), { type, status, message, ...(code === undefined ? {} : { code }) });
    });
  }

  it('a page of HTML and plain text', () => {
    assert.deepEqual(decodeErrorAnswer(502, {}, '<html><head><title>502 Bad Gateway</title></head></html>'), { type: 'network', status: 502, message: '502 Bad Gateway' });
    assert.deepEqual(decodeErrorAnswer(500, {}, 'upstream died'), { type: 'server', status: 500, message: 'upstream died' });
  });

  it('waits that are told in a header or only in words', () => {
    assert.equal(decodeErrorAnswer(429, { 'retry-after': '3' }, '{}').retryAfterMs, 3000);
    assert.equal(decodeErrorAnswer(429, {}, '{"error":{"message":"Please try again in 1.5s."}}').retryAfterMs, 1500);
    assert.equal(decodeErrorAnswer(429, {}, '{"error":{"message":"Please try again in 1m2s."}}').retryAfterMs, 62_000);
    assert.equal(decodeErrorAnswer(429, {}, '{"error":{"message":"try again in 20ms"}}').retryAfterMs, 20);
    assert.equal(decodeErrorAnswer(500, {}, '{"error":{"message":"Please try again later"}}').retryAfterMs, undefined);
  });

  it('in a stream, where the status is only in the body', () => {
    assert.deepEqual(decodeErrorValue({ error: { code: 429, message: 'slow down', type: 'rate_limit_error' } }), { type: 'rate-limit', status: 429, message: 'slow down', code: 'rate_limit_error' });
    assert.deepEqual(decodeErrorValue({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }), { type: 'overloaded', status: 529, message: 'Overloaded', code: 'overloaded_error' });
    assert.deepEqual(decodeErrorValue('it broke'), { type: 'server', status: 500, message: 'it broke' });
  });

  it('a rate limit always tells when to come back', () => {
    assert.deepEqual(retryHeaders({ type: 'rate-limit', status: 429, message: '' }), { 'retry-after': '5' });
    assert.deepEqual(retryHeaders({ type: 'rate-limit', status: 429, message: '', retryAfterMs: 1200 }), { 'retry-after': '2' });
    assert.deepEqual(retryHeaders({ type: 'overloaded', status: 503, message: '', retryAfterMs: 0 }), { 'retry-after': '1' });
    assert.deepEqual(retryHeaders({ type: 'server', status: 500, message: '' }), {});
  });
});
