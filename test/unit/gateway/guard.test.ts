import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { refuse } from '../../../src/gateway/guard.ts';
import { createTokenHashes, findToken, hashToken, newToken, sameToken } from '../../../src/gateway/tokens.ts';

const none = { hosts: new Set<string>() };
const json = { 'content-type': 'application/json' };

describe('gateway guard', () => {
  for (const host of ['127.0.0.1:41873', 'localhost:1', 'LOCALHOST', '[::1]:80', '127.9.9.9']) {
    it(`serves ${host}`, () => assert.equal(refuse('POST', { host, ...json }, none), undefined));
  }

  for (const host of ['evil.example:41873', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1', '', 'localhost:80:80', '[::1', 'a@localhost', '[::ffff:10.0.0.1]']) {
    it(`refuses the rebound name ${JSON.stringify(host)}`, () => assert.equal(refuse('POST', { host, ...json }, none)?.status, 421));
  }

  it('refuses a request without a Host', () => assert.equal(refuse('GET', {}, none)?.status, 421));

  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:41873', '']) {
    it(`refuses Origin ${JSON.stringify(origin)}, own ones too`, () => assert.equal(refuse('GET', { host: 'localhost', origin }, none)?.status, 403));
  }

  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', undefined, 'application/jsonp', 'text/json']) {
    it(`refuses a body of type ${type}, which a page can send unasked`, () => assert.equal(refuse('POST', { host: 'localhost', 'content-type': type }, none)?.status, 415));
  }

  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON', 'application/vnd.api+json']) {
    it(`takes ${type}`, () => assert.equal(refuse('POST', { host: 'localhost', 'content-type': type }, none), undefined));
  }

  it('serves a name it was told to', () => assert.equal(refuse('POST', { host: 'box.lan:8080', ...json }, { hosts: new Set(['box.lan']) }), undefined));
});

describe('gateway tokens', () => {
  it('are long, different and safe everywhere', () => {
    const tokens = Array.from({ length: 100 }, newToken);
    assert.equal(new Set(tokens).size, 100);
    for (const token of tokens) assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  });

  it('are compared by hash', () => {
    const token = newToken();
    assert.ok(sameToken(token, hashToken(token)));
    assert.ok(!sameToken(`${token}x`, hashToken(token)));
    assert.ok(!sameToken('', hashToken(token)));
  });

  it('are hashed anew whenever a connection comes with another one', () => {
    const hashOn = createTokenHashes();
    const [one, other] = [{}, {}];
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.oneof(fc.constantFrom('a', 'ab', 'aa', 'ba', ''), fc.string())), { minLength: 1, maxLength: 8 }), (requests) => {
        for (const [isFirst, token] of requests) assert.equal(hashOn(token, isFirst ? one : other), hashToken(token));
      }),
    );
  });

  const cases: readonly [string, Parameters<typeof findToken>, string | undefined][] = [
    ['a bearer', [{ authorization: 'Bearer abc' }, '/', undefined], 'abc'],
    ['a bearer in any case', [{ authorization: 'bearer  abc ' }, '/', undefined], 'abc'],
    ['x-api-key', [{ 'x-api-key': 'abc' }, '/', undefined], 'abc'],
    ['x-goog-api-key', [{ 'x-goog-api-key': 'abc' }, '/', undefined], 'abc'],
    ['a key parameter', [{}, '/v1beta/models?pageSize=1&key=abc', undefined], 'abc'],
    ['the path first', [{ authorization: 'Bearer other' }, '/', 'abc'], 'abc'],
    ['nothing', [{ authorization: 'Basic abc', 'x-api-key': '' }, '/?monkey=1', undefined], undefined],
  ];
  for (const [name, args, expected] of cases) it(`finds ${name}`, () => assert.equal(findToken(...args), expected));
});
