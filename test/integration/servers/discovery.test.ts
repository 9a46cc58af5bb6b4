import assert from 'node:assert/strict';
import type { ModelServer } from '../../../src/core/config/model.ts';
import type { Http } from '../../../src/core/ports.ts';
import { discoverServers, type FoundServer, portsOfVariables } from '../../../src/core/servers/discovery.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createHttp } from '../../../src/platform/http.ts';
import { serverAt } from '../../support/model-server.ts';
import { llamacpp, lmstudio, ollama, openai, vllm } from '../../support/scripted-server-kinds.ts';
import { closedPort, hang, html, json, type Script, startServer, startTcpServer, status, text, waitUntil } from '../../support/scripted-server.ts';

describe('discovery', () => {
  let http: Http;
  before(() => {
    http = createHttp();
  });
  after(() => {
    http.dispose();
  });
  const discover = (ports: readonly number[], declared: readonly ModelServer[] = []): Promise<readonly FoundServer[]> => discoverServers({ http, clock: createSystemClock(), signal: new AbortController().signal, declared, ports });
  async function find(script: Script): Promise<FoundServer | undefined> {
    await using server = await startServer(script);
    const found = await discover([server.port]);
    assert.ok(server.requests.every(({ headers, method }) => headers['authorization'] === undefined && method === 'GET'));
    return found[0] && { ...found[0], baseUrl: found[0].baseUrl.replace(String(server.port), 'PORT') };
  }

  it('knows each server by its fingerprint, whatever the port', async () => {
    assert.deepEqual(await find(ollama({ version: '0.33.1', models: ['a', 'b'] })), { kind: 'ollama', version: '0.33.1', modelCount: 2, baseUrl: 'http://localhost:PORT' });
    assert.deepEqual(await find(lmstudio({ models: ['a', 'b', 'c'] })), { kind: 'lmstudio', modelCount: 3, baseUrl: 'http://localhost:PORT' });
    assert.deepEqual(await find(lmstudio({ version: '0.3.20' })), { kind: 'lmstudio', modelCount: 1, baseUrl: 'http://localhost:PORT' });
    assert.deepEqual(await find(llamacpp({ build: 'b9812' })), { kind: 'llamacpp', version: 'b9812', modelCount: 1, baseUrl: 'http://localhost:PORT' });
    assert.deepEqual(await find(vllm({ version: '0.25.1' })), { kind: 'vllm', version: '0.25.1', modelCount: 1, baseUrl: 'http://localhost:PORT' });
  });

  it('knows them in unusual states', async () => {
    assert.deepEqual((await find(ollama({ models: [] })))?.modelCount, 0);
    assert.deepEqual((await find(llamacpp({ loading: true })))?.kind, 'llamacpp');
    assert.deepEqual((await find(llamacpp({ key: 'secret' })))?.kind, 'llamacpp');
    assert.deepEqual((await find(lmstudio({ models: [] })))?.kind, 'lmstudio');
  });

  it('offers nothing that it cannot tell for sure', async () => {
    const mistralRs: Script = { 'GET /v1/models': json({ object: 'list', data: [{ id: 'default', object: 'model', created: 1, owned_by: 'local' }] }), 'GET /health': text('OK') };
    const localAi: Script = { ...ollama(), 'GET /': html({ title: 'LocalAI' }), 'GET /api/version': json({ version: '0.9.0' }) };
    const otherOwnList: Script = { 'GET /v1/models': json({ data: [] }), 'GET /api/v1/models': json({ models: [] }) };
    for (const script of [mistralRs, localAi, otherOwnList, openai(), { '*': html() }, { '*': json({}) }, { '*': text('Ollama is running') }, { '*': status(500) }, {}]) assert.equal(await find(script as Script), undefined);
  });

  it('looks where the variables of servers say, as long as that is this machine', async () => {
    await using server = await startServer(ollama({ models: ['a'] }));
    const wanted = [{ kind: 'ollama', version: '0.33.1', modelCount: 1, baseUrl: `http://localhost:${server.port}` }];
    const named = (variables: Readonly<Record<string, string>>): readonly number[] => portsOfVariables((name) => variables[name]);
    for (const address of [`127.0.0.1:${server.port}`, `http://localhost:${server.port}/`, `0.0.0.0:${server.port}`]) {
      assert.deepEqual(await discover(named({ OLLAMA_HOST: address })), wanted, address);
      assert.deepEqual(await discover(named({ OLLAMA_BASE_URL: address })), wanted, address);
    }
    assert.deepEqual(named({ OLLAMA_HOST: 'gpu-box:11434', VLLM_BASE_URL: 'http://10.0.0.7:8000/v1', LMSTUDIO_BASE_URL: 'no address at all' }), []);
    assert.deepEqual(named({ LOCAL_LLM_BASE_URL: 'http://localhost:9999/v1', LLAMACPP_BASE_URL: '' }), [9999]);
  });

  it('another program on the port sees one question', async () => {
    for (const script of [{ '*': html() }, { '*': status(404) }] as Script[]) {
      await using server = await startServer(script);
      await discover([server.port]);
      assert.deepEqual(server.requests.map(({ path }) => path), ['/v1/models']);
    }
  });

  it('looks at all ports at once, in order, past the closed and the silent ones, within a second', async () => {
    await using first = await startServer(lmstudio());
    await using silent = await startServer({ '*': hang() });
    await using dumb = await startTcpServer(() => {});
    await using second = await startServer(ollama());
    const started = performance.now();
    const found = await discover([first.port, await closedPort(), silent.port, dumb.port, second.port]);
    assert.ok(performance.now() - started < 4000);
    assert.deepEqual(found.map(({ kind }) => kind), ['lmstudio', 'ollama']);
    await waitUntil(() => silent.openSockets === 0, 'the connections to end');
  });

  it('leaves declared servers alone, however they are spelled', async () => {
    await using server = await startServer(ollama());
    for (const host of ['localhost', '127.0.0.1', '[::1]', '0.0.0.0', 'LOCALHOST']) {
      assert.deepEqual(await discover([server.port], [serverAt('openai-compat', `http://${host}:${server.port}/v1`)]), []);
    }
    assert.equal(server.requests.length, 0);
    assert.equal((await discover([server.port], [serverAt('ollama', `http://192.168.1.5:${server.port}`)])).length, 1);
  });

  it('can be cancelled', async () => {
    await using server = await startServer({ '*': hang() });
    const controller = new AbortController();
    const pending = discoverServers({ http, clock: createSystemClock(), signal: controller.signal, declared: [], ports: [server.port] });
    await waitUntil(() => server.requests.length === 1, 'the request to arrive');
    controller.abort();
    await assert.rejects(pending, { code: 'cancelled' });
    await waitUntil(() => server.openSockets === 0, 'the connection to end');
  });
});
