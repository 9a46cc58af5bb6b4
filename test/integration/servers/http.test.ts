import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type Http, HttpFailure, type HttpFailureKind, type HttpRequest } from '../../../src/core/ports.ts';
import { createHttp } from '../../../src/platform/http.ts';
import { startHttpProxy, startSocksProxy } from '../../support/scripted-proxy.ts';
import { bytes, chunks, closedPort, drip, hang, html, json, raw, redirect, reset, type ScriptedServer, startServer, startTcpServer, status, text, waitUntil } from '../../support/scripted-server.ts';

const canary = 'canary-4f1f9d';

/** A GET with a key in its headers and in its query, and enough time. */
function get(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url: `${url}?key=${canary}`, headers: { authorization: `Bearer ${canary}` }, timeoutMs: 5000, ...more };
}

async function read(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

const httpModule = pathToFileURL(join(import.meta.dirname, '../../../src/platform/http.ts')).href;

/** What a script prints in a Node of its own. */
async function runNode(script: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { env: { PATH: process.env['PATH'], ...env } });
  return stdout.trim();
}

/** Everything that a log could print of an error. */
function everything(error: unknown): string {
  return error instanceof Error ? [error.message, error.stack, JSON.stringify(error), everything(error.cause)].join('\n') : String(error);
}

