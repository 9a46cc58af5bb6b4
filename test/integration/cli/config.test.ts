import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPlace, type Place } from '../../support/cli.ts';

describe('operator config', function () {
  this.timeout(60_000);
  let place: Place;
  beforeEach(() => {
    place = createPlace();
  });
  afterEach(() => place[Symbol.dispose]());

  it('check: lists every problem with its line and ends with 3 for an error', async () => {
    const file = place.write('operator.toml', '[[model_servers]]\nname = "a"\nkind = "olama"\n\n[[delegators]]\nname = "b"\nllm_tool = "chat"\nmodel = "m"\nmodel_server = "x"\nsurprise = 1\n');
    const { code, stdout, stderr } = await place.run(['config', 'check']);
    assert.deepEqual([code, stderr], [3, '']);
    assert.match(stdout, new RegExp(`error: .*olama.*\n {2}at ${file}:3:8\n`));
    assert.match(stdout, new RegExp(`error: .*"x".*\n {2}at ${file}:9:16\n`));
    assert.match(stdout, new RegExp(`note: .*surprise.*\n {2}at ${file}:10:1\n`));
    assert.match(stdout, new RegExp(`\n${file}: 2 errors, 1 note\n$`));
    const json = JSON.parse((await place.run(['config', 'check', '--json'])).stdout) as { files: string[]; problems: { code: string }[] };
    assert.deepEqual([json.files, json.problems.map((problem) => problem.code).sort()], [[file], ['unknown-key', 'unknown-kind', 'unknown-server']]);
  });

  it('check: ends with 0 for a good file, and where there is none', async () => {
    const none = await place.run(['config', 'check']);
    assert.deepEqual([none.code, none.stdout], [0, 'There is no operator.toml in this folder, above it, or in ~/.operator\n']);
    const file = place.write('operator.toml', '[[delegators]]\nname = "a"\nllm_tool = "claude"\nmodel = "opus"\n');
    const good = await place.run(['config', 'check']);
    assert.deepEqual([good.code, good.stdout], [0, `${file}: no problems\n`]);
  });

  it('check PATH: checks that file and no other', async () => {
    place.write('operator.toml', 'broken = \n');
    place.write(join(place.operatorHome, 'operator.toml'), 'broken = \n');
    const file = place.write('sub/x.toml', '');
    assert.deepEqual(await place.run(['config', 'check', 'sub/x.toml']), { code: 0, signal: null, stdout: `${file}: no problems\n`, stderr: '' });
    const missing = await place.run(['config', 'check', 'sub/y.toml']);
    assert.equal(missing.code, 3);
    assert.match(missing.stderr, /y\.toml does not exist/);
    const folder = await place.run(['config', 'check', 'sub']);
    assert.equal(folder.code, 3);
    assert.match(folder.stdout, /is a (folder|directory)/i);
  });

  it('path: prints the files that count, the strongest first', async () => {
    const own = join(place.workspace, 'operator.toml');
    const users = join(place.operatorHome, 'operator.toml');
    assert.equal((await place.run(['config', 'path'])).stdout, `${own}\n${users}\n`);
    place.write('operator.toml', '');
    assert.deepEqual(JSON.parse((await place.run(['config', 'path', '--json'])).stdout), [
      { layer: 'workspace', file: own, state: 'loaded' },
      { layer: 'user', file: users, state: 'absent' },
    ]);
  });

  it('show: prints what the files come to, value by value, with where it is from', async () => {
    const own = place.write('operator.toml', '[[model_servers]]\nname = "lab"\nkind = "vllm"\nbase_url = "http://10.0.0.7:8000"\napi_key = "env:LAB_KEY"\nheaders = { "X-Team" = "a" }\n\n[[delegators]]\nname = "coder"\nllm_tool = "codex"\nmodel = "m"\n[delegators.launch_config]\nyolo = true\n\n[[model_list]]\nmodel_name = "p"\nmodel = "m"\n');
    const users = place.write(join(place.operatorHome, 'operator.toml'), '[llm_tools]\ndefault_tool = "claude"\n\n[[model_servers]]\nname = "lab"\nkind = "ollama"\n\n[[model_servers]]\nname = "mine"\nkind = "ollama"\n');
    const { code, stdout, stderr } = await place.run(['config', 'show']);
    assert.deepEqual([code, stderr], [0, '']);
    for (const line of [
      `${own}  workspace`,
      `${users}  user`,
      `  default_tool  claude  ${users}:2`,
      '  lab  workspace',
      `    base_url  http://10.0.0.7:8000  ${own}:4`,
      `    api_key  env:LAB_KEY  ${own}:5`,
      `    headers.X-Team  a  ${own}:6`,
      '    auth  bearer  default with a key',
      '    placement  self-hosted  judged by the address',
      '  mine  user',
      '    base_url  http://localhost:11434  default of ollama',
      '  coder  workspace',
      `    launch_config.yolo  true  ${own}:13`,
      '    model_server  openai-api  default of codex',
      'model_list  1 kept, not used yet',
    ]) assert.ok(stdout.split('\n').map((each) => each.replaceAll(/(?<=\S) {2,}/g, '  ')).includes(line), `${line}\n\n${stdout}`);
    assert.equal(stdout.match(/^ {2}lab /gm)?.length, 1);
    const report = JSON.parse((await place.run(['config', 'show', '--json'])).stdout) as { model_servers: { name: string; origin: string; values: { key: string; value: unknown; from: string }[] }[]; not_used: unknown };
    assert.deepEqual(report.model_servers.map(({ name, origin }) => `${origin} ${name}`), ['workspace lab', 'user mine', 'builtin anthropic-api', 'builtin openai-api', 'builtin google-api']);
    assert.deepEqual(report.model_servers[0]?.values.find(({ key }) => key === 'kind'), { key: 'kind', value: 'vllm', from: `${own}:3` });
    assert.deepEqual(report.not_used, [{ table: 'model_list', file: own, count: 1 }]);
  });

  it('show: shows no key, wherever one stands', async () => {
    place.write('operator.toml', `[[model_servers]]
name = "a"
kind = "openai-compat"
base_url = "https://user:s3cret-1@host.example"
api_key = "s3cret-2"
proxy = "http://u:s3cret-3@p.example:1"
headers = { Authorization = "Bearer s3cret-4", "X-Auth-Token" = "s3cret-5" }
extra_env = { MY_TOKEN = "s3cret-6" }
surprise = { password = "s3cret-7" }

[[delegators]]
name = "d"
llm_tool = "chat"
model = "m"
[delegators.launch_config]
flags = ["sk-live-s3cret0123456789abc"]
env = { OPENAI_API_KEY = "s3cret-8" }
`);
    for (const args of [['config', 'show'], ['config', 'show', '--json']]) {
      const { stdout, stderr } = await place.run(args);
      assert.doesNotMatch(stdout + stderr, /s3cret/);
      assert.ok(stdout.includes('‹hidden›'));
    }
  });

  it('show: says what is broken, and shows what is in force all the same', async () => {
    place.write('operator.toml', 'broken = \n');
    place.write(join(place.operatorHome, 'operator.toml'), '[[model_servers]]\nname = "mine"\nkind = "ollama"\n');
    const { code, stdout } = await place.run(['config', 'show']);
    assert.equal(code, 3);
    assert.match(stdout, /workspace, cannot be used as it is/);
    assert.match(stdout, /\n {2}mine {2}user\n/);
  });

  it('schema: prints the JSON schema that is shipped for editors', async () => {
    const { code, stdout } = await place.run(['schema']);
    assert.equal(code, 0);
    assert.equal(stdout, readFileSync(join(import.meta.dirname, '../../../media/operator.schema.json'), 'utf8'));
  });
});

describe('operator secret', function () {
  this.timeout(60_000);

  if (process.platform === 'linux') {
    it('says what to use instead where there is no keyring, and does not ask for a key first', async () => {
      using place = createPlace();
      for (const args of [['secret', 'set', 'lab'], ['secret', 'remove', 'lab'], ['secret', 'list']]) {
        const { code, stdout, stderr } = await place.run(args, { input: 'sk-piped-in-0123456789' });
        assert.deepEqual([code, stdout], [4, '']);
        assert.match(stderr, /^error: The operating system's keyring cannot be used: .*\n {2}→ Name the key with api_key = "env:NAME" or api_key = "file:PATH" instead\n$/);
      }
    });
  }
});
