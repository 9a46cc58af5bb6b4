import assert from 'node:assert/strict';
import { createOperator } from '../../../src/app/operator.ts';
import type { OperatorOptions } from '../../../src/app/options.ts';
import { OperatorError } from '../../../src/core/errors.ts';
import type { Operator } from '../../../src/core/operator.ts';
import { FileError, HttpFailure } from '../../../src/core/ports.ts';
import { type FakePorts, fakePorts, settle } from '../fakes.ts';

const file = '/w/operator.toml';
const userFile = '/home/user/.operator/operator.toml';

const ollama = `# my servers
[[model_servers]]
name = "ollama-local"
kind = "ollama"

[[delegators]]
name = "talk"
llm_tool = "chat"
model = "llama3.2"
model_server = "ollama-local"
`;

interface Started {
  readonly operator: Operator;
  readonly ports: FakePorts;
}

describe('operator', () => {
  const started: Operator[] = [];
  afterEach(() => {
    for (const operator of started.splice(0)) operator.dispose();
  });

  async function start(files: Readonly<Record<string, string>> = { [file]: ollama }, env: Readonly<Record<string, string>> = {}, options: Partial<OperatorOptions> = {}): Promise<Started> {
    const ports = fakePorts({ files, env });
    const operator = createOperator({ ports, roots: ['/w'], cwd: '/w', trusted: true, version: '0.1.0', operatorCommand: { argv: ['/bin/node', '/ext/cli.js'], env: {} }, watch: true, ...options });
    started.push(operator);
    await operator.reload();
    return { operator, ports };
  }

  /** An Ollama with one model; every other path is unknown. */
  function answerAsOllama(ports: FakePorts): void {
    ports.http.respond = ({ url }) => {
      const { pathname } = new URL(url);
      if (pathname === '/api/tags') return { body: JSON.stringify({ models: [{ name: 'llama3.2:latest', size: 2_000_000_000, details: { parameter_size: '3.2B' } }] }) };
      if (pathname === '/api/ps') return { body: '{"models":[]}' };
      if (pathname === '/api/version') return { body: '{"version":"0.33.0"}' };
      return { status: 404, body: '404 page not found' };
    };
  }

  const states = (operator: Operator): Record<string, string> => Object.fromEntries(operator.snapshot.servers.map(({ server, health }) => [server.name, health.state]));

  describe('servers that a prefix implies', () => {
    const onPrefix = '[[delegators]]\nname = "talk"\nllm_tool = "chat"\nmodel = "ollama/llama3.2"\n';
    const implied = (operator: Operator): readonly (readonly [string, string])[] => operator.snapshot.servers.flatMap(({ id, server, health }) => (server.origin.layer === 'builtin' && server.origin.impliedBy ? [[id, health.state] as const] : []));

    it('are there as soon as a delegator names one, and are probed and told like declared ones', async () => {
      const { operator, ports } = await start({ [file]: onPrefix }, { OLLAMA_BASE_URL: 'http://10.0.0.7:11434/v1', OLLAMA_API_KEY: 'sk-canary-7', VLLM_API_KEY: 'sk-of-vllm' });
      answerAsOllama(ports);
      assert.deepEqual(implied(operator), [['builtin:ollama', 'unknown']]);
      await operator.probe();
      assert.deepEqual(implied(operator), [['builtin:ollama', 'healthy']]);
      const asked = ports.http.requests.filter(({ url }) => url.startsWith('http://10.0.0.7:11434/'));
      assert.ok(asked.length > 0 && asked.every(({ headers }) => headers?.['authorization'] === 'Bearer sk-canary-7'), JSON.stringify(asked));
      assert.ok(!JSON.stringify(ports.http.requests).includes('sk-of-vllm'));
      const resolved = operator.resolve({ type: 'delegator', delegator: 'talk' });
      assert.ok(resolved.ok);
      assert.deepEqual([resolved.value.model, resolved.value.server.baseUrl], ['llama3.2', 'http://10.0.0.7:11434']);
    });

    it('are there as soon as a launch names one, and stay when the file changes', async () => {
      const { operator, ports } = await start({ [file]: '' });
      const target = { type: 'ad-hoc', llmTool: 'chat', model: 'vllm/m' } as const;
      assert.ok(operator.resolve(target).ok);
      assert.deepEqual(implied(operator), [], 'to ask what it would mean names nothing yet');
      await operator.learn(target);
      assert.deepEqual(implied(operator), [['builtin:vllm', 'unknown']]);
      ports.files.change(file, ollama);
      await operator.reload();
      assert.deepEqual(implied(operator), [['builtin:vllm', 'unknown']]);
      const plan = operator.plan({ type: 'ad-hoc', llmTool: 'chat', model: 'lm_studio/m' });
      assert.ok(plan.ok);
      await operator.prepare(plan.value);
      assert.deepEqual(implied(operator).map(([id]) => id).sort(), ['builtin:lm_studio', 'builtin:vllm']);
    });

    it('give way to an entry that is what the prefix means', async () => {
      const { operator, ports } = await start({ [file]: onPrefix });
      assert.equal(implied(operator).length, 1);
      await operator.learn({ type: 'ad-hoc', llmTool: 'chat', model: 'ollama/other' });
      ports.files.change(file, `[[model_servers]]\nname = "ollama-local"\nkind = "ollama"\n\n${onPrefix}`);
      await operator.reload();
      assert.deepEqual(implied(operator), []);
      const resolved = operator.resolve({ type: 'delegator', delegator: 'talk' });
      assert.ok(resolved.ok);
      assert.equal(resolved.value.server.name, 'ollama-local');
    });

    it('are not asked anything in a workspace that nobody trusts', async () => {
      const { operator, ports } = await start({ [file]: onPrefix }, { OLLAMA_API_KEY: 'sk-canary-7' }, { trusted: false });
      await operator.probe();
      assert.deepEqual(ports.http.requests.filter(({ url }) => url.includes('11434')), []);
      assert.equal(operator.snapshot.servers.find(({ id }) => id === 'builtin:ollama')?.health.cause, 'not-trusted');
    });

    it('have no entry that could be changed, and say what would have one', async () => {
      const { operator } = await start({ [file]: onPrefix });
      await assert.rejects(operator.edit({ type: 'set', table: 'model_servers', name: 'ollama', values: { request_timeout: 5 } }), (error) => {
        assert.ok(error instanceof OperatorError);
        assert.deepEqual([error.code, error.message, error.hint], ['refused', 'ollama is implied by ollama/ and has no entry that could be changed', 'Declare it: what is called ollama in [[model_servers]] is what ollama/ means']);
        return true;
      });
    });
  });

  it('shows the entries of both layers and the builtins', async () => {
    const { operator } = await start({ [file]: ollama, [userFile]: '[[model_servers]]\nname = "cluster"\nkind = "vllm"\nbase_url = "http://10.0.0.7:8000/v1/"\n' });
    assert.deepEqual(
      operator.snapshot.servers.map(({ server }) => [server.name, server.origin.layer, server.placement]),
      [
        ['ollama-local', 'workspace', 'local'],
        ['cluster', 'user', 'self-hosted'],
        ['anthropic-api', 'builtin', 'third-party'],
        ['openai-api', 'builtin', 'third-party'],
        ['google-api', 'builtin', 'third-party'],
      ],
    );
    assert.equal(operator.findServer('cluster')?.server.baseUrl, 'http://10.0.0.7:8000');
  });

  it('keeps the last good configuration while the file does not parse', async () => {
    const { operator, ports } = await start();
    ports.files.change(file, `${ollama}\n[[model_servers\n`);
    await settle();
    await operator.reload();
    assert.equal(operator.findServer('ollama-local')?.server.kind, 'ollama');
    assert.deepEqual(operator.snapshot.configuration.layers.map(({ state }) => state.type), ['broken', 'absent']);
    assert.equal(operator.snapshot.configuration.problems[0]?.code, 'syntax');
  });

  it('never contacts or launches a broken entry, also while only its last good file is in force', async () => {
    const broken = ollama.replace('kind = "ollama"', 'kind = "olama"\nbase_url = "http://127.0.0.1:1"');
    const { operator, ports } = await start({ [file]: broken });
    const check = async (): Promise<void> => {
      await operator.probe();
      assert.deepEqual(ports.http.requests.filter(({ url }) => url.includes('127.0.0.1:1/')), []);
      assert.equal(operator.findServer('ollama-local')?.health.state, 'misconfigured');
      const plan = operator.plan({ type: 'delegator', delegator: 'talk' });
      assert.deepEqual(plan.ok ? [] : plan.error.map(({ code }) => code), ['config']);
    };
    await check();
    ports.files.change(file, `${broken}\n[[model_servers\n`);
    await operator.reload();
    assert.deepEqual(operator.snapshot.configuration.problems.map(({ code }) => code), ['syntax']);
    await check();
  });

  it('announces a change of the file on its own', async () => {
    const { operator, ports } = await start();
    await ports.clock.advance(100);
    const changed: string[] = [];
    operator.onDidChange((parts) => changed.push(...parts));
    ports.files.change(file, ollama.replaceAll('ollama-local', 'renamed'));
    await ports.clock.advance(100);
    assert.ok(changed.includes('configuration'));
    assert.ok(operator.findServer('renamed'));
  });

  it('fills in the health of a server and what its delegators need', async () => {
    const { operator, ports } = await start();
    answerAsOllama(ports);
    await operator.probe();
    const status = operator.findServer('ollama-local');
    assert.equal(status?.health.state, 'healthy');
    assert.deepEqual(status.health.models.map(({ id }) => id), ['llama3.2:latest']);
    assert.equal(status.health.version, '0.33.0');
  });

  it('asks a server once although two probes are wanted at the same time', async () => {
    const { operator, ports } = await start();
    answerAsOllama(ports);
    await Promise.all([operator.probe(), operator.probe()]);
    assert.equal(ports.http.requests.filter(({ url }) => url.endsWith('/api/tags')).length, 1);
  });

  it('drops a result whose server was changed meanwhile', async () => {
    const { operator, ports } = await start();
    let answer: (value: { body: string }) => void = () => {};
    ports.http.respond = () => new Promise((resolve) => (answer = resolve));
    const probing = operator.probe();
    await settle();
    ports.files.contents.set(file, ollama.replace('kind = "ollama"', 'kind = "ollama"\nbase_url = "http://localhost:9999"'));
    await operator.reload();
    answer({ body: '{"models":[{"name":"old"}]}' });
    ports.http.respond = () => new HttpFailure('refused', 'nothing listens');
    await probing;
    assert.deepEqual(operator.findServer('ollama-local')?.health.models, []);
    assert.equal(operator.findServer('ollama-local')?.health.state, 'unknown');
  });

  it('contacts no builtin server without a key, and one with a key only at its own address', async () => {
    const without = await start({});
    await without.operator.probe();
    assert.deepEqual(without.ports.http.requests, []);

    const { operator, ports } = await start({}, { OPENAI_API_KEY: 'sk-canary' });
    ports.http.respond = () => ({ body: '{"object":"list","data":[{"id":"gpt-5.5","object":"model"}]}' });
    await operator.probe();
    assert.deepEqual([...new Set(ports.http.requests.map(({ url }) => new URL(url).host))], ['api.openai.com']);
    assert.equal(states(operator)['openai-api'], 'healthy');
    assert.ok(!JSON.stringify(operator.snapshot).includes('sk-canary'));
    assert.ok(!ports.log.lines.join('\n').includes('sk-canary'));
  });

  it('sends nothing for an untrusted workspace and runs nothing of it', async () => {
    const text = `${ollama}[[llm_tools.custom]]\nname = "mine"\ncommand = "/w/evil.sh"\nprotocol = "openai-chat"\n`;
    const { operator, ports } = await start({ [file]: text }, {}, { trusted: false });
    ports.processes.installed.set('/w/evil.sh', '/w/evil.sh');
    await operator.probe();
    await operator.detect();
    assert.deepEqual(ports.http.requests, []);
    assert.ok(!ports.processes.calls.some(([command]) => command === '/w/evil.sh'));
    assert.equal(operator.findServer('ollama-local')?.health.cause, 'not-trusted');
    const plan = operator.plan({ type: 'delegator', delegator: 'talk' });
    assert.equal(plan.ok ? 'planned' : plan.error[0]?.code, 'untrusted');
  });

  it('runs no command that a workspace names only to show its version', async () => {
    const custom = (name: string): string => `[[llm_tools.custom]]\nname = "${name}"\ncommand = "${name}"\nprotocol = "openai-chat"\n`;
    const { operator, ports } = await start({ [file]: custom('theirs'), [userFile]: custom('mine') });
    for (const name of ['theirs', 'mine']) {
      ports.processes.installed.set(name, `/bin/${name}`);
      ports.processes.answers.set(`/bin/${name}`, { code: 0, stdout: '1.2.3', stderr: '' });
    }
    await operator.detect();
    assert.deepEqual(ports.processes.calls.map(([command]) => command), ['/bin/mine']);
    assert.deepEqual(operator.findTool('theirs')?.detection, { state: 'found', path: '/bin/theirs', outdated: false });
  });

  it('polls while it should and leaves no timer when it should not', async () => {
    const { operator, ports } = await start();
    answerAsOllama(ports);
    operator.setPolling({ intervalMs: 30_000, discover: false });
    await ports.clock.advance(1000);
    const first = ports.http.requests.length;
    assert.ok(first > 0);
    assert.equal(operator.findServer('ollama-local')?.health.nextProbeAt, (operator.findServer('ollama-local')?.health.checkedAt ?? 0) + 30_000);
    await ports.clock.advance(31_000);
    assert.ok(ports.http.requests.length > first);
    operator.setPolling(undefined);
    await ports.clock.advance(1000);
    const last = ports.http.requests.length;
    await ports.clock.advance(120_000);
    assert.equal(ports.http.requests.length, last);
    assert.equal(ports.clock.pending, 0);
  });

  it('leaves a rate-limited server alone until its time has come', async () => {
    const { operator, ports } = await start();
    ports.http.respond = () => ({ status: 429, headers: { 'retry-after': '100', 'content-type': 'application/json' }, body: '{}' });
    operator.setPolling({ intervalMs: 10_000, discover: false });
    await ports.clock.advance(5_000);
    const first = ports.http.requests.length;
    assert.equal(states(operator)['ollama-local'], 'rate-limited');
    await ports.clock.advance(60_000);
    assert.equal(ports.http.requests.length, first);
    await ports.clock.advance(60_000);
    assert.ok(ports.http.requests.length > first);
  });

  it('finds the tools on PATH; chat is always there', async () => {
    const { operator, ports } = await start();
    ports.processes.installed.set('codex', '/bin/codex');
    ports.processes.answers.set('/bin/codex', { code: 0, stdout: 'codex-cli 0.169.0\n', stderr: '' });
    await operator.detect();
    const detection = (name: string): unknown => operator.findTool(name)?.detection;
    assert.deepEqual(detection('codex'), { state: 'found', path: '/bin/codex', version: '0.169.0', outdated: false });
    assert.deepEqual(detection('chat'), { state: 'builtin', version: '0.1.0' });
    assert.deepEqual(detection('gemini'), { state: 'missing' });
  });

  it('plans a launch without writing or starting anything', async () => {
    const { operator, ports } = await start();
    await operator.detect();
    const before = new Map(ports.files.contents);
    const plan = operator.plan({ type: 'delegator', delegator: 'talk' });
    assert.ok(plan.ok, JSON.stringify(plan));
    assert.deepEqual(plan.value.argv.slice(0, 3), ['/bin/node', '/ext/cli.js', 'chat']);
    assert.equal(plan.value.cwd, '/w');
    assert.deepEqual(ports.files.contents, before);
  });

  it('writes an edit where the entry is and keeps the rest', async () => {
    const { operator, ports } = await start();
    await operator.edit({ type: 'add', table: 'model_servers', entry: { name: 'lab', kind: 'vllm', base_url: 'http://10.0.0.7:8000' } });
    assert.ok(ports.files.contents.get(file)?.startsWith('# my servers\n'));
    assert.equal(operator.findServer('lab')?.server.kind, 'vllm');
    await operator.edit({ type: 'remove', table: 'model_servers', name: 'lab' });
    assert.equal(ports.files.contents.get(file), ollama);
  });

  it('makes an edit for the newest text when the file changed meanwhile, and gives up when it goes on changing', async () => {
    const ports = fakePorts({ files: { [file]: ollama } });
    const read = ports.files.read.bind(ports.files);
    const { operator } = await start({}, {}, { ports, watch: false });
    const add = (name: string) => operator.edit({ type: 'add', table: 'model_servers', entry: { name, kind: 'vllm', base_url: 'http://10.0.0.7:8000' } });
    let changes = 24;
    let count = 0;
    ports.files.read = async (path, options) => {
      const content = await read(path, options);
      if (count < changes) ports.files.contents.set(file, `${ollama}# someone else ${++count}\n`);
      return content;
    };
    const { after } = await add('lab');
    assert.ok(after.includes('name = "lab"') && after.endsWith('# someone else 24\n'));
    assert.equal(ports.files.contents.get(file), after);
    count = 0;
    changes = 25;
    await assert.rejects(add('lab2'), { code: 'config-changed' });
    assert.equal(ports.files.contents.get(file), `${ollama}# someone else 25\n`);
  });

  it('does not make an edit twice that arrived in an editor and could not be saved', async () => {
    let written = 0;
    let unsaved: string | undefined;
    const writer = {
      unsaved: () => unsaved,
      write: async ({ after }: { readonly after: string }) => {
        written++;
        unsaved = after;
        throw new OperatorError('config-changed', 'could not be saved');
      },
    };
    const { operator } = await start({ [file]: ollama }, {}, { writer });
    await assert.rejects(operator.edit({ type: 'add', table: 'model_servers', entry: { name: 'lab', kind: 'ollama' } }), { code: 'config-changed', message: 'could not be saved' });
    assert.equal(written, 1);
  });

  it('refuses an edit that the newest text does not allow any more', async () => {
    const ports = fakePorts({ files: { [file]: ollama } });
    const read = ports.files.read.bind(ports.files);
    const { operator } = await start({}, {}, { ports, watch: false });
    const others = `${ollama}\n[[model_servers]]\nname = "lab"\nkind = "ollama"\n`;
    ports.files.read = async (path, options) => {
      const content = await read(path, options);
      ports.files.contents.set(file, others);
      return content;
    };
    await assert.rejects(operator.edit({ type: 'add', table: 'model_servers', entry: { name: 'lab', kind: 'vllm' } }), { code: 'refused' });
    assert.equal(ports.files.contents.get(file), others);
  });

  it('lets delegators of every layer follow a renamed server, or none of them', async () => {
    const users = '[[model_servers]]\nname = "lab"\nkind = "ollama"\n\n[[delegators]]\nname = "mine"\nllm_tool = "chat"\nmodel = "m"\nmodel_server = "lab"\n';
    const workspaces = '[[delegators]]\nname = "ours"\nllm_tool = "chat"\nmodel = "m"\nmodel_server = "lab" # near\n';
    const { operator, ports } = await start({ [file]: workspaces, [userFile]: users });
    const rename = { type: 'rename', table: 'model_servers', name: 'lab', to: 'garage' } as const;
    const { outcomes, problems } = await operator.planEdit(rename);
    assert.deepEqual([outcomes.map((outcome) => outcome.file), problems], [[userFile, file], []]);
    assert.equal(ports.files.contents.get(file), workspaces);

    const write = ports.files.write.bind(ports.files);
    ports.files.write = async (path, text, options) => {
      if (path === file) throw new FileError('denied', path, `${path} may not be accessed`);
      return write(path, text, options);
    };
    await assert.rejects(operator.edit(rename), /may not be accessed/);
    assert.equal(ports.files.contents.get(userFile), users);

    ports.files.write = write;
    const { file: first, others = [] } = await operator.edit(rename);
    assert.deepEqual([first, others.map((outcome) => outcome.file)], [userFile, [file]]);
    assert.equal(ports.files.contents.get(file), workspaces.replace('"lab"', '"garage"'));
    assert.equal(ports.files.contents.get(userFile), users.replaceAll('"lab"', '"garage"'));
    assert.deepEqual(operator.snapshot.configuration.problems, []);
  });

  it('tells what an edit would make wrong', async () => {
    const { operator } = await start();
    const plan = await operator.planEdit({ type: 'remove', table: 'model_servers', name: 'ollama-local' });
    assert.deepEqual(plan.problems.map(({ code, subject }) => [code, 'name' in subject && subject.name]), [['unknown-server', 'talk']]);
    const fine = await operator.planEdit({ type: 'set', table: 'delegators', name: 'talk', values: { model: 'other' } });
    assert.deepEqual(fine.problems, []);
  });

  it('protects the builtins', async () => {
    const { operator } = await start();
    await assert.rejects(operator.edit({ type: 'remove', table: 'model_servers', name: 'openai-api' }), { code: 'refused' });
  });

  it('keeps a session from its start to its end, and its private files no longer', async () => {
    const { operator, ports } = await start();
    await operator.detect();
    const planned = operator.plan({ type: 'delegator', delegator: 'talk' });
    assert.ok(planned.ok);
    const plan = planned.value;
    await operator.prepare(plan);
    assert.deepEqual(ports.files.swept, [['/home/user/.operator/state/sessions', ports.clock.now() - 30 * 24 * 3_600_000]]);
    await ports.files.writePrivate(`${plan.sessionDir}/settings.json`, '{}');
    operator.sessionStarted(plan, 'workspace:/w:talk');
    assert.equal(operator.snapshot.sessions[0]?.state.type, 'running');
    await operator.sessionEnded(plan.sessionId, 0);
    assert.deepEqual(operator.snapshot.sessions[0]?.state, { type: 'exited', code: 0, at: ports.clock.now() });
    assert.ok(![...ports.files.contents.keys()].some((path) => path.startsWith(plan.sessionDir)));
    operator.forgetSession(plan.sessionId);
    assert.deepEqual(operator.snapshot.sessions, []);
  });

  it('comes and goes ten times without a timer, watcher or listener left', async () => {
    const ports = fakePorts({ files: { [file]: ollama } });
    answerAsOllama(ports);
    for (let round = 0; round < 10; round++) {
      const { operator } = await start({}, {}, { ports });
      operator.setPolling({ intervalMs: 1000, discover: true });
      await ports.clock.advance(2500);
      operator.dispose();
      await settle();
      assert.deepEqual([ports.files.watcherCount, ports.clock.pending], [0, 0]);
    }
  });
});
