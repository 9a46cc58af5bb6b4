import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { buildCli } from '../../support/build.ts';
import { createPlace, type Place, type Result } from '../../support/cli.ts';
import { startServer } from '../../support/scripted-server.ts';
import { openTerminal } from '../../support/terminal.ts';

const key = 'sk-canary-0a1b2c3d4e5f';

/** A keyring package that keeps everything in a file. */
const fakeKeyring = `import { existsSync, readFileSync, writeFileSync } from 'node:fs';
const file = process.env.FAKE_KEYRING;
const all = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});
export class AsyncEntry {
  constructor(service, name) { this.key = service + '/' + name; }
  async getPassword() { return all()[this.key] ?? null; }
  async setPassword(value) { writeFileSync(file, JSON.stringify({ ...all(), [this.key]: value })); }
  async deleteCredential() { const { [this.key]: gone, ...rest } = all(); writeFileSync(file, JSON.stringify(rest)); return gone !== undefined; }
}
export async function findCredentialsAsync(service) { return Object.keys(all()).filter((key) => key.startsWith(service + '/')).map((key) => ({ account: key.slice(service.length + 1) })); }
`;

describe('operator secret with a keyring', function () {
  this.timeout(120_000);
  let place: Place;
  let cli: string;
  let keyring: string;

  before(async () => {
    place = createPlace();
    keyring = join(place.home, 'keyring.json');
    const app = join(place.home, 'app');
    cpSync(dirname(await buildCli()), join(app, 'dist'), { recursive: true });
    const folder = join(app, 'node_modules', '@napi-rs', 'keyring');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"name":"@napi-rs/keyring","type":"module","main":"index.js"}');
    writeFileSync(join(folder, 'index.js'), fakeKeyring);
    writeFileSync(join(app, 'package.json'), '{"type":"module"}');
    cli = join(app, 'dist', 'cli.js');
  });
  after(() => place[Symbol.dispose]());

  function run(args: readonly string[], input = ''): Promise<Result> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [cli, ...args], { cwd: place.workspace, env: { ...place.env, FAKE_KEYRING: keyring }, stdio: 'pipe' });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (data: Buffer) => (stdout += String(data)));
      child.stderr.on('data', (data: Buffer) => (stderr += String(data)));
      child.once('error', reject).once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
      child.stdin.end(input);
    });
  }
  const kept = (): unknown => JSON.parse(readFileSync(keyring, 'utf8'));

  it('keeps a key that is piped in, lists names only, and removes it', async () => {
    const set = await run(['secret', 'set', 'lab'], `${key}\n`);
    assert.deepEqual([set.code, set.stdout], [0, '']);
    assert.match(set.stderr, /^Kept in the operating system's keyring\. Use it with api_key = "secret:lab"\n$/);
    assert.deepEqual(kept(), { 'operator/lab': key });
    assert.deepEqual(await run(['secret', 'list']), { code: 0, signal: null, stdout: 'lab\n', stderr: '' });
    assert.deepEqual(JSON.parse((await run(['secret', 'list', '--json'])).stdout), ['lab']);
    assert.equal((await run(['secret', 'remove', 'lab'])).code, 0);
    assert.deepEqual(kept(), {});
    const again = await run(['secret', 'remove', 'lab']);
    assert.equal(again.code, 4);
    assert.match(again.stderr, /^error: There is no key named "lab"/);
  });

  it('keeps nothing that cannot be a key', async () => {
    for (const input of ['', '\n', 'line 1\nline 2\n']) {
      const { code, stderr } = await run(['secret', 'set', 'bad'], input);
      assert.equal(code, 2);
      assert.match(stderr, /nothing was kept/);
    }
    assert.equal((await run(['secret', 'list'])).stdout, '');
  });

  it('is where api_key = "secret:NAME" finds the key', async () => {
    await using server = await startServer({ 'GET /v1/models': ({ response }) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"object":"list","data":[{"id":"m"}]}') });
    place.write('operator.toml', `[[model_servers]]\nname = "lab"\nkind = "openai-compat"\nbase_url = "${server.url}"\napi_key = "secret:lab"\n`);
    await run(['secret', 'set', 'lab'], key);
    const { stdout, stderr } = await run(['probe', 'lab', '--json']);
    assert.equal(server.requests[0]?.headers['authorization'], `Bearer ${key}`);
    assert.ok(!(stdout + stderr).includes(key));
    assert.equal((JSON.parse(stdout) as { model_servers: { key: string }[] }).model_servers[0]?.key, 'set');
  });

  if (process.platform !== 'win32') {
    it('asks for a key on a terminal without showing it', async () => {
      const env = { FAKE_KEYRING: keyring };
      using terminal = await openTerminal(place, ['secret', 'set', 'typed'], { env, cli });
      await terminal.waitFor(/Key for typed: $/);
      terminal.write(`${key}x\u007f\r`);
      assert.equal((await terminal.ended).code, 0);
      assert.ok(!terminal.text.includes('sk-'));
      assert.equal((kept() as Record<string, string>)['operator/typed'], key);
      using cancelled = await openTerminal(place, ['secret', 'set', 'typed'], { env, cli });
      await cancelled.waitFor(/Key for typed: $/);
      cancelled.write('other\u0003');
      assert.equal((await cancelled.ended).code, 130);
      assert.match(cancelled.text, /Cancelled, nothing was kept/);
      assert.equal((kept() as Record<string, string>)['operator/typed'], key);
    });
  }
});
