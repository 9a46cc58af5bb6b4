/** What keeps agents and slow models together, and what lets go of both when one of them has left. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { type Protocol, protocols } from '../../../src/core/protocol.ts';
import { dialects } from '../../support/dialects/index.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { connectRaw, rawPost } from '../../support/raw-client.ts';
import { type Exchange, gate, json, type ScriptedServer, startServer, startTcpServer, waitUntil } from '../../support/scripted-server.ts';
import { eventsOf, judge, see, wires } from '../../support/wires.ts';

/** Long enough for what happens at once on a busy machine. */
const atOnceMs = 100;

/** The honest answer of a server, streamed or not as it was asked. */
function honest(server: Protocol, { request, response }: Exchange, said = 'one two three'): void {
  const dialect = dialects[server];
  const streamed = dialect.wantsStream(request.json, `${request.path}?${request.query}`);
  const { frames, whole } = dialect.reply([{ type: 'text', text: said }], { body: request.json, sequence: 1 });
  response.writeHead(200, { 'content-type': streamed ? dialect.streamType : 'application/json' }).end(streamed ? frames.join('') : JSON.stringify(whole));
}

/** Sockets of this process: the client's, both of the gateway, the server's. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
}

describe('liveness of the gateway', () => {
  let upstream: ScriptedServer;
  let gateway: TestGateway;

  afterEach(async () => {
    await gateway.close();
    await upstream.close();
  });

  async function start(answer: (exchange: Exchange) => void | Promise<void>, heartbeat?: { firstMs: number; everyMs: number }): Promise<void> {
    upstream = await startServer({ '*': answer });
    gateway = await startGateway(heartbeat ? { heartbeat } : {});
  }

  /** A request on a connection of its own. */
  function post(path: string, body: unknown, token: string, agent: Agent | false = false): ClientRequest {
    const request = httpRequest(gateway.address + path, { method: 'POST', agent, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } });
    request.on('error', () => {}); // torn down on purpose
    request.end(JSON.stringify(body));
    return request;
  }

  const signs: Readonly<Record<Protocol, RegExp>> = {
    'anthropic-messages': /^(?:event: ping\ndata: \{"type": ?"ping"\}\n\n)+$/,
    'openai-chat': /^(?:: [^\n]*\n\n)+$/,
    'openai-responses': /^(?:event: response\.(?:created|in_progress)\ndata: \{[^\n]*\}\n\n)+$/,
    gemini: /^\n+$/,
    ollama: /^(?:\{[^\n]*"content":""[^\n]*"done":false\}\n)+$/,
  };

  for (const client of protocols) {
    for (const server of [client, client === 'openai-chat' ? 'ollama' : 'openai-chat'] as const) {
      it(`a client of ${client} is told that somebody is there while a server of ${server} loads its model`, async () => {
        const { answer, open } = gate((exchange) => honest(server, exchange));
        await start(answer, { firstMs: 5, everyMs: 5 });
        const wire = wires[client];
        const response = await gateway.post(wire.path({ stream: true }), wire.body({ stream: true }), gateway.session(upstream.url, [server]));
        assert.equal(response.status, 200, 'before the server has said anything');
        let text = '';
        let opened = false;
        const decoder = new TextDecoder();
        for await (const chunk of response.body ?? []) {
          text += decoder.decode(chunk as Uint8Array, { stream: true });
          if (opened || (text.match(/\n/g)?.length ?? 0) < 3) continue;
          assert.match(text, signs[client]);
          opened = true;
          open();
        }
        assert.ok(opened);
        assert.deepEqual(judge(wire, true, { status: 200, headers: response.headers, text, broke: false }), { type: 'answer' });
        assert.match(text.replaceAll(/\s/g, ''), /one.*two.*three/s);
      });
    }
  }

  it('an error after the first sign of life is said in the stream', async () => {
    const { answer, open } = gate(json({ error: { message: 'boom', type: 'server_error', code: 'oops' } }, { status: 500 }));
    await start(answer, { firstMs: 5, everyMs: 5 });
    for (const client of protocols) {
      const wire = wires[client];
      const response = await gateway.post(wire.path({ stream: true }), wire.body({ stream: true }), gateway.session(upstream.url, ['openai-chat'], { id: client }));
      open();
      const verdict = judge(wire, true, await see(Promise.resolve(response)));
      assert.ok(verdict.type === 'late-error' || verdict.type === 'error', JSON.stringify(verdict));
      assert.match(verdict.message, /boom/);
    }
  });

  it('a body that only its server understands gets no signs of life, and does no harm', async () => {
    const { answer, open } = gate(json({ error: { message: 'no such role', type: 'invalid_request_error' }, type: 'error' }, { status: 400 }));
    await start(answer, { firstMs: 1, everyMs: 1 });
    for (const client of protocols) {
      const wire = wires[client];
      const answered = gateway.post(wire.path({ stream: true }), { model: 'm', stream: true, messages: 5, input: 5, contents: 5 }, gateway.session(upstream.url, [client], { id: client }));
      await waitUntil(() => upstream.requests.length > 0, 'the request');
      open();
      const seen = await see(answered);
      assert.match(seen.text, /no such role/);
      assert.equal(seen.status, 400, client);
    }
  });

  for (const [name, stream, server, begins] of [
    ['before a stream has begun', true, 'openai-chat', false],
    ['before an answer in one piece', false, 'openai-chat', false],
    ['in the middle of a stream', true, 'openai-chat', true],
    ['in the middle of a stream that passes through', true, 'anthropic-messages', true],
    ['before a stream that passes through has begun', true, 'anthropic-messages', false],
    ['before an answer in one piece that passes through', false, 'anthropic-messages', false],
  ] as const) {
    it(`a client that leaves ${name} leaves no connection behind`, async () => {
      let leftAt = 0;
      let asked = 0;
      const dialect = dialects[server];
      const wire = wires['anthropic-messages'];
      await start(({ request, response }) => {
        asked++;
        response.once('close', () => (leftAt = performance.now()));
        if (!begins) return;
        response.writeHead(200, { 'content-type': dialect.streamType });
        response.write(dialect.reply([{ type: 'text', text: 'one two' }], { body: request.json, sequence: 1 }).frames.slice(0, -2).join(''));
      });
      const before = openSockets();
      const request = post(wire.path({ stream }), wire.body({ stream }), gateway.session(upstream.url, [server]));
      if (begins) {
        const [response] = (await once(request, 'response')) as [IncomingMessage];
        await once(response, 'data');
      }
      await waitUntil(() => asked === 1, 'the server to be asked');
      const goneAt = performance.now();
      request.destroy();
      await waitUntil(() => leftAt > 0, 'the server to be left');
      assert.ok(leftAt - goneAt < atOnceMs, `after ${leftAt - goneAt} ms`);
      await waitUntil(() => upstream.openSockets === 0 && gateway.server.active === 0 && openSockets() <= before, `no socket to be left: ${upstream.openSockets} at the server`);
    });
  }

  for (const server of ['openai-chat', 'anthropic-messages'] as const) {
    it(`a slow client slows a server of ${server} down instead of filling memory`, async () => {
      const dialect = dialects[server];
      const piece = 'x'.repeat(10_000);
      const count = 3_000;
      let sent = 0;
      await start(async ({ request, response }) => {
        const { frames } = dialect.reply([{ type: 'text', text: piece }], { body: request.json, sequence: 1 });
        const at = frames.findIndex((frame) => frame.includes(piece));
        response.writeHead(200, { 'content-type': dialect.streamType });
        response.write(frames.slice(0, at).join(''));
        for (; sent < count && !response.destroyed; sent++) if (!response.write(frames[at])) await Promise.race([once(response, 'drain'), once(response, 'close')]);
        response.end(frames.slice(at + 1).join(''));
      });
      const wire = wires['anthropic-messages'];
      const request = post(wire.path({ stream: true }), wire.body({ stream: true }), gateway.session(upstream.url, [server]));
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.pause();
      // Whatever the buffers on the way hold is sent by the time at which nothing more is.
      let last = -1;
      for (let quiet = 0; quiet < 10; quiet = sent === last ? quiet + 1 : 0) {
        last = sent;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.ok(sent < count, 'the server was slowed down');
      assert.ok(process.memoryUsage().arrayBuffers < 64 * 1024 * 1024);
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).resume();
      await once(response, 'end');
      assert.equal(text.match(/x{10000}/g)?.length, count, 'nothing was lost');
      assert.match(text, /message_stop/);
    });
  }

  it('a client that leaves while it was too slow leaves no connection behind', async () => {
    let left = false;
    await start(async ({ response }) => {
      response.once('close', () => (left = true));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      while (!response.destroyed) if (!response.write(`data: ${JSON.stringify({ id: '1', choices: [{ index: 0, delta: { content: 'x'.repeat(10_000) } }] })}\n\n`)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    });
    const wire = wires['anthropic-messages'];
    const request = post(wire.path({ stream: true }), wire.body({ stream: true }), gateway.session(upstream.url, ['openai-chat']));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.pause();
    await new Promise((resolve) => setTimeout(resolve, 50));
    request.destroy();
    await waitUntil(() => left && upstream.openSockets === 0 && gateway.server.active === 0, 'the server to be left');
  });

  it('ends in order: what runs is finished, nobody new is served', async () => {
    const { answer, open } = gate((exchange) => honest('openai-chat', exchange));
    await start(answer);
    const wire = wires['anthropic-messages'];
    const token = gateway.session(upstream.url, ['openai-chat']);
    const agent = new Agent({ keepAlive: true });
    const request = post(wire.path({ stream: true }), wire.body({ stream: true }), token, agent);
    await waitUntil(() => upstream.requests.length === 1, 'the request');
    const startedAt = performance.now();
    const closed = gateway.server.close(30_000);
    await assert.rejects(gateway.get('/v1/models', token));
    open();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response) text += String(chunk);
    assert.match(text, /message_stop/);
    await closed;
    assert.ok(performance.now() - startedAt < 5_000, 'a connection that is only kept is not waited for');
    agent.destroy();
  });

  it('does not wait for ever for what never ends', async () => {
    await start(() => {});
    const wire = wires['anthropic-messages'];
    const request = post(wire.path({ stream: true }), wire.body({ stream: true }), gateway.session(upstream.url, ['openai-chat']));
    const closed = new Promise((resolve) => request.once('close', resolve));
    await waitUntil(() => upstream.requests.length === 1, 'the request');
    await gateway.server.close(20);
    await closed;
    await waitUntil(() => upstream.openSockets === 0, 'the server to be left');
  });

  it('carries 200 streams at once, each its own', async () => {
    const arrived: Exchange[] = [];
    await start((exchange) => {
      arrived.push(exchange);
      if (arrived.length < 200) return;
      for (const each of arrived) honest('openai-chat', each, `for ${/number (\d+)/.exec(each.request.body)?.[1] ?? ''} alone`);
    });
    const wire = wires['anthropic-messages'];
    const token = gateway.session(upstream.url, ['openai-chat']);
    const all = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => ({ index, seen: await see(gateway.post(wire.path({ stream: true }), wire.body({ stream: true, text: `number ${index}` }), token), 20_000) })),
    );
    for (const { index, seen } of all) {
      assert.deepEqual(judge(wire, true, seen), { type: 'answer' });
      const said = eventsOf(seen.text).map((event) => (event as { delta?: { text?: string } }).delta?.text ?? '').join('');
      assert.equal(said, `for ${index} alone`);
    }
  });

  it('uses connections again, on both sides', async () => {
    await start((exchange) => honest('openai-chat', exchange));
    const wire = wires['anthropic-messages'];
    const token = gateway.session(upstream.url, ['openai-chat']);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let fresh = 0;
    let atServer = 0;
    for (let count = 0; count < 30; count++) {
      const request = post(wire.path({ stream: count % 2 === 0 }), wire.body({ stream: count % 2 === 0 }), token, agent);
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      if (!request.reusedSocket) fresh++;
      atServer = Math.max(atServer, upstream.openSockets);
    }
    assert.equal(fresh, 1);
    assert.ok(atServer <= 2, `${atServer} connections to the server`);
    agent.destroy();
  });

  it('a client that closes its half of the connection has left', async () => {
    let left = false;
    await start(({ response }) => void response.once('close', () => (left = true)));
    const wire = wires['anthropic-messages'];
    const client = await connectRaw(gateway.port, rawPost(wire.path({ stream: true }), gateway.session(upstream.url, ['openai-chat']), JSON.stringify(wire.body({ stream: true }))));
    await waitUntil(() => upstream.requests.length === 1, 'the request');
    client.socket.end();
    await waitUntil(() => left && gateway.server.active === 0 && upstream.openSockets === 0, 'the server to be left', 1_000);
    await client.toEnd();
  });

  for (const path of ['/', '/api/hello', '/v1/models', '/api/version', '/api/tags']) {
    it(`answers HEAD ${path} with headers alone`, async () => {
      await start(() => {});
      const client = await connectRaw(gateway.port, `HEAD ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${gateway.session(upstream.url, ['openai-chat'])}\r\nConnection: close\r\n\r\n`);
      assert.match(await client.toEnd(), /^HTTP\/1\.1 200 OK\r\n(?:[^\r\n]+\r\n)+\r\n$/);
    });
  }

  it('answers requests that come in one breath in their order', async () => {
    await start((exchange) => honest('openai-chat', exchange, /first/.test(exchange.request.body) ? 'alpha' : 'omega'));
    const wire = wires['anthropic-messages'];
    const token = gateway.session(upstream.url, ['openai-chat']);
    const one = rawPost(wire.path({ stream: false }), token, JSON.stringify(wire.body({ stream: false, text: 'first' })));
    const two = rawPost(wire.path({ stream: true }), token, JSON.stringify(wire.body({ stream: true, text: 'second' })), ['Connection: close']);
    const client = await connectRaw(gateway.port, one + two);
    assert.match(await client.toEnd(), /HTTP\/1\.1 200 OK[\s\S]*alpha[\s\S]*HTTP\/1\.1 200 OK[\s\S]*omega[\s\S]*message_stop/);
  });

  it('tells a client that asks first to go on, unless its request is refused', async () => {
    await start((exchange) => honest('openai-chat', exchange));
    const wire = wires['openai-chat'];
    const body = JSON.stringify(wire.body({ stream: false }));
    const token = gateway.session(upstream.url, ['openai-chat']);
    const asks = rawPost(wire.path({ stream: false }), token, body, ['Expect: 100-continue', 'Connection: close']).slice(0, -body.length);
    const client = await connectRaw(gateway.port, asks);
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    client.socket.write(body);
    assert.match(await client.toEnd(), /HTTP\/1\.1 200 OK[\s\S]*one two three/);
    const refused = await connectRaw(gateway.port, asks.replace(token, 'wrong'));
    assert.match(await refused.toEnd(), /^HTTP\/1\.1 401 /);
  });

  it('takes a body in chunks, cut anywhere', async () => {
    await start((exchange) => honest('openai-chat', exchange));
    const wire = wires['openai-chat'];
    const body = Buffer.from(JSON.stringify(wire.body({ stream: false, text: 'grüße 🎉' })));
    const client = await connectRaw(gateway.port, ['POST /v1/chat/completions HTTP/1.1', 'Host: 127.0.0.1', `Authorization: Bearer ${gateway.session(upstream.url, ['openai-chat'])}`, 'Content-Type: application/json', 'Transfer-Encoding: chunked', 'Connection: close', '', ''].join('\r\n'));
    for (let from = 0; from < body.length; from += 7) {
      const part = body.subarray(from, from + 7);
      client.socket.write(Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]));
    }
    client.socket.write('0\r\n\r\n');
    assert.match(await client.toEnd(), /HTTP\/1\.1 200 OK/);
    assert.match(upstream.requests[0]?.body ?? '', /grüße 🎉/);
    assert.equal(upstream.requests[0]?.headers['transfer-encoding'], undefined);
  });

  it('forgets a client that leaves in the middle of its own request', async () => {
    await start(() => {});
    const wire = wires['openai-chat'];
    const full = rawPost(wire.path({ stream: false }), gateway.session(upstream.url, ['openai-chat']), JSON.stringify(wire.body({ stream: false, text: 'x'.repeat(100_000) })));
    const client = await connectRaw(gateway.port, full.slice(0, 50_000));
    await waitUntil(() => gateway.server.active === 1, 'the request to have come');
    client.socket.destroy();
    await waitUntil(() => gateway.server.active === 0, 'the request to be forgotten');
    assert.deepEqual(upstream.requests, []);
  });

  it('waits as long as the configuration says, and says how long that was', async () => {
    await start(() => {});
    const silent = await startTcpServer(() => {});
    const wire = wires['openai-chat'];
    const post = async (url: string, timeouts: object): Promise<string> => {
      const { text } = await see(gateway.post(wire.path({ stream: false }), wire.body({ stream: false }), gateway.session(url, ['openai-chat'], { server: { timeouts } })));
      return text;
    };
    try {
      // TLS that never comes is a connection that never comes.
      assert.match(await post(`https://127.0.0.1:${silent.port}`, { connectMs: 90 }), /did not accept a connection within 0\.09 s/);
      assert.match(await post(upstream.url, { firstByteMs: 80 }), /did not answer within 0\.08 s/);
      upstream.play({ '*': ({ response }) => void response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders() });
      assert.match(await post(upstream.url, { idleMs: 70 }), /fell silent for 0\.07 s/);
    } finally {
      await silent.close();
    }
  });
});
