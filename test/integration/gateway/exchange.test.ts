import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { SessionSpec } from '../../../src/core/gateway/model.ts';
import type { ModelServer } from '../../../src/core/config/model.ts';
import type { Protocol } from '../../../src/core/protocol.ts';
import { codecs } from '../../../src/gateway/protocol/codecs.ts';
import { seal, sealedMark } from '../../../src/gateway/protocol/sealed.ts';
import { type GatewayServer, listen } from '../../../src/gateway/server.ts';
import { createSessions, type Sessions } from '../../../src/gateway/sessions.ts';
import { createTransport, type Transport } from '../../../src/gateway/upstream/transport.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { serverAt } from '../../support/model-server.ts';
import { bytes, chunks, closedPort, json, reset, type Script, type ScriptedServer, startServer, status, waitUntil } from '../../support/scripted-server.ts';
import { ollama } from '../../support/scripted-server-kinds.ts';

/** Anthropic's stream as the vendor writes it, odd spacing and all. */
const anthropicStream = [
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-opus-5","content":[],"usage":{"input_tokens":7,"output_tokens":1}}}\n\n',
  'event: content_block_start\ndata: {"type": "content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"grüß"}}\n\n',
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
].join('');

describe('gateway exchange', () => {
  let upstream: ScriptedServer;
  let gateway: GatewayServer;
  let sessions: Sessions;
  let transport: Transport;

  async function start(script: Script, heartbeat = { firstMs: 20_000, everyMs: 15_000 }): Promise<void> {
    upstream = await startServer(script);
    const clock = createSystemClock();
    sessions = createSessions(clock, () => {});
    transport = createTransport();
    gateway = await listen({ transport, codecs, clock, heartbeat, sessions, guard: { hosts: new Set() }, maxBodyBytes: 1024 * 1024, onError: (error) => assert.fail(String(error)) }, 0);
  }

  afterEach(async () => {
    await gateway.close(100);
    transport.dispose();
    await upstream.close();
  });

  function session(speaks: readonly Protocol[], changes: Partial<ModelServer> = {}, key?: string): string {
    const server = serverAt('openai-compat', upstream.url, { name: 'lab', ...changes });
    const spec: SessionSpec = { id: 's1', displayName: 'test', llmTool: 'claude', strictNames: false, targets: [{ server, model: 'real-model', names: ['real-model'], speaks }] };
    return sessions.create(spec, key === undefined ? {} : { lab: key });
  }

  const post = (path: string, body: unknown, token: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(gateway.address + path, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });

  it('passes a conversation through byte for byte but for model name and key', async () => {
    await start({ 'POST /v1/messages': chunks([...Buffer.from(anthropicStream)].map((byte) => Uint8Array.of(byte)), { headers: { 'content-type': 'text/event-stream', 'request-id': 'req_1', 'set-cookie': 'a=b' } }) });
    const token = session(['anthropic-messages'], { auth: { type: 'x-api-key' } }, 'sk-real');
    const body = '{ "model" : "claude-opus-5" ,"max_tokens":10, "stream":true,"unknown":{"model":"kept"},"messages":[{"role":"user","content":"hi"}]}';
    const answer = await post('/v1/messages?beta=true', body, token, { 'anthropic-beta': 'x,y', 'anthropic-version': '2023-06-01' });
    assert.equal(await answer.text(), anthropicStream);
    assert.deepEqual([answer.status, answer.headers.get('request-id'), answer.headers.get('set-cookie'), answer.headers.get('access-control-allow-origin')], [200, 'req_1', null, null]);
    const [received] = upstream.requests;
    assert.equal(received?.body, body.replace('"claude-opus-5"', '"real-model"'));
    assert.deepEqual([received?.query.get('beta'), received?.headers['x-api-key'], received?.headers.authorization, received?.headers['anthropic-beta']], ['true', 'sk-real', undefined, 'x,y']);
    assert.ok(!JSON.stringify(received?.headers).includes(token));
  });

  it('adds the fields of the configuration to a body that passes, in the place of those that are there, and to one that is translated', async () => {
    const answer = json({ id: 'a', object: 'chat.completion', model: 'm', choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'ok' } }] });
    await start({ 'POST /v1/chat/completions': answer });
    const token = session(['openai-chat'], { extraBody: { top_k: 20, temperature: 0.5, chat_template_kwargs: { enable_thinking: false } } });
    const sent = '{ "temperature" : 1, "model":"x", "messages":[{"role":"user","content":"\\u0068i"}] , "temperature":2 }';
    await (await post('/v1/chat/completions', sent, token)).text();
    assert.equal(upstream.requests[0]?.body, '{ "temperature" : 0.5, "model":"real-model", "messages":[{"role":"user","content":"\\u0068i"}] , "temperature":0.5,"top_k":20,"chat_template_kwargs":{"enable_thinking":false} }');
    await (await post('/v1/messages', { model: 'x', max_tokens: 5, temperature: 1, messages: [{ role: 'user', content: 'hi' }] }, token)).text();
    const translated = JSON.parse(upstream.requests[1]?.body ?? '') as Record<string, unknown>;
    assert.deepEqual([translated['top_k'], translated['temperature'], translated['chat_template_kwargs'], translated['model']], [20, 0.5, { enable_thinking: false }, 'real-model']);
    await (await post('/v1/messages', { model: 'x', max_tokens: 5, temperature: 1, messages: [{ role: 'user', content: 'a long text '.repeat(5000) }] }, token)).text();
    const long = JSON.parse(upstream.requests[2]?.body ?? '') as Record<string, unknown>;
    assert.deepEqual([long['top_k'], JSON.stringify(long).length > 50_000], [20, true]);
  });

  it('takes out what another server signed before it asks a server that would refuse it', async () => {
    await start({ 'POST /v1/messages': bytes('{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}', { headers: { 'content-type': 'application/json' } }) });
    const foreign = seal([{ type: 'reasoning', reasoning: { type: 'reasoning', text: 'a thought', summary: false, signature: { origin: 'gemini', value: 'sig' } } }]);
    const body = { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }, { role: 'assistant', content: [{ type: 'thinking', thinking: 'a thought', signature: foreign }, { type: 'text', text: 'hello' }] }, { role: 'user', content: 'again' }] };
    const answer = await post('/v1/messages', body, session(['anthropic-messages']));
    assert.equal(answer.status, 200, await answer.clone().text());
    assert.match(await answer.text(), /"ok"/);
    assert.ok(upstream.requests[0]?.body.includes('hello'));
    assert.ok(!upstream.requests[0]?.body.includes(sealedMark));
  });

  it('relays an error of the upstream as it is', async () => {
    const error = '{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 5 > 4"},"extra":1}';
    await start({ 'POST /v1/messages': bytes(error, { status: 400, headers: { 'content-type': 'application/json', 'x-should-retry': 'false' } }) });
    const answer = await post('/v1/messages', { model: 'm', messages: [] }, session(['anthropic-messages']));
    assert.deepEqual([answer.status, answer.headers.get('x-should-retry'), await answer.text()], [400, 'false', error]);
    const usage = sessions.list()[0]?.usage;
    assert.deepEqual([usage?.failures, usage?.lastError?.message], [1, 'prompt is too long: 5 > 4']);
  });

  it('lets an Anthropic client talk to an Ollama server', async () => {
    await start(ollama({ models: ['real-model'] }));
    const token = session(['ollama'], { kind: 'ollama' });
    const body = { model: 'anything', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] };
    const streamed = await (await post('/v1/messages', { ...body, stream: true }, token)).text();
    assert.match(streamed, /event: message_start[\s\S]*text_delta[\s\S]*event: message_stop/);
    const whole = (await (await post('/v1/messages', body, token)).json()) as { readonly content: readonly { readonly type: string; readonly text?: string }[]; readonly stop_reason: string };
    assert.equal(whole.stop_reason, 'end_turn');
    const spoken = [...streamed.matchAll(/"text_delta","text":("(?:[^"\\]|\\.)*")/g)].map((match) => JSON.parse(match[1] ?? '""') as string).join('');
    assert.equal(spoken, whole.content.map(({ text }) => text ?? '').join(''));
    assert.ok(spoken.length > 0);
    assert.equal((upstream.to('/api/chat')[0]?.json as { readonly model: string }).model, 'real-model');
  });

  for (const [name, script, expected] of [
    ['refuses a connection', undefined, /Nothing listens/],
    ['resets before headers', { 'POST /v1/chat/completions': reset({ after: 'request' }) }, /broke the connection/],
    ['sends a page', { 'POST /v1/chat/completions': bytes('<html>oops</html>', { status: 500, headers: { 'content-type': 'text/html' } }) }, /.+/],
    ['says garbage', { 'POST /v1/chat/completions': bytes('not json', { headers: { 'content-type': 'application/json' } }) }, /not JSON/],
    ['is rate limited', { 'POST /v1/chat/completions': status(429, { 'retry-after': '7' }) }, /.+/],
  ] as const) {
    it(`tells an Anthropic client in its own words when a chat server ${name}`, async () => {
      await start(script ?? {});
      const token = session(['openai-chat'], script ? {} : { baseUrl: `http://127.0.0.1:${await closedPort()}` });
      for (const stream of [false, true]) {
        const answer = await post('/v1/messages', { model: 'm', max_tokens: 5, stream, messages: [{ role: 'user', content: 'hi' }] }, token);
        const error = (await answer.json()) as { readonly type: string; readonly error: { readonly type: string; readonly message: string } };
        assert.equal(error.type, 'error');
        assert.match(error.error.message, expected);
        assert.ok(answer.status >= 400);
        if (name === 'is rate limited') assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '7']);
      }
      assert.equal(sessions.list()[0]?.usage.failures, 2);
    });
  }

  it('never makes a truncated stream look finished', async () => {
    await start({ 'POST /v1/chat/completions': chunks(['data: {"id":"1","choices":[{"index":0,"delta":{"content":"half"}}]}\n\n'], { headers: { 'content-type': 'text/event-stream' } }) });
    const text = await (await post('/v1/messages', { model: 'm', max_tokens: 5, stream: true, messages: [{ role: 'user', content: 'hi' }] }, session(['openai-chat']))).text();
    assert.match(text, /half/);
    assert.match(text, /event: error/);
    assert.ok(!text.includes('message_stop'));
  });

  it('aborts the upstream when the client leaves', async () => {
    let upstreamClosed = false;
    await start({
      'POST /v1/chat/completions': ({ response }) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: {"id":"1","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n');
        response.once('close', () => (upstreamClosed = true));
      },
    });
    const token = session(['openai-chat']);
    const client = httpRequest(`${gateway.address}/v1/chat/completions`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } });
    client.on('error', () => {}); // it is torn down on purpose
    client.end(JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] }));
    const [answer] = (await once(client, 'response')) as [NodeJS.ReadableStream];
    await once(answer, 'data');
    client.destroy();
    await waitUntil(() => upstreamClosed && gateway.active === 0, 'the upstream to be left');
  });

  it('keeps a waiting client alive and still delivers what comes', async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    await start(
      {
        'POST /v1/chat/completions': async ({ response }) => {
          await released;
          response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"id":"1","choices":[{"index":0,"delta":{"content":"late"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
        },
      },
      { firstMs: 5, everyMs: 5 },
    );
    const answer = await post('/v1/messages', { model: 'm', max_tokens: 5, stream: true, messages: [{ role: 'user', content: 'hi' }] }, session(['openai-chat']));
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    assert.equal(answer.status, 200);
    assert.ok((first?.value?.length ?? 0) > 0, 'a sign of life before the upstream answered');
    release();
    let text = '';
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) text += new TextDecoder().decode(part.value);
    assert.match(text, /late[\s\S]*message_stop/);
  });

  it('lists what a session may use in the shape of who asks', async () => {
    await start({});
    const token = session(['openai-chat']);
    const get = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> => (await fetch(gateway.address + path, { headers: { 'x-api-key': token, ...headers } })).json();
    assert.equal(((await get('/v1/models')) as { object: string }).object, 'list');
    assert.deepEqual(((await get('/v1/models', { 'anthropic-version': '2023-06-01' })) as { data: { id: string }[] }).data.map(({ id }) => id), ['claude-local-real-model']);
    assert.deepEqual(((await get('/api/tags')) as { models: { name: string }[] }).models.map(({ name }) => name), ['real-model']);
  });

  it('estimates tokens where nobody counts, and says so', async () => {
    await start({});
    const answer = await post('/v1/messages/count_tokens', { model: 'm', messages: [{ role: 'user', content: 'x'.repeat(4000) }] }, session(['openai-chat']));
    assert.equal(answer.headers.get('x-operator-estimate'), 'true');
    const { input_tokens } = (await answer.json()) as { input_tokens: number };
    assert.ok(input_tokens >= 1000 && input_tokens < 1100, String(input_tokens));
  });

  it('serves nobody without a token, no page and no upgrade', async () => {
    await start({ '*': json({}) });
    const token = session(['openai-chat']);
    assert.equal((await post('/v1/messages', {}, 'wrong')).status, 401);
    assert.equal((await post('/v1/messages', {}, token, { origin: 'https://evil.example' })).status, 403);
    assert.equal((await post('/v1/messages', '{}', token, { 'content-type': 'text/plain' })).status, 415);
    assert.equal((await post('/v1/messages', JSON.stringify({ model: 'x'.repeat(1024 * 1024) }), token)).status, 413);
    const upgrade = httpRequest(`${gateway.address}/v1/responses`, { headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'a', 'sec-websocket-version': '13' } });
    upgrade.end();
    const [response] = (await once(upgrade, 'response')) as [{ readonly statusCode: number; resume(): void }];
    response.resume();
    assert.equal(response.statusCode, 426);
    assert.deepEqual(upstream.requests, []);
  });
});
