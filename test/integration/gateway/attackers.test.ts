/** Plays those who must not get anything from the gateway: web pages, other programs, agents that want more than they may, servers that want keys. */
import assert from 'node:assert/strict';
import { lookup as systemLookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { join } from 'node:path';
import { type Protocol, protocols } from '../../../src/core/protocol.ts';
import { createControl } from '../../../src/gateway/control.ts';
import { createSessions } from '../../../src/gateway/sessions.ts';
import { hashToken } from '../../../src/gateway/tokens.ts';
import { createTransport } from '../../../src/gateway/upstream/transport.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { dialects } from '../../support/dialects/index.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { connectRaw } from '../../support/raw-client.ts';
import { bytes, type Exchange, json, redirect, type ScriptedServer, startServer, waitUntil } from '../../support/scripted-server.ts';
import { judge, see, wires } from '../../support/wires.ts';

const canary = 'sk-canary-0123456789abcdef';

const routes: readonly (readonly [method: 'GET' | 'POST', path: string])[] = [
  ['GET', '/'],
  ['GET', '/api/hello'],
  ['POST', '/v1/messages'],
  ['POST', '/v1/messages/count_tokens'],
  ['POST', '/v1/chat/completions'],
  ['POST', '/v1/responses'],
  ['POST', '/v1/embeddings'],
  ['GET', '/v1/models'],
  ['GET', '/v1beta/models'],
  ['POST', '/v1beta/models/m:generateContent'],
  ['POST', '/v1beta/models/m:streamGenerateContent?alt=sse'],
  ['POST', '/v1beta/models/m:countTokens'],
  ['POST', '/api/chat'],
  ['GET', '/api/tags'],
  ['POST', '/api/show'],
  ['GET', '/api/version'],
  ['POST', '/api/pull'],
  ['GET', '/api/v1/gateway'],
  ['GET', '/api/v1/gateway/events'],
  ['POST', '/api/v1/gateway/sessions'],
  ['POST', '/api/v1/gateway/stop'],
  ['GET', '/no/such/path'],
];

function answerHonestly({ request, response }: Exchange): void {
  const dialect = Object.values(dialects).find(({ serves }) => serves(request.path)) ?? dialects['openai-chat'];
  const streamed = dialect.wantsStream(request.json, request.path);
  const { frames, whole } = dialect.reply([{ type: 'text', text: 'ok' }], { body: request.json, sequence: 1 });
  response.writeHead(200, { 'content-type': streamed ? dialect.streamType : 'application/json' }).end(streamed ? frames.join('') : JSON.stringify(whole));
}

/** The status of the answers on a connection, and everything that was said on it. */
async function say(port: number, words: string): Promise<{ readonly status: number; readonly text: string }> {
  const client = await connectRaw(port, words);
  try {
    await waitUntil(() => client.closed || /^HTTP\/1\.1 \d{3}/.test(client.heard), 'an answer');
    return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(client.heard)?.[1] ?? 0), text: client.heard };
  } finally {
    client.socket.destroy();
  }
}

