/** REST with what is alive: sessions that a real client uses, events, probes, tests of models, keys that are handed over, `operator serve` and `operator api`. */
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { createPlace, type Place, until } from '../../support/cli.ts';
import { untilDead } from '../../support/gateway-process.ts';
import { labKey as key, type LabAndLocal, startLabAndLocal } from '../../support/lab-and-local.ts';
import { createRestPlace, type RestPlace, sendTo } from '../../support/rest/place.ts';
import { hang } from '../../support/scripted-server.ts';
import { ollama } from '../../support/scripted-server-kinds.ts';

interface Listener {
  readonly text: string;
  readonly ended: Promise<void>;
  leave(): void;
}

/** Follows a stream of events from now on. */
async function follow(place: Pick<RestPlace, 'port' | 'token'>, path = '/events'): Promise<Listener> {
  const controller = new AbortController();
  const response = await fetch(`http://127.0.0.1:${place.port}/api/v1${path}`, { headers: { authorization: `Bearer ${place.token}` }, signal: controller.signal });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  let text = '';
  const decoder = new TextDecoder();
  const ended = (async () => {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
  })().catch(() => undefined);
  const listener: Listener = {
    get text() {
      return text;
    },
    ended,
    leave: () => controller.abort(),
  };
  await until(() => listener.text.includes('event: ready'), () => listener.text);
  return listener;
}

