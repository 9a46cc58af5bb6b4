import assert from 'node:assert/strict';
import { createPlace, type Place } from '../../support/cli.ts';

describe('operator called wrongly', function () {
  this.timeout(60_000);
  let place: Place;
  before(() => {
    place = createPlace({ 'operator.toml': '[[delegators]]\nname = "local"\nllm_tool = "claude"\nmodel = "opus"\n' });
  });
  after(() => place[Symbol.dispose]());

  const mistakes: readonly { readonly args: readonly string[]; readonly says: RegExp }[] = [
    { args: ['stauts'], says: /^error: unknown command 'stauts'\n {2}→ Did you mean status\?\n$/ },
    { args: ['status', '--prob'], says: /^error: unknown option '--prob'\n {2}→ Did you mean --probe\?\n$/ },
    { args: ['status', 'extra'], says: /^error: too many arguments/ },
    { args: ['--config'], says: /^error: option '--config <path>' argument missing/ },
    { args: ['launch'], says: /^error: launch needs --delegator, or --llm-tool and --model\n {2}→ 'operator delegators'/ },
    { args: ['launch', 'local'], says: /^error: unexpected argument 'local'\n {2}→ Name a delegator with --delegator/ },
    { args: ['launch', '--delegator', 'local', 'x', '--', '--flag'], says: /^error: unexpected argument 'x'/ },
    { args: ['launch', '--delegator', 'local', '--llm-tool', 'claude', '--model', 'opus'], says: /^error: --delegator cannot be combined with --llm-tool, --model\n/ },
    { args: ['launch', '--delegator', 'local', '--model-server', 's'], says: /^error: --delegator cannot be combined with --model-server\n/ },
    { args: ['launch', '--model', 'opus'], says: /^error: --model needs --llm-tool\n/ },
    { args: ['launch', '--delegator', 'local', '--json'], says: /^error: --json shows the plan of --dry-run\n/ },
    { args: ['launch', '--delegator', 'local', '--print'], says: /^error: --print needs a prompt\n/ },
    { args: ['chat'], says: /^error: chat needs --delegator, or --model-server and --model\n/ },
    { args: ['chat', '--delegator', 'local', '--model', 'm'], says: /^error: --delegator cannot be combined with --model\n/ },
    { args: ['chat', '--base-url', 'http://127.0.0.1:1', '--delegator', 'local'], says: /^error: --base-url cannot be combined/ },
    { args: ['chat', '--base-url', 'ftp://x', '--model', 'm', '--prompt', 'x'], says: /^error: --base-url must start with http/ },
    { args: ['chat', '--base-url', 'http://127.0.0.1:1', '--model', 'm', '--prompt', 'x', '--protocol', 'gemini'], says: /^error: --protocol must be ollama, openai-chat or anthropic-messages\n/ },
    { args: ['chat', '--base-url', 'http://127.0.0.1:1', '--model', 'm', '--print'], says: /^error: there is nothing to ask\n/ },
    { args: ['config'], says: /^error: config needs one of its commands\n/ },
    { args: ['gateway'], says: /^error: gateway needs one of its commands\n {2}→ Write 'operator gateway status'/ },
    { args: ['gateway', 'strat'], says: /^error: unknown command 'strat'\n {2}→ Did you mean start\?\n$/ },
    { args: ['gateway', 'logs', '--lines', 'many'], says: /^error: --lines takes a number, not "many"\n/ },
    { args: ['serve', '--port', '70000'], says: /^error: --port takes a number up to 65535\n/ },
    { args: ['serve', '--port', '-1'], says: /^error: --port takes a number up to 65535\n/ },
    { args: ['serve', '--token', 'short'], says: /^error: --token must have 8 to 512 characters/ },
    { args: ['secret'], says: /^error: secret needs one of its commands\n/ },
    { args: ['secret', 'sk-typed'], says: /^error: secret has no such command\n {2}→ Write 'operator secret set NAME'/ },
    { args: ['secret', 'set', 'name', 'value'], says: /^error: too many arguments/ },
    { args: ['secret', 'set', 'a b'], says: /^error: "a b" cannot be the name of a key\n/ },
    { args: ['completion', 'tcsh'], says: /^error: There is no completion for "tcsh"\n {2}→ Name bash, zsh or fish\n$/ },
  ];
  for (const { args, says } of mistakes) {
    it(`says what is wrong and ends with 2: operator ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await place.run(args);
      assert.match(stderr, says);
      assert.deepEqual([code, stdout], [2, '']);
    });
  }

  it('never repeats a key that was passed by mistake', async () => {
    for (const args of [['secret', 'set', 'name', 'sk-typed-by-mistake-1'], ['secret', 'set', 'name', '--value=sk-typed-by-mistake-1'], ['chat', '--api-key=sk-typed-by-mistake-1'], ['serve', '--token', 'sk-typed by-mistake-1']]) {
      const { code, stderr } = await place.run(args);
      assert.equal(code, 2);
      assert.ok(!stderr.includes('by-mistake'), stderr);
    }
  });

  it('shows its help when it is called without a command', async () => {
    const { code, stdout, stderr } = await place.run([]);
    assert.match(stderr, /^Usage: operator \[options\] \[command\]\n/);
    assert.deepEqual([code, stdout], [2, '']);
  });
});

describe('help and version', function () {
  this.timeout(60_000);
  let place: Place;
  before(() => {
    place = createPlace();
  });
  after(() => place[Symbol.dispose]());

  it('go to standard output and end with 0', async () => {
    const version = await place.run(['--version']);
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
    const help = await place.run(['--help']);
    assert.match(help.stdout, /Commands:[\s\S]*launch[\s\S]*Examples:\n {2}operator status --probe/);
    const ofLaunch = await place.run(['launch', '--help']);
    assert.match(ofLaunch.stdout, /--delegator <name>[\s\S]*Examples:/);
    assert.equal((await place.run(['help', 'launch'])).stdout, ofLaunch.stdout);
    for (const { code, stderr } of [version, help, ofLaunch]) assert.deepEqual([code, stderr], [0, '']);
  });

  it('do not show what is internal', async () => {
    assert.ok(!(await place.run(['--help'])).stdout.includes('__complete'));
    assert.ok(!(await place.run(['chat', '--help'])).stdout.includes('--base-url'));
  });

  it('say which Node is needed where an older one runs it', async () => {
    const older = place.write('older.mjs', "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.1' } });\n");
    const { code, stdout, stderr } = await place.run(['status'], { env: { NODE_OPTIONS: `--import ${older}` } });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^operator needs Node 22\.19 or later; this is 20\.11\.1 \(.+\)\n$/);
  });
});
