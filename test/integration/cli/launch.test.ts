import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPlace, type Place, type RunOptions, until } from '../../support/cli.ts';

const key = 'sk-canary-5d1f00c0ffee';

/** What test/fixtures/bin/fake-agent.mjs writes down. */
interface Recorded {
  readonly pid: number;
  readonly ppid: number;
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly files: Readonly<Record<string, string>>;
  readonly cmdline: readonly string[];
  readonly parent: readonly string[];
}

const toml = `[[model_servers]]
name = "lab"
kind = "vllm"
base_url = "http://127.0.0.1:9"
api_key = "env:LAB_KEY"
auth = "bearer"

[[llm_tools.custom]]
name = "mytool"
command = "mytool"
protocol = "openai-chat"
args = ["--model", "{model}"]
env = { OPENAI_BASE_URL = "{base_url}/v1", OPENAI_API_KEY = "{api_key}" }

[[delegators]]
name = "mine"
llm_tool = "mytool"
model = "qwen"
model_server = "lab"
[delegators.launch_config]
flags = ["--from-config"]
env = { EXTRA = "yes" }
cwd = "packages"

[[delegators]]
name = "claude-lab"
llm_tool = "claude"
model = "qwen"
model_server = "lab"

[[delegators]]
name = "lost"
llm_tool = "mytool"
model = "qwen"
model_server = "nowhere"

[[delegators]]
name = "absent"
llm_tool = "codex"
model = "gpt"
`;