describe('REST: what is alive', function () {
  this.timeout(60_000);
  let servers: LabAndLocal;
  beforeEach(async () => {
    servers = await startLabAndLocal({ tool: 'codex' });
  });
  afterEach(() => servers[Symbol.asyncDispose]());

  describe('in the shared gateway', () => {
    let place: RestPlace;
    beforeEach(async () => {
      place = await createRestPlace({ user: servers.toml });
    });
    afterEach(() => place[Symbol.asyncDispose]());
    const hand = (): Promise<void> => place.gateway.client.handKeys({ env: { LAB_KEY: key }, secret: {} });

    it('makes a session that a client of OpenAI uses until it is deleted', async () => {
      await hand();
      const created = await place.send('/sessions', { method: 'POST', body: { delegator: 'coder' } });
      assert.equal(created.status, 201, created.text);
      const session = JSON.parse(created.text) as { id: string; token: string; openai_base_url: string; model: string };
      assert.equal(created.headers.get('location'), `/api/v1/sessions/${session.id}`);
      assert.ok(!created.text.includes(key));
      const client = new OpenAI({ baseURL: session.openai_base_url, apiKey: session.token, maxRetries: 0 });
      const answer = await client.chat.completions.create({ model: session.model, messages: [{ role: 'user', content: 'hi' }] });
      assert.match(answer.choices[0]?.message.content ?? '', /from the lab/);
      const { sessions } = await place.json<{ sessions: { id: string; requests: number; delegator: string }[] }>('/sessions');
      assert.deepEqual(sessions.map(({ id, requests, delegator }) => [id, requests, delegator]), [[session.id, 1, 'coder']]);
      assert.equal((await place.send(`/sessions/${session.id}`)).status, 200);

      assert.equal((await place.send(`/sessions/${session.id}`, { method: 'DELETE' })).status, 204);
      assert.equal((await place.send(`/sessions/${session.id}`, { method: 'DELETE' })).status, 404);
      await assert.rejects(client.chat.completions.create({ model: session.model, messages: [{ role: 'user', content: 'hi' }] }), /401/);
    });

    it('makes none without the key that its server needs, nor on what is not there', async () => {
      const refused = await place.send('/sessions', { method: 'POST', body: { model_server: 'lab', model: 'gpt-x' } });
      assert.equal(refused.status, 409);
      assert.match(refused.text, /LAB_KEY is not set/);
      assert.equal((await place.send('/sessions', { method: 'POST', body: { model_server: 'lap', model: 'gpt-x' } })).status, 404);
      assert.equal((await place.send('/sessions', { method: 'POST', body: { delegator: 'nobody' } })).status, 404);
      assert.equal((await place.send('/sessions', { method: 'POST', body: { model_server: 'local', model: 'qwen3:8b' } })).status, 201);
    });

    it('uses keys that are handed over, and forgets them with its end', async () => {
      const keyOf = async (): Promise<string | undefined> => (await place.json<{ model_servers: { name: string; key: string }[] }>('/status')).model_servers.find(({ name }) => name === 'lab')?.key;
      assert.equal(await keyOf(), 'unset');
      await hand();
      assert.equal(await keyOf(), 'set');
      const probed = await place.json<{ health: { state: string }; models: { name: string }[] }>('/model-servers/lab/probe', { method: 'POST' });
      assert.deepEqual([probed.health.state, probed.models.map(({ name }) => name)], ['healthy', ['gpt-x', 'team/big']]);
      const { models, source } = await place.json<{ models: { name: string }[]; source: string }>('/model-servers/lab/models?refresh=true&all=true');
      assert.deepEqual([source, models.map(({ name }) => name).sort()], ['live', ['gpt-x', 'team/big']]);
      for (const path of ['/status?probe=true', '/models', '/delegators', '/sessions', '/openapi.json']) assert.ok(!(await place.send(path)).text.includes(key), path);
      assert.ok(!place.log().includes(key));
    });

    it('tells of every change, and ends with the client', async () => {
      const listener = await follow(place);
      await place.json('/delegators', { method: 'POST', body: { name: 'second', llm_tool: 'chat', model: 'qwen3:8b', model_server: 'local' } });
      await until(() => /event: change\ndata: \{"changed":\[[^\]]*"configuration"/.test(listener.text), () => listener.text);
      const before = listener.text.length;
      place.write(place.userFile, `${servers.toml}# by hand\n`);
      await until(() => listener.text.slice(before).includes('"configuration"'), () => listener.text);
      await place.json('/model-servers/local/probe', { method: 'POST' });
      await until(() => listener.text.includes('"servers"'), () => listener.text);
      await place.json('/sessions', { method: 'POST', body: { model_server: 'local', model: 'qwen3:8b' } });
      await until(() => listener.text.slice(before).includes('"gateway"'), () => listener.text);
      assert.ok(!listener.text.includes(key));
      listener.leave();
      await listener.ended;
    });

    it('lets those who follow go when the gateway ends, at once', async () => {
      const listener = await follow(place);
      await place.gateway.client.stop({ restart: false });
      await listener.ended;
      await untilDead(place.gateway.pid, 5_000);
    });

    it('stays while it is used, and ends when it is not', async () => {
      await using short = await createRestPlace({ user: servers.toml, orders: { idleMs: 600 } });
      const end = performance.now() + 1_500;
      while (performance.now() < end) {
        assert.equal((await short.send('/health')).status, 200);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const listener = await follow(short);
      await new Promise((resolve) => setTimeout(resolve, 900));
      assert.equal((await short.send('/health')).status, 200, 'somebody follows');
      listener.leave();
      await untilDead(short.gateway.pid, 10_000);
    });

    it('tests a model, for as long as the client waits', async () => {
      const report = await place.json<{ outcome: string; levels: { level: string; outcome: string }[] }>('/models/test', { method: 'POST', body: { model_server: 'local', model: 'qwen3:8b', levels: ['answers'] } });
      assert.deepEqual(report.levels.filter(({ outcome }) => outcome === 'passed').map(({ level }) => level), ['reachable', 'answers']);
      const whole = await place.json<{ outcome: string; levels: unknown[] }>('/models/test', { method: 'POST', body: { model_server: 'local', model: 'qwen3:8b' } });
      assert.equal(whole.levels.length, 9);
      const { reports } = await place.json<{ reports: { model: string; outcome: string }[] }>('/models/test');
      assert.deepEqual(reports.map(({ model, outcome }) => [model, outcome]), [['qwen3:8b', whole.outcome]]);
      const { sessions } = await place.json<{ sessions: unknown[] }>('/sessions');
      assert.deepEqual(sessions, [], 'its own session has ended with it');
    });
  });

  describe('when the client leaves', () => {
    it('ends the test of a model, and its session with it', async () => {
      const { local } = servers;
      local.play({ ...ollama({ models: ['qwen3:8b'] }), 'POST /api/chat': hang(), 'POST /v1/chat/completions': hang() });
      await using place = await createRestPlace({ user: servers.toml });
      const controller = new AbortController();
      const asked = fetch(`${place.gateway.address}/api/v1/models/test`, {
        method: 'POST',
        headers: { authorization: `Bearer ${place.token}`, 'content-type': 'application/json' },
        body: '{"model_server":"local","model":"qwen3:8b"}',
        signal: controller.signal,
      }).catch((error: Error) => error.name);
      const isAsked = (): boolean => local.requests.some(({ method, path }) => method === 'POST' && /chat/.test(path));
      await until(isAsked, () => JSON.stringify(local.requests.map(({ path }) => path)));
      const sessionsNow = async (): Promise<number> => (await place.json<{ sessions: unknown[] }>('/sessions')).sessions.length;
      assert.equal(await sessionsNow(), 1);
      controller.abort();
      assert.equal(await asked, 'AbortError');
      for (const end = performance.now() + 10_000; (await sessionsNow()) > 0; ) assert.ok(performance.now() < end, 'its session goes on');
    });
  });

  describe('with operator serve', () => {
    let cli: Place;
    beforeEach(() => {
      cli = createPlace({ 'operator.toml': servers.toml });
    });
    afterEach(() => cli[Symbol.dispose]());

    it('answers for its own workspace, with its own token, and serves at once what REST adds', async () => {
      const token = 'a-token-of-my-own-0123';
      const started = await cli.start(['serve', '--port', '0'], { env: { LAB_KEY: key, OPERATOR_SERVE_TOKEN: token } });
      await until(() => /TOKEN is/.test(started.output.stdout), () => JSON.stringify(started.output), 20_000);
      const port = Number(new URL(/at (http:\/\/\S+)\n/.exec(started.output.stdout)?.[1] ?? '').port);
      const send: typeof sendTo = (_port, _token, path, request) => sendTo(port, token, path, request);
      const listed = JSON.parse((await send(0, '', '/model-servers', {})).text) as { model_servers: { name: string; layer: string }[] };
      assert.deepEqual(listed.model_servers.filter(({ layer }) => layer === 'workspace').map(({ name }) => name), ['lab', 'local']);
      const probed = JSON.parse((await send(0, '', '/model-servers/lab/probe', { method: 'POST' })).text) as { health: { state: string } };
      assert.equal(probed.health.state, 'healthy', 'it has the keys of the command');

      const created = await send(0, '', '/delegators', { method: 'POST', body: { name: 'added', llm_tool: 'chat', model: 'qwen3:8b', model_server: 'local' } });
      assert.equal(created.status, 201, created.text);
      let names: readonly string[] = [];
      const look = async (): Promise<void> => {
        const { data } = (await (await fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization: `Bearer ${token}` } })).json()) as { data: { id: string }[] };
        names = data.map(({ id }) => id);
      };
      for (const end = performance.now() + 10_000; !names.includes('added') && performance.now() < end; ) await look();
      assert.ok(names.includes('added'), names.join());

      const own = await send(0, '', '/sessions/serve', { method: 'DELETE' });
      assert.equal(own.status, 409, 'what is served cannot be ended from outside');
      const session = JSON.parse((await send(0, '', '/sessions', { method: 'POST', body: { delegator: 'added' } })).text) as { token: string };
      assert.equal((await sendTo(port, session.token, '/status', {})).status, 401, 'a token for models is none for REST');
      started.child.kill('SIGINT');
      const ended = await started.result;
      for (const secret of [token, key, session.token]) assert.ok(!(ended.stdout + ended.stderr).includes(secret));
    });
  });

  describe('with operator api', () => {
    let cli: Place;
    beforeEach(() => {
      cli = createPlace({ 'operator.toml': servers.toml });
    });
    afterEach(() => cli[Symbol.dispose]());
    const env = { LAB_KEY: key };

    it('calls it for this folder, with the keys that it names', async () => {
      const read = await cli.run(['api', '/model-servers/lab'], { env });
      assert.deepEqual([read.code, (JSON.parse(read.stdout) as { layer: string }).layer], [0, 'workspace']);
      assert.equal(read.stdout.split('\n').length, 2, 'one line where it is piped');
      const probed = await cli.run(['api', 'POST', 'model-servers/lab/probe', '--json'], { env });
      assert.equal((JSON.parse(probed.stdout) as { health: { state: string } }).health.state, 'healthy');
      assert.ok(probed.stdout.split('\n').length > 10);

      const added = await cli.run(['api', '/model-servers', '--data', '-', '--include'], { env, input: '{"name":"new","kind":"ollama"}' });
      assert.equal(added.code, 0, added.stderr);
      assert.match(added.stdout, /^HTTP 201\n(?:.*\n)*location: \/api\/v1\/model-servers\/new\n/);
      const etag = /\netag: (.*)\n/.exec(added.stdout)?.[1] ?? '';
      const file = cli.write('new.json', '{"kind":"ollama","display_name":"New"}');
      assert.equal((await cli.run(['api', 'put', '/api/v1/model-servers/new', '--data', `@${file}`, '-H', `If-Match: ${etag}`], { env })).code, 0);
      const stale = await cli.run(['api', 'PUT', '/model-servers/new', '--data', `@${file}`, '-H', `If-Match: ${etag}`], { env });
      assert.equal(stale.code, 4);
      assert.match(stale.stderr, /error: new was changed since it was read\n {2}→ Read it again/);
      assert.equal((JSON.parse(stale.stdout) as { status: number }).status, 412);
      assert.equal((await cli.run(['api', 'DELETE', '/model-servers/new'], { env })).code, 0);
      for (const { stdout, stderr } of [read, probed, added, stale]) assert.ok(!(stdout + stderr).includes(key));
    });

    it('says by its exit code what came of it', async () => {
      const codes: readonly (readonly [number, readonly string[]])[] = [
        [0, ['/health']],
        [4, ['/model-servers/nobody']],
        [4, ['DELETE', '/model-servers/anthropic-api']],
        [2, ['POST', '/model-servers', '--data', '{']],
        [2, ['POST', '/model-servers', '--data', '{}']],
        [2, ['PATCH', '/model-servers']],
        [2, ['FETCH', '/model-servers']],
        [2, ['GET', '/a', '/b']],
        [2, ['/health', '--header', 'nonsense']],
        [2, ['/health', '--json', '--raw']],
      ];
      for (const [code, args] of codes) assert.equal((await cli.run(['api', ...args])).code, code, args.join(' '));
    });

    it('lists the operations without a gateway, and completes their paths', async () => {
      const listed = await cli.run(['api']);
      assert.match(listed.stdout, /^GET +\/health +Whether/);
      assert.match(listed.stdout, /\nPOST +\/model-servers\/\{name\}\/probe /);
      assert.ok((JSON.parse((await cli.run(['api', '--list', '--json'])).stdout) as unknown[]).length > 25);
      assert.equal((JSON.parse((await cli.run(['gateway', 'status', '--json'])).stdout) as { state: string }).state, 'stopped');
      const paths = (await cli.run(['__complete', 'api', '/model-servers/'])).stdout.trim().split('\n');
      for (const path of ['/model-servers/kinds', '/model-servers/lab', '/model-servers/anthropic-api', '/model-servers/local/models']) assert.ok(paths.includes(path), `${path}: ${paths.join()}`);
      assert.ok(!paths.includes('/model-servers/lab/probe'), 'that is no GET');
      assert.deepEqual((await cli.run(['__complete', 'api', 'PUT', '/del'])).stdout.trim().split('\n'), ['/delegators/coder']);
      assert.deepEqual((await cli.run(['__complete', 'api', 'DEL'])).stdout.trim().split('\n'), ['DELETE']);
    });

    it('prints events as they come', async () => {
      const started = await cli.start(['api', '/events'], { env });
      await until(() => started.output.stdout.includes('event: ready'), () => JSON.stringify(started.output));
      assert.equal((await cli.run(['server', 'add', 'other', '--kind', 'ollama'])).code, 0);
      await until(() => /"changed":\[[^\]]*"configuration"/.test(started.output.stdout), () => started.output.stdout);
      started.child.kill('SIGKILL');
      await started.result;
    });

    it('gives other programs the token, and the header for curl', async () => {
      const token = (await cli.run(['gateway', 'token'])).stdout.trim();
      assert.equal((await cli.run(['gateway', 'token', '--header'])).stdout, `Authorization: Bearer ${token}\n`);
      const { address } = JSON.parse((await cli.run(['gateway', 'status', '--json'])).stdout) as { address: string };
      assert.equal((await fetch(`${address}/api/v1/health`, { headers: { authorization: `Bearer ${token}` } })).status, 200);
    });
  });
});
