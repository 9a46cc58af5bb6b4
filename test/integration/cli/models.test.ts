import assert from 'node:assert/strict';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogueReport } from '../../../src/core/servers/models/report.ts';
import { createPlace, type Place, type Result } from '../../support/cli.ts';
import { ollama } from '../../support/scripted-server-kinds.ts';
import { inTurn, json, type ScriptedServer, startServer, status } from '../../support/scripted-server.ts';

const key = 'sk-or-0123456789abcdef';
const fixture = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/catalogues', `${name}.json`), 'utf8'));

describe('operator models', function () {
  this.timeout(60_000);
  let place: Place;
  let vendor: ScriptedServer;
  let local: ScriptedServer;
  before(async () => {
    vendor = await startServer();
    local = await startServer();
  });
  after(() => Promise.all([vendor.close(), local.close()]));
  beforeEach(() => {
    vendor.play({ '/api/v1/models': json(fixture('openrouter')) });
    local.play(ollama({ models: [{ name: 'qwen3:8b', capabilities: ['completion', 'tools'], contextLength: 40_960, loaded: true, loadedContext: 8192 }] }));
    place = createPlace({
      'operator.toml': `[[model_servers]]\nname = "router"\nkind = "openrouter"\nbase_url = "${vendor.url}/api"\nplacement = "third-party"\napi_key = "env:ROUTER_KEY"\n\n[[model_servers]]\nname = "box"\nkind = "ollama"\nbase_url = "${local.url}"\n`,
    });
  });
  afterEach(() => place[Symbol.dispose]());

  const run = (...args: readonly string[]): Promise<Result> => place.run(['models', ...args], { env: { ROUTER_KEY: key } });
  const report = async (...args: readonly string[]): Promise<readonly CatalogueReport[]> => (JSON.parse((await run(...args, '--json')).stdout) as { model_servers: CatalogueReport[] }).model_servers;
  const cacheDir = (): string => join(place.operatorHome, 'state', 'models');
  /** Makes every kept list older. */
  function age(hours: number): void {
    for (const name of readdirSync(cacheDir())) {
      const path = join(cacheDir(), name);
      const list = JSON.parse(readFileSync(path, 'utf8')) as { fetchedAt: number };
      writeFileSync(path, JSON.stringify({ ...list, fetchedAt: list.fetchedAt - hours * 3_600_000 }));
      const at = new Date(Date.now() - hours * 3_600_000);
      utimesSync(path, at, at);
    }
  }

  it('shows what each server has to choose from, and says what it leaves out', async () => {
    const { code, stdout, stderr } = await run();
    assert.deepEqual([code, stderr], [0, '']);
    const [router, box] = stdout.split('\n\n');
    assert.match(router ?? '', /^router {2}just asked · 11 models\n {2}MODEL {2,}TIER {2,}CONTEXT {2,}PRICE PER 1M {2,}CAN/);
    assert.match(router ?? '', /\n {2}anthropic\/claude-opus-4\.8 +flagship +1M +\$5 in, \$25 out +tools, vision, reasoning, structured output\n/);
    assert.match(router ?? '', /\n {2}qwen\/qwen3-coder:free +other +256k +free +tools/);
    assert.doesNotMatch(router ?? '', /gpt-4o/);
    assert.match(router ?? '', /\n {6}11 more: 3 older than 18 months, 3 preview or dated, 2 not for chat, 1 cannot call tools, 1 dated, 1 deprecated\. --all shows them, --preview the previews/);
    assert.match(box ?? '', /^box {2}just asked · 1 model\n.*\n {2}qwen3:8b +cheap +40k, loaded with 8k +tools +loaded\n/);
    assert.doesNotMatch(stdout, /anthropic-api/);
  });

  it('shows all of them, each with its reason, and previews', async () => {
    const before = vendor.to('/api/v1/models').length;
    const all = await run('--server', 'router', '--all');
    assert.match(all.stdout, /LEFT OUT AS\n/);
    assert.match(all.stdout, /\n {2}deepseek\/deepseek-r1 .* no tools, reasoning .*cannot call tools\n/);
    assert.doesNotMatch(all.stdout, /more:/);
    assert.match((await run('--server', 'router', '--preview')).stdout, /google\/gemini-3-pro-preview +flagship/);
    assert.equal(vendor.to('/api/v1/models').length, before + 1);
  });

  it('reports them as JSON, prices in millionths', async () => {
    const [router, box] = await report();
    assert.deepEqual([router?.model_server, router?.source, router?.hidden_count, router?.error, router?.models.length], ['router', 'live', 11, null, 11]);
    const opus = router?.models.find(({ name }) => name === 'anthropic/claude-opus-4.8');
    assert.deepEqual(opus?.price, { input_micros: 5_000_000, output_micros: 25_000_000 });
    assert.deepEqual([opus?.tier, opus?.context_window, opus?.supports_tools, opus?.created, opus?.hidden], ['flagship', 1_000_000, true, '2026-05-20T00:00:00.000Z', null]);
    assert.deepEqual([box?.models[0]?.loaded, box?.models[0]?.loaded_context], [true, 8192]);
    const again = await report('--server', 'router', '--all');
    assert.deepEqual([again[0]?.source, again[0]?.models.length], ['cache', 22]);
    assert.equal(again[0]?.models.find(({ name }) => name === 'openai/gpt-4o')?.hidden?.reason, 'old');
  });

  it('shows an old list at once, and has a fresh one for the next time', async () => {
    await run();
    age(30);
    vendor.play({ '/api/v1/models': json({ data: [{ id: 'x-ai/grok-6', supported_parameters: ['tools'] }] }) });
    const old = await run('--server', 'router');
    assert.match(old.stdout, /^router {2}stale, from 30 h ago, refreshing · 11 models\n/);
    const fresh = await run('--server', 'router');
    assert.match(fresh.stdout, /^router {2}cached just now · 1 model\n[\s\S]* x-ai\/grok-6 +flagship/);
  });

  it('keeps the last list with the reason when a server is off, and ends with 4 when there is none', async () => {
    vendor.play({ '/api/v1/models': inTurn(json({ data: [{ id: 'a', supported_parameters: ['tools'] }] }), status(503)) });
    await run('--server', 'router');
    const failed = await run('--server', 'router', '--refresh');
    assert.equal(failed.code, 0);
    assert.match(failed.stdout, /^router {2}from just now, could not be refreshed · 1 model\n {6}.*503/);
    place.write('operator.toml', `[[model_servers]]\nname = "router"\nkind = "openrouter"\nbase_url = "${vendor.url}/other"\n`);
    const none = await run('--server', 'router');
    assert.equal(none.code, 4);
    assert.match(none.stdout, /^router {2}no list\n/);
    assert.equal((await run()).code, 0);
    assert.equal((await run('--server', 'anthropic-api')).code, 4);
  });

  it('suggests the server that was meant', async () => {
    const { code, stderr } = await run('--server', 'ruter');
    assert.equal(code, 4);
    assert.match(stderr, /There is no model server named "ruter"\n.*Did you mean router\?/);
  });

  it('two of them at once leave one whole list, and no key in any file', async () => {
    const ended = await Promise.all(Array.from({ length: 4 }, () => run('--refresh')));
    assert.deepEqual(ended.map(({ code }) => code), [0, 0, 0, 0]);
    const names = readdirSync(cacheDir()).sort();
    assert.deepEqual(names.map((name) => name.replace(/[0-9a-f]{16}/, 'HASH')), ['ollama-HASH.json', 'openrouter-HASH.json']);
    for (const name of names) assert.ok(!readFileSync(join(cacheDir(), name), 'utf8').includes(key));
    assert.equal((await report('--server', 'router'))[0]?.source, 'cache');
    for (const { stdout, stderr } of ended) assert.ok(!`${stdout}${stderr}`.includes(key));
  });

  it('completes models from what is kept, without asking anybody', async () => {
    await run();
    const asked = vendor.requests.length + local.requests.length;
    const complete = async (...words: readonly string[]): Promise<readonly string[]> => (await place.run(['__complete', '--', ...words], { env: { ROUTER_KEY: key } })).stdout.trim().split('\n');
    assert.deepEqual(await complete('launch', '--model-server', 'box', '--model', ''), ['qwen3:8b']);
    assert.deepEqual(await complete('launch', '--model-server', 'router', '--model', 'x-ai/'), ['x-ai/grok-5']);
    assert.ok((await complete('chat', '--model', '')).includes('qwen3:8b'));
    assert.equal(vendor.requests.length + local.requests.length, asked);
  });
});