// The fake agent is a script, which Windows does not start.
if (process.platform !== 'win32') {
  describe('operator launch', function () {
    this.timeout(60_000);
    let place: Place;
    beforeEach(() => {
      place = createPlace({ 'operator.toml': toml, 'packages/.keep': '' });
      place.installAgent('mytool');
      place.installAgent('claude');
    });
    afterEach(() => place[Symbol.dispose]());

    const record = (): string => join(place.home, 'record.json');
    const recorded = (): Recorded => JSON.parse(readFileSync(record(), 'utf8')) as Recorded;
    const agent = (plan: Readonly<Record<string, unknown>> = {}): RunOptions => ({ env: { LAB_KEY: key, FAKE_AGENT: JSON.stringify({ record: record(), ...plan }) } });
    /** A custom tool that is a shell script. */
    const installScript = (name: string, text: string): void => {
      chmodSync(place.write(join(place.bin, name), text), 0o755);
      place.write('operator.toml', `${toml}\n[[llm_tools.custom]]\nname = "${name}"\ncommand = "${name}"\nprotocol = "openai-chat"\n`);
    };
    const sessions = (): string[] => (existsSync(join(place.operatorHome, 'state', 'sessions')) ? readdirSync(join(place.operatorHome, 'state', 'sessions')) : []);

    it('starts exactly what the plan says, in the place of itself', async () => {
      const planned = await place.run(['launch', '--delegator', 'mine', '--dry-run', '--json', '--', '--more', 'two words'], agent());
      const plan = JSON.parse(planned.stdout) as { argv: string[]; env: Record<string, string>; cwd: string };
      const { pid, result } = await place.start(['launch', '--delegator', 'mine', '--', '--more', 'two words'], agent({ stdout: 'hello\n' }));
      assert.deepEqual(await result, { code: 0, signal: null, stdout: 'hello\n', stderr: '' });
      const ran = recorded();
      assert.equal(ran.pid, pid, 'another process stands in between');
      assert.deepEqual(ran.args, ['--model', 'qwen', '--from-config', '--more', 'two words']);
      assert.deepEqual([join(place.bin, 'mytool'), ...ran.args], plan.argv);
      assert.equal(ran.cwd, join(place.workspace, 'packages'));
      assert.equal(ran.cwd, plan.cwd);
      for (const [name, value] of Object.entries(plan.env)) if (!value.includes('‹')) assert.equal(ran.env[name], value, name);
      assert.deepEqual([ran.env['OPENAI_BASE_URL'], ran.env['OPENAI_API_KEY'], ran.env['EXTRA'], ran.env['HOME']], ['http://127.0.0.1:9/v1', key, 'yes', place.home]);
    });

    it('shows the plan as JSON with keys by reference, and starts nothing', async () => {
      const { code, stdout, stderr } = await place.run(['launch', '--delegator', 'mine', '--dry-run', '--json'], agent());
      assert.deepEqual([code, stderr], [0, '']);
      const plan = JSON.parse(stdout) as Record<string, unknown> & { env: Record<string, string> };
      assert.deepEqual(Object.keys(plan).slice(0, 5), ['delegator', 'llm_tool', 'model', 'model_server', 'route']);
      assert.deepEqual([plan['delegator'], plan['llm_tool'], plan['model'], plan['model_server'], plan['route'], plan['protocol'], plan['unset']], ['mine', 'mytool', 'qwen', 'lab', 'direct', 'openai-chat', []]);
      assert.match(plan.env['OPENAI_API_KEY'] ?? '', /env:LAB_KEY/);
      assert.ok(!stdout.includes(key));
      assert.ok(!existsSync(record()));
    });

    it('shows the plan for people', async () => {
      const { stdout } = await place.run(['launch', '--delegator', 'mine', '--dry-run'], agent());
      assert.match(stdout, /^delegator {5}mine\nLLM tool {6}mytool\nmodel {9}qwen\nmodel server {2}lab\nroute {9}direct, openai-chat at http:\/\/127\.0\.0\.1:9\n/);
      assert.match(stdout, /\nCommand\n {2}\S+\/mytool \\\n {4}--model qwen \\\n {4}--from-config\n/);
      assert.match(stdout, /\nEnvironment\n[\s\S]*EXTRA=yes/);
      assert.ok(!stdout.includes(key));
    });

    it('never has a key in an argument, of its own process or of the agent', async () => {
      await place.run(['launch', '--delegator', 'mine'], agent());
      assert.ok(recorded().env['OPENAI_API_KEY'] === key);
      await place.run(['launch', '--delegator', 'claude-lab', '--prompt', 'hi'], agent());
      const { cmdline, parent, args } = recorded();
      assert.ok(process.platform !== 'linux' || (cmdline.length > 1 && parent.length > 1));
      assert.ok(![...cmdline, ...parent, ...args].some((argument) => argument.includes(key)));
    });

    it('passes the exit code on', async () => {
      for (const exit of [0, 1, 2, 42]) assert.equal((await place.run(['launch', '--delegator', 'mine'], agent({ exit }))).code, exit);
    });

    it('leaves the agent its input, output and signals as a shell would', async () => {
      const { child, output, result } = await place.start(['launch', '--delegator', 'mine'], agent({ stdout: 'ready\n', waits: true }));
      await until(() => output.stdout === 'ready\n', () => JSON.stringify(output));
      child.kill('SIGTERM');
      const { code, signal } = await result;
      assert.deepEqual([code, signal], [null, 'SIGTERM']);
    });

    it('does not hand on that Node ignores SIGPIPE', async () => {
      installScript('shtool', '#!/bin/sh\ntrap "" PIPE; trap - PIPE; yes | head -n 1; kill -PIPE $$; echo survived\n');
      const { code, signal, stdout } = await place.run(['launch', '--llm-tool', 'shtool', '--model', 'm', '--model-server', 'lab'], agent());
      assert.deepEqual([code, signal, stdout], [null, 'SIGPIPE', 'y\n']);
    });

    it('starts a script without an interpreter line, as shells do', async () => {
      installScript('plain', 'echo "plain $1"\nexit 5\n');
      const { code, stdout } = await place.run(['launch', '--llm-tool', 'plain', '--model', 'm', '--model-server', 'lab', '--', 'x'], agent());
      assert.deepEqual([code, stdout], [5, 'plain x\n']);
    });

    describe('with private files to remove', () => {
      it('waits for the agent, removes the files and ends with its code', async () => {
        const { pid, result } = await place.start(['launch', '--delegator', 'claude-lab'], agent({ exit: 7 }));
        const { code } = await result;
        const { ppid, files } = recorded();
        assert.equal(code, 7);
        assert.equal(ppid, pid);
        assert.ok(Object.keys(files).some((file) => file.startsWith(join(place.operatorHome, 'state', 'sessions'))), 'the agent was given a private file');
        assert.deepEqual(sessions(), []);
      });

      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        it(`passes ${signal} on, and ends as the agent does`, async () => {
          const { child, output, result } = await place.start(['launch', '--delegator', 'claude-lab'], agent({ stdout: 'ready\n', waits: true }));
          await until(() => output.stdout === 'ready\n', () => JSON.stringify(output));
          assert.equal(sessions().length, 1);
          child.kill(signal);
          const ended = await result;
          assert.deepEqual([ended.code, ended.signal], [null, signal]);
          assert.deepEqual(sessions(), []);
        });
      }

      it('lives on when the agent handles the signal', async () => {
        const signals = join(place.home, 'signals');
        const goOn = join(place.home, 'go-on');
        const { child, output, result } = await place.start(['launch', '--delegator', 'claude-lab'], agent({ stdout: 'ready\n', waits: true, handles: ['SIGINT', 'SIGWINCH'], signals, goOn, exit: 3 }));
        await until(() => output.stdout === 'ready\n', () => JSON.stringify(output));
        child.kill('SIGINT');
        await until(() => existsSync(signals) && readFileSync(signals, 'utf8') === 'SIGINT\n', () => 'SIGINT');
        child.kill('SIGWINCH');
        await until(() => readFileSync(signals, 'utf8') === 'SIGINT\nSIGWINCH\n', () => readFileSync(signals, 'utf8'));
        place.write(goOn, '');
        assert.equal((await result).code, 3);
      });
    });

    it('takes a tool, a model and a server that no delegator names', async () => {
      assert.equal((await place.run(['launch', '--llm-tool', 'mytool', '--model', 'other', '--model-server', 'lab', '--cwd', '..'], { ...agent(), cwd: join(place.workspace, 'packages') })).code, 0);
      const { args, cwd } = recorded();
      assert.deepEqual([args, cwd], [['--model', 'other'], place.workspace]);
    });

    it('says what notes the plan has, on standard error', async () => {
      place.write('operator.toml', toml.replace('EXTRA = "yes"', 'OPENAI_BASE_URL = "http://127.0.0.1:10"'));
      const { code, stdout, stderr } = await place.run(['launch', '--delegator', 'mine'], agent({ stdout: 'answer' }));
      assert.deepEqual([code, stdout], [0, 'answer']);
      assert.match(stderr, /^note: .*OPENAI_BASE_URL.*\n$/);
    });

    describe('that cannot be', () => {
      const refusals: readonly { readonly args: readonly string[]; readonly says: RegExp; readonly code?: string }[] = [
        { args: ['--delegator', 'min'], says: /^error: .*"min"\n {2}→ Did you mean mine\?\n$/, code: 'unknown-delegator' },
        { args: ['--delegator', 'lost'], says: /^error: .*"nowhere"\n/, code: 'unknown-server' },
        { args: ['--delegator', 'absent'], says: /^error: codex is not on the PATH\n {2}→ Install it with: npm install -g @openai\/codex\n$/, code: 'tool-missing' },
        { args: ['--llm-tool', 'mytol', '--model', 'm', '--model-server', 'lab'], says: /^error: .*"mytol"\n {2}→ Did you mean mytool\?\n$/, code: 'unknown-tool' },
        { args: ['--llm-tool', 'mytool', '--model', 'm', '--model-server', 'lap'], says: /^error: .*"lap"\n {2}→ Did you mean lab\?\n$/, code: 'unknown-server' },
        { args: ['--llm-tool', 'chat', '--model', 'm', '--model-server', 'google-api'], says: /^error: google-api needs a key and GEMINI_API_KEY is not set\n/, code: 'credential' },
      ];
      for (const { args, says, code } of refusals) {
        it(`is refused with the reason and 4: ${args.join(' ')}`, async () => {
          const refused = await place.run(['launch', ...args], agent());
          assert.match(refused.stderr, says);
          assert.deepEqual([refused.code, refused.stdout], [4, '']);
          assert.ok(!existsSync(record()));
          const json = await place.run(['launch', ...args, '--dry-run', '--json'], agent());
          assert.deepEqual([json.code, (JSON.parse(json.stdout) as { refused: { code: string }[] }).refused[0]?.code], [4, code]);
        });
      }

      it('is refused for a key that is not set, with nothing left behind', async () => {
        const { code, stderr } = await place.run(['launch', '--delegator', 'claude-lab'], { env: { ...agent().env, LAB_KEY: undefined } });
        assert.equal(code, 4);
        assert.match(stderr, /error: .*env:LAB_KEY.*\n {2}→ Set the environment variable LAB_KEY\n$/);
        assert.deepEqual(sessions(), []);
        assert.ok(!existsSync(record()));
      });

      it('is refused for a folder that is not there', async () => {
        const { code, stderr } = await place.run(['launch', '--delegator', 'mine', '--cwd', 'nope'], agent());
        assert.equal(code, 4);
        assert.match(stderr, new RegExp(`^error: The folder ${join(place.workspace, 'nope')} does not exist\n`));
      });

      it('is refused with 3 while operator.toml cannot be read', async () => {
        place.write('operator.toml', `${toml}\nbroken`);
        place.write(join(place.operatorHome, 'operator.toml'), toml);
        const { code, stdout, stderr } = await place.run(['launch', '--delegator', 'mine'], agent());
        assert.deepEqual([code, stdout], [3, '']);
        assert.match(stderr, new RegExp(`^error: .*\n {2}at ${place.workspace}/operator\\.toml:\\d+:\\d+\n`));
        assert.ok(!existsSync(record()));
      });

      it('says so when the agent cannot be started', async () => {
        installScript('mytool2', '#!/nonexistent/interpreter\n');
        const { code, stderr } = await place.run(['launch', '--llm-tool', 'mytool2', '--model', 'm', '--model-server', 'lab'], agent());
        assert.equal(code, 4);
        assert.match(stderr, /^error: \S+mytool2 could not be started: .*ENOENT/);
      });
    });

    it('starts in a folder with a space, a quote and a newline in its name', async () => {
      const odd = join(place.workspace, `a b'c"\nd`);
      mkdirSync(odd);
      assert.equal((await place.run(['launch', '--delegator', 'mine', '--cwd', odd, '--prompt', `it's "quoted" $HOME \`x\`\n--flag`], agent())).code, 0);
      assert.equal(recorded().cwd, odd);
    });
  });
}
