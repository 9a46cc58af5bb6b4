import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGatewayClient } from '../../../src/app/gateway/client.ts';
import type { GatewayLock, GatewaySession } from '../../../src/core/gateway/model.ts';
import { createHttp } from '../../../src/platform/http.ts';
import { createPlace, type Place, type Started, until } from '../../support/cli.ts';
import { isAlive, kill, untilDead } from '../../support/gateway-process.ts';
import { type ScriptedServer, startServer } from '../../support/scripted-server.ts';
import { openai } from '../../support/scripted-server-kinds.ts';

const key = 'sk-canary-a1b2c3d4e5f60718';

/**
 * An agent that only speaks Anthropic's Messages. Whenever a file `ask-N` comes it asks its server, tries again as real agents
 * do while nobody is there, and writes the answer to `answer-N`; a file `end` ends it with the code in it.
 */
const agent = `#!${process.execPath}
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
const folder = process.env.AGENT_FOLDER;
const write = (name, text) => { writeFileSync(folder + '/.' + name, text); renameSync(folder + '/.' + name, folder + '/' + name); };
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
write('started', JSON.stringify({ pid: process.pid, argv: process.argv, env: process.env }));
async function ask() {
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await fetch(process.env.AGENT_URL + '/v1/messages', { method: 'POST', headers: { 'x-api-key': process.env.AGENT_KEY, 'content-type': 'application/json' }, body: JSON.stringify({ model: 'qwen', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] }) });
      return { status: response.status, text: await response.text(), attempt };
    } catch (error) {
      if (attempt > 400) return { status: 0, text: String(error.cause ?? error), attempt };
      await pause(50);
    }
  }
}
for (let next = 1; ; ) {
  if (existsSync(folder + '/ask-' + next)) write('answer-' + next, JSON.stringify(await ask(next++)));
  else if (existsSync(folder + '/end') && readFileSync(folder + '/end', 'utf8') !== '') process.exit(Number(readFileSync(folder + '/end', 'utf8')));
  else await pause(10);
}
`;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly attempt: number;
}