describe('attackers of the gateway', () => {
  let upstream: ScriptedServer;
  let gateway: TestGateway;
  let token: string;
  let stopped: boolean;
  const adminToken = 'admin-token-of-the-lock-file';

  beforeEach(async () => {
    upstream = await startServer({ '*': answerHonestly });
    stopped = false;
    const clock = createSystemClock();
    const control = createControl({ sessions: createSessions(clock, () => {}), adminTokenHash: hashToken(adminToken), prove: (nonce) => Promise.resolve(nonce), status: () => ({ version: '1', pid: 1, address: '', since: 0, sessions: [] }), stop: () => (stopped = true), clock, onSecret: () => {} });
    gateway = await startGateway({ maxBodyBytes: 100_000, hosts: ['box.lan'], control: (request, response, path) => control.handle(request, response, path) });
    token = gateway.session(upstream.url, protocols, { key: canary, server: { auth: { type: 'bearer' } } });
  });

  afterEach(async () => {
    await gateway.close();
    await upstream.close();
  });

  const chat = wires['openai-chat'];
  const chatBody = JSON.stringify(chat.body({ stream: false }));

  function head(method: string, path: string, headers: readonly string[], body = '{}'): string {
    return [`${method} ${path} HTTP/1.1`, ...headers, ...(method === 'POST' ? ['Content-Type: application/json', `Content-Length: ${body.length}`] : []), '', method === 'POST' ? body : ''].join('\r\n');
  }

  describe('a web page', () => {
    for (const host of ['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost.evil.example', '0.0.0.0', '169.254.169.254', '[::ffff:1.2.3.4]', 'xn--localhost', '127.0.0.1@evil.example', '']) {
      it(`under the name ${JSON.stringify(host)} gets nothing on any route`, async () => {
        for (const [method, path] of routes) {
          const { status, text } = await say(gateway.port, head(method, path, [`Host: ${host}`, `Authorization: Bearer ${token}`]));
          assert.ok(status === 421 || status === 400, `${path}: ${text}`);
          assert.doesNotMatch(text, /access-control-/i);
        }
        assert.deepEqual(upstream.requests, []);
      });
    }

    it('without a name, or with two, gets nothing', async () => {
      const rest = `Authorization: Bearer ${token}`;
      assert.equal((await say(gateway.port, head('GET', '/v1/models', [rest]))).status, 400);
      assert.equal((await say(gateway.port, head('GET', '/v1/models', ['Host: localhost', 'Host: evil.example', rest]))).status, 400);
      assert.equal((await say(gateway.port, head('GET', '/v1/models', ['Host: evil.example', 'host: localhost', rest]))).status, 400);
    });

    for (const host of ['localhost', 'LOCALHOST:1234', '127.0.0.1:9', '127.1.2.3', '[::1]:80', 'box.lan', 'Box.LAN:8080']) {
      it(`is not confused with an agent that calls it ${host}`, async () => {
        assert.equal((await say(gateway.port, head('GET', '/v1/models', [`Host: ${host}`, `Authorization: Bearer ${token}`]))).status, 200);
      });
    }

    for (const origin of ['https://evil.example', 'null', 'http://localhost', 'file://', 'vscode-webview://abc', '']) {
      it(`from ${JSON.stringify(origin)} is refused on every route, and asking first helps nobody`, async () => {
        for (const [method, path] of routes) {
          const { status, text } = await say(gateway.port, head(method, path, ['Host: localhost', `Origin: ${origin}`, `Authorization: Bearer ${path.startsWith('/api/v1') ? adminToken : token}`]));
          assert.equal(status, 403, path);
          assert.doesNotMatch(text, /access-control-/i);
          const preflight = await say(gateway.port, head('OPTIONS', path, ['Host: localhost', `Origin: ${origin}`, `Access-Control-Request-Method: ${method}`, 'Access-Control-Request-Headers: authorization,content-type', 'Access-Control-Request-Private-Network: true']));
          assert.ok(preflight.status >= 400, path);
          assert.doesNotMatch(preflight.text, /access-control-/i);
        }
        assert.deepEqual([upstream.requests, stopped], [[], false]);
      });
    }

    for (const type of ['text/plain', 'text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', undefined]) {
      it(`that needs not ask first (content type ${type}) is refused`, async () => {
        for (const [method, path] of routes.filter(([name]) => name === 'POST')) {
          const lines = [`${method} ${path} HTTP/1.1`, 'Host: localhost', `Authorization: Bearer ${path.startsWith('/api/v1') ? adminToken : token}`, ...(type === undefined ? [] : [`Content-Type: ${type}`]), `Content-Length: ${chatBody.length}`, '', chatBody];
          assert.equal((await say(gateway.port, lines.join('\r\n'))).status, 415, path);
        }
        assert.deepEqual([upstream.requests, stopped], [[], false]);
      });
    }

    it('gets no CORS headers from anything that succeeds either', async () => {
      upstream.play({ '*': ({ response }) => void response.writeHead(200, { 'content-type': 'application/json', 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true' }).end('{"choices":[]}') });
      for (const [method, path] of routes) {
        const { text } = await say(gateway.port, head(method, path, ['Host: localhost', `Authorization: Bearer ${token}`], chatBody));
        assert.doesNotMatch(text, /access-control-/i, path);
      }
    });
  });

  describe('somebody without a token', () => {
    const guarded = (): typeof routes => routes.filter(([, path]) => !['/', '/api/hello', '/no/such/path'].includes(path));

    for (const [name, headers] of [
      ['none', () => []],
      ['a wrong one', () => ['Authorization: Bearer nonsense']],
      ['the beginning of one', () => [`Authorization: Bearer ${token.slice(0, -1)}`]],
      ['one and more', () => [`Authorization: Bearer ${token}x`]],
      ['an empty one', () => ['Authorization: Bearer ', 'x-api-key: ']],
      ['one in another scheme', () => [`Authorization: Basic ${Buffer.from(`user:${token}`).toString('base64')}`]],
      ['one as a cookie', () => [`Cookie: token=${token}`]],
      ['its hash', () => [`Authorization: Bearer ${hashToken(token)}`]],
    ] as const) {
      it(`with ${name} gets nothing`, async () => {
        for (const [method, path] of guarded()) assert.equal((await say(gateway.port, head(method, path, ['Host: localhost', ...headers()]))).status, 401, path);
        assert.deepEqual([upstream.requests, stopped], [[], false]);
      });
    }

    it('with one of a session that has ended gets nothing', async () => {
      assert.equal((await gateway.get('/v1/models', token)).status, 200);
      gateway.sessions.remove('s1');
      assert.equal((await gateway.get('/v1/models', token)).status, 401);
      assert.equal((await gateway.post(chat.path({ stream: false }), chatBody, token)).status, 401);
    });

    it('with one of an agent cannot reach the control of the gateway, nor the other way round', async () => {
      assert.equal((await gateway.get('/api/v1/gateway', token)).status, 401);
      assert.equal((await gateway.get('/api/v1/gateway', adminToken)).status, 200);
      assert.equal((await gateway.get('/v1/models', adminToken)).status, 401);
      assert.equal((await fetch(`${gateway.address}/s/${adminToken}/v1/models`)).status, 401);
      assert.equal((await fetch(`${gateway.address}/s/${token}/api/v1/gateway`)).status, 401);
      assert.equal((await fetch(`${gateway.address}/api/v1/gateway?key=${adminToken}`)).status, 401);
    });

    it('may put it into the query only where Gemini’s clients do', async () => {
      for (const [method, path] of guarded().filter(([, path]) => !path.startsWith('/api/v1/'))) {
        const { status } = await say(gateway.port, head(method, `${path}${path.includes('?') ? '&' : '?'}key=${token}`, ['Host: localhost', 'Connection: close'], '{"contents":[]}'));
        assert.equal(status !== 401, path.startsWith('/v1beta/'), path);
      }
    });
  });

  describe('a client that plays with HTTP', () => {
    const auth = (): string => `Authorization: Bearer ${token}`;

    for (const target of ['http://169.254.169.254/v1/models', 'http://evil.example/v1/models', '//evil.example/v1/models', 'http://user:secret@evil.example/v1/models', '/../v1/models', '/v1/../../etc/passwd', '/v1/%2e%2e/models', '*', 'evil.example:443']) {
      it(`asks for ${target} in vain`, async () => {
        for (const method of ['GET', 'POST', 'CONNECT']) {
          const { status, text } = await say(gateway.port, head(method, target, ['Host: localhost', auth()]));
          assert.ok(status === 0 || status >= 400, text);
          assert.doesNotMatch(text, /secret/);
        }
        assert.deepEqual(upstream.requests, []);
      });
    }

    for (const [name, headers, body] of [
      ['both content-length and transfer-encoding', ['Content-Length: 4', 'Transfer-Encoding: chunked'], '0\r\n\r\nGET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n'],
      ['two content-lengths', ['Content-Length: 2', 'Content-Length: 40'], '{}GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n'],
      ['an odd transfer-encoding', ['Transfer-Encoding: xchunked'], '{}'],
      ['a folded header', ['X-A: 1\r\n Transfer-Encoding: chunked', 'Content-Length: 2'], '{}'],
      ['a space before the colon', ['Transfer-Encoding : chunked', 'Content-Length: 2'], '{}'],
      ['a lone carriage return in a value', ['X-A: 1\rX-B: 2', 'Content-Length: 2'], '{}'],
      ['a zero byte in a value', ['X-A: 1\u00002', 'Content-Length: 2'], '{}'],
    ] as const) {
      it(`smuggles nothing by ${name}`, async () => {
        const { status, text } = await say(gateway.port, [`POST ${chat.path({ stream: false })} HTTP/1.1`, 'Host: localhost', auth(), 'Content-Type: application/json', ...headers, '', body].join('\r\n'));
        assert.equal(status, 400, text);
        assert.equal(text.match(/HTTP\/1\.1 /g)?.length, 1);
        assert.deepEqual(upstream.requests, []);
      });
    }

    it('sends more than it may, announced or not, and is told so', async () => {
      const large = chatBody.replace('Say something', 'x'.repeat(200_000));
      const announced = await see(gateway.post(chat.path({ stream: false }), large, token));
      assert.deepEqual([announced.status, judge(chat, false, announced).type], [413, 'error']);
      const client = await connectRaw(gateway.port, ['POST /v1/chat/completions HTTP/1.1', 'Host: localhost', auth(), 'Content-Type: application/json', 'Transfer-Encoding: chunked', '', ''].join('\r\n'));
      for (let count = 0; count < 20 && !client.closed; count++) client.socket.write(`2710\r\n${'x'.repeat(10_000)}\r\n`);
      await client.until(/^HTTP\/1\.1 413 /);
      client.socket.destroy();
      await waitUntil(() => gateway.server.active === 0, 'the request to be forgotten');
      assert.deepEqual(upstream.requests, []);
    });

    it('cannot keep the gateway listening to a body without an end', async () => {
      const client = await connectRaw(gateway.port, ['POST /v1/chat/completions HTTP/1.1', 'Host: localhost', auth(), 'Content-Type: application/json', 'Transfer-Encoding: chunked', '', ''].join('\r\n'));
      const chunk = `2710\r\n${'x'.repeat(10_000)}\r\n`;
      const timer = setInterval(() => client.socket.write(chunk), 5);
      try {
        await client.until(/^HTTP\/1\.1 413 /);
        await client.toEnd();
      } finally {
        clearInterval(timer);
      }
    });

    it('compresses its body in vain', async () => {
      assert.equal((await gateway.post(chat.path({ stream: false }), chatBody, token, { headers: { 'content-encoding': 'gzip' } })).status, 415);
    });

    it('asks for a WebSocket and is told to use HTTP, wherever it asks', async () => {
      const upgrade = ['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13'];
      for (const path of ['/v1/responses', '/v1/messages', '/v1/models', '/api/v1/gateway', '/']) assert.equal((await say(gateway.port, head('GET', path, [...upgrade, auth()]))).status, 426, path);
      assert.equal((await say(gateway.port, head('GET', '/v1/responses', [...upgrade, auth(), 'Origin: https://evil.example']))).status, 403);
      assert.equal((await say(gateway.port, head('GET', '/v1/responses', [...upgrade.slice(1), 'Host: evil.example', auth()]))).status, 421);
    });
  });

  describe('an agent that wants more than its session', () => {
    for (const model of ['../../admin', '..%2f..%2fadmin', '%2e%2e/%2e%2e/admin', 'm?key=1', 'm#x', 'm%00', 'm\\..\\x', '//evil.example/m', 'http://evil.example/m', '@evil.example']) {
      it(`cannot leave the path of the server by the model name ${model}`, async () => {
        for (const path of [`/v1beta/models/${model.replaceAll(/[?#]/g, encodeURIComponent)}:generateContent`, '/v1/chat/completions']) {
          const client = path.startsWith('/v1beta') ? wires.gemini : chat;
          await say(gateway.port, head('POST', path, ['Host: localhost', `Authorization: Bearer ${token}`, 'Connection: close'], JSON.stringify({ ...client.body({ stream: false }), model })));
        }
        const allowed = ['/v1beta/models/real-model:generateContent', '/v1/chat/completions'];
        assert.ok(upstream.requests.length > 0);
        for (const { path, query } of upstream.requests) assert.deepEqual([allowed.includes(path), query.size], [true, 0], path);
      });

      it(`whatever a server calls its model (${model}), one server is asked, below its own path`, async () => {
        for (const speaks of protocols) {
          const own = gateway.session(`${upstream.url}/base`, [speaks], { id: speaks, model });
          await see(gateway.post(chat.path({ stream: false }), chatBody, own));
        }
        for (const { path } of upstream.requests) assert.ok(path.startsWith('/base/'), path);
        assert.equal(upstream.requests.length, protocols.length);
      });
    }

    it('cannot make the gateway fetch an address out of a conversation', async () => {
      await using secret = await startServer({ '*': json({ secret: true }) });
      const url = `${secret.url}/picture.png`;
      const bodies: Readonly<Record<Protocol, object>> = {
        'anthropic-messages': { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url } }, { type: 'document', source: { type: 'url', url } }, { type: 'text', text: 'hi' }] }] },
        'openai-chat': { model: 'm', messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }, { type: 'text', text: 'hi' }] }] },
        'openai-responses': { model: 'm', input: [{ role: 'user', content: [{ type: 'input_image', image_url: url }, { type: 'input_file', file_url: url }, { type: 'input_text', text: 'hi' }] }] },
        gemini: { contents: [{ role: 'user', parts: [{ fileData: { fileUri: url, mimeType: 'image/png' } }, { text: 'hi' }] }] },
        ollama: { model: 'm', stream: false, messages: [{ role: 'user', content: 'hi', images: [url] }] },
      };
      for (const client of protocols) {
        for (const server of protocols) {
          const seen = await see(gateway.post(wires[client].path({ stream: false }), bodies[client], gateway.session(upstream.url, [server])));
          assert.ok(seen.status === 200 || seen.status === 400, `${client} → ${server}: ${seen.status} ${seen.text}`);
        }
      }
      assert.deepEqual(secret.requests, []);
    });
  });

  describe('a server that wants to lead on', () => {
    for (const code of [301, 302, 303, 307, 308]) {
      it(`with ${code} gets no key to another one, and the client no address`, async () => {
        await using second = await startServer({ '*': answerHonestly });
        upstream.play({ '*': redirect(`${second.url}/v1/chat/completions?leak=1`, code) });
        for (const client of protocols) {
          for (const stream of [true, false]) {
            for (const server of protocols) {
              const seen = await see(gateway.post(wires[client].path({ stream }), wires[client].body({ stream }), gateway.session(upstream.url, [server], { key: canary })));
              assert.equal(judge(wires[client], stream, seen).type, 'error');
              assert.equal(seen.headers.get('location'), null);
              assert.ok(!seen.text.includes(String(second.port)));
            }
          }
        }
        assert.deepEqual(second.requests, []);
      });
    }

    const linkLocal = ['http://169.254.169.254', 'http://169.254.169.254:80/latest', 'http://2852039166', 'http://0xa9fea9fe', 'http://0xA9.0xFE.0xA9.0xFE', 'http://0251.0376.0251.0376', 'http://169.254.43518', 'http://[fe80::1]', 'http://[::ffff:169.254.0.0]', 'http://[::ffff:a9fe:a9fe]', 'http://[fd00:ec2::254]', 'http://[64:ff9b::a9fe:a9fe]', 'http://100.100.100.200', 'http://168.63.129.16'];
    for (const url of linkLocal) {
      it(`at the link-local address ${url} is not connected to`, async () => {
        const seen = await see(gateway.post(chat.path({ stream: false }), chatBody, gateway.session(url, ['openai-chat'], { key: canary })));
        assert.equal(seen.status, 424);
        assert.match(seen.text, /link-local/);
      });
    }

    for (const [address, family] of [['169.254.169.254', 4], ['fe80::1', 6], ['::ffff:169.254.1.1', 6]] as const) {
      it(`under a name that leads to ${address} is not connected to`, async () => {
        // A resolver that an attacker controls: the name is harmless once, and then it is not.
        const lookup: LookupFunction = (hostname, options, callback) => {
          if (hostname !== 'harmless.example') return systemLookup(hostname, options, callback);
          if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }, { address, family }]);
          else callback(null, address, family);
        };
        const other = await startGateway({ transport: createTransport({ lookup }) });
        try {
          const seen = await see(other.post(chat.path({ stream: false }), chatBody, other.session(`http://harmless.example:${upstream.port}`, ['openai-chat'], { key: canary })));
          assert.equal(seen.status, 424);
          assert.match(seen.text, /link-local/);
          assert.deepEqual(upstream.requests, []);
        } finally {
          await other.close();
        }
      });
    }

    it('may be called by a name', async () => {
      const seen = await see(gateway.post(chat.path({ stream: false }), chatBody, gateway.session(`http://localhost:${upstream.port}`, ['openai-chat'])));
      assert.equal(seen.status, 200, seen.text);
    });
  });

  describe('whoever looks for keys', () => {
    it('finds the key at its server, in one place, and nowhere else', async () => {
      for (const [client, server] of protocols.flatMap((one) => protocols.map((other) => [one, other] as const))) {
        const own = gateway.session(upstream.url, [server], { key: canary, server: { auth: { type: 'bearer' } } });
        const wire = wires[client];
        const seen = await see(gateway.post(wire.path({ stream: true }), wire.body({ stream: true }), own, { headers: { cookie: 'a=b', 'x-api-key': own, 'x-goog-api-key': own, 'api-key': own, referer: `http://x/?k=${own}` } }));
        const received = upstream.requests.at(-1);
        assert.equal(received?.headers['authorization'], `Bearer ${canary}`);
        const { authorization: _, ...others } = received?.headers ?? {};
        const rest = JSON.stringify([others, received?.path, [...(received?.query ?? [])], received?.body]);
        assert.ok(!rest.includes(canary) && !rest.includes(own) && !rest.includes('"cookie"'), rest);
        assert.ok(!JSON.stringify([seen.text, [...seen.headers]]).includes(canary));
      }
    });

    it('finds no cookie of the server', async () => {
      upstream.play({ '*': bytes('{"choices":[]}', { headers: { 'content-type': 'application/json', 'set-cookie': 'id=1', 'set-cookie2': 'id=2', 'x-request-id': 'r1' } }) });
      const { headers } = await see(gateway.post(chat.path({ stream: false }), chatBody, token));
      assert.deepEqual([headers.get('set-cookie'), headers.get('x-request-id')], [null, 'r1']);
    });

    for (const failing of [false, true]) {
      it(`finds no key in what a server repeats of its ${failing ? 'refused' : 'served'} request`, async () => {
        upstream.play({
          '*': ({ request, response }) => {
            const echo = JSON.stringify({ error: { message: `you said ${JSON.stringify(request.headers)}`, type: 'x', code: 400, status: 'X' }, choices: [{ index: 0, message: { role: 'assistant', content: canary }, finish_reason: 'stop' }] });
            response.writeHead(failing ? 400 : 200, { 'content-type': 'application/json', 'x-echo': request.headers['authorization'] ?? '' });
            // Cut in the middle of the key.
            const cut = echo.indexOf(canary) + 8;
            response.write(echo.slice(0, cut));
            setImmediate(() => response.end(echo.slice(cut)));
          },
        });
        for (const client of protocols) {
          for (const server of ['openai-chat', client] as const) {
            const seen = await see(gateway.post(wires[client].path({ stream: false }), wires[client].body({ stream: false }), gateway.session(upstream.url, [server], { key: canary, server: { auth: { type: 'bearer' } } })));
            assert.ok(!JSON.stringify([seen.text, [...seen.headers]]).includes(canary), `${client} → ${server}: ${seen.text}`);
          }
        }
        assert.ok(!JSON.stringify([gateway.records, gateway.sessions.list(), gateway.sessions.store()]).includes(canary), 'nor in what is logged, shown and written');
      });
    }

    it('finds no token in an error that repeats the path', async () => {
      for (const path of [`/s/${token}/nothing/here`, `/v1/s/${token}/messages`, `//s/${token}/v1/models`, `/s/${token}`, `/v1/nothing?key=${token}`, `http://127.0.0.1/s/${token}/x`]) {
        const { status, text } = await say(gateway.port, head('PUT', path, ['Host: localhost', 'Content-Type: application/json', `Authorization: Bearer ${token}`]));
        assert.ok(status >= 400);
        assert.ok(!text.includes(token), text);
      }
    });

    it('cannot measure how much of a token was right', () => {
      // What is compared is a hash: by a map, or in constant time. Nothing else in the gateway looks at tokens.
      const folder = join(import.meta.dirname, '../../../src/gateway');
      const source = (name: string): string => readFileSync(join(folder, name), 'utf8');
      assert.match(source('tokens.ts'), /timingSafeEqual\(Buffer\.from\(hashToken\(given\)\), Buffer\.from\(expectedHash\)\)/);
      assert.match(source('sessions.ts'), /byHash\.get\(connection \? hashOn\(token, connection\) : hashToken\(token\)\)/);
      for (const name of ['server.ts', 'control.ts', 'sessions.ts']) assert.doesNotMatch(source(name), /[tT]oken\w* [!=]==? (?!undefined)|(?<!undefined) [!=]==? \w*[tT]oken\b/, name);
    });
  });
});
