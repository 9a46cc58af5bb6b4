/** What the exchange makes of servers and clients that differ in what they understand; every case over real sockets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { ApiError, GoogleGenAI } from '@google/genai';
import type { SessionSpec, UpstreamTarget } from '../../../src/core/gateway/model.ts';
import type { Clock } from '../../../src/core/ports.ts';
import type { Protocol } from '../../../src/core/protocol.ts';
import type { ServerKindId } from '../../../src/core/servers/kinds.ts';
import { codecs } from '../../../src/gateway/protocol/codecs.ts';
import type { JsonObject } from '../../../src/gateway/protocol/ir.ts';
import { type GatewayServer, listen } from '../../../src/gateway/server.ts';
import { createSessions, type Sessions } from '../../../src/gateway/sessions.ts';
import { createTransport, type Transport } from '../../../src/gateway/upstream/transport.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { serverAt } from '../../support/model-server.ts';
import { type Answer, bytes, chunks, hang, json, type Script, type ScriptedServer, sse, startServer, text } from '../../support/scripted-server.ts';

const model = 'real-model';
const messagesAnswer = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [{ type: 'text', text: 'ok' }], stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 1 } };
const chatAnswer = { id: 'c1', object: 'chat.completion', model, choices: [{ index: 0, message: { role: 'assistant', content: 'from chat' }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 1 } };
const chatStream: Answer = sse([{ id: 'c1', choices: [{ index: 0, delta: { content: 'from chat' }, finish_reason: 'stop' }] }, '[DONE]']);
const chat: Answer = (exchange) => ((exchange.request.json as { readonly stream?: boolean }).stream === true ? chatStream : json(chatAnswer))(exchange);
const messagesBody = (more: object = {}): JsonObject => ({ model, max_tokens: 50, messages: [{ role: 'user', content: 'hi' }], ...more });
const geminiBody = { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] };

describe('gateway semantics', () => {
  let upstream: ScriptedServer;
  let gateway: GatewayServer;
  let sessions: Sessions;
  let transport: Transport;

  async function start(script: Script, clock: Clock = createSystemClock()): Promise<void> {
    upstream = await startServer(script);
    sessions = createSessions(clock, () => {});
    transport = createTransport();
    gateway = await listen({ transport, codecs, clock, heartbeat: { firstMs: 20_000, everyMs: 15_000 }, sessions, guard: { hosts: new Set() }, maxBodyBytes: 1024 * 1024, onError: (error) => assert.fail(String(error)) }, 0);
  }

  afterEach(async () => {
    await gateway.close(100);
    transport.dispose();
    await upstream.close();
  });

  function session(kind: ServerKindId, speaks: readonly Protocol[], changes: Partial<UpstreamTarget> = {}): string {
    const server = serverAt(kind, upstream.url, { name: 'lab', auth: { type: 'none' } });
    const spec: SessionSpec = { id: 's1', displayName: 'test', llmTool: 'claude', strictNames: false, targets: [{ server, model, names: [model], speaks, ...changes }] };
    return sessions.create(spec, {});
  }

  const post = (path: string, body: unknown, token: string): Promise<Response> =>
    fetch(gateway.address + path, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: typeof body === 'string' ? body : JSON.stringify(body) });

  describe('a protocol that the server turns out not to speak', () => {
    const absent: readonly [how: string, answer: Answer][] = [
      ['with a page that is not found', text('404 page not found', { status: 404 })],
      ['as LM Studio does, with status 200', json({ error: 'Unexpected endpoint or method. (POST /v1/messages)' })],
      ['with a method that is not allowed', json({ detail: 'Method Not Allowed' }, { status: 405 })],
      ['in pieces', chunks(['{"detail"', ':"Not Found"}'], { status: 404, headers: { 'content-type': 'application/json' } })],
    ];
    for (const [how, answer] of absent) {
      for (const stream of [false, true]) {
        it(`${how}: the same request is translated, and it is not asked again (${stream ? 'streamed' : 'whole'})`, async () => {
          await start({ 'POST /v1/messages': answer, 'POST /v1/chat/completions': chat });
          const token = session('lmstudio', ['anthropic-messages', 'openai-chat']);
          for (let count = 0; count < 2; count++) {
            const reply = await post('/v1/messages', messagesBody({ stream }), token);
            assert.equal(reply.status, 200);
            const said = await reply.text();
            assert.match(said, /from chat/);
            assert.match(said, stream ? /event: message_stop/ : /"end_turn"/);
          }
          assert.deepEqual([upstream.to('/v1/messages').length, upstream.to('/v1/chat/completions').length], [1, 2]);
          assert.deepEqual([...(sessions.find(token)?.absent ?? [])].map(([name, set]) => [name, ...set]), [['lab', 'anthropic-messages']]);
          assert.equal(sessions.list()[0]?.usage.requests, 2);
          assert.equal(sessions.list()[0]?.usage.failures, 0);
        });
      }
    }

    it('is found out while translating, too', async () => {
      await start({ 'POST /v1/chat/completions': text('404 page not found', { status: 404 }), 'POST /v1/messages': json(messagesAnswer) });
      const reply = await post(`/v1beta/models/${model}:generateContent`, geminiBody, session('vllm', ['openai-chat', 'anthropic-messages']));
      assert.equal(reply.status, 200);
      assert.match(await reply.text(), /"ok"/);
    });

    it('stays with its own words when the model is what is missing', async () => {
      const error = '{"type":"error","error":{"type":"not_found_error","message":"model \'real-model\' not found"}, "extra": 1}';
      await start({ 'POST /v1/messages': bytes(error, { status: 404, headers: { 'content-type': 'application/json' } }), 'POST /v1/chat/completions': chat });
      const reply = await post('/v1/messages', messagesBody(), session('ollama', ['anthropic-messages', 'openai-chat']));
      assert.deepEqual([reply.status, await reply.text(), upstream.requests.length], [404, error, 1]);
    });

    it('is told to the client as it came where there is no other way', async () => {
      await start({});
      const reply = await post('/v1/messages', messagesBody(), session('openai-compat', ['anthropic-messages']));
      assert.deepEqual([reply.status, await reply.text()], [404, '{}']);
    });

    it('passes a small answer on that looks like one', async () => {
      const small = '{"id":"x","type":"message","content":[]}';
      await start({ 'POST /v1/messages': bytes(small, { headers: { 'content-type': 'application/json' } }) });
      const reply = await post('/v1/messages', messagesBody(), session('lmstudio', ['anthropic-messages', 'openai-chat']));
      assert.deepEqual([reply.status, await reply.text()], [200, small]);
    });
  });

  describe('what a server would refuse although it speaks the protocol', () => {
    it('is thoughts that Anthropic did not sign', async () => {
      await start({ 'POST /v1/messages': json(messagesAnswer) });
      const token = session('anthropic-api', ['anthropic-messages'], { model: 'claude-opus-4-8' });
      const history = (signature: string): string =>
        JSON.stringify(messagesBody({ messages: [{ role: 'user', content: 'hi' }, { role: 'assistant', content: [{ type: 'thinking', thinking: 'a thought', signature }, { type: 'text', text: 'hello' }] }, { role: 'user', content: 'say "signature":""' }] }));
      assert.equal((await post('/v1/messages', history(''), token)).status, 200);
      assert.ok(!upstream.requests[0]?.body.includes('a thought'));
      assert.ok(upstream.requests[0]?.body.includes('hello'));
      await post('/v1/messages', history('EqQB'), token);
      assert.equal(upstream.requests[1]?.body, history('EqQB').replace(model, 'claude-opus-4-8'), 'its own pass byte for byte');
    });

    it('is nothing that a server of open models takes', async () => {
      await start({ 'POST /v1/messages': json(messagesAnswer) });
      const body = JSON.stringify(messagesBody({ messages: [{ role: 'user', content: 'hi' }, { role: 'assistant', content: [{ type: 'thinking', thinking: 'a thought', signature: '' }] }, { role: 'user', content: 'go on' }] }));
      await post('/v1/messages', body, session('ollama', ['anthropic-messages']));
      assert.equal(upstream.requests[0]?.body, body);
    });

    it('is a picture where the model sees none: a note takes its place', async () => {
      await start({ 'POST /v1/messages': json(messagesAnswer), 'POST /v1/chat/completions': chat });
      const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };
      const body = messagesBody({ messages: [{ role: 'user', content: [{ type: 'text', text: 'see' }, picture] }] });
      const blind = await post('/v1/messages', body, session('ollama', ['anthropic-messages', 'openai-chat'], { capabilities: ['tools'] }));
      assert.deepEqual([blind.status, blind.headers.get('x-operator-warnings')], [200, 'unsupported-part']);
      assert.match(upstream.to('/v1/chat/completions')[0]?.body ?? '', /a picture was left out/);
      assert.ok(!upstream.requests[0]?.body.includes('iVBORw0KGgo'));
      for (const capabilities of [['vision'], undefined]) await post('/v1/messages', body, session('ollama', ['anthropic-messages', 'openai-chat'], { capabilities }));
      assert.deepEqual(upstream.to('/v1/messages').map((request) => request.body), [JSON.stringify(body), JSON.stringify(body)]);
    });

    it('is a pattern in a tool where schemas become grammars, but not in what a conversation says', async () => {
      await start({ 'POST /v1/messages': json(messagesAnswer), 'POST /v1/chat/completions': chat });
      const token = session('llamacpp', ['anthropic-messages', 'openai-chat']);
      const tool = (schema: object): object => ({ name: 'grep', input_schema: { type: 'object', properties: { pattern: schema } } });
      const call = [{ role: 'user', content: 'a' }, { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'grep', input: { pattern: '\\d+' } }] }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'b' }] }];
      await post('/v1/messages', messagesBody({ messages: call, tools: [tool({ type: 'string' })] }), token);
      assert.equal(upstream.to('/v1/messages').length, 1);
      const reply = await post('/v1/messages', messagesBody({ messages: call, tools: [tool({ type: 'string', pattern: '^\\d+$' })] }), token);
      assert.equal(reply.headers.get('x-operator-warnings'), 'schema-changed');
      const asked = upstream.to('/v1/chat/completions')[0]?.json as { readonly tools: unknown };
      assert.deepEqual(asked.tools, [{ type: 'function', function: { name: 'grep', parameters: { type: 'object', properties: { pattern: { type: 'string' } } } } }]);
    });

    it('is freeform tools, namespaces and hosted tools, everywhere but at OpenAI', async () => {
      await start({ 'POST /v1/chat/completions': chat, 'POST /v1/responses': json({ id: 'r', object: 'response', status: 'completed', output: [] }) });
      const body = (tools: readonly object[]): object => ({ model, input: 'patch it', tools });
      const plain = { type: 'function', name: 'read', parameters: { type: 'object', properties: {} } };
      const own = [plain, { type: 'custom', name: 'apply_patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } }, { type: 'namespace', name: 'mcp', tools: [plain] }, { type: 'web_search' }];
      const token = session('vllm', ['openai-responses', 'openai-chat']);
      const reply = await post('/v1/responses', body(own), token);
      assert.equal(reply.status, 200);
      assert.match(await reply.text(), /from chat/);
      const asked = upstream.to('/v1/chat/completions')[0]?.json as { readonly tools: readonly { readonly function: { readonly name: string } }[] };
      assert.deepEqual(asked.tools.map((tool) => tool.function.name), ['read', 'apply_patch', 'mcp__read']);
      await post('/v1/responses', body([plain]), token);
      await post('/v1/responses', body(own), session('openai-api', ['openai-responses', 'openai-chat']));
      assert.equal(upstream.to('/v1/responses').length, 2);
    });
  });

  it('gives gemini an error in the middle of an answer in a piece of its own, at the end', async () => {
    await start({ 'POST /v1/chat/completions': chunks(['data: {"id":"1","choices":[{"index":0,"delta":{"content":"half"}}]}\n\ndata: {"error":{"message":"out of memory","code":500}}\n\n'], { headers: { 'content-type': 'text/event-stream' } }) });
    const request = httpRequest(`${gateway.address}/v1beta/models/${model}:streamGenerateContent?alt=sse`, { method: 'POST', headers: { 'x-goog-api-key': session('vllm', ['openai-chat']), 'content-type': 'application/json' } });
    request.end(JSON.stringify(geminiBody));
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    const pieces: string[] = [];
    answer.on('data', (chunk: Buffer) => void pieces.push(chunk.toString()));
    await once(answer, 'end');
    assert.match(pieces.slice(0, -1).join(''), /^data: .*half.*\n\n$/);
    assert.equal((JSON.parse(pieces.at(-1) ?? '') as { readonly error: { readonly message: string } }).error.message, 'out of memory');
  });

  for (const [way, speaks] of [
    ['translated', 'openai-chat'],
    ['passed through', 'gemini'],
  ] as const) {
    it(`makes Google’s own client throw what broke a ${way} answer`, async () => {
      const half = way === 'translated' ? 'data: {"id":"1","choices":[{"index":0,"delta":{"content":"half"}}]}\n\n' : 'data: {"candidates":[{"content":{"role":"model","parts":[{"text":"half"}]}}]}\n\n';
      const breaksOff: Answer = ({ response, socket }) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(half, () => socket.destroySoon());
      };
      await start({ 'POST /v1/chat/completions': breaksOff, 'POST /v1beta/*': breaksOff });
      const client = new GoogleGenAI({ apiKey: session('openai-compat', [speaks]), httpOptions: { baseUrl: gateway.address, retryOptions: { attempts: 1 } } });
      const read: string[] = [];
      await assert.rejects(
        async () => {
          for await (const chunk of await client.models.generateContentStream({ model, contents: 'hi' })) read.push(chunk.text ?? '');
        },
        (error) => error instanceof ApiError && error.status === 502 && /broke the connection in the middle/.test(error.message),
      );
      assert.equal(read.join(''), 'half');
    });
  }

  it('tells codex in a stream that the conversation is too long, which is where it looks for it', async () => {
    await start({ 'POST /v1/chat/completions': json({ error: { message: 'This model\'s maximum context length is 8192 tokens', code: 'context_length_exceeded' } }, { status: 400 }) });
    const token = session('vllm', ['openai-chat']);
    const streamed = await post('/v1/responses', { model, input: 'hi', stream: true }, token);
    assert.deepEqual([streamed.status, streamed.headers.get('content-type')?.split(';')[0]], [200, 'text/event-stream']);
    assert.match(await streamed.text(), /event: response\.failed\ndata: .*"code":"context_length_exceeded"/);
    assert.equal((await post('/v1/responses', { model, input: 'hi' }, token)).status, 400, 'without a stream it is a status');
    const other = await post('/v1/chat/completions', { model, messages: [], stream: true }, token);
    assert.equal(other.status, 400, 'and so it is for everybody else');
    assert.equal(sessions.list()[0]?.usage.failures, 3, 'translated or passed on, an error is one');
  });

  it('says in a header what was left out, once each, and keeps the words', async () => {
    await start({ 'POST /v1/chat/completions': chat, 'POST /v1/messages': json(messagesAnswer) });
    const token = session('vllm', ['openai-chat', 'anthropic-messages']);
    const lossy = { ...geminiBody, generationConfig: { candidateCount: 2, responseLogprobs: true, speechConfig: {} } };
    for (const path of ['generateContent', 'streamGenerateContent?alt=sse']) {
      const reply = await post(`/v1beta/models/${model}:${path}`, lossy, token);
      await reply.text();
      assert.deepEqual([reply.status, reply.headers.get('x-operator-warnings')], [200, 'unsupported-setting']);
    }
    const untouched = await post('/v1/messages', messagesBody(), token);
    assert.equal(untouched.headers.get('x-operator-warnings'), null);
    assert.ok((sessions.find(token)?.meter.warnings.size ?? 0) >= 3);
  });

  it('finds the model behind the name that claude was given for it', async () => {
    await start({ 'POST /v1/messages': json(messagesAnswer) });
    const server = serverAt('ollama', upstream.url, { name: 'lab' });
    const target = (name: string): UpstreamTarget => ({ server, model: name, names: [name], speaks: ['anthropic-messages'] });
    const token = sessions.create({ id: 's', displayName: 's', llmTool: 'claude', strictNames: false, targets: [target('first'), target('qwen3-coder:30b')] }, {});
    const { data } = (await (await fetch(`${gateway.address}/v1/models?limit=1000`, { headers: { 'x-api-key': token, 'anthropic-version': '2023-06-01' } })).json()) as { readonly data: readonly { readonly id: string }[] };
    await post('/v1/messages', messagesBody({ model: data[1]?.id }), token);
    assert.equal((upstream.requests[0]?.json as { readonly model: string }).model, 'qwen3-coder:30b');
  });

  it('keeps numbers that JavaScript cannot hold on their way', async () => {
    await start({ 'POST /api/chat': bytes('{"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"find","arguments":{"id":9007199254740993}}}]},"done":true}', { headers: { 'content-type': 'application/json' } }) });
    const body = '{"model":"m","max_tokens":50.0,"tools":[{"name":"find","input_schema":{"type":"object"}}],"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"find","input":{"id":12345678901234567891}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"b"}]}]}';
    const reply = await post('/v1/messages', body, session('ollama', ['ollama']));
    assert.match(await reply.text(), /"input":\{"id":9007199254740993\}/);
    assert.match(upstream.requests[0]?.body ?? '', /"arguments":\{"id":12345678901234567891\}/);
  });

  describe('counts of tokens', () => {
    const count = (reply: Response): Promise<JsonObject> => reply.json() as Promise<JsonObject>;
    const anthropicPath = '/v1/messages/count_tokens';
    const geminiPath = `/v1beta/models/${model}:countTokens`;
    const countBody = { model, system: 'be brief', messages: [{ role: 'user', content: 'hi' }], tools: [{ name: 'find', description: 'finds', input_schema: { type: 'object', properties: {} } }] };

    it('for claude come from a Gemini server, instructions and tools included', async () => {
      await start({ [`POST ${geminiPath}`]: json({ totalTokens: 31 }) });
      const reply = await post(anthropicPath, countBody, session('google-api', ['gemini']));
      assert.deepEqual([await count(reply), reply.headers.get('x-operator-estimate')], [{ input_tokens: 31 }, null]);
      assert.match(upstream.requests[0]?.body ?? '', /be brief[\s\S]*finds|finds[\s\S]*be brief/);
    });

    it('for gemini come from a server of Messages', async () => {
      await start({ [`POST ${anthropicPath}`]: json({ input_tokens: 17 }) });
      const reply = await post(geminiPath, { generateContentRequest: { model: `models/${model}`, ...geminiBody, systemInstruction: { parts: [{ text: 'be brief' }] } } }, session('llamacpp', ['openai-chat', 'anthropic-messages']));
      assert.deepEqual([await count(reply), reply.headers.get('x-operator-estimate')], [{ totalTokens: 17 }, null]);
      assert.deepEqual((upstream.requests[0]?.json as { readonly system: string; readonly max_tokens?: number }).max_tokens, undefined);
    });

    it('pass through where the server speaks the same', async () => {
      await start({ [`POST ${anthropicPath}`]: json({ input_tokens: 5, extra: true }) });
      const token = session('vllm', ['anthropic-messages']);
      assert.deepEqual(await count(await post(anthropicPath, countBody, token)), { input_tokens: 5, extra: true });
      assert.equal(upstream.requests[0]?.body, JSON.stringify(countBody));
    });

    const failures: readonly [how: string, answer: Answer][] = [
      ['fails', json({ error: 'boom' }, { status: 500 })],
      ['talks nonsense', text('<html>')],
      ['says something else', json({ hello: 1 })],
      ['does not answer in time', hang()],
      ['breaks the connection', ({ socket }) => void socket.resetAndDestroy()],
    ];
    for (const [how, answer] of failures) {
      it(`are estimates when the server ${how}`, async () => {
        const real = createSystemClock();
        // Two seconds of waiting pass in a moment.
        await start({ '*': answer }, { now: () => real.now(), after: (ms, callback) => real.after(ms === 2_000 ? 20 : ms, callback) });
        for (const [kind, speaks] of [['vllm', 'anthropic-messages'], ['google-api', 'gemini']] as const) {
          const reply = await post(anthropicPath, countBody, session(kind, [speaks]));
          assert.deepEqual([reply.status, reply.headers.get('x-operator-estimate')], [200, 'true']);
          assert.ok(Number((await count(reply))['input_tokens']) > 0);
        }
        assert.equal(upstream.requests.length, 2);
      });
    }

    it('are not asked for again where there is no such endpoint', async () => {
      await start({ [`POST ${anthropicPath}`]: text('404 page not found', { status: 404 }) });
      const token = session('ollama', ['ollama', 'anthropic-messages']);
      for (let round = 0; round < 3; round++) assert.equal((await post(anthropicPath, countBody, token)).headers.get('x-operator-estimate'), 'true');
      assert.equal(upstream.requests.length, 1);
    });

    it('never fail for a body that only its vendor understands', async () => {
      await start({});
      const reply = await post(anthropicPath, { model, messages: [{ role: 'narrator', content: 'hm' }] }, session('google-api', ['gemini']));
      assert.deepEqual([reply.status, reply.headers.get('x-operator-estimate'), upstream.requests.length], [200, 'true', 0]);
    });
  });
});