if (process.platform !== 'win32') {
  describe('operator launch through the gateway', function () {
    this.timeout(90_000);
    let place: Place;
    let lab: ScriptedServer;
    const http = createHttp();
    const running: number[] = [];
    beforeEach(async () => {
      lab = await startServer(openai({ key, models: ['qwen'], answer: 'hello from the lab' }));
      place = createPlace({
        'operator.toml': `[[model_servers]]\nname = "lab"\nkind = "openai-compat"\nbase_url = "${lab.url}"\napi_key = "env:LAB_KEY"\n\n[[llm_tools.custom]]\nname = "messenger"\ncommand = "messenger"\nprotocol = "anthropic-messages"\nenv = { AGENT_URL = "{base_url}", AGENT_KEY = "{api_key}" }\n\n[[delegators]]\nname = "mine"\nllm_tool = "messenger"\nmodel = "qwen"\nmodel_server = "lab"\n`,
      });
      chmodSync(place.write(join(place.bin, 'messenger'), agent), 0o755);
    });
    afterEach(async () => {
      for (const pid of running.splice(0)) kill(pid, 'SIGKILL');
      place[Symbol.dispose]();
      await lab.close();
    });
    after(() => http.dispose());

    const file = (name: string): string => join(place.home, name);
    const lockFile = (): string => join(place.operatorHome, 'state', 'gateway.json');
    const lock = (): GatewayLock => JSON.parse(readFileSync(lockFile(), 'utf8')) as GatewayLock;
    const sessions = async (): Promise<readonly GatewaySession[]> => {
      const { port, adminToken } = lock();
      return (await createGatewayClient(http, { address: `http://127.0.0.1:${port}`, adminToken }).status())?.sessions ?? [];
    };
    const untilSessions = async (ids: number, timeoutMs = 15_000): Promise<void> => {
      const end = performance.now() + timeoutMs;
      while ((await sessions()).length !== ids) {
        assert.ok(performance.now() < end, `waited in vain for ${ids} sessions`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };

    interface Launched extends Started {
      readonly agent: { readonly pid: number; readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> };
    }

    async function launch(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Launched> {
      const started = await place.start(['launch', '--delegator', 'mine', ...args], { env: { LAB_KEY: key, AGENT_FOLDER: place.home, ...env } });
      await until(() => existsSync(file('started')) || started.child.exitCode !== null, () => JSON.stringify(started.output), 20_000);
      if (!existsSync(file('started'))) assert.fail(JSON.stringify(started.output));
      const agent = JSON.parse(readFileSync(file('started'), 'utf8')) as Launched['agent'];
      running.push(agent.pid);
      return { ...started, agent };
    }

    async function ask(number: number, timeoutMs = 30_000): Promise<Answer> {
      place.write(file(`ask-${number}`), '');
      await until(() => existsSync(file(`answer-${number}`)), () => `answer ${number}`, timeoutMs);
      return JSON.parse(readFileSync(file(`answer-${number}`), 'utf8')) as Answer;
    }

    const asked = (): readonly (string | undefined)[] => lab.to('/v1/chat/completions').map(({ headers }) => headers['authorization']);

    it('gives the agent a token and the server its key, and each nothing of the other', async () => {
      const { agent, result, pid } = await launch();
      const token = agent.env['AGENT_KEY'] ?? '';
      assert.match(agent.env['AGENT_URL'] ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
      assert.ok(token.length > 20 && token !== key);
      assert.equal(Number(new URL(agent.env['AGENT_URL'] ?? '').port), lock().port);
      const answer = await ask(1);
      assert.deepEqual([answer.status, /"type":"message".*hello from the lab/.test(answer.text)], [200, true]);
      assert.deepEqual(asked(), [`Bearer ${key}`]);
      assert.ok(!JSON.stringify(lab.requests).includes(token));
      for (const name of Object.keys(agent.env).filter((name) => name !== 'LAB_KEY')) assert.ok(!agent.env[name]?.includes(key), name);
      if (process.platform === 'linux') {
        const of = (process: number, what: string): string => readFileSync(`/proc/${process}/${what}`, 'utf8');
        const { pid: gateway } = lock();
        for (const text of [of(gateway, 'environ'), ...[gateway, agent.pid, pid].map((each) => of(each, 'cmdline'))]) assert.ok(!text.includes(key) && !text.includes(token));
      }
      const [session] = await sessions();
      assert.deepEqual([session?.delegator, session?.llmTool, session?.model, session?.modelServer, session?.usage.requests], ['mine', 'messenger', 'qwen', 'lab', 1]);
      const state = join(place.operatorHome, 'state');
      for (const name of readdirSync(state).filter((name) => name.startsWith('gateway'))) for (const secret of [key, token]) assert.ok(!readFileSync(join(state, name), 'utf8').includes(secret), name);

      place.write(file('end'), '7');
      const { code, stdout, stderr } = await result;
      assert.deepEqual([code, stdout], [7, '']);
      assert.match(stderr, /^note: Goes through Operator’s gateway, .*\n$/);
      await untilSessions(0);
      const late = await fetch(`${agent.env['AGENT_URL']}/v1/models`, { headers: { 'x-api-key': token } });
      assert.equal(late.status, 401, 'its token is worth nothing any more');
    });

    it('goes to the gateway directly, whatever proxy the environment names', async () => {
      const proxy = 'http://127.0.0.1:9';
      const { result } = await launch([], { HTTP_PROXY: proxy, http_proxy: proxy, HTTPS_PROXY: proxy, https_proxy: proxy, ALL_PROXY: proxy });
      assert.equal((await ask(1)).status, 200);
      place.write(file('end'), '0');
      assert.equal((await result).code, 0);
    });

    it('shares one gateway among launches', async () => {
      const first = await launch();
      const { pid } = lock();
      const second = await place.start(['launch', '--delegator', 'mine'], { env: { LAB_KEY: key, AGENT_FOLDER: place.bin } });
      await until(() => existsSync(join(place.bin, 'started')), () => JSON.stringify(second.output));
      assert.deepEqual([lock().pid, (await sessions()).length], [pid, 2]);
      place.write(file('end'), '0');
      await first.result;
      await untilSessions(1);
      place.write(join(place.bin, 'end'), '0');
      await second.result;
      await untilSessions(0);
    });

    it('ends the session of an agent whose launcher was killed, when the agent ends', async () => {
      const { pid, agent } = await launch();
      assert.equal((await ask(1)).status, 200);
      kill(pid, 'SIGKILL');
      await untilDead(pid);
      assert.ok(isAlive(agent.pid));
      assert.equal((await ask(2)).status, 200, 'the agent goes on alone');
      place.write(file('end'), '0');
      await untilDead(agent.pid);
      await untilSessions(0);
    });

    it('passes a signal on and ends the session', async () => {
      const { child, result } = await launch();
      child.kill('SIGTERM');
      assert.equal((await result).signal, 'SIGTERM');
      await untilSessions(0);
    });

    it('starts a gateway that was killed again, for the same agents, and hands it the key', async () => {
      const { agent, result, output } = await launch();
      assert.equal((await ask(1)).status, 200);
      for (const round of [2, 3]) {
        const { pid, port } = lock();
        kill(pid, 'SIGKILL');
        const answer = await ask(round);
        assert.deepEqual([answer.status, /hello from the lab/.test(answer.text)], [200, true], answer.text);
        assert.equal(lock().port, port);
        assert.notEqual(lock().pid, pid);
      }
      assert.deepEqual(asked(), [1, 2, 3].map(() => `Bearer ${key}`));
      const [session] = await sessions();
      assert.deepEqual([session?.delegator, session?.waiting], ['mine', false]);
      assert.deepEqual([output.stdout, output.stderr.split('\n').length], ['', 2], 'the terminal is the agent’s');
      place.write(file('end'), '0');
      await result;
      await untilSessions(0);
      assert.ok(!isAlive(agent.pid));
    });

    it('makes its session again at a gateway that lost it', async () => {
      const { result } = await launch();
      const sessionsFile = join(place.operatorHome, 'state', 'gateway-sessions.json');
      const { pid, port } = lock();
      kill(pid, 'SIGKILL');
      await untilDead(pid);
      // Whoever wins, the starter that the launcher sends or this: the file says nothing of the session.
      place.write(sessionsFile, JSON.stringify({ port, sessions: [] }));
      await until(() => existsSync(lockFile()) && lock().pid !== pid, () => 'another gateway');
      await untilSessions(1);
      assert.equal((await ask(1)).status, 200);
      place.write(file('end'), '0');
      await result;
    });

    it('keeps agents through a restart that somebody asks for', async () => {
      const { result } = await launch();
      const { pid } = lock();
      const restarted = await place.run(['gateway', 'restart']);
      assert.match(restarted.stdout, /1 session kept/);
      assert.notEqual(lock().pid, pid);
      assert.equal((await ask(1)).status, 200);
      place.write(file('end'), '0');
      assert.equal((await result).code, 0);
    });

    it('leaves a gateway stopped that somebody stopped, and tells the agent', async () => {
      const { result } = await launch();
      await place.run(['gateway', 'stop', '--yes']);
      assert.equal((await place.run(['gateway', 'status'])).stdout, 'Gateway  not running; a launch that needs it starts it\n');
      place.write(file('end'), '3');
      assert.equal((await result).code, 3);
    });

    it('is refused without the key, with no session and no agent', async () => {
      const { code, stderr } = await place.run(['launch', '--delegator', 'mine'], { env: { AGENT_FOLDER: place.home } });
      assert.equal(code, 4);
      assert.match(stderr, /error: The key of lab is not set \(env:LAB_KEY\)/);
      assert.ok(!existsSync(file('started')));
    });

    it('says in --dry-run that it goes through the gateway, and starts none', async () => {
      const { stdout } = await place.run(['launch', '--delegator', 'mine', '--dry-run', '--json'], { env: { LAB_KEY: key } });
      assert.equal((JSON.parse(stdout) as { route: string }).route, 'gateway');
      assert.ok(!existsSync(join(place.operatorHome, 'state', 'gateway.json')));
      assert.ok(!stdout.includes(key));
    });
  });
}
