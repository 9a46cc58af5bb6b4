import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPlace, type Place } from '../../support/cli.ts';
import { openTerminal } from '../../support/terminal.ts';

/** The list of the documentation that this form is from, with keys. */
const modelList = {
  model_list: [
    { model_name: 'gpt4', model: 'openai/gpt-5.2', api_key: 'sk-your-openai-key-0123456789', api_base: 'https://api.openai.com/v1' },
    { model_name: 'gpt4-lb', model: 'openai/gpt-5.2', api_key: 'sk-key1-0123456789', api_base: 'https://api1.example.com/v1' },
    { model_name: 'gpt4-lb', model: 'openai/gpt-5.2', api_key: 'sk-key2-0123456789', api_base: 'https://api2.example.com/v1' },
    { model_name: 'local', model: 'ollama/llama3.2', rpm: 10 },
    { model_name: 'cli', model: 'claude-cli/sonnet' },
  ],
  agents: { defaults: { model_name: 'gpt4', model_fallbacks: ['local'] } },
};

describe('operator config import', function () {
  this.timeout(60_000);
  let place: Place;
  let file: string;
  beforeEach(() => {
    place = createPlace({ 'config.json': JSON.stringify(modelList, null, 2) });
    file = join(place.workspace, 'operator.toml');
  });
  afterEach(() => place[Symbol.dispose]());

  it('shows what it writes, says which keys to set, and changes nothing the second time', async () => {
    const before = '# ours\n[[model_servers]]\nname = "box"\nkind = "ollama" # the box\n';
    place.write('operator.toml', before);
    const { code, stdout, stderr } = await place.run(['config', 'import', 'config.json'], { env: { OPENAI_API_KEY: 'set' } });
    assert.deepEqual([code, stderr], [0, '']);
    const text = readFileSync(file, 'utf8');
    assert.ok(text.startsWith(before));
    assert.match(text, /\[\[model_list\]\]\nmodel_name = "local"\nmodel = "llama3\.2"\nmodel_server = "box"\nrpm = 10\n/);
    assert.match(stdout, /^--- .*operator\.toml\n\+\+\+ /);
    for (const line of text.slice(before.length).trim().split('\n')) assert.ok(stdout.includes(`+${line}\n`), line);
    assert.match(stdout, /\n {2}OPENAI_API_KEY +set +the key of gpt4 \(model_list\[0\]\)\n {2}API1_EXAMPLE_COM_API_KEY +not set +the key of gpt4-lb/);
    assert.match(stdout, /note: agents\.defaults was left out \(model_name, model_fallbacks\)/);
    assert.ok(stdout.endsWith(`Added 3 model servers, 1 delegator and 5 entries of model_list to ${file}\n`), stdout);
    assert.doesNotMatch(stdout + text, /sk-your|sk-key/);

    const again = await place.run(['config', 'import', 'config.json']);
    assert.equal(again.code, 0);
    assert.ok(again.stdout.endsWith(`Nothing to add: ${file} has it all\n`));
    assert.equal(readFileSync(file, 'utf8'), text);
    const check = await place.run(['config', 'check']);
    assert.equal(check.code, 0, check.stdout);
    assert.match(check.stdout, /note: model_list is not used yet/);
  });

  it('--dry-run: shows the same and writes nothing', async () => {
    const { code, stdout } = await place.run(['config', 'import', 'config.json', '--dry-run']);
    assert.equal(code, 0);
    assert.match(stdout, /\n\+\[\[model_list\]\]\n/);
    assert.doesNotMatch(stdout, /Added/);
    assert.equal(existsSync(file), false);
  });

  it('--user --json: writes the user’s file and tells programs', async () => {
    const { code, stdout } = await place.run(['config', 'import', 'config.json', '--user', '--json']);
    assert.equal(code, 0);
    const users = join(place.operatorHome, 'operator.toml');
    const report = JSON.parse(stdout) as { changed: boolean; file: string; diff: string; keys: { reference: string; set: boolean }[]; notes: string[] };
    assert.deepEqual([report.changed, report.file, report.keys.map(({ reference }) => reference)], [true, users, ['env:OPENAI_API_KEY', 'env:API1_EXAMPLE_COM_API_KEY', 'env:API2_EXAMPLE_COM_API_KEY']]);
    assert.match(readFileSync(users, 'utf8'), /name = "openai-api1\.example\.com"/);
    assert.doesNotMatch(stdout, /sk-your|sk-key/);
    assert.equal(existsSync(file), false);
  });

  it('takes the form with backends', async () => {
    place.write('config.json', JSON.stringify({ agents: { defaultBackend: 'lmstudio', defaultModel: 'openai/gpt-oss-20b', enabledBackends: ['lmstudio', 'ollama'], backends: { lmStudio: { baseUrl: 'http://127.0.0.1:1234/v1', endpointType: 'openai' } } } }));
    assert.equal((await place.run(['config', 'import', 'config.json', '--yes'])).code, 0);
    assert.match(readFileSync(file, 'utf8'), /\[\[model_servers\]\]\nname = "lmstudio"\nkind = "lmstudio"\nbase_url = "http:\/\/127\.0\.0\.1:1234"\n\n\[\[model_servers\]\]\nname = "ollama"\nkind = "ollama"\n\n\[\[delegators\]\]\nname = "lmstudio-chat"\nllm_tool = "chat"\nmodel = "openai\/gpt-oss-20b"\nmodel_server = "lmstudio"\n$/);
    const text = readFileSync(file, 'utf8');
    assert.equal((await place.run(['config', 'import', 'config.json', '--yes'])).code, 0);
    assert.equal(readFileSync(file, 'utf8'), text);
  });

  it('refuses what it cannot read, and shows nothing of it', async () => {
    for (const [content, message] of [
      ['{ "model_list": [ { "api_key": "s3cret" } ] oops', /config\.json is not valid JSON\n {2}at .*config\.json:1:\d+\n/],
      ['{ "something": "s3cret" }', /config\.json has no model_list, providers or agents\.backends/],
      ['[]', /has no model_list/],
    ] as const) {
      place.write('config.json', content);
      const { code, stdout, stderr } = await place.run(['config', 'import', 'config.json']);
      assert.deepEqual([code, stdout], [3, '']);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /s3cret/);
    }
    assert.match((await place.run(['config', 'import', 'none.json'])).stderr, /none\.json does not exist/);
    assert.equal((await place.run(['config', 'import'])).code, 2);
    place.write('config.json', JSON.stringify(modelList));
    place.write('operator.toml', 'broken = \n');
    const { code, stderr } = await place.run(['config', 'import', 'config.json']);
    assert.equal(code, 3);
    assert.match(stderr, /not valid TOML in line 1/);
    assert.equal(readFileSync(file, 'utf8'), 'broken = \n');
  });

  if (process.platform !== 'win32') {
    it('asks on a terminal before it writes', async () => {
      {
        using terminal = await openTerminal(place, ['config', 'import', 'config.json']);
        await terminal.waitFor(/\+\[\[model_servers\]\][^]*Add 4 model servers, 1 delegator and 5 entries of model_list to .*\?\s+\[y\/N\] /);
        terminal.write('n\r');
        assert.equal((await terminal.ended).code, 130);
        assert.equal(existsSync(file), false);
      }
      using terminal = await openTerminal(place, ['config', 'import', 'config.json']);
      await terminal.waitFor(/\[y\/N\] /);
      terminal.write('yes\r');
      assert.equal((await terminal.ended).code, 0);
      assert.ok(existsSync(file));
    });
  }
});
