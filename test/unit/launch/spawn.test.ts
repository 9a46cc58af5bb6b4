/** From plan to child: keys at the last moment, files before the start, nothing left of a failure. */
import assert from 'node:assert/strict';
import { gatewayPlaceholder } from '../../../src/core/gateway/model.ts';
import { mergeSettings } from '../../../src/core/launch/merge-settings.ts';
import type { LaunchPlan } from '../../../src/core/launch/model.ts';
import { prepareSpawn, type SpawnPorts } from '../../../src/core/launch/spawn.ts';
import { FakeFiles } from '../fakes.ts';
import { pairing, planned } from './support.ts';

const credential = { store: 'env', name: 'MY_KEY' } as const;

function ports(given: Partial<SpawnPorts> = {}): SpawnPorts & { readonly files: FakeFiles } {
  return { env: { all: () => ({ PATH: '/bin', ANTHROPIC_API_KEY: 'inherited', HOME: '/home/me' }), platform: 'linux' }, resolveCredential: () => Promise.resolve('the-key\n'), ...given, files: (given.files as FakeFiles | undefined) ?? new FakeFiles() };
}

const plan = (): LaunchPlan => planned(pairing('claude', { kind: 'litellm', credential }), {}, { inheritedEnv: { ANTHROPIC_API_KEY: 'inherited' } });

describe('prepareSpawn', () => {
  it('makes the complete environment of the child: inherited, without what fights, with what is planned', async () => {
    const { argv, env, cwd } = await prepareSpawn(plan(), ports());
    assert.deepEqual([argv, cwd], [plan().argv, '/home/dev/shop']);
    assert.deepEqual([env['PATH'], env['ANTHROPIC_API_KEY'], env['ANTHROPIC_AUTH_TOKEN'], env['ANTHROPIC_BASE_URL']], ['/bin', undefined, 'the-key', 'http://localhost:4000']);
  });

  it('writes the private files, and reads each key once', async () => {
    let reads = 0;
    const given = ports({
      resolveCredential: () => {
        reads++;
        return Promise.resolve('k');
      },
    });
    const both = planned(pairing('claude', { kind: 'litellm', credential }, { launchConfig: { env: {} } }));
    await prepareSpawn({ ...both, env: { ...both.env, SECOND: { type: 'secret', ref: credential, before: 'a ', after: ' b' } } }, given).then(({ env }) => assert.equal(env['SECOND'], 'a k b'));
    assert.equal(reads, 1);
    assert.deepEqual([...given.files.contents.keys()], both.files.map(({ path }) => path));
  });

  it('fills in the address and the token of the gateway\'s session, everywhere and only there', async () => {
    const facts = { gateway: { baseUrl: gatewayPlaceholder, token: { type: 'session-token' } as const } };
    const token = 'session-token-of-this-launch';
    for (const tool of ['claude', 'codex', 'gemini']) {
      const through = planned({ ...pairing(tool, { kind: 'openai-compat', credential }, { route: 'gateway' }), gateway: true }, {}, facts);
      const given = ports({ gateway: { address: 'http://127.0.0.1:4141', token } });
      const { argv, env } = await prepareSpawn(through, given);
      const everything = JSON.stringify([argv, env, [...given.files.contents.values()]]);
      assert.ok(!everything.includes(gatewayPlaceholder), tool);
      assert.match(everything, /http:\/\/127\.0\.0\.1:4141/, tool);
      assert.ok(Object.values(env).includes(token), tool);
      assert.ok(!JSON.stringify([argv, [...given.files.contents.values()]]).includes(token), tool);
      assert.ok(!everything.includes('the-key'), `${tool} sees the server's key`);
      await assert.rejects(prepareSpawn(through, ports()), { code: 'internal' });
    }
  });

  it('fails before anything is written when a key is missing', async () => {
    for (const missing of [undefined, '', '  \n']) {
      const given = ports({ resolveCredential: () => Promise.resolve(missing) });
      await assert.rejects(prepareSpawn(plan(), given), { code: 'credential', message: 'The key of here is not set (env:MY_KEY)', hint: 'Set the environment variable MY_KEY' });
      assert.equal(given.files.contents.size, 0);
    }
  });

  it('refuses a key that would break a header, without showing it', async () => {
    await assert.rejects(prepareSpawn(plan(), ports({ resolveCredential: () => Promise.resolve('one\ntwo') })), (error: Error) => {
      assert.match(error.message, /line break/);
      assert.ok(!error.message.includes('one') && !error.message.includes('two'));
      return true;
    });
  });

  it('leaves nothing behind when a file cannot be written', async () => {
    const files = new FakeFiles();
    const removed: string[] = [];
    files.writePrivate = () => Promise.reject(new Error('disk full'));
    files.remove = (path) => Promise.resolve(void removed.push(path));
    await assert.rejects(prepareSpawn(plan(), ports({ files })), { code: 'io' });
    assert.deepEqual(removed, [plan().sessionDir]);
  });

  it('takes names for the same in any case on Windows', async () => {
    const windows = planned(pairing('claude', { kind: 'litellm', credential }), {}, { platform: 'win32', inheritedEnv: { anthropic_api_key: 'x' } });
    const { env } = await prepareSpawn(windows, ports({ env: { all: () => ({ Path: 'C:\\', anthropic_api_key: 'x', No_Proxy: 'corp' }), platform: 'win32' } }));
    assert.deepEqual(Object.keys(env).filter((name) => /^(anthropic_api_key|no_proxy|path)$/i.test(name)), ['Path', 'NO_PROXY']);
  });

  it('puts gemini\'s settings on top of the user\'s own, comments and all, and never writes those', async () => {
    const files = new FakeFiles({ '/home/me/.gemini/settings.json': '// mine\n{"security":{"auth":{"selectedType":"oauth-personal","extra":1}},"mcpServers":{"a":{"url":"http://x//y"}}, /* theme */ "ui":{"theme":"GitHub"}}' });
    const gemini = planned(pairing('gemini', { kind: 'google-api', credential }));
    await prepareSpawn(gemini, ports({ files }));
    const written = JSON.parse(files.contents.get(gemini.files[0]?.path ?? '') ?? '') as { security: { auth: object }; mcpServers: object; ui: object };
    assert.deepEqual(written.security.auth, { selectedType: 'gemini-api-key', extra: 1, enforcedType: 'gemini-api-key', useExternal: false });
    assert.deepEqual([written.mcpServers, written.ui], [{ a: { url: 'http://x//y' } }, { theme: 'GitHub' }]);
    assert.match(files.contents.get('/home/me/.gemini/settings.json') ?? '', /^\/\/ mine/);
  });
});

describe('mergeSettings', () => {
  const merged = (base: string | undefined, ours: object): unknown => JSON.parse(mergeSettings(base, JSON.stringify(ours)));

  it('lets ours win value by value, lists as a whole', () => {
    assert.deepEqual(merged('{"a":{"b":1,"c":[1,2]},"d":1}', { a: { c: [3] }, d: { e: 1 } }), { a: { b: 1, c: [3] }, d: { e: 1 } });
  });

  it('goes on with ours alone when the user\'s is missing, broken or no object', () => {
    for (const base of [undefined, '', '{', '[1]', '"x"', 'null']) assert.deepEqual(merged(base, { a: 1 }), { a: 1 });
  });

  it('is not led astray by a byte order mark, slashes in strings, or __proto__', () => {
    assert.deepEqual(merged('\uFEFF{"a":"//no comment","b":"/* nor this */"}', {}), { a: '//no comment', b: '/* nor this */' });
    merged('{"__proto__":{"polluted":true}}', { a: 1 });
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });
});
