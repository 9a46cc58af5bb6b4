import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatAuth, formatCredentialRef, parseAuth, parseCredentialRef } from '../../../src/core/servers/auth.ts';

describe('api_key', () => {
  for (const [text, store, name] of [
    ['env:MY_KEY', 'env', 'MY_KEY'],
    [' env: MY_KEY ', 'env', 'MY_KEY'],
    ['ENV:MY_KEY', 'env', 'MY_KEY'],
    ['secret:team-key', 'secret', 'team-key'],
    ['secret:openai.work', 'secret', 'openai.work'],
    ['file:~/keys/a b.txt', 'file', '~/keys/a b.txt'],
    ['file:C:\\keys\\x', 'file', 'C:\\keys\\x'],
  ] as const) {
    it(`understands ${JSON.stringify(text)}`, () => {
      const ref = parseCredentialRef(text);
      assert.deepEqual(ref, { ok: true, value: { store, name } });
      assert.deepEqual(ref.ok && parseCredentialRef(formatCredentialRef(ref.value)), ref);
    });
  }

  for (const text of ['', '  ', 'env:', 'env:A B', 'env:sk-s3cret', 'env:1A', 'secret:', 'secret:a/b', 'secret:a b', 'file:', 'file: ', 'file:a\nb', '$MY_KEY', '${MY_KEY}', '{env:MY_KEY}', '%MY_KEY%', 'op://vault/item', 'vault:secret/x', 'keyring:x', 'https://h/s3cret', 'os.environ/MY_KEY']) {
    it(`says that ${JSON.stringify(text)} is not a reference`, () => {
      const ref = parseCredentialRef(text);
      assert.equal(!ref.ok && ref.error.code, 'bad-reference');
    });
  }

  for (const text of ['sk-ant-api03-s3cret', 'gsk_s3cret', 's3cret', 'Bearer s3cret', 'id:s3cret', 'AIzas3cret', 'environ:s3cret']) {
    it(`takes ${JSON.stringify(text)} for a key itself`, () => {
      const ref = parseCredentialRef(text);
      assert.equal(!ref.ok && ref.error.code, 'literal-key');
    });
  }

  it('never repeats what is not a reference', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9:$/{ -]{8,40}$/), (text) => {
        const ref = parseCredentialRef(text);
        if (!ref.ok) assert.ok(!JSON.stringify(ref.error).includes(text.trim()));
      }),
    );
  });
});

describe('auth', () => {
  for (const [text, auth] of [
    ['bearer', { type: 'bearer' }],
    ['Bearer', { type: 'bearer' }],
    ['x-api-key', { type: 'x-api-key' }],
    ['none', { type: 'none' }],
    ['header:X-Goog-Api-Key', { type: 'header', name: 'X-Goog-Api-Key' }],
    ['header: X-Key ', { type: 'header', name: 'X-Key' }],
    ['query:key', { type: 'query', name: 'key' }],
  ] as const) {
    it(`understands ${JSON.stringify(text)}`, () => {
      const parsed = parseAuth(text);
      assert.deepEqual(parsed, { ok: true, value: auth });
      assert.deepEqual(parsed.ok && parseAuth(formatAuth(parsed.value)), parsed);
    });
  }

  for (const text of ['', 'basic', 'bearer:x', 'none:', 'header', 'header:', 'header:a b', 'header:a\r\nB: c', 'query:', 'query:a&b', 'query:a=b', 'header:é']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const parsed = parseAuth(text);
      assert.equal(!parsed.ok && parsed.error.code, 'invalid-value');
    });
  }
});
