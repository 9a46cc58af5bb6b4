/** `operator test` as a real process against real servers. */
import assert from 'node:assert/strict';
import { createPlace, until } from '../../support/cli.ts';
import { startDemoServer } from '../../support/demo-server.ts';
import { type ProvingServer, startProvingServer } from '../../support/proving-server.ts';

const tomlOf = (name: string, server: ProvingServer, more = ''): string => `[[model_servers]]\nname = "${name}"\nkind = "${server.kind}"\nbase_url = "${server.url}"\n${more}\n`;

describe('operator test', () => {
  it('says of each level what came of it, and shows it again', async () => {
    await using server = await startProvingServer('ollama');
    using place = createPlace({ 'operator.toml': `${tomlOf('lab', server)}[[delegators]]\nname = "coder"\nllm_tool = "codex"\nmodel = "lab-model"\nmodel_server = "lab"\n` });
    const result = await place.run(['test', 'coder']);
    assert.equal(result.code, 0, result.stderr + result.stdout);
    assert.match(result.stdout, /^lab-model {2}on lab · local\n/);
    assert.match(result.stdout, /✔ streams +first token after \d+ ms, \d/);
    assert.match(result.stdout, /✔ keeps to a JSON schema/);
    assert.match(result.stdout, /9 levels passed .* 14 requests.*32k context, loaded with 4k/);
    const last = await place.run(['test', '--last', 'lab/lab-model']);
    assert.equal(last.code, 0);
    assert.match(last.stdout, /tested just now/);
    const json = await place.run(['test', '--last', '--json']);
    const { reports } = JSON.parse(json.stdout) as { reports: { model: string; outcome: string; levels: unknown[] }[] };
    assert.deepEqual(reports.map(({ model, outcome, levels }) => [model, outcome, levels.length]), [['lab-model', 'passed', 9]]);
    assert.equal((await place.run(['test', '--last', 'lab/other'])).stdout, 'This was not tested yet\n');
  });

  it('compares models side by side, with the reasons below, and ends with 1 when one fails', async () => {
    await using good = await startProvingServer('openai-chat');
    await using bad = await startProvingServer('anthropic-messages', { model: 'wraps JSON in Markdown' });
    using place = createPlace({ 'operator.toml': tomlOf('good', good) + tomlOf('bad', bad, 'auth = "none"') });
    const result = await place.run(['test', 'good/lab-model', 'bad/lab-model']);
    assert.equal(result.code, 1, result.stderr);
    assert.match(result.stdout, /^ +good\/lab-model +bad\/lab-model\n/);
    assert.match(result.stdout, /^keeps to a JSON schema +pass +fail$/m);
    assert.match(result.stdout, /✖ keeps to a JSON schema +fail\n +The model wraps its JSON in Markdown\n +expected: JSON with name, born, field, alive/);
  });

  it('tests every chat model of a server', async () => {
    await using server = await startProvingServer('openai-chat');
    using place = createPlace({ 'operator.toml': tomlOf('lab', server) });
    const result = await place.run(['test', '--all-models', '--model-server', 'lab', '--level', 'streams', '--json']);
    assert.equal(result.code, 0, result.stderr);
    const { reports } = JSON.parse(result.stdout) as { reports: { model: string; levels: { level: string }[] }[] };
    assert.deepEqual(reports.map(({ model, levels }) => [model, levels.map(({ level }) => level)]), [['lab-model', ['reachable', 'answers', 'streams']]]);
  });

  it("sends nothing to somebody else's server unless that is agreed to", async () => {
    await using server = await startProvingServer('openai-chat');
    using place = createPlace({ 'operator.toml': tomlOf('far', server, 'placement = "third-party"') });
    const refused = await place.run(['test', 'far/lab-model']);
    assert.equal(refused.code, 4);
    assert.equal(refused.stdout, '');
    assert.match(refused.stderr, /at most 26 requests to far \(third-party\): about .* tokens in, at most .* out, which may be charged\nNothing was sent: add --allow-paid to agree/);
    assert.equal(server.asked.length, 0);
    const agreed = await place.run(['test', 'far/lab-model', '--allow-paid', '--level', 'answers']);
    assert.equal(agreed.code, 0, agreed.stderr);
    assert.equal(server.asked.length, 1);
  });

  it('ends at Ctrl+C with what it found until then', async function () {
    if (process.platform === 'win32') this.skip(); // there a signal ends a process at once
    await using server = await startProvingServer('openai-chat', { server: 'hangs' });
    using place = createPlace({ 'operator.toml': tomlOf('lab', server) });
    const started = await place.start(['test', 'lab/lab-model']);
    await until(() => server.asked.length > 0, () => started.output.stdout + started.output.stderr);
    started.child.kill('SIGINT');
    const { code, stdout } = await started.result;
    assert.equal(code, 130);
    assert.match(stdout, /✔ reachable[\s\S]*answers +not reached: Cancelled[\s\S]*cancelled/);
  });

  it('says how it is called when it is called wrongly', async () => {
    using place = createPlace({ 'operator.toml': '[[model_servers]]\nname = "lab"\nkind = "ollama"\n' });
    const cases: readonly (readonly [args: readonly string[], code: number, says: RegExp])[] = [
      [[], 2, /test needs a delegator, or --model and --model-server/],
      [['--model', 'x'], 2, /--model needs --model-server/],
      [['--model-server', 'lab'], 2, /needs --model, or --all-models/],
      [['--all-models'], 2, /--all-models needs --model-server/],
      [['lab/x', '--level', 'answer'], 2, /Did you mean answers\?/],
      [['nobody'], 4, /There is no delegator named "nobody"/],
      [['--model', 'x', '--model-server', 'labs'], 4, /Did you mean lab\?/],
      [['--model', 'claude-opus-4-5', '--model-server', 'anthropic-api'], 4, /Set the environment variable ANTHROPIC_API_KEY/],
    ];
    for (const [args, code, says] of cases) {
      const result = await place.run(['test', ...args], { env: { ANTHROPIC_API_KEY: undefined } });
      assert.equal(result.code, code, `${args.join(' ')}: ${result.stderr}`);
      assert.match(result.stderr, says);
    }
  });
});

describe('operator test with the demo server', () => {
  it('passes every level with the models that follow rules, and shows how the poet does not', async () => {
    await using demo = await startDemoServer({ wordDelayMs: 1 });
    using place = createPlace({ 'operator.toml': `[[model_servers]]\nname = "demo"\nkind = "ollama"\nbase_url = "${demo.url}"\n\n[[model_servers]]\nname = "demo-openai"\nkind = "openai-compat"\nbase_url = "${demo.url}"\nprotocols = ["openai-chat"]\n` });
    const { code, stdout, stderr } = await place.run(['test', 'demo/demo-echo', 'demo/demo-thinker', 'demo/demo-poet', 'demo-openai/demo-echo']);
    assert.equal(code, 1, stderr);
    const row = (title: string): readonly string[] => (stdout.split('\n').find((line) => line.startsWith(title)) ?? '').slice(title.length).trim().split(/ {2,}/);
    assert.deepEqual(row('answers'), ['pass', 'pass', 'pass', 'pass']);
    assert.deepEqual(row('calls a tool'), ['pass', 'pass', 'fail', 'pass'], stdout);
    assert.deepEqual(row('keeps up a conversation'), ['pass', 'pass', 'not reached', 'pass'], stdout);
    assert.deepEqual(row('sees an image'), ['pass', 'pass', 'skipped', 'skipped'], stdout);
    assert.deepEqual(row('keeps to a JSON schema'), ['pass', 'pass', 'fail', 'pass'], stdout);
  });
});
