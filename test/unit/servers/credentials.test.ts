import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { FileError } from '../../../src/core/ports.ts';
import type { CredentialRef } from '../../../src/core/servers/auth.ts';
import { authorize, type CredentialPorts, resolveCredential } from '../../../src/core/servers/credentials.ts';
import { fakeEnv, fakePorts } from '../fakes.ts';

const canary = 'canary-key-91d2';

describe('credentials', () => {
  function ports(values: { readonly env?: Record<string, string>; readonly secrets?: Record<string, string>; readonly files?: Record<string, string> }): CredentialPorts {
    const fakes = fakePorts({ files: values.files });
    return {
      ...fakes,
      env: fakeEnv(values.env),
      secrets: { get: async (name) => values.secrets?.[name], set: async () => {}, delete: async () => {}, description: "VS Code's secret storage" },
    };
  }
  const env: CredentialRef = { store: 'env', name: 'MY_KEY' };
  const secret: CredentialRef = { store: 'secret', name: 'team' };
  const file: CredentialRef = { store: 'file', name: '/run/secrets/key' };

  async function problem(ref: CredentialRef, given: CredentialPorts): Promise<string> {
    const result = await resolveCredential(ref, given);
    assert.ok(!result.ok);
    assert.ok(!JSON.stringify(result).includes(canary));
    assert.ok(result.error.hint.length > 10 && !/\.$/.test(result.error.hint + result.error.message));
    return result.error.message;
  }

  it('come from a variable, a secret or a file, without the line break at the end', async () => {
    assert.deepEqual(await resolveCredential(env, ports({ env: { MY_KEY: canary } })), { ok: true, value: canary });
    assert.deepEqual(await resolveCredential(secret, ports({ secrets: { team: `${canary}\n` } })), { ok: true, value: canary });
    assert.deepEqual(await resolveCredential(file, ports({ files: { '/run/secrets/key': `\uFEFF${canary}\r\n` } })), { ok: true, value: canary });
  });

  it('may be a scheme and a token, for servers with a header of their own', async () => {
    assert.deepEqual(await resolveCredential(env, ports({ env: { MY_KEY: 'Token abc' } })), { ok: true, value: 'Token abc' });
  });

  it('say what is missing', async () => {
    assert.equal(await problem(env, ports({})), 'The environment variable MY_KEY is not set');
    assert.equal(await problem(env, ports({ env: { MY_KEY: '' } })), 'The environment variable MY_KEY is empty');
    assert.equal(await problem(secret, ports({})), `There is no key "team" in VS Code's secret storage`);
    assert.equal(await problem(file, ports({})), 'The key file /run/secrets/key does not exist');
    assert.equal(await problem(file, ports({ files: { '/run/secrets/key': '\n' } })), 'The key in /run/secrets/key is empty');
  });

  it('say why a file or a keyring does not give it', async () => {
    for (const [code, words] of [['is-directory', 'is a folder'], ['denied', 'may not be read: permission denied'], ['too-large', 'is too large to be a key'], ['not-utf8', 'is not a text file'], ['unreadable', 'cannot be read']] as const) {
      const given = ports({});
      const files = { ...given.files, read: async () => Promise.reject(new FileError(code, '/run/secrets/key', `secret detail ${canary}`)) };
      assert.equal(await problem(file, { ...given, files: files as unknown as CredentialPorts['files'] }), `The key file /run/secrets/key ${words}`);
    }
    const given = ports({});
    assert.match(await problem(secret, { ...given, secrets: { ...given.secrets, get: async () => Promise.reject(new Error(`locked ${canary}`)) } }), /cannot be read from VS Code's secret storage/);
  });

  it('are refused when they would split a header or were pasted badly', async () => {
    for (const [value, words] of [
      [`${canary}\r\nX-Injected: 1`, /line break or another control/],
      [`${canary}\n\n`, /line break/],
      [`${canary}\u0000`, /control character/],
      [`“${canary}”`, /typographic quotes/],
      [` ${canary}`, /begins or ends with a space/],
    ] as const) assert.match(await problem(env, ports({ env: { MY_KEY: value } })), words);
  });

  it('are usable in a header whenever they are given out', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (value) => {
        const result = await resolveCredential(env, ports({ env: { MY_KEY: value } }));
        if (result.ok) new Headers({ authorization: `Bearer ${result.value}` });
      }),
    );
  });

  describe('go where the server wants them', () => {
    const url = 'https://host.example/v1/models?limit=5';
    const at = (auth: Parameters<typeof authorize>[0]['auth'], key = canary, headers: Record<string, string> = {}): ReturnType<typeof authorize> => authorize({ kind: 'openai-compat', auth, headers }, key === 'none' ? undefined : key, url);

    it('bearer, x-api-key, a header of its own, the query, nowhere', () => {
      assert.deepEqual(at({ type: 'bearer' }), { headers: { authorization: `Bearer ${canary}` }, url });
      assert.deepEqual(at({ type: 'x-api-key' }), { headers: { 'x-api-key': canary }, url });
      assert.deepEqual(at({ type: 'header', name: 'X-Goog-Api-Key' }), { headers: { 'x-goog-api-key': canary }, url });
      assert.deepEqual(at({ type: 'query', name: 'key' }, 'a b&c'), { headers: {}, url: `${url}&key=a+b%26c` });
      assert.deepEqual(at({ type: 'none' }), { headers: {}, url });
      assert.deepEqual(at({ type: 'bearer' }, 'none'), { headers: {}, url });
    });

    it('the entry’s own headers go along, and none is sent twice', () => {
      assert.deepEqual(at({ type: 'bearer' }, canary, { 'X-Team': 'a', Authorization: 'Basic x' }).headers, { 'x-team': 'a', authorization: `Bearer ${canary}` });
      assert.deepEqual(at({ type: 'bearer' }, 'none', { Authorization: 'Basic x' }).headers, { authorization: 'Basic x' });
    });

    it('Anthropic’s API gets its version, unless the entry has another one', () => {
      const anthropic = { kind: 'anthropic-api', auth: { type: 'x-api-key' }, headers: {} } as const;
      assert.deepEqual(authorize(anthropic, canary, url).headers, { 'anthropic-version': '2023-06-01', 'x-api-key': canary });
      assert.equal(authorize({ ...anthropic, headers: { 'Anthropic-Version': '2030-01-01' } }, canary, url).headers['anthropic-version'], '2030-01-01');
    });
  });
});
