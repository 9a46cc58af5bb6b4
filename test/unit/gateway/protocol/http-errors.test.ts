import assert from 'node:assert/strict';
import { errorTypeForStatus, messageOfForeignBody, retryAfterHeader, retryAfterMs, saysContextOverflow } from '../../../../src/gateway/protocol/http-errors.ts';

describe('errors over HTTP', () => {
  it('mean what their status says', () => {
    const table = { 400: 'invalid-request', 401: 'authentication', 402: 'billing', 403: 'permission', 404: 'not-found', 408: 'timeout', 413: 'too-large', 422: 'invalid-request', 429: 'rate-limit', 500: 'server', 502: 'network', 503: 'overloaded', 504: 'timeout', 524: 'timeout', 529: 'overloaded' };
    for (const [status, type] of Object.entries(table)) assert.equal(errorTypeForStatus(Number(status)), type, status);
  });

  it('say how long to wait', () => {
    assert.equal(retryAfterMs({ 'retry-after': '3' }), 3000);
    assert.equal(retryAfterMs({ 'Retry-After': '0.5' }), 500);
    assert.equal(retryAfterMs({ 'retry-after': '3', 'retry-after-ms': '120' }), 120);
    assert.equal(retryAfterMs({ 'retry-after': 'Wed, 21 Oct 2026 07:28:10 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }), 10_000);
    for (const headers of [{}, { 'retry-after': '' }, { 'retry-after': 'soon' }, { 'retry-after': '-1' }, { 'retry-after': 'Wed, 21 Oct 2026 07:28:10 GMT' }] as Record<string, string>[]) assert.equal(retryAfterMs(headers), undefined);
    assert.deepEqual(retryAfterHeader(1200), { 'retry-after': '2' });
    assert.deepEqual(retryAfterHeader(0), { 'retry-after': '1' });
    assert.deepEqual(retryAfterHeader(undefined), {});
  });

  it('say that the conversation is too long in every server’s words', () => {
    for (const message of [
      "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
      'prompt is too long: 210000 tokens > 200000 maximum',
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      'the request exceeds the available context size (4096 tokens), try increasing it',
      'Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Context window exceeded',
      'The number of tokens to keep from the initial prompt is greater than the context length',
      'context_length_exceeded',
      'Your input exceeds the context window of this model. Please adjust your input and try again.',
    ]) assert.ok(saysContextOverflow(message), message);
    for (const message of ['invalid temperature', 'context deadline exceeded', 'rate limit exceeded: too many tokens per minute', 'max_tokens is too large']) assert.equal(saysContextOverflow(message), false, message);
  });

  it('are a sentence even as a page of HTML', () => {
    assert.equal(messageOfForeignBody(502, '<!DOCTYPE html>\n<html><head><title>502 Bad\n Gateway</title></head><body>…</body></html>'), '502 Bad Gateway');
    assert.equal(messageOfForeignBody(500, '<html><body>x</body></html>'), 'the server answered with status 500 and no message');
    assert.equal(messageOfForeignBody(500, '  upstream\tdied \n'), 'upstream died');
    assert.equal(messageOfForeignBody(500, 'x'.repeat(5000)).length, 2000);
  });
});
