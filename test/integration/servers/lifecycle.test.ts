import assert from 'node:assert/strict';
import type { ModelServer } from '../../../src/core/config/model.ts';
import { isOperatorError, type OperatorErrorCode } from '../../../src/core/errors.ts';
import type { Http } from '../../../src/core/ports.ts';
import type { LifecycleCall } from '../../../src/core/servers/lifecycle/kind.ts';
import { lmstudioActions } from '../../../src/core/servers/lifecycle/lmstudio.ts';
import type { PullProgress } from '../../../src/core/servers/lifecycle/model.ts';
import { ollamaActions } from '../../../src/core/servers/lifecycle/ollama.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createHttp } from '../../../src/platform/http.ts';
import { livingLmStudio, livingOllama } from '../../support/living-servers.ts';
import { serverAt } from '../../support/model-server.ts';
import { startHttpProxy } from '../../support/scripted-proxy.ts';
import { bytes, chunks, closedPort, hang, html, json, ndjson, redirect, type Script, startServer, status, text, waitUntil } from '../../support/scripted-server.ts';

const canary = 'canary-key-7c1e5b90';
const library = { 'qwen3:8b': [4_000_000, 800_000, 2_000], 'nomic-embed-text:latest': [300_000] };

describe('model lifecycle', () => {
  const clock = createSystemClock();
  let http: Http;
  before(() => {
    http = createHttp();
  });
  after(() => http.dispose());

  function callOf(server: ModelServer, changes: Partial<LifecycleCall> = {}): LifecycleCall {
    return { server, key: undefined, http, clock, signal: new AbortController().signal, ...changes };
  }

  const { pull, load, unload, remove, copy, show } = ollamaActions;
  assert.ok(pull && load && unload && remove && copy && show);
  const studio = lmstudioActions;
  assert.ok(studio.pull && studio.load && studio.unload && studio.show);

  async function fails(promise: Promise<unknown>, code: OperatorErrorCode, message: RegExp, hint?: RegExp): Promise<void> {
    try {
      await promise;
    } catch (error) {
      assert.ok(isOperatorError(error), String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.match(error.hint ?? '', hint ?? /./);
      for (const part of [error.message, error.hint ?? '']) assert.doesNotMatch(part, /\.$|undefined|\[object|canary/);
      return;
    }
    assert.fail('it did not fail');
  }

  describe('Ollama', () => {
    it('pulls: the parts add up, and then the model is there', async () => {
      const living = livingOllama({ library });
      await using server = await startServer(living.script);
      const seen: PullProgress[] = [];
      assert.deepEqual(await pull(callOf(serverAt('ollama', server.url)), 'qwen3:8b', (progress) => seen.push(progress)), { model: 'qwen3:8b', already: false });
      assert.deepEqual(living.models.map(({ name }) => name), ['qwen3:8b']);
      assert.equal(seen.at(-1)?.doneBytes, 4_802_000);
      assert.equal(seen.at(-1)?.totalBytes, 4_802_000);
      for (const [index, { doneBytes, totalBytes }] of seen.entries()) {
        assert.ok(doneBytes >= (seen[index - 1]?.doneBytes ?? 0), 'it goes back');
        assert.ok(doneBytes <= totalBytes);
      }
      assert.deepEqual([...new Set(seen.map((progress) => progress.status))], ['pulling manifest', 'downloading', 'verifying sha256 digest', 'writing manifest']);
      assert.deepEqual(server.to('/api/pull').map(({ method, json: body }) => [method, body]), [['POST', { model: 'qwen3:8b', stream: true }]]);
    });

    it('says when everything was there already', async () => {
      const living = livingOllama({ library });
      await using server = await startServer(living.script);
      const call = callOf(serverAt('ollama', server.url));
      await pull(call, 'qwen3:8b', () => {});
      assert.deepEqual(await pull(call, 'qwen3:8b', () => {}), { model: 'qwen3:8b', already: true });
    });

    it('cancels at once, and goes on where it stopped', async () => {
      const living = livingOllama({ library });
      await using server = await startServer(living.script);
      living.hold(2_000_000);
      const cancel = new AbortController();
      const pulling = pull(callOf(serverAt('ollama', server.url), { signal: cancel.signal }), 'qwen3:8b', ({ doneBytes }) => {
        if (doneBytes >= 1_800_000) cancel.abort();
      });
      await assert.rejects(pulling);
      await waitUntil(() => living.followers === 0 && server.openSockets === 0, 'the connection to be closed');
      assert.equal(living.models.length, 0);
      const kept = living.onDisk('qwen3:8b');
      assert.ok(kept >= 1_800_000 && kept <= 2_000_000, String(kept));
      living.open();
      const seen: PullProgress[] = [];
      await pull(callOf(serverAt('ollama', server.url)), 'qwen3:8b', (progress) => seen.push(progress));
      assert.equal(seen.find(({ totalBytes }) => totalBytes > 0)?.doneBytes, kept);
      assert.equal(living.models.length, 1);
    });

    for (const how of ['close', 'reset'] as const) {
      it(`tells of a server that vanishes in the middle (${how})`, async () => {
        const living = livingOllama({ library });
        await using server = await startServer(living.script);
        living.cutNext(2_000_000, how);
        await fails(pull(callOf(serverAt('ollama', server.url)), 'qwen3:8b', () => {}), 'http', /^qwen3:8b could not be pulled on my-ollama: .* closed the connection/, /Pull it again: it goes on where it stopped$/);
        await pull(callOf(serverAt('ollama', server.url)), 'qwen3:8b', () => {});
        assert.equal(living.models.length, 1);
      });
    }

    it('does not take an end without success for one', async () => {
      const living = livingOllama({ library });
      await using server = await startServer(living.script);
      living.cutNext(2_000_000, 'end');
      await fails(pull(callOf(serverAt('ollama', server.url)), 'qwen3:8b', () => {}), 'http', /ended the download before it was complete/, /goes on where it stopped/);
    });

    it('takes an error inside the stream for one, and passes a full disk on', async () => {
      const living = livingOllama({ library });
      await using server = await startServer(living.script);
      living.cutNext(2_000_000, { error: 'write /root/.ollama/models/blobs/sha256-1-partial: no space left on device' });
      await fails(pull(callOf(serverAt('ollama', server.url)), 'qwen3:8b', () => {}), 'refused', /my-ollama says "write .*no space left on device"/, /Free space on the disk.*goes on where it stopped/);
    });

    it('knows a name that nobody has', async () => {
      await using server = await startServer(livingOllama({ library }).script);
      await fails(pull(callOf(serverAt('ollama', server.url)), 'qwen3:8bb', () => {}), 'not-found', /no model "qwen3:8bb" to pull/, /Did you mean qwen3:8b\? .*ollama\.com\/search/);
      await fails(pull(callOf(serverAt('ollama', server.url)), 'zzzzzzzzz', () => {}), 'not-found', /no model "zzzzzzzzz"/, /^Names are at/);
    });

    it('reads lines however they are cut', async () => {
      const lines = [{ status: 'pulling manifest' }, { status: 'pulling é', digest: 'sha256:1', total: 10, completed: 4 }, { status: 'success' }].map((line) => `${JSON.stringify(line)}\r\n`).join('');
      const whole = Buffer.from(lines);
      await using server = await startServer({ 'POST /api/pull': chunks(Array.from(whole, (byte) => Uint8Array.of(byte)), { headers: { 'content-type': 'application/x-ndjson' } }) });
      const seen: number[] = [];
      await pull(callOf(serverAt('ollama', server.url)), 'm', ({ doneBytes }) => seen.push(doneBytes));
      assert.deepEqual(seen, [0, 4]);
    });

    it('loads with a context and a time to stay, and unloads', async () => {
      const living = livingOllama({ models: ['qwen3:8b', { name: 'nomic-embed-text:latest', capabilities: ['embedding'] }] });
      await using server = await startServer(living.script);
      const call = callOf(serverAt('ollama', server.url));
      assert.deepEqual(await load(call, 'qwen3:8b', { contextLength: 16_384, keepAlive: '30m' }), { model: 'qwen3:8b', already: false, contextLength: 16_384 });
      assert.deepEqual(server.to('/api/generate')[0]?.json, { model: 'qwen3:8b', keep_alive: '30m', options: { num_ctx: 16_384 }, stream: false });
      assert.deepEqual(await load(call, 'qwen3:8b', { keepAlive: '-1' }), { model: 'qwen3:8b', already: true, contextLength: 16_384 });
      assert.deepEqual(server.to('/api/generate')[1]?.json, { model: 'qwen3:8b', keep_alive: -1, stream: false });
      // One that cannot generate is loaded by its own way.
      assert.deepEqual(await load(call, 'nomic-embed-text', {}), { model: 'nomic-embed-text:latest', already: false, contextLength: 4096 });
      assert.equal(server.to('/api/generate').length, 2);
      assert.deepEqual(await unload(call, 'qwen3:8b'), { model: 'qwen3:8b', instances: 1 });
      assert.deepEqual(server.to('/api/generate')[2]?.json, { model: 'qwen3:8b', keep_alive: 0, stream: false });
      assert.deepEqual(await unload(call, 'qwen3:8b'), { model: 'qwen3:8b', instances: 0 });
      assert.deepEqual(living.models.filter(({ loaded }) => loaded).map(({ name }) => name), ['nomic-embed-text:latest']);
    });

    it('loads an embedding model of a version that does not tell what models can do', async () => {
      const living = livingOllama({ models: [{ name: 'bge:latest', capabilities: ['embedding'] }] });
      await using server = await startServer({ ...living.script, 'GET /api/tags': json({ models: [{ name: 'bge:latest' }] }) });
      assert.equal((await load(callOf(serverAt('ollama', server.url)), 'bge', {})).model, 'bge:latest');
      assert.equal(server.to('/api/embed').length, 1);
    });

    it('passes on that there is too little memory', async () => {
      const living = livingOllama({ models: ['big:latest'] });
      await using server = await startServer({ ...living.script, 'POST /api/generate': json({ error: 'model requires more system memory (40.1 GiB) than is available (12.3 GiB)' }, { status: 500 }) });
      await fails(load(callOf(serverAt('ollama', server.url)), 'big', {}), 'refused', /big could not be loaded: my-ollama says "model requires more system memory/, /smaller/);
    });

    it('loads nothing that runs elsewhere', async () => {
      await using server = await startServer({ 'GET /api/tags': json({ models: [{ name: 'gpt-oss:120b-cloud', remote_host: 'https://ollama.com' }] }), 'GET /api/ps': json({ models: [] }) });
      await fails(load(callOf(serverAt('ollama', server.url)), 'gpt-oss:120b-cloud', {}), 'refused', /runs elsewhere/);
    });

    it('deletes, with the name as the server has it', async () => {
      const living = livingOllama({ models: ['llama3.2:latest', 'qwen3:8b'] });
      await using server = await startServer(living.script);
      assert.equal(await remove(callOf(serverAt('ollama', server.url)), 'Llama3.2'), 'llama3.2:latest');
      assert.deepEqual(living.models.map(({ name }) => name), ['qwen3:8b']);
      assert.deepEqual(server.to('/api/delete').map(({ method, json: body }) => [method, body]), [['DELETE', { model: 'llama3.2:latest' }]]);
    });

    it('copies, and never onto a model that is there', async () => {
      const living = livingOllama({ models: ['llama3.2:latest', 'qwen3:8b'] });
      await using server = await startServer(living.script);
      const call = callOf(serverAt('ollama', server.url));
      assert.deepEqual(await copy(call, 'llama3.2', 'mine'), { from: 'llama3.2:latest', to: 'mine' });
      assert.deepEqual(living.models.map(({ name }) => name), ['mine:latest', 'llama3.2:latest', 'qwen3:8b']);
      await fails(copy(call, 'llama3.2', 'qwen3:8B'), 'refused', /has a model qwen3:8b already/, /another name/);
      assert.equal(server.to('/api/copy').length, 1);
    });

    it('says what there is where a name is wrong', async () => {
      await using server = await startServer(livingOllama({ models: ['llama3.2:latest', 'qwen3:8b'] }).script);
      const call = callOf(serverAt('ollama', server.url));
      await fails(load(call, 'qwen3:8', {}), 'not-found', /my-ollama has no model "qwen3:8"/, /^Did you mean qwen3:8b\?$/);
      await fails(remove(call, 'phi'), 'not-found', /no model "phi"/, /^It has llama3\.2:latest and qwen3:8b$/);
      await fails(unload(call, 'qwen3'), 'not-found', /no model "qwen3"/, /Did you mean qwen3:8b/);
      assert.equal(server.to('/api/delete').length, 0);
      await using empty = await startServer(livingOllama().script);
      await fails(show(callOf(serverAt('ollama', empty.url)), 'phi'), 'not-found', /no model "phi"/, /none at all/);
    });

    it('shows details', async () => {
      await using server = await startServer(livingOllama({ models: [{ name: 'qwen3:8b', size: 5_225_388_164, parameters: '8.2B', family: 'qwen3', contextLength: 40_960, capabilities: ['completion', 'tools'], loaded: true, loadedContext: 8192 }] }).script);
      assert.deepEqual(await show(callOf(serverAt('ollama', server.url)), 'qwen3:8b'), {
        model: 'qwen3:8b',
        family: 'qwen3',
        format: 'gguf',
        parameters: '8.2B',
        quantization: 'Q4_K_M',
        sizeBytes: 5_225_388_164,
        contextWindow: 40_960,
        capabilities: ['completion', 'tools'],
        instances: [{ id: 'qwen3:8b', contextLength: 8192, bytes: 5_225_388_164, until: Date.parse('2030-01-01T00:05:00Z') }],
        modifiedAt: Date.parse('2026-09-01T08:00:00Z'),
        license: 'Apache License 2.0',
        hasTemplate: true,
        settings: ['temperature 0.6', 'stop "<|im_end|>"'],
        digest: 'a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72',
      });
    });
  });

  describe('LM Studio', () => {
    it('pulls by following its job', async () => {
      const living = livingLmStudio({ library: { 'qwen/qwen3-4b-2507': 2_000_000 } });
      await using server = await startServer(living.script);
      const seen: number[] = [];
      const call = callOf(serverAt('lmstudio', server.url));
      assert.deepEqual(await studio.pull?.(call, 'qwen/qwen3-4b-2507', ({ doneBytes }) => seen.push(doneBytes)), { model: 'qwen/qwen3-4b-2507', already: false });
      assert.deepEqual(seen, [0, 500_000, 1_000_000, 1_500_000]);
      assert.deepEqual(await studio.pull?.(call, 'qwen/qwen3-4b-2507', () => {}), { model: 'qwen/qwen3-4b-2507', already: true });
      assert.deepEqual(server.to('/api/v1/models/download')[0]?.json, { model: 'qwen/qwen3-4b-2507' });
    }).timeout(10_000);

    it('names a quantisation of an address', async () => {
      await using server = await startServer({ 'POST /api/v1/models/download': json({ status: 'already_downloaded' }) });
      await studio.pull?.(callOf(serverAt('lmstudio', server.url)), 'https://huggingface.co/lmstudio-community/gpt-oss-20b-GGUF@Q4_K_M', () => {});
      assert.deepEqual(server.requests[0]?.json, { model: 'https://huggingface.co/lmstudio-community/gpt-oss-20b-GGUF', quantization: 'Q4_K_M' });
    });

    it('stops following at once when it is cancelled, and finds the same job again', async () => {
      const living = livingLmStudio({ library: { m: 2_000_000 } });
      await using server = await startServer(living.script);
      const cancel = new AbortController();
      await assert.rejects(Promise.resolve(studio.pull?.(callOf(serverAt('lmstudio', server.url), { signal: cancel.signal }), 'm', ({ doneBytes }) => doneBytes > 0 && cancel.abort())));
      await waitUntil(() => server.openSockets === 0, 'the connection to be closed');
      const seen: number[] = [];
      await studio.pull?.(callOf(serverAt('lmstudio', server.url)), 'm', ({ doneBytes }) => seen.push(doneBytes));
      assert.equal(seen[0], 500_000);
    }).timeout(10_000);

    it('tells of a download that failed, one that is unknown, and a server that is gone', async () => {
      const living = livingLmStudio({ library: { m: 2_000_000 } });
      await using server = await startServer(living.script);
      const call = callOf(serverAt('lmstudio', server.url));
      await fails(Promise.resolve(studio.pull?.(call, 'm', () => living.setJob('m', { status: 'failed' }))), 'refused', /the download failed in my-lmstudio/, /Pull it again/);
      await fails(Promise.resolve(studio.pull?.(call, 'nobody/has-it', () => {})), 'not-found', /my-lmstudio says "Model "nobody\/has-it" not found"/, /lmstudio\.ai\/models/);
      await fails(Promise.resolve(studio.pull?.(call, 'm', () => void server.close())), 'http', /refused the connection|closed the connection/, /goes on where it stopped/);
    }).timeout(10_000);

    it('loads once: what is loaded stays, another context replaces it', async () => {
      const living = livingLmStudio({ models: ['qwen/qwen3-8b'] });
      await using server = await startServer(living.script);
      const call = callOf(serverAt('lmstudio', server.url));
      assert.deepEqual(await studio.load?.(call, 'qwen/qwen3-8b', { contextLength: 8192 }), { model: 'qwen/qwen3-8b', already: false, contextLength: 8192 });
      assert.deepEqual(await studio.load?.(call, 'qwen/qwen3-8b', {}), { model: 'qwen/qwen3-8b', already: true, contextLength: 8192 });
      assert.deepEqual(await studio.load?.(call, 'qwen/qwen3-8b', { contextLength: 8192 }), { model: 'qwen/qwen3-8b', already: true, contextLength: 8192 });
      assert.equal(server.to('/api/v1/models/load').length, 1);
      assert.deepEqual(await studio.load?.(call, 'qwen/qwen3-8b', { contextLength: 16_384 }), { model: 'qwen/qwen3-8b', already: false, contextLength: 16_384 });
      assert.deepEqual(living.models[0]?.loaded, [16_384]);
      await fails(Promise.resolve(studio.load?.(call, 'qwen/qwen3-8b', { contextLength: 1_000_000 })), 'refused', /takes 32768 tokens at most/);
      assert.deepEqual(living.models[0]?.loaded, [16_384]);
    });

    it('unloads every instance, or the one that is named', async () => {
      const living = livingLmStudio({ models: [{ key: 'qwen/qwen3-8b', loaded: [4096, 8192] }, { key: 'b', loaded: [1024, 2048] }] });
      await using server = await startServer(living.script);
      const call = callOf(serverAt('lmstudio', server.url));
      assert.deepEqual(await studio.unload?.(call, 'b:2'), { model: 'b:2', instances: 1 });
      assert.deepEqual(living.models[1]?.loaded, [1024]);
    });

    it('shows what its list says', async () => {
      await using server = await startServer(livingLmStudio({ models: [{ key: 'qwen/qwen3-8b', displayName: 'Qwen3 8B', loaded: [4096] }] }).script);
      assert.deepEqual(await studio.show?.(callOf(serverAt('lmstudio', server.url)), 'qwen/qwen3-8b'), {
        model: 'qwen/qwen3-8b',
        displayName: 'Qwen3 8B',
        family: 'qwen3',
        format: 'gguf',
        parameters: '8B',
        quantization: 'Q4_K_M',
        sizeBytes: 5_030_000_000,
        contextWindow: 32_768,
        capabilities: ['completion', 'tools'],
        instances: [{ id: 'qwen/qwen3-8b', contextLength: 4096 }],
        settings: [],
      });
    });

    it('says that an old version has no such calls', async () => {
      await using server = await startServer(livingLmStudio({ version: '0.3.30', models: ['m'] }).script);
      await fails(Promise.resolve(studio.load?.(callOf(serverAt('lmstudio', server.url)), 'm', {})), 'refused', /this version of LM Studio has no such call/, /0\.4\.0/);
    });
  });

  describe('on the way', () => {
    const secured = (url: string): ModelServer => serverAt('ollama', url, { auth: { type: 'bearer' }, headers: { 'X-Team': 'payments' } });

    it('sends key, headers and proxy of the server with every call', async () => {
      const living = livingOllama({ models: ['llama3.2:latest'], library });
      await using server = await startServer(living.script);
      await using proxy = await startHttpProxy({ target: server.port });
      const call = callOf({ ...secured('http://ollama.test'), proxy: proxy.url }, { key: canary });
      await pull(call, 'qwen3:8b', () => {});
      await load(call, 'qwen3:8b', {});
      await unload(call, 'qwen3:8b');
      await copy(call, 'qwen3:8b', 'mine');
      await show(call, 'mine');
      await remove(call, 'mine');
      assert.ok(server.requests.length > 8);
      assert.ok(proxy.asked.length > 0);
      for (const { path, headers } of server.requests) assert.deepEqual([path, headers['authorization'], headers['x-team']], [path, `Bearer ${canary}`, 'payments']);
    });

    it('follows no redirect with a key', async () => {
      await using elsewhere = await startServer({ '*': ndjson([{ status: 'success' }]) });
      const away: Script = { '*': redirect(`${elsewhere.url}/api/pull`, 307) };
      await using server = await startServer(away);
      await fails(pull(callOf(secured(server.url), { key: canary }), 'm', () => {}), 'http', /redirects to http:\/\/127\.0\.0\.1:\d+, which is not followed: the key would go there too/, /base_url/);
      await fails(remove(callOf(secured(server.url), { key: canary }), 'm'), 'http', /redirects/);
      // Nor with a body, within the same server.
      await using same = await startServer({ ...livingOllama({ models: ['m:latest'] }).script, 'DELETE /api/delete': redirect('/elsewhere', 308) });
      await fails(remove(callOf(serverAt('ollama', same.url)), 'm'), 'http', /redirects/);
      assert.equal(elsewhere.requests.length, 0);
      assert.equal(same.to('/elsewhere').length, 0);
    });

    it('never repeats a key that a server echoes', async () => {
      await using server = await startServer({ '*': json({ error: `bad token ${canary}` }, { status: 400 }) });
      await fails(pull(callOf(secured(server.url), { key: canary }), 'm', () => {}), 'http', /answers HTTP 400/, /log/);
    });

    it('says what answers instead', async () => {
      const answers: readonly (readonly [Script[string], OperatorErrorCode, RegExp])[] = [
        [html(), 'http', /could not be pulled/],
        [status(401), 'http', /asks for a key/],
        [status(404), 'http', /something else than Ollama answers|HTTP 404/],
        [json({ error: 'boom' }, { status: 500 }), 'refused', /says "boom"/],
        [status(502), 'http', /Something in front of it/],
        [text('pulling…\n', { headers: { 'content-type': 'application/x-ndjson' } }), 'http', /not what Ollama sends/],
        [bytes(''), 'http', /before it was complete/],
      ];
      for (const [answer, code, message] of answers) {
        await using server = await startServer({ '*': answer });
        await fails(pull(callOf(serverAt('ollama', server.url)), 'm', () => {}), code, message);
      }
      await fails(pull(callOf(serverAt('ollama', `http://127.0.0.1:${await closedPort()}`)), 'm', () => {}), 'http', /refused the connection/, /ollama serve/);
    });

    it('can be cancelled before anything was answered', async () => {
      await using server = await startServer({ '*': hang() });
      const cancel = new AbortController();
      const pulling = pull(callOf(serverAt('ollama', server.url), { signal: cancel.signal }), 'm', () => {});
      await waitUntil(() => server.requests.length === 1, 'the request');
      cancel.abort();
      await assert.rejects(pulling);
      await waitUntil(() => server.openSockets === 0, 'the connection to be closed');
    });
  });
});
