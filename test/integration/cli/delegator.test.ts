import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPlace, type Place } from '../../support/cli.ts';

const toml = '[[model_servers]]\nname = "lab"\nkind = "ollama"\n\n# every day\n[[delegators]]\nname = "coder"\nllm_tool = "chat"\nmodel = "m"\nmodel_server = "lab"\ndisplay_name = "Coder"\n[delegators.launch_config]\nyolo = false # no\n';

describe('operator delegator', function () {
  this.timeout(60_000);
  let place: Place;
  let file: string;
  beforeEach(() => {
    place = createPlace({ 'operator.toml': toml });
    file = join(place.workspace, 'operator.toml');
  });
  afterEach(() => place[Symbol.dispose]());

  const text = (path = file): string => readFileSync(path, 'utf8');
  async function run(code: number, ...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const result = await place.run(['delegator', ...args]);
    assert.equal(result.code, code, `${result.stdout}${result.stderr}`);
    return result;
  }

  it('adds, sets, renames, duplicates and removes, and what comes out can be launched', async () => {
    await run(0, 'add', 'talk', '--llm-tool', 'chat', '--model', 'llama3.2', '--model-server', 'lab', '--display-name', 'Talk');
    assert.ok(text().endsWith('\n\n[[delegators]]\nname = "talk"\nllm_tool = "chat"\nmodel = "llama3.2"\nmodel_server = "lab"\ndisplay_name = "Talk"\n'));
    await run(0, 'set', 'talk', 'launch_config.flags', '--', '--one', '-2');
    await run(0, 'set', 'talk', 'launch_config.env.A', '1');
    await run(0, 'set', 'talk', 'model_properties.reasoning_effort', 'high');
    await run(0, 'set', 'coder', 'launch_config.yolo', 'true');
    assert.ok(text().includes('model_properties = { reasoning_effort = "high" }\n[delegators.launch_config]\nflags = ["--one", "-2"]\nenv = { A = "1" }\n'));
    assert.ok(text().includes('yolo = true # no\n'));
    await run(0, 'duplicate', 'coder', 'careful');
    assert.ok(text().includes('\n# every day\n[[delegators]]\nname = "careful"\nllm_tool = "chat"\nmodel = "m"\nmodel_server = "lab"\n[delegators.launch_config]\nyolo = true # no\n'));
    await run(0, 'rename', 'careful', 'quiet');
    const { delegators } = JSON.parse((await place.run(['delegators', '--json'])).stdout) as { delegators: { name: string; ready: boolean }[] };
    assert.deepEqual(delegators.map(({ name, ready }) => [name, ready]), [['coder', true], ['quiet', true], ['talk', true]]);
    for (const name of ['quiet', 'talk']) assert.equal((await run(0, 'remove', name)).stdout, `Removed delegator ${name} in ${file}\n`);
    assert.equal(text(), toml.replace('false', 'true'));
  });

  it('refuses what could not be launched', async () => {
    for (const [code, args, message] of [
      [2, ['add', 'x', '--llm-tool', 'codx', '--model', 'm'], /no LLM tool "codx"\n {2}→ Did you mean "codex"\?/],
      [2, ['add', 'x', '--llm-tool', 'codex', '--model', 'm', '--model-server', 'lap'], /no model server "lap"\n {2}→ Did you mean "lab"\?/],
      [2, ['add', 'x', '--llm-tool', 'codex'], /required option '--model <name>'/],
      [4, ['add', 'coder', '--llm-tool', 'codex', '--model', 'm'], /already has a delegator "coder"/],
      [2, ['add', 'x', '--llm-tool', 'codex', '--model', 'm', '--model-server', 'lab', '--user'], /cannot refer to|no model server/],
      [2, ['set', 'coder', 'model_server', 'lap'], /no model server "lap"/],
      [2, ['set', 'coder', 'route', 'side'], /must be "auto", "direct" or "gateway"/],
      [2, ['set', 'coder', 'launch_config', 'x'], /Set one of its keys, such as launch_config\.yolo/],
      [4, ['set', 'coder', 'launch_config.flags', '--', '--api-key', 'sk-live-0123456789abcdefghij'], /flags hold a key itself/],
      [4, ['duplicate', 'coder', 'coder'], /already has/],
      [4, ['rename', 'codr', 'x'], /Did you mean coder\?/],
      [2, ['dublicate', 'a', 'b'], /Did you mean duplicate\?/],
    ] as const) {
      const { stderr } = await run(code, ...args);
      assert.match(stderr, message, args.join(' '));
      assert.ok(!stderr.includes('sk-live'));
    }
    assert.equal(text(), toml);
  });

  it('changes an entry where it is: the user’s in the user’s file', async () => {
    const users = place.write(join(place.operatorHome, 'operator.toml'), '[[delegators]]\nname = "mine"\nllm_tool = "chat"\nmodel = "m"\nmodel_server = "openai-api"\n');
    assert.equal((await run(0, 'set', 'mine', 'model', 'n')).stdout, `Set model of delegator mine in ${users}\n`);
    assert.match(text(users), /model = "n"/);
    assert.match((await run(4, 'set', 'coder', 'model', 'n', '--user')).stderr, /no delegator "coder"/);
  });

  it('tells every command, option and example in its help', async () => {
    for (const command of ['add', 'set', 'rename', 'duplicate', 'remove']) {
      const { stdout } = await run(0, command, '--help');
      for (const part of ['--user', '--dry-run', '--json', `operator delegator ${command} `]) assert.ok(stdout.includes(part), `${command}: ${part}`);
    }
  });
});
