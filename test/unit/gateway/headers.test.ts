import assert from 'node:assert/strict';
import { requestHeaders, responseHeaders } from '../../../src/gateway/headers.ts';

describe('headers across the gateway', () => {
  it('keep everything that a client says to its vendor, known or not', () => {
    assert.deepEqual(requestHeaders({ 'anthropic-version': '2023-06-01', 'anthropic-beta': 'a,b', 'x-unknown': '1', 'user-agent': 'claude-cli/2', 'content-type': 'application/json' }), {
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'a,b',
      'x-unknown': '1',
      'user-agent': 'claude-cli/2',
      'content-type': 'application/json',
      'accept-encoding': 'identity',
    });
  });

  it('lose the session token, wherever the client put it, and what belongs to one hop', () => {
    assert.deepEqual(requestHeaders({ authorization: 'Bearer s', 'x-api-key': 's', 'x-goog-api-key': 's', cookie: 'c', host: 'h', connection: 'close, X-Mine', 'x-mine': '1', 'transfer-encoding': 'chunked', 'content-length': '3', 'accept-encoding': 'gzip' }), { 'accept-encoding': 'identity' });
  });

  it('bring back limits and ids, but no cookies, no browser policies and no CORS', () => {
    assert.deepEqual(
      responseHeaders({ 'content-type': 'text/event-stream', 'retry-after': '3', 'request-id': 'r', 'anthropic-ratelimit-requests-remaining': '5', 'content-length': '10', 'set-cookie': ['a=b'], 'access-control-allow-origin': '*', location: 'http://x', 'transfer-encoding': 'chunked', connection: 'keep-alive' }),
      { 'content-type': 'text/event-stream', 'retry-after': '3', 'request-id': 'r', 'anthropic-ratelimit-requests-remaining': '5', 'content-length': '10' },
    );
  });
});
