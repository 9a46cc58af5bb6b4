import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { cacheKey } from '../../../src/core/servers/models/key.ts';
import { serverAt } from '../../support/model-server.ts';
import '../../support/properties.ts';

const server = serverAt('openrouter', 'https://openrouter.ai/api');
const key = 'sk-or-v1-0123456789abcdef';

describe('the name of a kept list', () => {
  it('is the same for the same question, whatever the order of headers', async () => {
    assert.match(await cacheKey(server, key), /^openrouter-[0-9a-f]{16}$/);
    assert.equal(await cacheKey({ ...server, headers: { a: '1', b: '2' } }, key), await cacheKey({ ...server, headers: { b: '2', a: '1' } }, key));
  });

  it('is another one for anything that may change the answer', async () => {
    const others = [
      [server, undefined],
      [server, `${key}0`],
      [{ ...server, kind: 'openai-compat' as const }, key],
      [{ ...server, baseUrl: 'https://openrouter.ai/api2' }, key],
      [{ ...server, openaiPath: '/v2' }, key],
      [{ ...server, auth: { type: 'x-api-key' as const } }, key],
      [{ ...server, headers: { team: 'a' } }, key],
      [{ ...server, headers: { team: 'b' } }, key],
      [{ ...server, proxy: 'http://127.0.0.1:1' }, key],
    ] as const;
    const names = await Promise.all([[server, key] as const, ...others].map(([each, secret]) => cacheKey(each, secret)));
    assert.equal(new Set(names).size, names.length);
  });

  it('holds nothing of the key, and no two pairs of address and key share one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 6 }), fc.string(), async (secret, rest) => {
        const name = await cacheKey(server, secret);
        assert.ok(!name.includes(secret) || /^[0-9a-f]{6,}$/.test(secret));
        // What stands at the end of one and at the beginning of the other.
        assert.notEqual(await cacheKey({ ...server, baseUrl: `${server.baseUrl}${rest}x` }, secret), await cacheKey(server, `${rest}x${secret}`));
      }),
    );
  });
});
