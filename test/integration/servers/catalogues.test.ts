import assert from 'node:assert/strict';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatorError } from '../../../src/core/errors.ts';
import { createHome, type TestHome, type TestWindow } from '../../support/catalogues.ts';
import { anthropic, lmstudio, ollama } from '../../support/scripted-server-kinds.ts';
import { type Answer, chunks, closedPort, gate, hang, html, huge, inTurn, json, type Script, type ScriptedServer, startServer, status, text, waitUntil } from '../../support/scripted-server.ts';

const hour = 3_600_000;
const key = 'sk-test-0123456789abcdef';

describe('catalogues of models', () => {
  let home: TestHome;
  beforeEach(async () => {
    home = await createHome();
  });
  afterEach(async () => {
    await home[Symbol.asyncDispose]();
  });

  const entry = (kind: string, url: string, more = ''): string => `[[model_servers]]\nname = "s"\nkind = "${kind}"\nbase_url = "${url}"\n${more}`;
  /** A vendor somewhere: only its placement says so. */
  const vendor = (server: Pick<ScriptedServer, 'url'>, kind = 'openai-compat'): string => entry(kind, server.url, 'placement = "third-party"\napi_key = "env:KEY"\n');
  const models = (...ids: readonly string[]): Answer => json({ object: 'list', data: ids.map((id) => ({ id, object: 'model', owned_by: 'x' })) });
  const open = (toml: string, variables: Readonly<Record<string, string>> = { KEY: key }): Promise<TestWindow> => home.window(toml, variables);
  const ids = async ({ operator }: TestWindow, options = {}): Promise<readonly string[]> => (await operator.models.list('s', options)).models.map(({ id }) => id);

  describe('where a list is from', () => {
    it('asks once, and takes the answer for six hours, in other windows too', async () => {
      await using server = await startServer({ '/v1/models': models('a', 'b') });
      const first = await open(vendor(server));
      const live = await first.operator.models.list('s');
      assert.deepEqual([live.source, live.refreshing, live.models.map(({ id }) => id)], ['live', false, ['a', 'b']]);
      assert.equal((await first.operator.models.list('s')).source, 'cache');
      const second = await open(vendor(server));
      const kept = await second.operator.models.list('s');
      assert.deepEqual([kept.source, kept.fetchedAt], ['cache', live.fetchedAt]);
      second.clock.forward(6 * hour - 60_000);
      assert.equal((await second.operator.models.list('s')).source, 'cache');
      assert.equal(server.requests.length, 1);
    });

    it('shows an older one at once and asks behind it, once whoever asks', async () => {
      const held = gate(models('a', 'new'));
      await using server = await startServer({ '/v1/models': inTurn(models('a'), held.answer) });
      const window = await open(vendor(server));
      await ids(window);
      window.clock.forward(7 * hour);
      const [one, two] = await Promise.all([window.operator.models.list('s'), window.operator.models.list('s')]);
      assert.deepEqual([one, two].map(({ source, refreshing, models: listed }) => [source, refreshing, listed.length]), [['stale', true, 1], ['stale', true, 1]]);
      const changed = new Promise<void>((resolve) => {
        const listening = window.operator.models.onDidChange(() => {
          if (window.operator.models.peek('s')?.refreshing) return;
          listening.dispose();
          resolve();
        });
      });
      held.open();
      await changed;
      assert.deepEqual(window.operator.models.peek('s')?.models.map(({ id }) => id), ['a', 'new']);
      assert.equal((await window.operator.models.list('s')).source, 'cache');
      assert.equal(server.requests.length, 2);
    });

    it('keeps an old one with the reason when the server fails, and leaves it alone for a minute', async () => {
      await using server = await startServer({ '/v1/models': inTurn(models('a'), status(500)) });
      const window = await open(vendor(server));
      await ids(window);
      window.clock.forward(8 * hour);
      await window.operator.models.list('s');
      await window.operator.models.settled();
      const after = await window.operator.models.list('s');
      assert.deepEqual([after.source, after.refreshing, after.models.length], ['stale', false, 1]);
      assert.match(after.error?.message ?? '', /500/);
      assert.equal(server.requests.length, 2);
      window.clock.forward(61_000);
      assert.equal((await window.operator.models.list('s')).refreshing, true);
      await window.operator.models.settled();
      assert.equal(server.requests.length, 3);
    });

    it('does not show one that is older than seven days', async () => {
      await using server = await startServer({ '/v1/models': inTurn(models('a'), status(503)) });
      const window = await open(vendor(server));
      await ids(window);
      window.clock.forward(7 * 24 * hour + 1000);
      const after = await window.operator.models.list('s');
      assert.deepEqual([after.source, after.models], ['unavailable', []]);
      assert.ok(after.error);
    });

    it('asks however fresh the list is when that is wanted, and keeps it when that fails', async () => {
      await using server = await startServer({ '/v1/models': inTurn(models('a'), models('b'), status(500)) });
      const window = await open(vendor(server));
      await ids(window);
      const refreshed = await window.operator.models.list('s', { refresh: true });
      assert.deepEqual([refreshed.source, refreshed.models.map(({ id }) => id)], ['live', ['b']]);
      const failed = await window.operator.models.list('s', { refresh: true });
      assert.deepEqual([failed.source, failed.models.map(({ id }) => id)], ['stale', ['b']]);
      assert.ok(failed.error);
    });

    it('always asks a server on this machine, and shows what it had while it is off', async () => {
      const server = await startServer(ollama({ models: [{ name: 'qwen3:8b' }] }));
      const window = await open(entry('ollama', server.url));
      assert.equal((await window.operator.models.list('s')).source, 'live');
      assert.equal((await window.operator.models.list('s')).source, 'live');
      assert.equal(server.to('/api/tags').length, 2);
      await server.close();
      const off = await window.operator.models.list('s');
      assert.deepEqual([off.source, off.models.map(({ id }) => id)], ['stale', ['qwen3:8b']]);
      assert.match(off.error?.message ?? '', /refused/);
    });

    it('another key and another address are other lists, and no key is in any of them', async () => {
      await using server = await startServer({ '/v1/models': ({ request, response }) => void response.end(JSON.stringify({ data: [{ id: request.headers['authorization'] === `Bearer ${key}` ? 'mine' : 'yours' }] })) });
      assert.deepEqual(await ids(await open(vendor(server))), ['mine']);
      assert.deepEqual(await ids(await open(vendor(server), { KEY: 'sk-test-other-0123456789' })), ['yours']);
      assert.deepEqual(await ids(await open(vendor({ url: `${server.url}/v1` }))), ['mine']);
      const files = await readdir(home.cacheDir);
      assert.equal(files.length, 2);
      for (const name of files) {
        assert.match(name, /^openai-compat-[0-9a-f]{16}\.json$/);
        const text = await readFile(join(home.cacheDir, name), 'utf8');
        assert.ok(!text.includes('sk-test') && !name.includes('sk-test'));
        if (process.platform !== 'win32') assert.equal((await stat(join(home.cacheDir, name))).mode & 0o777, 0o600);
      }
    });

    it('says what is missing instead of asking', async () => {
      await using server = await startServer({ '/v1/models': models('a') });
      const window = await open(`${vendor(server)}\n[[model_servers]]\nname = "broken"\nkind = "nonsense"\nbase_url = "${server.url}"\n`, {});
      const { source, error, models: listed } = await window.operator.models.list('s');
      assert.deepEqual([source, listed], ['unconfigured', []]);
      assert.match(error?.message ?? '', /KEY is not set/);
      assert.equal((await window.operator.models.list('broken')).source, 'unconfigured');
      assert.equal((await window.operator.models.list('anthropic-api')).source, 'unconfigured');
      assert.equal(server.requests.length, 0);
      await assert.rejects(window.operator.models.list('nobody'), (error: unknown) => error instanceof OperatorError && error.code === 'not-found');
    });

    it('takes the models of operator.toml where the server lists none, and shows them beside those that it lists', async () => {
      await using server = await startServer({ '/v1/models': inTurn(status(404), models('a', 'gpt-4o-2024-08-06')) });
      const window = await open(`${vendor(server)}models = ["own", "gpt-4o-2024-08-06"]\n`);
      const declared = await window.operator.models.list('s');
      assert.deepEqual([declared.source, declared.error, declared.models.map(({ id }) => id)], ['declared', undefined, ['gpt-4o-2024-08-06', 'own']]);
      const live = await window.operator.models.list('s');
      assert.deepEqual([live.source, live.models.map(({ id }) => id)], ['live', ['gpt-4o-2024-08-06', 'a', 'own']]);
    });

    it('peeks without waiting: nothing at first, then what is kept, and never the network', async () => {
      await using server = await startServer({ '/v1/models': models('a') });
      await ids(await open(vendor(server)));
      const window = await open(vendor(server));
      assert.equal(window.operator.models.peek('s'), undefined);
      await window.operator.models.settled();
      assert.deepEqual(window.operator.models.peek('s')?.models.map(({ id }) => id), ['a']);
      assert.equal(window.operator.models.peek('nobody'), undefined);
      assert.equal(server.requests.length, 1);
      assert.deepEqual(window.operator.findServer('s')?.catalogue?.models.map(({ id }) => id), ['a']);
    });

    it('forgets what it had of an entry that now names another address', async () => {
      await using server = await startServer({ '/v1/models': models('a') });
      await using other = await startServer({ '/v1/models': models('b') });
      const window = await open(vendor(server));
      await ids(window);
      await writeFile(join(home.dir, 'operator.toml'), vendor(other));
      await window.operator.reload();
      assert.equal(window.operator.models.peek('s'), undefined);
      assert.equal(window.operator.findServer('s')?.catalogue, undefined);
      assert.deepEqual(await ids(window), ['b']);
    });

    it('can be left by one who waits, while the question goes on for the others', async () => {
      const held = gate(models('a'));
      await using server = await startServer({ '/v1/models': held.answer });
      const window = await open(vendor(server));
      const leaving = new AbortController();
      const left = window.operator.models.list('s', { signal: leaving.signal });
      const stayed = window.operator.models.list('s');
      await waitUntil(() => server.openSockets > 0, 'the question');
      leaving.abort();
      await assert.rejects(left, (error: unknown) => error instanceof OperatorError && error.code === 'cancelled');
      held.open();
      assert.equal((await stayed).source, 'live');
      assert.equal(server.requests.length, 1);
    });

    it('writes nothing and rejects nobody after its end', async () => {
      await using server = await startServer({ '/v1/models': hang() });
      const window = await open(vendor(server));
      const listed = window.operator.models.list('s');
      await waitUntil(() => server.openSockets > 0, 'the question');
      await window[Symbol.asyncDispose]();
      assert.deepEqual((await listed).models, []);
      assert.deepEqual(window.logged.filter((line) => line.includes('failed')), []);
      await waitUntil(() => server.openSockets === 0, 'the connection to end');
    });
  });

  describe('the files', () => {
    async function keptFile(server: ScriptedServer): Promise<string> {
      await ids(await open(vendor(server)));
      const [name] = await readdir(home.cacheDir);
      assert.ok(name);
      return join(home.cacheDir, name);
    }

    it('count for nothing when they are broken, foreign, from the future or far too large', async () => {
      await using server = await startServer({ '/v1/models': models('a') });
      const path = await keptFile(server);
      const good = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
      const broken = ['', '{', 'null', '[]', JSON.stringify({ ...good, format: 2 }), JSON.stringify({ ...good, key: 'openai-compat-0000000000000000' }), JSON.stringify({ ...good, models: [{ id: '' }] }), JSON.stringify({ ...good, fetchedAt: Date.now() + 48 * hour }), `${' '.repeat(5 * 1024 * 1024)}${JSON.stringify(good)}`, '\u0000\u0001'];
      let asked = server.requests.length;
      for (const text of broken) {
        await writeFile(path, text);
        assert.equal((await (await open(vendor(server))).operator.models.list('s')).source, 'live', text.slice(0, 60));
        assert.equal(server.requests.length, ++asked);
      }
      assert.equal((await (await open(vendor(server))).operator.models.list('s')).source, 'cache');
    });

    it('go when nobody would read them any more', async () => {
      await using server = await startServer({ '/v1/models': models('a') });
      const path = await keptFile(server);
      const old = join(home.cacheDir, 'openai-compat-00000000000000ff.json');
      await writeFile(old, '{}');
      const days = new Date(Date.now() - 8 * 24 * hour);
      await utimes(old, days, days);
      await (await open(vendor(server))).operator.models.list('s', { refresh: true });
      assert.deepEqual(await readdir(home.cacheDir), [path.slice(home.cacheDir.length + 1)]);
    });

    it('survive two processes that refresh at once: the newer list stays, whole', async () => {
      let turn = 0;
      const answer: Answer = ({ response }) => {
        turn++;
        response.end(JSON.stringify({ data: Array.from({ length: 500 }, (_, index) => ({ id: `model-${turn}-${index}` })) }));
      };
      await using server = await startServer({ '/v1/models': answer });
      const windows = await Promise.all(Array.from({ length: 6 }, () => open(vendor(server))));
      const lists = await Promise.all(windows.map((window) => window.operator.models.list('s', { refresh: true })));
      const newest = lists.reduce((a, b) => ((b.fetchedAt ?? 0) >= (a.fetchedAt ?? 0) ? b : a));
      const kept = await (await open(vendor(server))).operator.models.list('s');
      assert.equal(kept.source, 'cache');
      assert.equal(kept.models.length, 500);
      assert.ok((newest.fetchedAt ?? 0) - (kept.fetchedAt ?? 0) < 100);
      assert.deepEqual((await readdir(home.cacheDir)).filter((name) => name.endsWith('.tmp')), []);
    });

    it('are not asked for again in the background when another window was quicker', async () => {
      await using server = await startServer({ '/v1/models': inTurn(models('a'), models('b'), models('c')) });
      const [one, two] = [await open(vendor(server)), await open(vendor(server))];
      await Promise.all([ids(one), ids(two)]);
      const asked = server.requests.length;
      one.clock.forward(7 * hour);
      two.clock.forward(7 * hour);
      await one.operator.models.list('s');
      await one.operator.models.settled();
      assert.equal((await two.operator.models.list('s')).source, 'stale');
      await two.operator.models.settled();
      assert.equal(server.requests.length, asked + 1);
      assert.equal((await two.operator.models.list('s')).source, 'cache');
    });
  });

  describe('vendors that', () => {
    it('page: every page is read, with the key, whatever its length', async () => {
      const page = (from: number, more: boolean): unknown => ({ data: Array.from({ length: 30 }, (_, index) => ({ type: 'model', id: `claude-${from + index}`, display_name: 'C', created_at: '2026-06-01T00:00:00Z' })), has_more: more, last_id: `claude-${from + 29}` });
      const script: Script = { '/v1/models': ({ request, response }) => {
        const after = request.query.get('after_id');
        const from = after === null ? 0 : Number(after.slice('claude-'.length)) + 1;
        response.end(JSON.stringify(page(from, from < 330)));
      } };
      await using server = await startServer(script);
      const window = await open(vendor(server, 'anthropic-api'));
      const catalogue = await window.operator.models.list('s');
      assert.equal(catalogue.models.length, 360);
      assert.deepEqual(catalogue.warnings, []);
      assert.ok(server.requests.every(({ headers }) => headers['x-api-key'] === key && headers['anthropic-version'] === '2023-06-01'));
    });

    it('page in circles: they are asked no page twice', async () => {
      const pages: Readonly<Record<string, unknown>> = { first: { models: [{ name: 'models/a' }], nextPageToken: 'x' }, x: { models: [{ name: 'models/b' }], nextPageToken: 'y' }, y: { models: [{ name: 'models/c' }], nextPageToken: 'x' } };
      await using server = await startServer({ '/v1beta/models': ({ request, response }) => void response.end(JSON.stringify(pages[request.query.get('pageToken') ?? 'first'])) });
      const catalogue = await (await open(vendor(server, 'google-api'))).operator.models.list('s');
      assert.deepEqual(catalogue.models.map(({ id }) => id), ['a', 'b', 'c']);
      assert.match(catalogue.warnings.join(), /earlier one/);
      assert.equal(server.requests.length, 3);
    });

    it('page without an end: they are asked a hundred pages', async () => {
      let count = 0;
      await using server = await startServer({ '/v1beta/models': ({ response }) => void response.end(JSON.stringify({ models: [{ name: `models/m${++count}` }], nextPageToken: String(count) })) });
      const catalogue = await (await open(vendor(server, 'google-api'))).operator.models.list('s');
      assert.equal(catalogue.models.length, 100);
      assert.match(catalogue.warnings.join(), /first 100 models/);
    });

    it('break off in the middle: what came counts, and says so', async () => {
      await using server = await startServer({ '/v1beta/models': inTurn(json({ models: [{ name: 'models/a' }], nextPageToken: 'x' }), status(500)) });
      const catalogue = await (await open(vendor(server, 'google-api'))).operator.models.list('s');
      assert.deepEqual([catalogue.source, catalogue.models.length], ['live', 1]);
      assert.match(catalogue.warnings.join(), /incomplete/);
    });

    it('limit the rate for a moment: they are waited for, once', async () => {
      await using server = await startServer({ '/v1/models': inTurn(status(429, { 'retry-after-ms': '50' }), models('a')) });
      assert.deepEqual(await ids(await open(vendor(server))), ['a']);
      await using stubborn = await startServer({ '/v1/models': status(429, { 'retry-after-ms': '50' }) });
      const refused = await (await open(vendor(stubborn))).operator.models.list('s');
      assert.equal(refused.source, 'unavailable');
      assert.equal(stubborn.requests.length, 2);
    });

    it('limit the rate for longer: not asked again in the background before their time', async () => {
      await using server = await startServer({ '/v1/models': inTurn(models('a'), status(429, { 'retry-after': '600' })) });
      const window = await open(vendor(server));
      await ids(window);
      window.clock.forward(8 * hour);
      await window.operator.models.list('s');
      await window.operator.models.settled();
      window.clock.forward(590_000);
      const waiting = await window.operator.models.list('s');
      assert.deepEqual([waiting.refreshing, waiting.models.length], [false, 1]);
      assert.match(waiting.error?.message ?? '', /rate|often|requests/i);
      window.clock.forward(11_000);
      assert.equal((await window.operator.models.list('s')).refreshing, true);
      await window.operator.models.settled();
      assert.equal(server.requests.length, 3);
    });

    it('lie about the type of their answer: what it is counts', async () => {
      for (const type of ['text/html', 'text/plain', 'application/octet-stream', '']) {
        await using server = await startServer({ '/v1/models': text(JSON.stringify({ data: [{ id: 'a' }] }), { headers: { 'content-type': type } }) });
        assert.deepEqual(await ids(await open(vendor(server)), { refresh: true }), ['a']);
      }
      await using page = await startServer({ '/v1/models': html({ headers: { 'content-type': 'application/json' } }) });
      assert.equal((await (await open(vendor(page))).operator.models.list('s')).source, 'unavailable');
    });

    it('change between calls: the last word counts, and an empty list is one', async () => {
      await using server = await startServer({ '/v1/models': inTurn(models('a', 'b'), models('b', 'c'), json({ data: [] }), models('d')) });
      const window = await open(vendor(server));
      const seen: unknown[] = [];
      for (let round = 0; round < 4; round++) seen.push(await ids(window, { refresh: true }));
      assert.deepEqual(seen, [['a', 'b'], ['b', 'c'], [], ['d']]);
    });

    it('send fifty megabytes: no more than the limit is read', async () => {
      await using server = await startServer({ '/v1/models': huge(50) });
      const before = process.memoryUsage().rss;
      const catalogue = await (await open(vendor(server))).operator.models.list('s');
      assert.equal(catalogue.source, 'unavailable');
      assert.match(catalogue.error?.message ?? '', /too large/);
      assert.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024);
      await waitUntil(() => server.openSockets === 0, 'the connection to end');
    });

    it('send page after page of megabytes: no more than the limit together', async () => {
      const page = (token: number): string => JSON.stringify({ models: Array.from({ length: 100 }, (_, index) => ({ name: `models/m-${token}-${index}`, description: 'x'.repeat(40_000) })), nextPageToken: String(token + 1) });
      await using server = await startServer({ '/v1beta/models': ({ request, response }) => void response.end(page(Number(request.query.get('pageToken') ?? 0))) });
      const catalogue = await (await open(vendor(server, 'google-api'))).operator.models.list('s');
      assert.ok(catalogue.models.length >= 300 && catalogue.models.length <= 500, String(catalogue.models.length));
      assert.equal(catalogue.warnings.length, 1);
    });

    it('stall: the limit of time counts for everything together', async () => {
      async function* slowly(): AsyncGenerator<string> {
        yield '{"models":[';
        await new Promise(() => {}); // never
      }
      await using server = await startServer({ '/api/tags': chunks(slowly()) });
      const started = performance.now();
      const catalogue = await (await open(entry('ollama', server.url))).operator.models.list('s');
      const took = performance.now() - started;
      assert.equal(catalogue.source, 'unavailable');
      assert.ok(took >= 4900 && took < 9000, String(took));
    });

    it('are not there', async () => {
      const catalogue = await (await open(vendor({ url: `http://127.0.0.1:${await closedPort()}` }))).operator.models.list('s');
      assert.deepEqual([catalogue.source, catalogue.error?.cause], ['unavailable', 'connection-refused']);
    });
  });

  describe('while somebody looks', () => {
    const polling = { intervalMs: 20, discover: false };

    it('a server’s catalogue comes once its probe went well, again when it lists others, and no more often', async () => {
      const show = json({ model_info: { 'qwen3.context_length': 40_960 }, capabilities: ['completion', 'tools'] });
      const tags = (...names: readonly string[]): Script => ({ ...ollama(), '/api/tags': json({ models: names.map((name) => ({ name })) }), '/api/show': show });
      await using server = await startServer(tags('a'));
      const window = await open(entry('ollama', server.url));
      const known = (): readonly string[] => window.operator.findServer('s')?.catalogue?.models.map(({ id, capabilities }) => `${id} ${capabilities?.join()}`) ?? [];
      window.operator.setPolling(polling);
      await waitUntil(() => known().join() === 'a tools', 'the catalogue');
      const probes = server.to('/api/tags').length;
      await waitUntil(() => server.to('/api/tags').length > probes + 3, 'more probes');
      assert.equal(server.to('/api/show').length, 1);
      server.play(tags('a', 'b'));
      await waitUntil(() => known().length === 2, 'the new model');
      window.operator.setPolling(undefined);
      await window.operator.models.settled();
      assert.equal(server.to('/api/show').length, 3);
    });

    it('a server that is off shows what is kept of it', async () => {
      const server = await startServer(ollama({ models: ['qwen3:8b'] }));
      await ids(await open(entry('ollama', server.url)));
      const url = server.url;
      await server.close();
      const window = await open(entry('ollama', url));
      window.operator.setPolling(polling);
      await waitUntil(() => window.operator.findServer('s')?.catalogue !== undefined, 'the kept list');
      window.operator.setPolling(undefined);
      const status = window.operator.findServer('s');
      assert.deepEqual([status?.health.state, status?.catalogue?.models.map(({ id }) => id)], ['offline', ['qwen3:8b']]);
    });

    it('nobody is asked when nobody looks', async () => {
      await using server = await startServer({ '/v1/models': models('a') });
      const window = await open(vendor(server));
      await window.operator.probe();
      const asked = server.requests.length;
      await window.operator.models.settled();
      assert.equal(server.requests.length, asked);
      assert.equal(window.operator.findServer('s')?.catalogue, undefined);
    });
  });

  describe('many servers', () => {
    it('are asked sixteen at a time, those that somebody waits for first', async () => {
      let open1 = 0;
      let most = 0;
      const order: string[] = [];
      const answer: Answer = async ({ request, response }) => {
        order.push(request.path);
        most = Math.max(most, ++open1);
        await new Promise((resolve) => setTimeout(resolve, 10));
        open1--;
        response.end(JSON.stringify({ data: [{ id: request.path }] }));
      };
      await using server = await startServer({ '*': answer });
      const count = 120;
      const toml = Array.from({ length: count }, (_, index) => `[[model_servers]]\nname = "s${index}"\nkind = "openai-compat"\nbase_url = "${server.url}/n${index}"\nplacement = "third-party"\n`).join('\n');
      const window = await open(toml);
      const names = Array.from({ length: count }, (_, index) => `s${index}`);
      const lists = await Promise.all(names.map((name) => window.operator.models.list(name)));
      assert.ok(lists.every(({ source, models: listed }, index) => source === 'live' && listed[0]?.id === `/n${index}/v1/models`));
      assert.equal(most, 16);
      assert.equal((await readdir(home.cacheDir)).length, count);

      // All old: they are shown at once, and one that is wanted now does not wait for the others.
      window.clock.forward(7 * hour);
      order.length = most = 0;
      const stale = await Promise.all(names.map((name) => window.operator.models.list(name)));
      assert.ok(stale.every(({ source, refreshing }) => source === 'stale' && refreshing));
      const wanted = await window.operator.models.list(`s${count - 1}`, { refresh: true });
      assert.equal(wanted.source, 'live');
      assert.ok(order.indexOf(`/n${count - 1}/v1/models`) < 40, String(order.indexOf(`/n${count - 1}/v1/models`)));
      await window.operator.models.settled();
      assert.ok(most <= 16, String(most));
      assert.ok(order.length <= count + 1);
      assert.ok((await Promise.all(names.map((name) => window.operator.models.list(name)))).every(({ source }) => source === 'cache'));
    });
  });

  describe('what local servers tell besides', () => {
    it('Ollama: what each model can do and how much it takes, a few questions at a time', async () => {
      let open1 = 0;
      let most = 0;
      const names = Array.from({ length: 20 }, (_, index) => `m${index}:latest`);
      const show: Answer = async ({ request, response }) => {
        most = Math.max(most, ++open1);
        await new Promise((resolve) => setImmediate(resolve));
        open1--;
        const name = (request.json as { model: string }).model;
        if (name === 'm3:latest') return void response.writeHead(500).end();
        response.end(JSON.stringify({ license: 'x'.repeat(10_000), details: {}, model_info: { 'general.architecture': 'qwen3', 'qwen3.context_length': 40_960 }, capabilities: name === 'm4:latest' ? ['embedding'] : ['completion', 'tools', 'thinking'] }));
      };
      const tags = json({ models: names.map((name) => ({ name, size: 1000, details: { parameter_size: '8B' } })) });
      await using server = await startServer({ ...ollama(), '/api/tags': tags, '/api/show': show, '/api/ps': json({ models: [{ name: 'm1:latest', size: 5, context_length: 8192, expires_at: '2030-01-01T00:00:00Z' }] }) });
      const { models: listed } = await (await open(entry('ollama', server.url))).operator.models.list('s', { all: true });
      const one = listed.find(({ id }) => id === 'm1:latest');
      assert.deepEqual([one?.capabilities, one?.contextWindow, one?.loadedContext, one?.loaded, one?.supportsTools], [['tools', 'reasoning'], 40_960, 8192, true, true]);
      assert.deepEqual(listed.find(({ id }) => id === 'm3:latest')?.capabilities, undefined);
      assert.deepEqual(listed.find(({ id }) => id === 'm4:latest')?.hidden?.reason, 'not-chat');
      assert.ok(most >= 1 && most <= 4, String(most));
      assert.equal(server.to('/api/show').length, 20);
    });

    it('Ollama: no question for what the list has told', async () => {
      await using server = await startServer(ollama({ models: [{ name: 'qwen3:8b', capabilities: ['completion', 'tools'], contextLength: 40_960 }] }));
      await ids(await open(entry('ollama', server.url)));
      assert.equal(server.to('/api/show').length, 0);
    });

    it('LM Studio: what it is loaded with beside what it could take', async () => {
      await using server = await startServer(lmstudio({ models: [{ key: 'qwen/qwen3-8b', loaded: [8192], maxContext: 40_960 }] }));
      const { models: listed } = await (await open(entry('lmstudio', server.url))).operator.models.list('s');
      assert.deepEqual(listed.map(({ id, contextWindow, loadedContext, loaded }) => [id, contextWindow, loadedContext, loaded]), [['qwen/qwen3-8b', 40_960, 8192, true]]);
    });

    it('Anthropic’s scripted server lists as the real one does', async () => {
      await using server = await startServer(anthropic({ key }));
      assert.equal((await (await open(vendor(server, 'anthropic-api'))).operator.models.list('s')).source, 'live');
    });
  });
});
