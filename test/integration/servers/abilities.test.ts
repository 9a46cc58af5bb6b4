import assert from 'node:assert/strict';
import type { ModelServer } from '../../../src/core/config/model.ts';
import type { Http } from '../../../src/core/ports.ts';
import { type Health, unknownHealth } from '../../../src/core/servers/health.ts';
import { probeServer } from '../../../src/core/servers/probe.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createHttp } from '../../../src/platform/http.ts';
import { serverAt } from '../../support/model-server.ts';
import { anthropicError, llamacpp, lmstudio, ollama, openai, vllm } from '../../support/scripted-server-kinds.ts';
import { html, inTurn, json, redirect, type ScriptedServer, startServer, status } from '../../support/scripted-server.ts';

const posts = (server: ScriptedServer): readonly string[] => server.requests.filter(({ method }) => method === 'POST').map(({ path }) => path).sort();

describe('protocols that a server speaks', () => {
  let http: Http;
  before(() => {
    http = createHttp();
  });
  after(() => {
    http.dispose();
  });
  const probe = (server: ModelServer, previous?: Health): Promise<Health> => probeServer({ server, key: { state: 'none' }, http, clock: createSystemClock(), signal: new AbortController().signal, previous });

  for (const [version, expected] of [
    ['0.13.2', ['ollama', 'openai-chat']],
    ['0.13.3', ['ollama', 'openai-chat', 'openai-responses']],
    ['0.14.0', ['ollama', 'openai-chat', 'openai-responses', 'anthropic-messages']],
  ] as const) {
    it(`Ollama ${version}`, async () => {
      await using server = await startServer(ollama({ version }));
      assert.deepEqual((await probe(serverAt('ollama', server.url))).speaks, expected);
      assert.deepEqual(posts(server), ['/v1/messages', '/v1/responses']);
      assert.ok(server.requests.filter(({ method }) => method === 'POST').every(({ body }) => body === '{}'));
    });
  }

  it('LM Studio answers 200 to a route that it lacks', async () => {
    await using server = await startServer(lmstudio({ version: '0.4.0' }));
    assert.deepEqual((await probe(serverAt('lmstudio', server.url))).speaks, ['openai-chat', 'openai-responses']);
  });

  it('old and new llama.cpp and vLLM', async () => {
    for (const [kind, script] of [['llamacpp', llamacpp], ['vllm', vllm]] as const) {
      await using old = await startServer(script({ old: true }));
      assert.deepEqual((await probe(serverAt(kind, old.url))).speaks, ['openai-chat']);
      await using current = await startServer(script());
      assert.deepEqual((await probe(serverAt(kind, current.url))).speaks, ['openai-chat', 'openai-responses', 'anthropic-messages']);
    }
  });

  it('a route that is there may refuse in any way: 401, 403, 415, 422, 500', async () => {
    for (const code of [400, 401, 403, 415, 422, 500]) {
      await using server = await startServer({ ...ollama({ version: '0.13.0' }), 'POST /v1/messages': anthropicError(code, 'invalid_request_error', 'no') });
      assert.ok((await probe(serverAt('ollama', server.url))).speaks?.includes('anthropic-messages'), String(code));
    }
  });

  it('404, 405, 501, a web page and a redirect mean that it is not there', async () => {
    for (const answer of [status(404), status(405), status(501), html(), redirect('/login')]) {
      await using server = await startServer({ ...ollama(), 'POST /v1/messages': answer });
      assert.deepEqual((await probe(serverAt('ollama', server.url))).speaks, ['ollama', 'openai-chat', 'openai-responses']);
    }
  });

  it('the same version is not asked again, another one is', async () => {
    await using server = await startServer(ollama({ version: '0.13.5' }));
    const at = serverAt('ollama', server.url);
    const first = await probe(at);
    const second = await probe(at, first);
    assert.deepEqual(second.speaks, ['ollama', 'openai-chat', 'openai-responses']);
    assert.equal(posts(server).length, 2);
    server.play(ollama({ version: '0.14.1' }));
    assert.ok((await probe(at, second)).speaks?.includes('anthropic-messages'));
    assert.equal(posts(server).length, 4);
  });

  it('without a version: asked again only after the server was away', async () => {
    await using server = await startServer(lmstudio());
    const at = serverAt('lmstudio', server.url);
    const first = await probe(at);
    assert.deepEqual((await probe(at, first)).speaks, first.speaks);
    assert.equal(posts(server).length, 2);
    await probe(at, { ...first, state: 'offline', cause: 'connection-refused' });
    assert.equal(posts(server).length, 4);
  });

  it('no conclusion from a server that is busy: the next probe asks again', async () => {
    await using server = await startServer({ ...ollama(), 'POST /v1/messages': inTurn(status(503), anthropicError(400, 'invalid_request_error', 'model is required')) });
    const at = serverAt('ollama', server.url);
    const first = await probe(at);
    assert.equal(first.state, 'healthy');
    assert.equal(first.speaks, undefined);
    assert.ok((await probe(at, first)).speaks?.includes('anthropic-messages'));
  });

  it('hosted vendors are not asked', async () => {
    await using server = await startServer(openai());
    for (const at of [serverAt('openai-api', server.url), serverAt('openai-compat', server.url, { placement: 'third-party' }), serverAt('ollama', server.url, { placement: 'third-party' })]) {
      assert.equal((await probe(at)).speaks, undefined);
    }
    assert.deepEqual(posts(server), []);
  });

  it('a server that does not list its models is not asked', async () => {
    await using server = await startServer();
    assert.equal((await probe(serverAt('ollama', server.url))).speaks, undefined);
    assert.deepEqual(posts(server), []);
  });

  it('a sleeping llama.cpp is not woken', async () => {
    await using server = await startServer(llamacpp({ sleeping: true }));
    const at = serverAt('llamacpp', server.url);
    const asleep = await probe(at);
    assert.equal(asleep.models[0]?.loaded, false);
    assert.deepEqual(posts(server), []);
    const known: Health = { ...unknownHealth(0), state: 'healthy', cause: 'listed', version: 'b9812-a1b2c3d4e', speaks: ['openai-chat'] };
    assert.deepEqual((await probe(at, known)).speaks, ['openai-chat']);
  });

  describe('of a kind that is not known well', () => {
    it('are asked with what nobody can act on, and found', async () => {
      await using server = await startServer(openai());
      assert.deepEqual((await probe(serverAt('openai-compat', server.url))).speaks, ['openai-chat', 'openai-responses']);
      assert.ok(server.requests.filter(({ method }) => method === 'POST').every(({ json }) => json === undefined));
    });

    it('stay as documented when the server complains about every path alike', async () => {
      for (const code of [400, 401, 500]) {
        await using server = await startServer({ 'GET /v1/models': json({ data: [{ id: 'm' }] }), 'POST /*': json({ error: 'no' }, { status: code }) });
        assert.deepEqual((await probe(serverAt('openai-compat', server.url))).speaks, ['openai-chat'], String(code));
        assert.deepEqual((await probe(serverAt('litellm', server.url))).speaks, ['openai-chat', 'openai-responses', 'anthropic-messages'], String(code));
      }
    });
  });
});
