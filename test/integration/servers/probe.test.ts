import assert from 'node:assert/strict';
import type { ModelServer } from '../../../src/core/config/model.ts';
import type { Http } from '../../../src/core/ports.ts';
import { type Health, type HealthCause, type HealthState, needsAttention } from '../../../src/core/servers/health.ts';
import { probeServer, type ProbeKey, type ProbeRequest } from '../../../src/core/servers/probe.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createHttp } from '../../../src/platform/http.ts';
import { serverAt } from '../../support/model-server.ts';
import { startHttpProxy, startSocksProxy } from '../../support/scripted-proxy.ts';
import { anthropic, google, llamacpp, lmstudio, ollama, openai, vllm } from '../../support/scripted-server-kinds.ts';
import { type Answer, bytes, closedPort, drip, hang, html, huge, json, raw, redirect, reset, type Script, startServer, startTcpServer, status, text, waitUntil } from '../../support/scripted-server.ts';

const canary = 'canary-key-7c1e5b90';
const set: ProbeKey = { state: 'set', value: canary };
const none: ProbeKey = { state: 'none' };

/** A model list that only this shape of kind understands. */
const one = { object: 'list', data: [{ id: 'm' }] };

describe('probe', () => {
  const clock = createSystemClock();
  let http: Http;
  before(() => {
    http = createHttp();
  });
  after(() => {
    http.dispose();
  });

  async function probe(server: ModelServer, changes: Partial<ProbeRequest> = {}): Promise<Health> {
    const health = await probeServer({ server, key: none, http, clock, signal: new AbortController().signal, ...changes });
    assert.ok(!JSON.stringify(health).includes(canary), `the key shows in ${JSON.stringify(health)}`);
    for (const sentence of [health.message, health.hint ?? '', ...health.warnings]) assert.doesNotMatch(sentence, /\.$|undefined|\[object/);
    assert.equal(health.hint !== undefined, needsAttention(health.state) || health.state === 'starting' || health.state === 'busy', `${health.state} and hint ${health.hint}`);
    return health;
  }

  /** Probes a server of kind openai-compat, with a key, whose listing gives this answer. */
  async function probeAnswer(answer: Answer, changes: Partial<ProbeRequest> = {}): Promise<Health> {
    await using server = await startServer({ 'GET /v1/models': answer });
    return await probe(serverAt('openai-compat', server.url), { key: set, ...changes });
  }

  function is(health: Health, state: HealthState, cause: HealthCause, message: RegExp, hint?: RegExp): void {
    assert.deepEqual([health.state, health.cause], [state, cause], health.message);
    assert.match(health.message, message);
    if (hint) assert.match(health.hint ?? '', hint);
  }

  describe('healthy', () => {
    it('Ollama: models, what is loaded, version and protocols', async () => {
      await using server = await startServer(
        ollama({
          version: '0.33.1',
          models: [
            { name: 'qwen3:8b', size: 5_225_388_164, parameters: '8.2B', quantization: 'Q4_K_M', contextLength: 40_960, capabilities: ['completion', 'tools', 'thinking'], loaded: true, loadedContext: 8192, expiresAt: '2030-01-01T00:05:00Z' },
            { name: 'nomic-embed-text:latest', family: 'nomic-bert', capabilities: ['embedding'] },
          ],
        }),
      );
      const health = await probe(serverAt('ollama', server.url));
      is(health, 'healthy', 'listed', /^Lists 2 models$/);
      assert.equal(health.version, '0.33.1');
      assert.deepEqual(health.speaks, ['ollama', 'openai-chat', 'openai-responses', 'anthropic-messages']);
      assert.equal(health.httpStatus, 200);
      assert.ok((health.latencyMs ?? -1) >= 0 && (health.checkedAt ?? 0) >= health.since);
      assert.deepEqual(health.models, [
        { id: 'qwen3:8b', sizeBytes: 5_225_388_164, parameters: '8.2B', quantization: 'Q4_K_M', contextWindow: 40_960, capabilities: ['tools', 'reasoning'], supportsTools: true, created: Date.UTC(2026, 8, 1, 8), type: 'chat', loaded: true, loadedContext: 8192, loadedUntil: Date.UTC(2030, 0, 1, 0, 5), loadedBytes: 5_225_388_164 },
        { id: 'nomic-embed-text:latest', sizeBytes: 2_019_393_189, parameters: '3.2B', quantization: 'Q4_K_M', capabilities: ['embedding'], supportsTools: false, created: Date.UTC(2026, 8, 1, 8), type: 'embedding', loaded: false },
      ]);
      assert.deepEqual(health.warnings, []);
    });

    it('LM Studio: loaded instances and their context', async () => {
      await using server = await startServer(lmstudio({ models: [{ key: 'qwen/qwen3-8b', displayName: 'Qwen3 8B', loaded: [8192], maxContext: 40_960 }, { key: 'text-embedding-nomic', type: 'embedding' }] }));
      const health = await probe(serverAt('lmstudio', server.url));
      is(health, 'healthy', 'listed', /2 models/);
      assert.deepEqual(health.models.map(({ id, displayName, loaded, loadedContext, contextWindow, type }) => ({ id, displayName, loaded, loadedContext, contextWindow, type })), [
        { id: 'qwen/qwen3-8b', displayName: 'Qwen3 8B', loaded: true, loadedContext: 8192, contextWindow: 40_960, type: 'chat' },
        { id: 'text-embedding-nomic', displayName: undefined, loaded: false, loadedContext: undefined, contextWindow: 32_768, type: 'embedding' },
      ]);
      assert.deepEqual(health.speaks, ['openai-chat', 'openai-responses', 'anthropic-messages']);
    });

    it('LM Studio before its own listing: the list of OpenAI’s form', async () => {
      await using server = await startServer(lmstudio({ version: '0.3.28', models: ['qwen3-8b'] }));
      const health = await probe(serverAt('lmstudio', server.url));
      is(health, 'healthy', 'listed', /1 model$/);
      assert.deepEqual(health.models, [{ id: 'qwen3-8b', type: 'chat' }]);
      assert.deepEqual(health.speaks, ['openai-chat']);
    });

    it('llama.cpp: trained and real context, build', async () => {
      await using server = await startServer(llamacpp({ context: 16_384, trainedContext: 40_960, build: 'b9812-a1b2c3d4e' }));
      const health = await probe(serverAt('llamacpp', server.url));
      is(health, 'healthy', 'listed', /1 model$/);
      assert.equal(health.version, 'b9812-a1b2c3d4e');
      assert.deepEqual(health.models, [{ id: 'qwen3-8b-q4_k_m.gguf', sizeBytes: 5_027_783_488, parameters: '8.2B', contextWindow: 40_960, loadedContext: 16_384, type: 'chat', loaded: true }]);
    });

    it('vLLM: context and version', async () => {
      await using server = await startServer(vllm({ key: canary, maxModelLen: 65_536 }));
      const health = await probe(serverAt('vllm', server.url, { auth: { type: 'bearer' } }), { key: set });
      is(health, 'healthy', 'listed', /1 model$/);
      assert.equal(health.version, '0.25.1');
      assert.deepEqual(health.models, [{ id: 'Qwen/Qwen3-8B', contextWindow: 65_536, type: 'chat' }]);
    });

    it('OpenAI: the key as bearer', async () => {
      await using server = await startServer(openai({ key: canary }));
      const health = await probe(serverAt('openai-api', server.url), { key: set });
      is(health, 'healthy', 'listed', /2 models/);
      assert.deepEqual(health.models.map(({ id, type }) => [id, type]), [['gpt-5.5', 'chat'], ['text-embedding-3-small', 'embedding']]);
      assert.equal(health.speaks, undefined);
      assert.equal(server.requests.length, 1, 'a hosted vendor is asked for nothing but the list');
    });

    it('Anthropic: pages, version header, key as x-api-key', async () => {
      const models = Array.from({ length: 25 }, (_, index) => `claude-${index}`);
      await using server = await startServer(anthropic({ key: canary, models, pageSize: 10 }));
      const health = await probe(serverAt('anthropic-api', server.url), { key: set });
      is(health, 'healthy', 'listed', /25 models/);
      assert.deepEqual(health.models.map(({ id }) => id), models);
      assert.equal(server.requests.length, 3);
      assert.ok(server.requests.every(({ headers }) => headers['x-api-key'] === canary && headers['anthropic-version'] === '2023-06-01'));
    });

    it('Google: pages, key as header, models without a chat told apart', async () => {
      await using server = await startServer(google({ key: canary, models: ['gemini-3.8-flash', { id: 'gemini-embedding-001', methods: ['embedContent'] }, { id: 'aqa', methods: ['generateAnswer'] }], pageSize: 2 }));
      const health = await probe(serverAt('google-api', server.url), { key: set });
      is(health, 'healthy', 'listed', /3 models/);
      assert.deepEqual(health.models.map(({ id, type }) => [id, type]), [['gemini-3.8-flash', 'chat'], ['gemini-embedding-001', 'embedding'], ['aqa', 'other']]);
      assert.ok(server.requests.every(({ headers, query }) => headers['x-goog-api-key'] === canary && !query.has('key')));
    });

    it('a key in the query, and headers of the entry', async () => {
      await using server = await startServer({ 'GET /v1/models': json(one) });
      const health = await probe(serverAt('openai-compat', server.url, { auth: { type: 'query', name: 'api_key' }, headers: { 'X-Team': 'a' }, placement: 'third-party' }), { key: set });
      is(health, 'healthy', 'listed', /1 model/);
      assert.equal(server.requests[0]?.query.get('api_key'), canary);
      assert.equal(server.requests[0]?.headers['x-team'], 'a');
    });

    it('models written down where there is no list', async () => {
      await using server = await startServer();
      const health = await probe(serverAt('openai-compat', server.url, { models: ['house-model'] }));
      is(health, 'healthy', 'listed', /1 model named in operator\.toml/);
      assert.deepEqual(health.models, [{ id: 'house-model', type: 'chat' }]);
    });

    it('models written down stand beside those that are listed', async () => {
      await using server = await startServer({ 'GET /v1/models': json(one) });
      const health = await probe(serverAt('openai-compat', server.url, { models: ['m', 'hidden'] }));
      assert.deepEqual(health.models.map(({ id }) => id), ['m', 'hidden']);
    });

    it('what cannot be found out besides the list is left out', async () => {
      await using server = await startServer({ ...ollama(), 'GET /api/ps': status(500), 'GET /api/version': html() });
      const health = await probe(serverAt('ollama', server.url));
      is(health, 'healthy', 'listed', /1 model/);
      assert.equal(health.version, undefined);
      assert.equal(health.models[0]?.loaded, undefined);
    });

    it('details that hang do not lose the list', async () => {
      await using server = await startServer({ ...ollama(), 'GET /api/ps': hang(), 'GET /api/version': drip({ everyMs: 5 }) });
      const health = await probe(serverAt('ollama', server.url), { timeoutMs: 700 });
      is(health, 'healthy', 'listed', /1 model/);
    });

    it('follows pages to a limit, and says so', async () => {
      await using server = await startServer(anthropic({ models: Array.from({ length: 30 }, (_, index) => `claude-${index}`), pageSize: 1 }));
      const health = await probe(serverAt('anthropic-api', server.url));
      assert.equal(health.models.length, 10);
      assert.deepEqual(health.warnings, ['Only the first 10 models are listed']);
    });

    it('keeps the pages it has when the next one fails', async () => {
      await using server = await startServer({ 'GET /v1/models': (exchange) => (exchange.request.query.has('after_id') ? status(500) : json({ data: [{ id: 'a' }], has_more: true, last_id: 'a' }))(exchange) });
      const health = await probe(serverAt('anthropic-api', server.url));
      is(health, 'healthy', 'listed', /1 model/);
      assert.match(health.warnings[0] ?? '', /^The list of models is incomplete: It fails \(HTTP 500\)$/);
    });
  });

  describe('no answer', () => {
    it('refused: how to start it', async () => {
      const health = await probe(serverAt('ollama', `http://127.0.0.1:${await closedPort()}`));
      is(health, 'offline', 'connection-refused', /refused the connection$/, /ollama serve/);
      assert.equal(health.latencyMs, undefined);
      is(await probe(serverAt('lmstudio', `http://127.0.0.1:${await closedPort()}`)), 'offline', 'connection-refused', /refused/, /lms server start/);
      is(await probe(serverAt('openai-api', `http://127.0.0.1:${await closedPort()}`), { key: set }), 'offline', 'connection-refused', /refused/, /base_url/);
    });

    it('refused by another machine: how to open it to the network', async () => {
      const server = serverAt('ollama', `http://127.0.0.1:${await closedPort()}`, { placement: 'self-hosted' });
      is(await probe(server), 'offline', 'connection-refused', /refused/, /OLLAMA_HOST/);
    });

    it('DNS', async () => {
      const health = await probe(serverAt('openai-compat', 'http://no-such-server.invalid'), { timeoutMs: 15_000 });
      is(health, 'unreachable', 'dns', /no-such-server\.invalid/, /base_url/);
    }).timeout(20_000);

    it('timeout', async () => {
      await using server = await startServer({ '*': hang() });
      const started = performance.now();
      is(await probe(serverAt('ollama', server.url), { timeoutMs: 600 }), 'unreachable', 'timeout', /did not answer within [56]\d\d ms/, /start it again/);
      assert.ok(performance.now() - started < 5000);
      await waitUntil(() => server.openSockets === 0, 'the connection to end');
    });

    it('TLS: a certificate nobody trusts; http and https confused', async () => {
      await using secure = await startServer({}, { tls: 'self-signed' });
      is(await probe(serverAt('openai-compat', secure.url), { key: set }), 'unreachable', 'tls', /certificate of localhost:\d+ is not signed/, /NODE_EXTRA_CA_CERTS/);
      assert.equal(secure.requests.length, 0, 'the key was sent to an unknown server');
      await using plain = await startServer();
      is(await probe(serverAt('openai-compat', plain.url.replace('http:', 'https:'))), 'unreachable', 'tls', /does not speak TLS/, /https/);
    });

    it('proxy: dead, refusing, asking for a password', async () => {
      await using server = await startServer({ '*': json(one) });
      const through = (proxy: string): ModelServer => serverAt('openai-compat', 'http://model-server.invalid', { proxy });
      is(await probe(through(`http://127.0.0.1:${await closedPort()}`), { key: set }), 'unreachable', 'proxy', /^The proxy 127\.0\.0\.1:\d+ refused/, /proxy of my-openai-compat/);
      is(await probe(through('socks4://127.0.0.1:1')), 'unreachable', 'proxy', /http, https or socks5/);
      await using guarded = await startSocksProxy({ target: server.port, user: { name: 'me', password: 'x' } });
      is(await probe(through(guarded.url)), 'unreachable', 'proxy', /asks for a user and password/);
      assert.equal(server.requests.length, 0);
    });

    it('through a proxy that works', async () => {
      await using server = await startServer(openai({ key: canary }));
      await using proxy = await startHttpProxy({ target: server.port });
      const health = await probe(serverAt('openai-compat', 'http://model-server.invalid', { proxy: proxy.url }), { key: set });
      is(health, 'healthy', 'listed', /2 models/);
    });

    for (const after of ['request', 'headers', 'body'] as const) {
      it(`reset after the ${after}`, async () => is(await probeAnswer(reset({ after })), 'unreachable', 'connection-reset', /closed the connection/, /log/));
    }

    it('reset at accept', async () => {
      await using server = await startTcpServer((socket) => socket.resetAndDestroy());
      is(await probe(serverAt('vllm', `http://127.0.0.1:${server.port}`)), 'unreachable', 'connection-reset', /closed the connection/);
    });

    it('another protocol', async () => is(await probeAnswer(raw('220 mail.example ESMTP\r\n')), 'unhealthy', 'not-http', /not in HTTP/, /port/));
  });

  describe('keys', () => {
    for (const [name, kind, script] of [
      ['OpenAI', 'openai-api', openai],
      ['Anthropic', 'anthropic-api', anthropic],
      ['Google (403 and 400)', 'google-api', google],
      ['vLLM', 'vllm', vllm],
      ['LM Studio', 'lmstudio', lmstudio],
      ['llama.cpp, whose list is open to everybody', 'llamacpp', llamacpp],
      ['Ollama behind a proxy', 'ollama', ollama],
    ] as const) {
      it(`${name}: missing and refused`, async () => {
        await using server = await startServer((script as (options: { key: string }) => Script)({ key: 'another-key' }));
        const bearer = ['vllm', 'lmstudio', 'llamacpp', 'ollama'].includes(kind) ? { auth: { type: 'bearer' as const } } : {};
        is(await probe(serverAt(kind, server.url, bearer)), 'unauthorized', 'key-missing', /^It asks for a key, and none is set$/, /api_key_env/);
        is(await probe(serverAt(kind, server.url, bearer), { key: set }), 'unauthorized', 'key-refused', /^It refused the key$/, /expired|another server/);
      });
    }

    it('names the variable', async () => {
      await using server = await startServer(openai({ key: 'another-key' }));
      const named = { credential: { store: 'env' as const, name: 'TEAM_KEY' } };
      is(await probe(serverAt('openai-api', server.url, named), { key: set }), 'unauthorized', 'key-refused', /refused/, /the value of TEAM_KEY/);
      is(await probe(serverAt('openai-api', server.url, { origin: { layer: 'builtin' } })), 'unauthorized', 'key-missing', /asks for a key/, /set OPENAI_API_KEY$/);
      is(await probe(serverAt('openai-api', server.url, { credential: { store: 'secret', name: 'team' } }), { key: set }), 'unauthorized', 'key-refused', /refused/, /stored key "team"/);
    });

    it('a reference that resolves to nothing: a vendor is not even asked', async () => {
      await using server = await startServer(openai());
      const health = await probe(serverAt('openai-api', server.url, { credential: { store: 'env', name: 'TEAM_KEY' } }), { key: { state: 'unset', message: 'The environment variable TEAM_KEY is not set' } });
      is(health, 'unauthorized', 'key-missing', /TEAM_KEY is not set/, /Set TEAM_KEY/);
      assert.equal(server.requests.length, 0);
    });

    it('a reference that resolves to nothing: a server that wants no key shows its models all the same', async () => {
      await using server = await startServer(ollama());
      const health = await probe(serverAt('ollama', server.url, { credential: { store: 'env', name: 'TEAM_KEY' } }), { key: { state: 'unset', message: 'The environment variable TEAM_KEY is not set' } });
      is(health, 'unauthorized', 'key-missing', /TEAM_KEY is not set/);
      assert.equal(health.models.length, 1);
    });

    it('OpenRouter, whose list is open to everybody, is asked about the key', async () => {
      const script: Script = { 'GET /api/v1/models': json({ data: [{ id: 'a/b', name: 'A: B', context_length: 131_072 }] }), 'GET /api/v1/key': (exchange) => (exchange.request.headers['authorization'] === 'Bearer good' ? json({ data: {} }) : json({ error: { message: 'No auth credentials found', code: 401 } }, { status: 401 }))(exchange) };
      await using server = await startServer(script);
      const at = serverAt('openrouter', `${server.url}/api`);
      is(await probe(at, { key: { state: 'set', value: 'good' } }), 'healthy', 'listed', /1 model/);
      is(await probe(at, { key: set }), 'unauthorized', 'key-refused', /refused/);
      is(await probe(at), 'unauthorized', 'key-missing', /asks for a key/, /OPENROUTER_API_KEY/);
    });

    it('an Ollama that does not know the name it is called by', async () => {
      is(await probe(serverAt('ollama', (await startOnce({ '*': status(403) })).url)), 'unhealthy', 'unexpected-status', /Ollama does not answer to the name 127\.0\.0\.1/, /OLLAMA_HOST/);
    });

    it('xAI refuses with 400', async () => is(await probeAnswer(json({ code: 'Client specified an invalid argument', error: `Incorrect API key provided: ${canary.slice(0, 8)}***.` }, { status: 400 })), 'unauthorized', 'key-refused', /refused/));
  });

  describe('limits', () => {
    it('429: until when, in seconds, as a date, or by itself', async () => {
      const now = Date.now();
      const until = async (headers: Record<string, string>): Promise<number> => {
        const health = await probeAnswer(json({ error: { message: 'slow down' } }, { status: 429, headers }));
        is(health, 'rate-limited', 'too-many-requests', /Too many requests: it asks to wait \d+ (?:s|min|h)$/);
        return ((health.nextProbeAt ?? 0) - now) / 1000;
      };
      const near = (seconds: number, wanted: number): void => assert.ok(Math.abs(seconds - wanted) < 10, `${seconds} s instead of ${wanted} s`);
      near(await until({ 'retry-after': '120' }), 120);
      near(await until({ 'retry-after': new Date(now + 3_600_000).toUTCString() }), 3600);
      near(await until({ 'retry-after-ms': '30000', 'retry-after': '1' }), 30);
      near(await until({}), 60);
      near(await until({ 'retry-after': 'soon' }), 60);
    });

    it('overloaded: Anthropic’s 529 and 503s that say so', async () => {
      is(await probeAnswer(json({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, { status: 529 })), 'busy', 'overloaded', /HTTP 529/);
      const health = await probeAnswer(json({ error: { message: 'The model is overloaded. Please try again later.' } }, { status: 503, headers: { 'retry-after': '5' } }));
      is(health, 'busy', 'overloaded', /HTTP 503/);
      assert.ok((health.nextProbeAt ?? 0) > Date.now());
    });

    it('loading: llama.cpp, old and new, and others that say so', async () => {
      for (const options of [{ loading: true }, { loading: true, listsWhileLoading: true }]) {
        await using server = await startServer(llamacpp(options));
        is(await probe(serverAt('llamacpp', server.url)), 'starting', 'loading-model', /being loaded/);
      }
      is(await probeAnswer(json({ error: 'Model is currently loading', estimated_time: 20 }, { status: 503 })), 'starting', 'loading-model', /being loaded/);
      is(await probeAnswer(json({ error: 'Failed to load model' }, { status: 503 })), 'unhealthy', 'server-error', /Failed to load model/);
    });
  });

  describe('wrong answers', () => {
    it('5xx, with what the server says', async () => {
      is(await probeAnswer(json({ error: { message: 'CUDA out of\n memory' } }, { status: 500 })), 'unhealthy', 'server-error', /^It fails \(HTTP 500: "CUDA out of memory"\)$/, /log/);
      is(await probeAnswer(status(502)), 'unhealthy', 'server-error', /in front of it gets no answer from it \(HTTP 502\)/);
      is(await probeAnswer(json({ error: `bad key ${canary}` }, { status: 500 })), 'unhealthy', 'server-error', /^It fails \(HTTP 500\)$/);
    });

    it('a web page, even with 200', async () => {
      is(await probeAnswer(html({ title: 'Router login' })), 'unhealthy', 'html', /^A web page \("Router login"\) came instead/, /base_url/);
      is(await probeAnswer(bytes('<!doctype html><p>hi', { headers: { 'content-type': 'application/json' } })), 'unhealthy', 'html', /^A web page came instead/);
      is(await probeAnswer(html({ title: `Hello ${canary}` })), 'unhealthy', 'html', /^A web page came instead/);
    });

    it('not JSON, nothing at all, half of it', async () => {
      is(await probeAnswer(text('OK')), 'unhealthy', 'not-json', /not JSON/);
      is(await probeAnswer(text('')), 'unhealthy', 'not-json', /empty/);
      is(await probeAnswer(bytes('{"data":[{"id":', { headers: { 'content-type': 'application/json' } })), 'unhealthy', 'not-json', /not JSON/);
    });

    it('JSON of another shape', async () => {
      for (const value of [null, 1, 'models', {}, { data: 'none' }, { data: [{ name: 'no id' }] }, { models: [] }, { error: 'nope' }]) {
        is(await probeAnswer(json(value)), 'unhealthy', 'wrong-shape', /JSON, but not the list of models that OpenAI-compatible gives/, /openai-compat/);
      }
    });

    it('the list of another kind', async () => {
      await using server = await startServer({ '*': json({ object: 'list', data: [] }) });
      is(await probe(serverAt('ollama', server.url)), 'unhealthy', 'wrong-shape', /that Ollama gives/, /kind/);
    });

    it('a body without end is cut off', async () => {
      await using server = await startServer({ 'GET /v1/models': huge(50) });
      is(await probe(serverAt('openai-compat', server.url)), 'unhealthy', 'body-too-large', /cut off/, /models = /);
      await waitUntil(() => server.openSockets === 0, 'the connection to end');
    });

    it('a body that drips', async () => {
      await using server = await startServer({ 'GET /v1/models': drip({ everyMs: 5 }) });
      is(await probe(serverAt('openai-compat', server.url), { timeoutMs: 700 }), 'unhealthy', 'body-too-slow', /did not end in time/);
      await waitUntil(() => server.openSockets === 0, 'the connection to end');
    });

    it('404 names the path, not the key in the query', async () => {
      await using server = await startServer();
      const health = await probe(serverAt('openai-compat', `${server.url}/llm`, { auth: { type: 'query', name: 'key' } }), { key: set });
      is(health, 'unhealthy', 'not-found', /^There is no list of models at \/llm\/v1\/models \(HTTP 404\)$/, /base_url/);
    });

    it('LM Studio’s 200 for what it does not know is a 404', async () => {
      await using server = await startServer(lmstudio());
      is(await probe(serverAt('ollama', server.url)), 'unhealthy', 'not-found', /\/api\/tags \(LM Studio does not know it\)/);
    });

    it('any other status', async () => is(await probeAnswer(json({ message: 'I am a teapot' }, { status: 418 })), 'unhealthy', 'unexpected-status', /HTTP 418 instead of a list of models: "I am a teapot"/, /OpenAI-compatible was expected/));
  });

  describe('redirects', () => {
    it('to another host: not followed, the key stays here', async () => {
      await using other = await startServer({ '*': json(one) });
      for (const to of [`${other.url}/v1/models?token=${canary}`, `http://user:${canary}@127.0.0.1:${other.port}/`]) {
        is(await probeAnswer(redirect(to)), 'unhealthy', 'redirect', new RegExp(`^It redirects to ${other.url}, which is not followed: the key would go there too$`), new RegExp(`base_url = "${other.url}"`));
      }
      assert.equal(other.requests.length, 0);
    });

    it('to another host without a key: not followed either', async () => {
      await using other = await startServer({ '*': json(one) });
      is(await probeAnswer(redirect(`${other.url}/v1/models`), { key: none }), 'unhealthy', 'redirect', /which is not followed$/);
      assert.equal(other.requests.length, 0);
    });

    it('on the same host: followed once, with the key', async () => {
      await using server = await startServer({ 'GET /v1/models': redirect('/v1/models/', 308), 'GET /v1/models/': (exchange) => (exchange.request.headers['authorization'] === `Bearer ${canary}` ? json(one) : status(401))(exchange) });
      is(await probe(serverAt('openai-compat', server.url), { key: set }), 'healthy', 'listed', /1 model/);
    });

    it('in a circle', async () => {
      await using server = await startServer({ 'GET /v1/models': redirect('/v1/models') });
      is(await probe(serverAt('openai-compat', server.url)), 'unhealthy', 'redirect', /again and again/);
      assert.equal(server.requests.length, 2);
    });

    it('without an address', async () => is(await probeAnswer(status(302)), 'unhealthy', 'unexpected-status', /HTTP 302/));
  });

  describe('no models', () => {
    it('an empty list, and what to do for this kind', async () => {
      for (const [kind, script, hint] of [['ollama', ollama({ models: [] }), /ollama pull llama3\.2/], ['lmstudio', lmstudio({ models: [] }), /lms get/], ['openai-compat', openai({ models: [] }), /models = /]] as const) {
        await using server = await startServer(script);
        is(await probe(serverAt(kind, server.url)), 'no-models', 'empty-list', /It runs, and has no model/, hint);
      }
    });

    it('embedding models only', async () => {
      await using server = await startServer(ollama({ models: [{ name: 'nomic-embed-text', capabilities: ['embedding'] }] }));
      const health = await probe(serverAt('ollama', server.url));
      is(health, 'no-models', 'empty-list', /an embedding model only/);
      assert.equal(health.models.length, 1);
    });
  });

  describe('warnings', () => {
    it('a version with a known hole', async () => {
      await using server = await startServer(ollama({ version: '0.17.0' }));
      const health = await probe(serverAt('ollama', server.url));
      is(health, 'healthy', 'listed', /1 model/);
      assert.match(health.warnings.join(), /Ollama 0\.17\.0 leaks its memory.*CVE-2026-7482.*update to 0\.17\.1/);
    });

    it('LiteLLM tells its version in a header', async () => {
      await using server = await startServer(openai(), { headers: { 'x-litellm-version': '1.83.6' } });
      assert.match((await probe(serverAt('litellm', server.url))).warnings.join(), /CVE-2026-42208/);
    });

    it('LiteLLM without the header tells it when asked', async () => {
      await using server = await startServer({ ...openai(), 'GET /health/readiness': json({ status: 'healthy', litellm_version: '1.90.2' }) });
      const health = await probe(serverAt('litellm', server.url));
      assert.equal(health.version, '1.90.2');
      assert.deepEqual(health.warnings, []);
    });

    it('an Ollama that the network can reach, a key that travels in the open', async () => {
      await using server = await startServer(ollama());
      assert.match((await probe(serverAt('ollama', server.url, { placement: 'self-hosted' }))).warnings.join(), /anybody who can reach it/);
      await using vendor = await startServer(openai());
      assert.match((await probe(serverAt('openai-compat', vendor.url, { placement: 'third-party' }), { key: set })).warnings.join(), /unencrypted/);
    });
  });

  describe('from one probe to the next', () => {
    it('since goes on while state and cause stay, and begins again when one changes', async () => {
      const port = await closedPort();
      const server = serverAt('ollama', `http://127.0.0.1:${port}`);
      const first = await probe(server);
      const previous = { ...first, since: first.since - 60_000 };
      assert.equal((await probe(server, { previous })).since, previous.since);
      const other = await probe(server, { previous: { ...previous, cause: 'timeout', state: 'unreachable' } });
      assert.ok(other.since >= first.since);
    });

    it('a server that is off keeps version and protocols, and has no models', async () => {
      const server = await startServer(ollama({ version: '0.13.5' }));
      const previous = await probe(serverAt('ollama', server.url));
      await server.close();
      const health = await probe(serverAt('ollama', server.url), { previous });
      is(health, 'offline', 'connection-refused', /refused/);
      assert.equal(health.version, '0.13.5');
      assert.deepEqual(health.speaks, ['ollama', 'openai-chat', 'openai-responses']);
      assert.deepEqual(health.models, []);
    });
  });

  it('can be cancelled, and leaves nothing behind', async () => {
    await using server = await startServer({ '*': hang() });
    const controller = new AbortController();
    const pending = probeServer({ server: serverAt('ollama', server.url), key: none, http, clock, signal: controller.signal });
    await waitUntil(() => server.requests.length === 1, 'the request to arrive');
    controller.abort();
    await assert.rejects(pending, { name: 'OperatorError', code: 'cancelled' });
    await assert.rejects(probeServer({ server: serverAt('ollama', server.url), key: none, http, clock, signal: controller.signal }), { code: 'cancelled' });
    await waitUntil(() => server.openSockets === 0, 'the connection to end');
    assert.equal(server.requests.length, 1);
  });

  const started: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const server of started.splice(0)) await server[Symbol.asyncDispose]();
  });
  async function startOnce(script: Script): Promise<{ readonly url: string }> {
    const server = await startServer(script);
    started.push(server);
    return server;
  }
});