describe('http', () => {
  let http: Http;
  beforeEach(() => {
    http = createHttp();
  });
  afterEach(() => {
    http.dispose();
  });

  async function failure(request: HttpRequest, whole = true): Promise<HttpFailure> {
    try {
      const response = await http.request(request);
      if (whole) await read(response.body);
    } catch (error) {
      assert.ok(error instanceof HttpFailure, `expected an HttpFailure, got ${everything(error)}`);
      assert.ok(!everything(error).includes(canary), `the key shows in ${everything(error)}`);
      assert.ok(!/\.$/.test(error.message));
      return error;
    }
    assert.fail('expected a failure');
  }

  async function fails(kind: HttpFailureKind, message: RegExp, request: HttpRequest): Promise<void> {
    const error = await failure(request);
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, message);
  }

  it('loads undici with the first request, not before', async () => {
    const script = `import { createRequire } from 'node:module';
      const { createHttp } = await import(${JSON.stringify(httpModule)});
      const isLoaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => /[\\\\/]undici[\\\\/]/.test(path));
      const http = createHttp();
      const before = isLoaded();
      await http.request({ method: 'GET', url: 'nonsense', timeoutMs: 1000 }).catch(() => {});
      console.log(before, isLoaded());
      http.dispose();`;
    assert.equal(await runNode(script), 'false true');
  });

  describe('answers', () => {
    it('hands on status, headers in lower case and the body', async () => {
      await using server = await startServer({ 'GET /a': json({ ok: true }, { status: 418, headers: { 'X-Thing': 'Value' } }) });
      const response = await http.request(get(`${server.url}/a`));
      assert.equal(response.status, 418);
      assert.equal(response.headers['x-thing'], 'Value');
      assert.equal(await read(response.body), '{"ok":true}');
      assert.equal(server.requests[0]?.headers['authorization'], `Bearer ${canary}`);
      assert.equal(server.requests[0]?.query.get('key'), canary);
    });

    it('sends a body', async () => {
      await using server = await startServer({ 'POST /b': ({ request, response }) => void response.end(request.body.toUpperCase()) });
      const response = await http.request({ method: 'POST', url: `${server.url}/b`, headers: { 'content-type': 'text/plain' }, body: 'grüße', timeoutMs: 5000 });
      assert.equal(await read(response.body), 'GRÜSSE');
    });

    it('takes HEAD and empty answers', async () => {
      await using server = await startServer({ '*': text('never seen') });
      const response = await http.request({ method: 'HEAD', url: server.url, timeoutMs: 5000 });
      assert.equal(response.status, 200);
      assert.equal(await read(response.body), '');
    });

    it('takes nothing for nothing, whatever compression it is said to have', async () => {
      for (const encoding of ['gzip', 'deflate', 'br', 'gzip, br']) {
        await using server = await startServer({ '*': status(200, { 'content-encoding': encoding }), '/204': status(204, { 'content-encoding': encoding }), '/chunked': chunks([], { headers: { 'content-encoding': encoding } }) });
        for (const [method, path] of [['HEAD', '/'], ['GET', '/'], ['GET', '/204'], ['GET', '/chunked']] as const) assert.equal(await read((await http.request({ method, url: server.url + path, timeoutMs: 5000 })).body), '', `${encoding} ${method} ${path}`);
        await waitUntil(() => server.openSockets === 0, 'the connections to end');
      }
    });

    for (const [encoding, compress] of [['gzip', gzipSync], ['deflate', deflateSync], ['br', brotliCompressSync]] as const) {
      it(`decompresses ${encoding}`, async () => {
        const long = 'model '.repeat(50_000);
        await using server = await startServer({ '/z': bytes(compress(long), { headers: { 'content-encoding': encoding } }) });
        const response = await http.request(get(`${server.url}/z`));
        assert.equal(await read(response.body), long);
        assert.match(server.requests[0]?.headers['accept-encoding'] ?? '', new RegExp(encoding));
      });
    }

    it('undoes two compressions in the right order', async () => {
      await using server = await startServer({ '/z': bytes(brotliCompressSync(gzipSync('twice')), { headers: { 'content-encoding': 'gzip, br' } }) });
      assert.equal(await read((await http.request(get(`${server.url}/z`))).body), 'twice');
    });

    it('streams: the first chunk is there before the second was sent', async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      async function* parts(): AsyncGenerator<string> {
        yield 'one';
        await promise;
        yield 'two';
      }
      await using server = await startServer({ '/s': chunks(parts()) });
      const iterator = (await http.request(get(`${server.url}/s`))).body[Symbol.asyncIterator]();
      assert.equal(Buffer.from((await iterator.next()).value as Uint8Array).toString(), 'one');
      resolve();
      assert.equal(Buffer.from((await iterator.next()).value as Uint8Array).toString(), 'two');
      assert.equal((await iterator.next()).done, true);
    });

    it('does not follow a redirect', async () => {
      await using other = await startServer();
      await using server = await startServer({ '/r': redirect(`${other.url}/elsewhere`) });
      const response = await http.request(get(`${server.url}/r`));
      assert.equal(response.status, 302);
      assert.equal(response.headers['location'], `${other.url}/elsewhere`);
      await read(response.body);
      assert.equal(other.requests.length, 0);
    });
  });

  describe('failures', () => {
    it('refused', async () => fails('refused', /^127\.0\.0\.1:\d+ refused the connection$/, get(`http://127.0.0.1:${await closedPort()}/x`)));

    it('refused on every address of a name', async () => fails('refused', /^localhost:\d+ refused/, get(`http://localhost:${await closedPort()}/x`)));

    it('dns', async () => {
      // Some resolvers take their time to deny a name; the limit then says timeout, which is as true.
      const error = await failure(get('http://no-such-host.invalid/x', { timeoutMs: 15_000 }));
      assert.equal(error.kind, 'dns');
      assert.match(error.message, /no-such-host\.invalid/);
    }).timeout(20_000);

    it('timeout before the headers', async () => {
      await using server = await startServer({ '*': hang() });
      await fails('timeout', /^127\.0\.0\.1:\d+ did not answer within 600 ms$/, get(server.url, { timeoutMs: 600 }));
      await waitUntil(() => server.openSockets === 0, 'the connection to end');
    });

    it('the limit is for the headers, not for the body', async () => {
      async function* slow(): AsyncGenerator<string> {
        yield 'a';
        await new Promise((resolve) => setTimeout(resolve, 700));
        yield 'b';
      }
      await using server = await startServer({ '*': chunks(slow()) });
      assert.equal(await read((await http.request(get(server.url, { timeoutMs: 600 }))).body), 'ab');
    });

    for (const [name, kind, message] of [['self-signed', 'tls', /not signed by an authority/], ['expired', 'tls', /not signed by an authority|has expired/]] as const) {
      it(`tls: ${name}`, async () => {
        await using server = await startServer({}, { tls: name });
        await fails(kind, message, get(server.url));
        assert.equal(server.requests.length, 0);
      });
    }

    it('tls: authorities of the operating system and of NODE_EXTRA_CA_CERTS are trusted, dates are checked all the same', async () => {
      const fixtures = join(import.meta.dirname, '../../fixtures/tls');
      const script = `const { createHttp } = await import(${JSON.stringify(httpModule)});
        const http = createHttp();
        try { const { status, body } = await http.request({ method: 'GET', url: process.env.TARGET, timeoutMs: 5000 }); for await (const _ of body); console.log(status); }
        catch (error) { console.log(error.message); }`;
      const ask = async (target: string, env: Record<string, string>): Promise<string> =>
        runNode(script, { TARGET: target, ...env });
      await using fresh = await startServer({ '*': json({}) }, { tls: 'self-signed' });
      await using expired = await startServer({ '*': json({}) }, { tls: 'expired' });
      assert.equal(await ask(fresh.url, { NODE_EXTRA_CA_CERTS: join(fixtures, 'localhost-cert.pem') }), '200');
      // Where the system's store is a file that can be named; elsewhere it is not ours to change.
      if (process.platform === 'linux') assert.equal(await ask(fresh.url, { SSL_CERT_FILE: join(fixtures, 'localhost-cert.pem') }), '200');
      assert.match(await ask(expired.url, { NODE_EXTRA_CA_CERTS: join(fixtures, 'expired-cert.pem') }), /has expired$/);
    });

    it('tls: the server speaks plain http', async () => {
      await using server = await startServer();
      await fails('tls', /does not speak TLS/, get(server.url.replace('http:', 'https:')));
    });

    it('tls: the connection is cut during the handshake', async () => {
      await using server = await startTcpServer((socket) => void socket.once('data', () => socket.destroy()));
      await fails('tls', /while a secure one was being made/, get(`https://127.0.0.1:${server.port}/`));
    });

    it('plain http to a server that speaks TLS', async () => {
      await using server = await startServer({}, { tls: 'self-signed' });
      const error = await failure(get(`http://127.0.0.1:${server.port}/`));
      assert.ok(['reset', 'invalid'].includes(error.kind), error.kind);
    });

    for (const after of ['request', 'headers', 'body'] as const) {
      it(`reset after the ${after}`, async () => {
        await using server = await startServer({ '*': reset({ after }) });
        await fails('reset', /closed the connection/, get(server.url));
      });
    }

    it('reset at accept', async () => {
      await using server = await startTcpServer((socket) => socket.resetAndDestroy());
      await fails('reset', /closed the connection/, get(`http://127.0.0.1:${server.port}/`));
    });

    it('closed without an answer', async () => {
      await using server = await startTcpServer((socket) => void socket.once('data', () => socket.end()));
      await fails('reset', /closed the connection/, get(`http://127.0.0.1:${server.port}/`));
    });

    it('not HTTP', async () => {
      await using server = await startServer({ '*': raw('SSH-2.0-OpenSSH_9.6\r\n') });
      await fails('invalid', /not in HTTP/, get(server.url));
    });

    it('headers without end', async () => {
      await using server = await startServer({ '*': raw(`HTTP/1.1 200 OK\r\n${`X-Filler: ${'x'.repeat(1000)}\r\n`.repeat(100)}`) });
      await fails('invalid', /not in HTTP/, get(server.url));
    });

    it('a body that is not compressed as it says', async () => {
      await using server = await startServer({ '*': bytes('this is not gzip', { headers: { 'content-encoding': 'gzip' } }) });
      await fails('invalid', /compressed/, get(server.url));
    });

    it('a compressed body that is cut off', async () => {
      const whole = gzipSync('model '.repeat(10_000));
      await using server = await startServer({ '*': bytes(whole.subarray(0, 20), { headers: { 'content-encoding': 'gzip' } }) });
      await fails('invalid', /compressed/, get(server.url));
    });

    for (const [name, url] of [['no URL', 'models'], ['another scheme', 'ftp://host/x'], ['credentials', `http://user:${canary}@127.0.0.1:1/`]] as const) {
      it(`invalid: ${name}`, async () => {
        const error = await failure({ method: 'GET', url, timeoutMs: 1000 });
        assert.equal(error.kind, 'invalid');
      });
    }

    it('invalid: a header that would split the request', async () => {
      await using server = await startServer();
      const error = await failure({ method: 'GET', url: server.url, headers: { authorization: `Bearer ${canary}\r\nX-Injected: 1` }, timeoutMs: 1000 });
      assert.equal(error.kind, 'invalid');
      assert.equal(server.requests.length, 0);
    });
  });

  describe('leaving early', () => {
    async function dripping(): Promise<ScriptedServer> {
      return startServer({ '*': drip({ everyMs: 5 }) });
    }

    it('break ends the connection', async () => {
      await using server = await dripping();
      const response = await http.request(get(server.url));
      for await (const chunk of response.body) {
        assert.ok(chunk.length > 0);
        break;
      }
      await waitUntil(() => server.openSockets === 0, 'the connection to end');
    });

    it('return without reading anything ends the connection', async () => {
      await using server = await dripping();
      const response = await http.request(get(server.url));
      await response.body[Symbol.asyncIterator]().return?.();
      await waitUntil(() => server.openSockets === 0, 'the connection to end');
    });

    it('break inside a compressed body ends the connection', async () => {
      const whole = gzipSync(Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) % 251)));
      await using server = await startServer({ '*': bytes(whole, { headers: { 'content-encoding': 'gzip' } }) });
      const response = await http.request(get(server.url));
      for await (const _ of response.body) break;
      await waitUntil(() => server.openSockets === 0, 'the connection to end');
    });

    it('abort before the headers', async () => {
      await using server = await startServer({ '*': hang() });
      const controller = new AbortController();
      const pending = failure(get(server.url, { signal: controller.signal }));
      await waitUntil(() => server.requests.length === 1, 'the request to arrive');
      controller.abort();
      assert.equal((await pending).kind, 'aborted');
      await waitUntil(() => server.openSockets === 0, 'the connection to end');
    });

    it('abort inside the body', async () => {
      await using server = await dripping();
      const controller = new AbortController();
      const pending = failure(get(server.url, { signal: controller.signal }));
      await waitUntil(() => server.requests.length === 1, 'the request to arrive');
      controller.abort();
      assert.equal((await pending).kind, 'aborted');
      await waitUntil(() => server.openSockets === 0, 'the connection to end');
    });

    it('an aborted signal sends nothing', async () => {
      await using server = await startServer();
      assert.equal((await failure(get(server.url, { signal: AbortSignal.abort() }))).kind, 'aborted');
      assert.equal(server.requests.length, 0);
    });

    it('dispose ends what is under way and refuses what comes later', async () => {
      await using server = await dripping();
      const response = await http.request(get(server.url));
      const reading = assert.rejects(read(response.body), { name: 'HttpFailure', kind: 'aborted' });
      http.dispose();
      await reading;
      await waitUntil(() => server.openSockets === 0, 'the connection to end');
      assert.equal((await failure(get(server.url))).kind, 'aborted');
    });

    it('leaves no connection after a whole body', async () => {
      await using server = await startServer({ '*': json({}) });
      for (let count = 0; count < 10; count++) await read((await http.request(get(server.url))).body);
      await waitUntil(() => server.openSockets === 0, 'the connections to end');
    });

    it('leaves no listener on a signal that lives on', async () => {
      await using server = await startServer({ '*': json({}) });
      const { signal } = new AbortController();
      let listeners = 0;
      const add = signal.addEventListener.bind(signal);
      const remove = signal.removeEventListener.bind(signal);
      signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
      signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args));
      for (let count = 0; count < 10; count++) await read((await http.request(get(server.url, { signal }))).body);
      assert.equal(listeners, 0);
    });
  });

  describe('proxy of the entry', () => {
    it('http target through an http proxy is forwarded', async () => {
      await using server = await startServer({ 'GET /a': json({ via: 'proxy' }) });
      await using proxy = await startHttpProxy({ target: server.port });
      const response = await http.request(get('http://model-server.invalid/a', { proxy: proxy.url }));
      assert.equal(await read(response.body), '{"via":"proxy"}');
      assert.deepEqual(proxy.asked, [`GET http://model-server.invalid/a?key=${canary}`]);
      assert.equal(server.requests[0]?.headers['host'], 'model-server.invalid');
    });

    it('https target goes through a tunnel, its certificate is checked', async () => {
      await using server = await startServer({ '*': json({}) }, { tls: 'self-signed' });
      await using proxy = await startHttpProxy({ target: server.port });
      await fails('tls', /certificate of localhost:443|certificate of localhost/, get('https://localhost/a', { proxy: proxy.url }));
      assert.ok(proxy.asked.length > 0 && proxy.asked.every((line) => line === 'CONNECT localhost:443'), proxy.asked.join());
      assert.equal(server.requests.length, 0);
    });

    it('socks5: the proxy resolves the name', async () => {
      await using server = await startServer({ 'GET /a': json({ via: 'socks' }) });
      await using proxy = await startSocksProxy({ target: server.port });
      for (const scheme of ['socks5', 'socks5h']) {
        const response = await http.request(get('http://model-server.invalid/a', { proxy: proxy.url.replace('socks5', scheme) }));
        assert.equal(await read(response.body), '{"via":"socks"}');
      }
      assert.deepEqual(proxy.asked, ['SOCKS model-server.invalid:80', 'SOCKS model-server.invalid:80']);
    });

    it('a user and password are handed to the proxy, and only to it', async () => {
      await using server = await startServer({ '*': json({}) });
      const user = { name: 'me', password: 'p@ss' };
      await using proxy = await startHttpProxy({ target: server.port, user });
      await read((await http.request(get('http://model-server.invalid/a', { proxy: proxy.url.replace('//', '//me:p%40ss@') }))).body);
      assert.equal(proxy.credentials[0], `Basic ${Buffer.from('me:p@ss').toString('base64')}`);
      await using socks = await startSocksProxy({ target: server.port, user });
      await read((await http.request(get('http://model-server.invalid/a', { proxy: socks.url.replace('//', '//me:p%40ss@') }))).body);
      assert.deepEqual(socks.credentials, ['me:p@ss']);
    });

    describe('that does not work is an error, never a direct call', () => {
      let server: ScriptedServer;
      beforeEach(async () => {
        server = await startServer({ '*': json({ direct: true }) });
      });
      afterEach(async () => {
        assert.equal(server.requests.length, 0, 'the server was called past the proxy');
        await server.close();
      });
      const through = (proxy: string): HttpRequest => get(`${server.url}/a`, { proxy, timeoutMs: 1000 });

      it('dead', async () => {
        for (const scheme of ['http', 'https', 'socks5']) await fails('proxy', /^The proxy localhost:\d+ refused the connection$/, through(`${scheme}://localhost:${await closedPort()}`));
      });

      it('unknown name', async () => fails('proxy', /^The proxy no-such-proxy\.invalid:3128 cannot be found/, { ...through('http://no-such-proxy.invalid:3128'), timeoutMs: 15_000 })).timeout(20_000);

      it('no URL, another scheme, half a password', async () => {
        await fails('proxy', /not a URL/, through('http://[half'));
        await fails('proxy', /must be an http, https or socks5 address/, through('socks4://127.0.0.1:1080'));
        await fails('proxy', /not a URL/, through(`http://me:%zz${canary}@127.0.0.1:1`));
      });

      it('asks for a user', async () => {
        await using proxy = await startHttpProxy({ target: server.port, user: { name: 'me', password: 'x' } });
        await fails('proxy', /asks for a user and password/, through(proxy.url));
        await fails('proxy', /asks for a user and password/, { ...through(proxy.url), url: 'https://model-server.invalid/' });
        await using socks = await startSocksProxy({ target: server.port, user: { name: 'me', password: 'x' } });
        await fails('proxy', /asks for a user and password/, through(socks.url));
        await fails('proxy', /refused the user and password/, through(socks.url.replace('//', `//me:${canary}@`)));
      });

      it('refuses the tunnel', async () => {
        await using proxy = await startHttpProxy({ refuseWith: 403 });
        await fails('proxy', /refused to connect to model-server\.invalid \(HTTP 403\)/, { ...through(proxy.url), url: 'https://model-server.invalid/' });
      });

      it('socks: the target refuses, is not reached, is not allowed', async () => {
        await using refused = await startSocksProxy({ refuseWith: 5 });
        await fails('refused', /refused the connection \(asked through the proxy\)/, through(refused.url));
        await using unreachable = await startSocksProxy({ refuseWith: 4 });
        await fails('unreachable', /found no way/, through(unreachable.url));
        await using forbidden = await startSocksProxy({ refuseWith: 2 });
        await fails('proxy', /does not allow/, through(forbidden.url));
      });

      it('silent', async () => {
        await using proxy = await startHttpProxy({ silent: true });
        await fails('proxy', /gave no connection to model-server\.invalid within 150 ms/, { ...through(proxy.url), url: 'https://model-server.invalid/', timeoutMs: 150 });
        await using socks = await startSocksProxy({ silent: true });
        await fails('proxy', /gave no connection/, { ...through(socks.url), timeoutMs: 150 });
      });

      it('is no proxy at all', async () => {
        await using web = await startServer({ '*': html() });
        await fails('proxy', /does not speak SOCKS 5/, through(`socks5://127.0.0.1:${web.port}`));
      });

      it('https proxy with a certificate that nobody trusts', async () => {
        await using proxy = await startHttpProxy({ target: server.port, tls: true });
        await fails('proxy', /certificate that is not trusted/, through(proxy.url));
        assert.deepEqual(proxy.asked, []);
      });
    });
  });

  describe('proxy of the environment', () => {
    const names = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY'];
    const saved = new Map(names.map((name) => [name, process.env[name]]));
    beforeEach(() => {
      for (const name of names) delete process.env[name];
    });
    afterEach(() => {
      for (const [name, value] of saved) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    });

    it('is used for other hosts, with and without a scheme', async () => {
      await using server = await startServer({ '*': json({ via: 'env' }) });
      await using proxy = await startHttpProxy({ target: server.port });
      for (const value of [proxy.url, `127.0.0.1:${proxy.port}`]) {
        process.env['HTTP_PROXY'] = value;
        assert.equal(await read((await http.request(get('http://model-server.invalid/a'))).body), '{"via":"env"}');
      }
      assert.equal(proxy.asked.length, 2);
    });

    it('is used for https targets through a tunnel', async () => {
      await using proxy = await startHttpProxy({ refuseWith: 502 });
      process.env['HTTPS_PROXY'] = proxy.url;
      await fails('proxy', /of HTTPS_PROXY refused to connect to model-server\.invalid \(HTTP 502\)/, get('https://model-server.invalid/'));
    });

    it('is never used for loopback', async () => {
      await using proxy = await startHttpProxy();
      for (const name of ['http_proxy', 'HTTP_PROXY', 'HTTPS_PROXY']) process.env[name] = proxy.url;
      await using server = await startServer({ '*': json({ direct: true }) });
      for (const host of ['127.0.0.1', 'localhost']) assert.equal(await read((await http.request(get(`http://${host}:${server.port}/`))).body), '{"direct":true}');
      assert.deepEqual(proxy.asked, []);
    });

    it('is not used for hosts in NO_PROXY, and then the failure is not the proxy’s', async () => {
      await using proxy = await startHttpProxy();
      process.env['HTTP_PROXY'] = proxy.url;
      process.env['NO_PROXY'] = 'other.example, model-server.invalid';
      await fails('dns', /model-server\.invalid/, get('http://api.model-server.invalid/', { timeoutMs: 15_000 }));
      assert.deepEqual(proxy.asked, []);
    }).timeout(20_000);

    it('dead: an error that names the variable', async () => {
      process.env['http_proxy'] = `http://me:${canary}@127.0.0.1:${await closedPort()}`;
      await fails('proxy', /^The proxy 127\.0\.0\.1:\d+ of http_proxy refused the connection$/, get('http://model-server.invalid/'));
    });

    it('gives way to the proxy of the entry', async () => {
      await using server = await startServer({ '*': json({}) });
      await using environment = await startHttpProxy({ target: server.port });
      await using entry = await startHttpProxy({ target: server.port });
      process.env['HTTP_PROXY'] = environment.url;
      await read((await http.request(get('http://model-server.invalid/', { proxy: entry.url }))).body);
      assert.equal(environment.asked.length, 0);
      assert.equal(entry.asked.length, 1);
    });
  });
});
