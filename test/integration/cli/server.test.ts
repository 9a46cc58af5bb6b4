import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createPlace, type Place } from '../../support/cli.ts';
import { openTerminal } from '../../support/terminal.ts';

const toml = '# ours\r\n[[model_servers]]\r\nname = "lab" # the lab\r\nkind = "vllm"\r\nbase_url = "http://10.0.0.7:8000"\r\n\r\n[[delegators]]\r\nname = "coder"\r\nllm_tool = "chat"\r\nmodel = "m"\r\nmodel_server = "lab"\r\n';
const key = 'sk-live-0123456789abcdefghij';

describe('operator server', function () {
  this.timeout(60_000);
  let place: Place;
  let file: string;
  let users: string;
  beforeEach(() => {
    place = createPlace();
    file = join(place.workspace, 'operator.toml');
    users = join(place.operatorHome, 'operator.toml');
  });
  afterEach(() => place[Symbol.dispose]());

  const text = (path = file): string => readFileSync(path, 'utf8');
  /** Runs, and wants this exit code. */
  async function run(code: number, ...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const result = await place.run(['server', ...args]);
    assert.equal(result.code, code, `${result.stdout}${result.stderr}`);
    return result;
  }

  it('add: makes the file, and adds to it behind the other servers', async () => {
    const first = await run(0, 'add', 'lab', '--kind', 'vllm', '--base-url', 'http://10.0.0.7:8000', '--display-name', 'The lab');
    assert.equal(first.stdout, `Added model server lab in ${file}\n`);
    assert.match(text(), /^# .*\n\n\[\[model_servers\]\]\nname = "lab"\nkind = "vllm"\nbase_url = "http:\/\/10\.0\.0\.7:8000"\ndisplay_name = "The lab"\n$/);
    place.write('operator.toml', toml);
    await run(0, 'add', 'box', '--kind', 'lm-studio', '--api-key', 'secret:box');
    assert.equal(text(), toml.replace('8000"\r\n', '8000"\r\n\r\n[[model_servers]]\r\nname = "box"\r\nkind = "lmstudio"\r\napi_key = "secret:box"\r\n'));
    assert.equal(text(`${file}.bak`), toml);
  });

  it('add --user: writes the user’s file', async () => {
    place.write('operator.toml', toml);
    await run(0, 'add', 'mine', '--kind', 'ollama', '--user');
    assert.equal(text(), toml);
    assert.match(text(users), /name = "mine"\nkind = "ollama"\n$/);
  });

  it('refuses a key, and never repeats it', async () => {
    place.write('operator.toml', toml);
    for (const args of [
      ['add', 'x', '--kind', 'openrouter', '--api-key', key],
      ['add', 'x', '--kind', 'openrouter', `--api-key=${key}`],
      ['set', 'lab', 'api_key', key],
      ['set', 'lab', 'api_key_env', key],
      ['set', 'lab', 'headers.Authorization', `Bearer ${key}`],
      ['set', 'lab', 'extra_env.OPENAI_API_KEY', key],
      ['set', 'lab', 'headers', `{ "X-Api-Key" = "${key}" }`],
    ]) {
      const { stdout, stderr } = await run(4, ...args);
      assert.equal(stdout, '');
      assert.match(stderr, /^error: .*holds? a key itself.*; nothing was written\n {2}→ Keys never stand in operator\.toml: .*operator secret set NAME/, args.join(' '));
      assert.ok(!stderr.includes(key));
    }
    for (const args of [['set', 'lab', 'base_url', `http://user:${key}@host`], ['add', 'x', '--kind', key], ['set', 'lab', key, '1'], ['set', 'lab', 'request_timeout', key], ['add', 'x', '--kind', 'ollama', key]]) {
      const { stdout, stderr } = await place.run(['server', ...args]);
      assert.ok(!`${stdout}${stderr}`.includes(key), `${args.join(' ')}: ${stderr}`);
    }
    assert.equal(text(), toml);
  });

  it('set: changes one key in the form that it has, and unsets it', async () => {
    place.write('operator.toml', toml);
    await run(0, 'set', 'lab', 'request_timeout', '30');
    await run(0, 'set', 'lab', 'models', 'a', 'b');
    await run(0, 'set', 'lab', 'headers.X-Team', 'payments');
    await run(0, 'set', 'lab', 'base_url', 'http://10.0.0.8:8000');
    assert.equal(text(), toml.replace('10.0.0.7:8000"', '10.0.0.8:8000"\r\nheaders = { X-Team = "payments" }\r\nrequest_timeout = 30\r\nmodels = ["a", "b"]'));
    for (const unset of ['request_timeout', 'models', 'headers.X-Team']) await run(0, 'set', 'lab', '--unset', unset);
    assert.equal(text(), toml.replace('10.0.0.7', '10.0.0.8'));
    const again = await run(0, 'set', 'lab', 'base_url', 'http://10.0.0.8:8000');
    assert.equal(again.stdout, `Nothing to change in ${file}\n`);
  });

  it('set: names a key in one place', async () => {
    place.write('operator.toml', '[[model_servers]]\nname = "a"\nkind = "openrouter"\napi_key_env = "A" # here\n');
    await run(0, 'set', 'a', 'api_key', 'env:B');
    assert.equal(text(), '[[model_servers]]\nname = "a"\nkind = "openrouter"\napi_key = "env:B"\n');
  });

  it('refuses what would not work, with what to do', async () => {
    place.write('operator.toml', toml);
    for (const [code, args, message] of [
      [2, ['add', 'x', '--kind', 'olama'], /"olama" is not a kind .*\n {2}→ Did you mean ollama\?/],
      [2, ['add', 'x', '--kind', 'openai-compat'], /base_url is missing.*\n {2}→ Name it with --base-url/],
      [2, ['add', 'x'], /required option '--kind <kind>' not specified/],
      [4, ['add', 'lab', '--kind', 'ollama'], /already has a model server "lab"/],
      [4, ['add', 'openai-api', '--kind', 'openai-api'], /builtin/],
      [4, ['add', 'a b', '--kind', 'ollama'], /must not contain spaces/],
      [2, ['set', 'lab', 'kind', 'olama'], /Did you mean kind = "ollama"\?/],
      [2, ['set', 'lab', 'placement', 'moon'], /must be "local", "self-hosted" or "third-party"/],
      [2, ['set', 'lab', 'basurl', 'x'], /Did you mean base_url\?/],
      [2, ['set', 'lab', 'name', 'x'], /operator server rename lab NEW/],
      [2, ['set', 'lab'], /Write KEY VALUE, or --unset KEY/],
      [2, ['set', 'lab', 'kind', 'x', '--unset', 'kind'], /one key|One key/],
      [2, ['set', 'lab', '--unset', 'kind'], /kind is missing/],
      [4, ['set', 'lap', 'kind', 'vllm'], /no model server named "lap"\n {2}→ Did you mean lab\?/],
      [4, ['set', 'openai-api', 'kind', 'vllm'], /builtin/],
      [4, ['remove', 'openai-api'], /builtin/],
      [4, ['rename', 'lab', 'google-api'], /builtin/],
      [2, ['remov'], /Did you mean remove\?/],
      [2, [], /operator server add/],
    ] as const) {
      const { stderr } = await run(code, ...args);
      assert.match(stderr, message, args.join(' '));
    }
    assert.equal(text(), toml);
    place.write('operator.toml', 'broken = \n');
    const { stderr } = await run(3, 'add', 'x', '--kind', 'ollama');
    assert.match(stderr, /not valid TOML in line 1/);
    assert.equal(text(), 'broken = \n');
  });

  it('--dry-run: prints the difference and writes nothing', async () => {
    place.write('operator.toml', toml);
    const { stdout } = await run(0, 'set', 'lab', 'kind', 'ollama', '--dry-run');
    assert.equal(stdout, `--- ${file}\n+++ ${file}\n@@ -1,7 +1,7 @@\n # ours\n [[model_servers]]\n name = "lab" # the lab\n-kind = "vllm"\n+kind = "ollama"\n base_url = "http://10.0.0.7:8000"\n \n [[delegators]]\n`);
    const json = JSON.parse((await run(0, 'set', 'lab', 'kind', 'ollama', '--dry-run', '--json')).stdout) as { changed: boolean; dry_run: boolean; files: { file: string; diff: string }[] };
    assert.deepEqual([json.changed, json.dry_run, json.files.map((each) => each.file), json.files[0]?.diff.includes('+kind = "ollama"')], [true, true, [file], true]);
    assert.equal(text(), toml);
    assert.equal(existsSync(`${file}.bak`), false);
  });

  it('rename: takes along the delegators of both files', async () => {
    mkdirSync(place.operatorHome, { recursive: true });
    place.write(users, '[[model_servers]]\nname = "mine"\nkind = "ollama"\n');
    place.write('operator.toml', '[[delegators]]\nname = "d"\nllm_tool = "chat"\nmodel = "m"\nmodel_server = \'mine\' # near\n');
    const { stdout } = await run(0, 'rename', 'mine', 'ours');
    assert.equal(stdout, `Renamed model server mine to ours in ${users} and ${file}\n`);
    assert.match(text(), /model_server = 'ours' # near\n/);
    assert.equal((await place.run(['config', 'check'])).code, 0);
  });

  it('remove: says which delegators are left without a server', async () => {
    place.write('operator.toml', toml);
    const { stdout, stderr } = await run(0, 'remove', 'lab', '--yes');
    assert.equal(stdout, `Removed model server lab in ${file}\n`);
    assert.match(stderr, /^1 delegator would have no model server: coder\n/);
    assert.equal(text(), toml.slice(toml.indexOf('[[delegators]]')));
  });

  it('remove: says which delegators would use another server of that name', async () => {
    place.write('operator.toml', toml);
    place.write(users, '[[model_servers]]\nname = "lab"\nkind = "ollama"\n');
    const { stderr } = await run(0, 'remove', 'lab');
    assert.equal(stderr, '1 delegator would use another model server of that name: coder\n');
  });

  if (process.platform !== 'win32') {
    it('remove: asks on a terminal, and leaves the file alone for anything but yes', async () => {
      place.write('operator.toml', toml);
      for (const [answer, code] of [['\r', 130], ['n\r', 130], ['\u0003', 130]] as const) {
        using terminal = await openTerminal(place, ['server', 'remove', 'lab']);
        await terminal.waitFor(/1 delegator would have no model server: coder\nRemove model server lab\? \[y\/N\] /);
        terminal.write(answer);
        assert.equal((await terminal.ended).code, code);
        assert.equal(text(), toml);
      }
      using terminal = await openTerminal(place, ['server', 'remove', 'lab']);
      await terminal.waitFor(/\[y\/N\] /);
      terminal.write('y\r');
      assert.equal((await terminal.ended).code, 0);
      assert.ok(!text().includes('"vllm"'));
    });

    it('keeps the link, the mode, and one copy of the version before', async () => {
      const target = place.write('dotfiles/my.toml', toml);
      chmodSync(target, 0o640);
      symlinkSync(target, file);
      await run(0, 'set', 'lab', 'kind', 'ollama');
      await run(0, 'set', 'lab', 'kind', 'litellm');
      assert.ok(lstatSync(file).isSymbolicLink());
      assert.equal(statSync(target).mode & 0o777, 0o640);
      assert.equal(text(target), toml.replace('"vllm"', '"litellm"'));
      assert.equal(text(`${target}.bak`), toml.replace('"vllm"', '"ollama"'));
    });
  }

  it('makes every change of several that write at the same time', async () => {
    place.write('operator.toml', toml);
    const results = await Promise.all(Array.from({ length: 8 }, (_, index) => place.run(['server', 'add', `s${index}`, '--kind', 'ollama'])));
    for (const [index, { code, stderr }] of results.entries()) {
      assert.equal(code, 0, stderr);
      assert.ok(text().includes(`name = "s${index}"`), `s${index}`);
    }
    assert.equal((await place.run(['config', 'check'])).code, 0);
  });
});
