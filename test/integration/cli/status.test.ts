import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StatusReport } from '../../../src/core/status/report.ts';
import { createPlace, type Place } from '../../support/cli.ts';

const toml = `[[model_servers]]
name = "lab"
kind = "openai-compat"
base_url = "http://127.0.0.1:9/v1/"
display_name = "The lab"

[[delegators]]
name = "good"
llm_tool = "chat"
model = "m"
model_server = "lab"

[[delegators]]
name = "lost"
llm_tool = "chat"
model = "m"
model_server = "nowhere"

[llm_tools]
default_tool = "chat"
`;

describe('operator status', function () {
  this.timeout(60_000);
  let place: Place;
  beforeEach(() => {
    place = createPlace();
  });
  afterEach(() => place[Symbol.dispose]());

  const report = async (...args: readonly string[]): Promise<StatusReport> => JSON.parse((await place.run([...args, '--json'])).stdout) as StatusReport;

  it('works in a folder without anything, and leaves nothing behind', async () => {
    const { code, stdout, stderr } = await place.run(['status']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^LLM Tools {2}1 of \d+ found\n {2}✔ {2}chat /);
    assert.match(stdout, /\nModel Servers {2}builtins only\n[\s\S]*anthropic-api[\s\S]*\nDelegators {2}none yet\n {2}none\n$/);
    assert.deepEqual([readdirSync(place.workspace), readdirSync(place.home)], [[], []]);
  });

  it('reports everything as JSON under the names of operator.toml', async () => {
    place.write('operator.toml', toml);
    const { llm_tools, model_servers, delegators, gateway, problems, ...more } = await report('status');
    assert.deepEqual(more, {});
    assert.deepEqual([gateway.state, gateway.available, gateway.address, gateway.sessions], ['stopped', true, null, []]);
    const chat = llm_tools.find(({ name }) => name === 'chat');
    assert.deepEqual([chat?.detected, chat?.default, typeof chat?.version], [true, true, 'string']);
    const lab = model_servers.find(({ name }) => name === 'lab');
    assert.deepEqual({ ...lab, health: lab?.health.state }, { name: 'lab', display_name: 'The lab', kind: 'openai-compat', base_url: 'http://127.0.0.1:9', placement: 'local', protocols: ['openai-chat'], origin: 'workspace', location: `${join(place.workspace, 'operator.toml')}:2:8`, key: 'none-needed', health: 'unknown', models: [] });
    assert.deepEqual(model_servers.filter(({ origin }) => origin === 'builtin').map(({ name }) => name), ['anthropic-api', 'openai-api', 'google-api']);
    const [good, lost] = delegators;
    assert.deepEqual([good?.name, good?.llm_tool, good?.model, good?.model_server, good?.ready, good?.route, good?.protocol], ['good', 'chat', 'm', 'lab', true, 'direct', 'openai-chat']);
    assert.deepEqual([lost?.ready, lost?.route, lost?.reasons.map(({ code }) => code)], [false, null, ['unknown-server']]);
    assert.deepEqual(problems.map(({ code, severity, file, line }) => [code, severity, file, line]), [['unknown-server', 'error', join(place.workspace, 'operator.toml'), 17]]);
  });

  it('prints sections of their own, with the problems of that section', async () => {
    place.write('operator.toml', toml);
    assert.deepEqual(Object.keys(await report('tools')), ['llm_tools', 'problems']);
    assert.deepEqual(Object.keys(await report('servers')), ['model_servers', 'problems']);
    assert.deepEqual(Object.keys(await report('delegators')), ['delegators', 'problems']);
    const servers = await place.run(['servers']);
    assert.deepEqual([servers.code, servers.stderr], [0, '']);
    const delegators = await place.run(['delegators']);
    assert.match(delegators.stdout, /^Delegators {2}2 · 1 not ready\n {2}✔ {2}good {2}ready {6}chat {2}m {2}lab/);
    assert.match(delegators.stderr, /^error: .*nowhere.*\n {2}at .*operator\.toml:17:16\n {2}→ /);
  });

  it('finds the workspace from a folder inside it, and lets --config stand anywhere', async () => {
    place.write('operator.toml', toml);
    const deep = join(place.workspace, 'a', 'b');
    mkdirSync(deep, { recursive: true });
    const inside = await place.run(['delegators', '--json'], { cwd: deep });
    assert.equal((JSON.parse(inside.stdout) as StatusReport).delegators.length, 2);
    const other = place.write('other/my.toml', '[[delegators]]\nname = "other"\nllm_tool = "claude"\nmodel = "opus"\n');
    for (const args of [['--config', other, 'delegators', '--json'], ['delegators', '--config', 'other/my.toml', '--json'], [`--config=${other}`, 'delegators', '--json']]) {
      const { stdout } = await place.run(args);
      assert.deepEqual((JSON.parse(stdout) as StatusReport).delegators.map(({ name }) => name), ['other']);
    }
  });

  it('layers the file of the user under that of the workspace', async () => {
    place.write('operator.toml', toml);
    place.write(join(place.operatorHome, 'operator.toml'), toml.replace('"m"', '"from-user"').replace('name = "lost"', 'name = "mine"').replace('"nowhere"', '"lab"'));
    const { delegators } = await report('status');
    assert.deepEqual(delegators.map(({ name, model, origin }) => [name, model, origin]), [['good', 'm', 'workspace'], ['lost', 'm', 'workspace'], ['mine', 'm', 'user']]);
  });

  it('tells a file that does not parse with its place, ends with 3, and still shows the rest', async () => {
    place.write('operator.toml', '[[delegators]\nname = "x"\n');
    const { code, stdout, stderr } = await place.run(['status']);
    assert.equal(code, 3);
    assert.match(stderr, new RegExp(`^error: [^\n]+\n {2}at ${place.workspace}/operator\\.toml:1:\\d+\n`));
    assert.match(stdout, /anthropic-api/);
    const json = await place.run(['status', '--json']);
    assert.deepEqual([json.code, (JSON.parse(json.stdout) as StatusReport).problems[0]?.code, json.stderr], [3, 'syntax', '']);
  });

  it('tells what else can be wrong with the file, in words', async () => {
    const file = join(place.workspace, 'operator.toml');
    const check = async (says: RegExp): Promise<void> => {
      const { code, stderr } = await place.run(['status']);
      assert.match(stderr, says);
      assert.equal(code, 3);
    };
    mkdirSync(file);
    await check(/^error: .*operator\.toml is a (folder|directory)/i);
    rmSync(file, { recursive: true });
    place.write('operator.toml', Uint8Array.of(0x61, 0x20, 0x3d, 0x20, 0x22, 0xff, 0xfe, 0x22));
    await check(/^error: .*UTF-8/);
    place.write('operator.toml', `# ${'x'.repeat(1023)}\n`.repeat(10 * 1024));
    await check(/^error: .*(larger than|too large)/);
  });

  it('refuses a file that --config names and that is not there', async () => {
    const { code, stdout, stderr } = await place.run(['status', '--config', 'nope.toml']);
    assert.deepEqual([code, stdout], [3, '']);
    assert.match(stderr, /^error: .*nope\.toml does not exist\n {2}→ Correct --config/);
  });

  it('has no colour on a pipe unless it is asked for', async () => {
    place.write('operator.toml', toml);
    assert.ok(!(await place.run(['status'])).stdout.includes('\u001b'));
    assert.ok((await place.run(['status'], { env: { FORCE_COLOR: '1' } })).stdout.includes('\u001b['));
    assert.ok(!(await place.run(['status'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout.includes('\u001b'));
  });

  it('does not mind a reader that leaves early', async () => {
    place.write('operator.toml', Array.from({ length: 2000 }, (_, index) => `[[delegators]]\nname = "d${index}"\nllm_tool = "claude"\nmodel = "m"\n`).join('\n'));
    const { child, output, result } = await place.start(['delegators', '--json']);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const { code } = await result;
    assert.equal(code, 0);
    assert.equal(output.stderr, '');
  });

  it('shows no key: neither of the environment nor of the file', async () => {
    place.write('operator.toml', '[[model_servers]]\nname = "a"\nkind = "openai-compat"\nbase_url = "http://user:hunter2hunter2@127.0.0.1:9"\napi_key = "sk-literal-0123456789"\n\n[[model_servers]]\nname = "b"\nkind = "openai-compat"\nbase_url = "http://127.0.0.1:9"\napi_key_env = "LAB_KEY"\n');
    for (const args of [['status'], ['status', '--probe'], ['status', '--json'], ['config', 'check']]) {
      const { stdout, stderr } = await place.run(args, { env: { LAB_KEY: 'value-of-lab-key', OPERATOR_LOG: 'trace' } });
      for (const secret of ['hunter2', 'sk-literal', 'value-of-lab-key']) assert.ok(!(stdout + stderr).includes(secret), `${secret} in the output of ${args.join(' ')}`);
    }
  });

  if (process.platform !== 'win32') {
    it('warns of a key file that others may read, and says how to close it', async () => {
      const file = place.write('key file', 'sk-canary-31415926535\n');
      chmodSync(file, 0o644);
      place.write('operator.toml', '[[model_servers]]\nname = "lab"\nkind = "vllm"\nbase_url = "http://127.0.0.1:9"\napi_key = "file:key file"\n');
      const warnings = async (): Promise<readonly string[] | undefined> => (await report('probe', 'lab')).model_servers[0]?.health.warnings;
      assert.deepEqual(await warnings(), [`The key file ${file} may be read by everybody on this machine; keep it to yourself with: chmod 600 '${file}'`]);
      assert.match((await place.run(['probe', 'lab'])).stdout, /may be read by everybody/);
      chmodSync(file, 0o600);
      assert.deepEqual(await warnings(), []);
    });
  }
});

if (process.platform !== 'win32') {
  describe('operator tools', function () {
    this.timeout(60_000);

    it('shows what is on the PATH with its version, and remembers it for status', async () => {
      using place = createPlace();
      place.installAgent('codex');
      const tool = async (command: string, version: string): Promise<unknown> => {
        const { stdout } = await place.run([command, '--json'], { env: { FAKE_AGENT: JSON.stringify({ version }) } });
        const found = (JSON.parse(stdout) as StatusReport).llm_tools.find(({ name }) => name === 'codex');
        return [found?.detected, found?.path, found?.version];
      };
      const path = join(place.bin, 'codex');
      assert.deepEqual(await tool('status', '99.0.0'), [true, path, '99.0.0']);
      assert.deepEqual(await tool('status', '99.1.0'), [true, path, '99.0.0'], 'the file is the same, so is the version');
      assert.deepEqual(await tool('tools', '99.2.0'), [true, path, '99.2.0'], 'tools asks anew');
      assert.deepEqual(await tool('status', '99.3.0'), [true, path, '99.2.0']);
    });
  });
}
