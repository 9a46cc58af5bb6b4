import assert from 'node:assert/strict';
import { createOperator } from '../../../src/app/operator.ts';
import type { OperatorOptions } from '../../../src/app/options.ts';
import { isOperatorError, type OperatorErrorCode } from '../../../src/core/errors.ts';
import type { Operator } from '../../../src/core/operator.ts';
import { type FakePorts, fakePorts, settle } from '../fakes.ts';

const toml = `[[model_servers]]
name = "box"
kind = "ollama"

[[model_servers]]
name = "lab"
kind = "vllm"
base_url = "http://10.0.0.7:8000"

[[delegators]]
name = "talk"
llm_tool = "chat"
model = "phi4"
model_server = "box"
`;

describe('operator.lifecycle', () => {
  const started: Operator[] = [];
  afterEach(() => {
    for (const operator of started.splice(0)) operator.dispose();
  });

  interface World {
    readonly operator: Operator;
    readonly ports: FakePorts;
    /** Names that the server has. */
    readonly models: Set<string>;
    paths(): readonly string[];
  }

  async function start(options: Partial<OperatorOptions> = {}, text = toml, env: Readonly<Record<string, string>> = {}): Promise<World> {
    const ports = fakePorts({ files: { '/w/operator.toml': text }, env });
    const models = new Set(['llama3.2:latest']);
    ports.http.respond = ({ method, url, body }) => {
      const { pathname } = new URL(url);
      const { model = '' } = JSON.parse(body ?? '{}') as { model?: string };
      if (pathname === '/api/tags') return { body: JSON.stringify({ models: [...models].map((name) => ({ name })) }) };
      if (pathname === '/api/ps') return { body: '{"models":[]}' };
      if (pathname === '/api/version') return { body: '{"version":"0.33.0"}' };
      if (pathname === '/api/delete' && method === 'DELETE') {
        models.delete(model);
        return { body: '' };
      }
      if (pathname === '/api/pull') {
        models.add(model);
        return { body: [{ status: 'pulling manifest' }, { status: 'pulling 1', digest: '1', total: 100, completed: 43 }, { status: 'success' }].map((line) => `${JSON.stringify(line)}\n`).join('') };
      }
      return { status: 404, body: '404 page not found' };
    };
    const operator = createOperator({ ports, roots: ['/w'], cwd: '/w', trusted: true, version: '0.1.0', operatorCommand: { argv: ['/bin/node', '/ext/cli.js'], env: {} }, watch: false, ...options });
    started.push(operator);
    await operator.reload();
    return { operator, ports, models, paths: () => ports.http.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`) };
  }

  async function fails(promise: Promise<unknown>, code: OperatorErrorCode, message: RegExp): Promise<void> {
    await assert.rejects(promise, (error) => isOperatorError(error) && error.code === code && message.test(`${error.message}. ${error.hint ?? ''}`));
  }

  it('probes the server after each change, so that its models are right', async () => {
    const { operator } = await start();
    const models = (): readonly string[] => operator.findServer('box')?.health.models.map(({ id }) => id) ?? [];
    await operator.lifecycle.pull('box', 'qwen3:8b');
    assert.deepEqual(models(), ['llama3.2:latest', 'qwen3:8b']);
    await operator.lifecycle.remove('box', 'llama3.2');
    assert.deepEqual(models(), ['qwen3:8b']);
  });

  it('does not take a probe that began before for one that knows', async () => {
    const { operator, ports } = await start();
    const answer = ports.http.respond;
    const { promise, resolve } = Promise.withResolvers<void>();
    let first = true;
    ports.http.respond = async (request) => {
      if (!first || !request.url.endsWith('/api/tags')) return answer(request) as { body?: string };
      first = false;
      const old = { body: '{"models":[]}' };
      await promise;
      return old;
    };
    const probing = operator.probe();
    await settle();
    const pulling = operator.lifecycle.pull('box', 'qwen3:8b');
    await settle();
    resolve();
    await Promise.all([probing, pulling]);
    assert.ok(operator.findServer('box')?.health.models.some(({ id }) => id === 'qwen3:8b'));
  });

  it('shows a download with its server as long as it goes on, and lets none go on twice', async () => {
    const { operator, ports } = await start();
    const seen: (number | undefined)[] = [];
    const answer = ports.http.respond;
    const gate = Promise.withResolvers<void>();
    ports.http.respond = async (request) => {
      if (request.url.endsWith('/api/pull')) await gate.promise;
      return answer(request) as { body?: string };
    };
    const pulls = (): readonly string[] => operator.findServer('box')?.pulls?.map(({ model }) => model) ?? [];
    const pulling = operator.lifecycle.pull('box', 'qwen3:8b', { onProgress: ({ doneBytes }) => seen.push(doneBytes) });
    await fails(operator.lifecycle.pull('box', 'qwen3:8b'), 'refused', /is being pulled on box already/);
    assert.deepEqual(pulls(), ['qwen3:8b']);
    gate.resolve();
    await pulling;
    assert.deepEqual(pulls(), []);
    assert.deepEqual(seen, [0, 43]);
    assert.equal(ports.http.requests.filter(({ url }) => url.endsWith('/api/pull')).length, 1);
  });

  it('says what was cancelled, ends with the operator, and leaves nothing behind', async () => {
    const { operator, ports } = await start();
    ports.http.respond = () => new Promise(() => {});
    const aborted = new AbortController();
    aborted.abort();
    await fails(operator.lifecycle.pull('box', 'qwen3:8b', { signal: aborted.signal }), 'cancelled', /What came is kept: pull it again/);
    assert.equal(operator.findServer('box')?.pulls, undefined);
  });

  it('knows what each kind can do, and says so where it cannot', async () => {
    const { operator, paths } = await start();
    assert.deepEqual([...operator.lifecycle.abilities('box')], ['pull', 'load', 'unload', 'remove', 'copy', 'show']);
    assert.deepEqual([...operator.lifecycle.abilities('lab')], []);
    assert.deepEqual([...operator.lifecycle.abilities('nobody')], []);
    await fails(operator.lifecycle.load('lab', 'm'), 'refused', /lab cannot load models: vLLM has no way to be asked for it.*vllm serve/);
    await fails(operator.lifecycle.load('bocks', 'm'), 'not-found', /no model server named "bocks"/);
    assert.deepEqual(paths(), []);
  });

  it('sends nothing in an untrusted workspace', async () => {
    const { operator, paths } = await start({ trusted: false });
    await fails(operator.lifecycle.pull('box', 'm'), 'refused', /untrusted workspace/);
    await fails(operator.lifecycle.remove('box', 'm'), 'refused', /Trust the workspace/);
    assert.deepEqual(paths(), []);
  });

  it('sends the key that the entry names, and nothing without it', async () => {
    const keyed = toml.replace('kind = "ollama"', 'kind = "ollama"\napi_key = "env:BOX_KEY"\nauth = "bearer"');
    const without = await start({}, keyed);
    await fails(without.operator.lifecycle.pull('box', 'm'), 'credential', /BOX_KEY is not set/);
    assert.deepEqual(without.paths(), []);
    const { operator, ports } = await start({}, keyed, { BOX_KEY: 'canary-1' });
    await operator.lifecycle.pull('box', 'm');
    assert.ok(ports.http.requests.every(({ headers }) => headers?.['authorization'] === 'Bearer canary-1'));
  });

  it('proposes first what delegators name and the server lacks', async () => {
    const { operator, models } = await start();
    models.add('qwen3:8b');
    await operator.probe();
    const proposed = operator.lifecycle.suggestions('box').map(({ model }) => model);
    assert.equal(proposed[0], 'phi4');
    assert.ok(!proposed.includes('qwen3:8b') && proposed.includes('gpt-oss:20b'));
    assert.deepEqual(operator.lifecycle.suggestions('lab'), []);
  });
});
