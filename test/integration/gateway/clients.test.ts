/** What sets the agents apart: which paths they call, what their parsers survive, which events they need, and how often they ask again. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { type Protocol, protocols } from '../../../src/core/protocol.ts';
import { dialects } from '../../support/dialects/index.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { bytes, closedPort, type Exchange, gate, json, type ScriptedServer, startServer } from '../../support/scripted-server.ts';
import { sdks } from '../../support/sdks.ts';
import { eventsOf, judge, see, wires } from '../../support/wires.ts';

const said = 'one two three';

function answerHonestly({ request, response }: Exchange): void {
  const dialect = Object.values(dialects).find(({ serves }) => serves(request.path));
  if (!dialect) return void response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"not found"}}');
  const streamed = dialect.wantsStream(request.json, `${request.path}?${request.query}`);
  const { frames, whole } = dialect.reply([{ type: 'text', text: said }], { body: request.json, sequence: 1 });
  response.writeHead(200, { 'content-type': streamed ? dialect.streamType : 'application/json' }).end(streamed ? frames.join('') : JSON.stringify(whole));
}

describe('agents and their habits', () => {
  let upstream: ScriptedServer;
  let gateway: TestGateway;

  async function start(answer: (exchange: Exchange) => void | Promise<void> = answerHonestly, heartbeat?: { firstMs: number; everyMs: number }): Promise<void> {
    upstream = await startServer({ '*': answer });
    gateway = await startGateway(heartbeat ? { heartbeat } : {});
  }

  afterEach(async () => {
    await gateway.close();
    await upstream.close();
  });

  describe('paths', () => {
    const variants: Readonly<Record<Protocol, readonly string[]>> = {
      'anthropic-messages': ['/v1/messages', '/v1/messages?beta=true', '/v1/v1/messages?beta=true', '/messages', '/v1/messages/'],
      'openai-chat': ['/v1/chat/completions', '/chat/completions', '/v1/v1/chat/completions', '/v1/chat/completions/'],
      'openai-responses': ['/v1/responses', '/responses', '/v1/v1/responses'],
      gemini: [
        '/v1beta/models/m:streamGenerateContent?alt=sse',
        '/v1/models/m:streamGenerateContent?alt=sse',
        '/models/m:streamGenerateContent?alt=sse',
        '/v1beta/v1beta/models/m:streamGenerateContent?alt=sse',
        '/v1beta1/publishers/google/models/m:streamGenerateContent?alt=sse',
        '/v1beta1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent?alt=sse',
        '/v1beta/models/qwen3-coder:30b:streamGenerateContent?alt=sse',
        '/v1beta/models/openai/gpt-oss-20b:streamGenerateContent?alt=sse',
        '/v1beta/models/openai%2Fgpt-oss-20b:streamGenerateContent?alt=sse',
      ],
      ollama: ['/api/chat'],
    };
    for (const client of protocols) {
      for (const path of variants[client]) {
        it(`${path} is understood, with and without the session in it`, async () => {
          await start();
          const token = gateway.session(upstream.url, ['openai-chat']);
          for (const prefix of ['', `/s/${token}`]) {
            const answer = fetch(gateway.address + prefix + path, { method: 'POST', headers: { 'content-type': 'application/json', ...(prefix === '' && { authorization: `Bearer ${token}` }) }, body: JSON.stringify(wires[client].body({ stream: true })) });
            assert.deepEqual(judge(wires[client], true, await see(answer)), { type: 'answer' });
          }
        });
      }
    }

    for (const path of ['/', '/api/hello']) {
      it(`HEAD ${path} needs no token`, async () => {
        await start();
        assert.equal((await fetch(gateway.address + path, { method: 'HEAD' })).status, 200);
      });
    }
  });

  describe('names of models', () => {
    for (const model of ['openai/gpt-oss:20b', 'meta-llama/Llama-3.3-70B-Instruct', 'qwen3-coder:30b', 'hf.co/org/name:Q4_K_M', 'a b+c%20d', 'grüße:1', 'publishers/google/models/x']) {
      it(`${model} reaches every server as it is, from every client`, async () => {
        await start();
        for (const client of protocols) {
          for (const server of protocols) {
            const token = gateway.session(upstream.url, [server], { model, strictNames: true });
            const wire = wires[client];
            const path = client === 'gemini' ? `/v1beta/models/${encodeURIComponent(model)}:generateContent` : wire.path({ stream: false });
            const seen = await see(gateway.post(path, { ...wire.body({ stream: false }), ...(client !== 'gemini' && { model }) }, token));
            assert.equal(seen.status, 200, `${client} → ${server}: ${seen.text}`);
            const asked = upstream.requests.at(-1);
            if (server === 'gemini') assert.equal(decodeURIComponent(/\/models\/(.*):generateContent$/.exec(asked?.path ?? '')?.[1] ?? ''), model);
            else assert.equal((asked?.json as { readonly model?: string }).model, model);
          }
        }
      });
    }

    it('gemini sends slashes as they are', async () => {
      await start();
      const token = gateway.session(upstream.url, ['openai-chat'], { model: 'openai/gpt-oss:20b', strictNames: true });
      const seen = await see(gateway.post('/v1beta/models/openai/gpt-oss:20b:streamGenerateContent?alt=sse', wires.gemini.body({ stream: true }), token));
      assert.equal(seen.status, 200, seen.text);
      assert.equal((upstream.requests[0]?.json as { readonly model?: string }).model, 'openai/gpt-oss:20b');
    });
  });

  describe('codex', () => {
    it('tries a WebSocket first, is told to use HTTP, and does', async () => {
      await start();
      const token = gateway.session(upstream.url, ['openai-chat']);
      const socket = new WebSocket(`${gateway.address.replace('http', 'ws')}/s/${token}/v1/responses`);
      await once(socket, 'error');
      const upgrade = await fetch(`${gateway.address}/v1/responses`, { headers: { authorization: `Bearer ${token}` } });
      assert.equal(upgrade.status, 405, 'without an upgrade it is no WebSocket');
      const wire = wires['openai-responses'];
      assert.deepEqual(judge(wire, true, await see(gateway.post(wire.path({ stream: true }), wire.body({ stream: true }), token))), { type: 'answer' });
    });

    it('finds an Ollama that is new enough, without a key of its own and within a second', async () => {
      await start();
      const base = `${gateway.address}/s/${gateway.session(upstream.url, ['openai-chat'])}`;
      const startedAt = performance.now();
      const get = async (path: string): Promise<Record<string, unknown>> => (await (await fetch(base + path)).json()) as Record<string, unknown>;
      const models = await get('/v1/models');
      const [major = 0, minor = 0, patch = 0] = String((await get('/api/version'))['version']).split('.').map(Number);
      const tags = await get('/api/tags');
      assert.ok(performance.now() - startedAt < 1_000);
      assert.deepEqual([models['object'], (models['data'] as { id: string; object: string }[]).map(({ id, object }) => [id, object])], ['list', [['real-model', 'model']]]);
      assert.ok(major * 1e6 + minor * 1e3 + patch >= 13_004, 'at least 0.13.4');
      assert.deepEqual((tags['models'] as { name: string; model: string }[]).map(({ name, model }) => [name, model]), [['real-model', 'real-model']]);
      const pulled = await fetch(`${base}/api/pull`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"model":"real-model","stream":true}' });
      assert.match(await pulled.text(), /"status":"success"/);
      assert.deepEqual(upstream.requests, [], 'nobody had to be asked');
    });
  });

  describe('claude', () => {
    const ladder = [
      '{"type":"error","error":{"type":"invalid_request_error","message":"context_management: Extra inputs are not permitted"},"request_id":"req_1"}',
      '{"type": "error", "error": {"message": "messages.1.role: Input should be \'user\' or \'assistant\', not \'system\'", "type": "invalid_request_error", "extra": {"a": [1]}}}',
      '{"error":{"message":"thinking.type: Input tag \'adaptive\' found","type":"invalid_request_error"},"type":"error"}\n',
      '{"detail":[{"loc":["body","messages"],"msg":"Field required"}]}',
    ];
    for (const [index, body] of ladder.entries()) {
      it(`reads in the server’s own words what to leave out (${index + 1})`, async () => {
        await start(bytes(body, { status: 400, headers: { 'content-type': 'application/json', 'request-id': 'req_1', 'x-should-retry': 'false' } }));
        const betas = 'interleaved-thinking-2025-05-14,context-management-2025-06-27,unknown-2030-01-01';
        const sent = '{"model":"claude-opus-5", "stream":true,"messages":[{"role":"system","content":"x"}],"context_management":{"edits":[]},"tomorrow":1e400}';
        const seen = await see(gateway.post('/v1/messages?beta=true', sent, gateway.session(upstream.url, ['anthropic-messages']), { headers: { 'anthropic-beta': betas, 'anthropic-version': '2023-06-01' } }));
        assert.deepEqual([seen.status, seen.text, seen.headers.get('request-id'), seen.headers.get('x-should-retry')], [400, body, 'req_1', 'false']);
        const [asked] = upstream.requests;
        assert.deepEqual([asked?.headers['anthropic-beta'], asked?.body, asked?.query.get('beta')], [betas, sent.replace('claude-opus-5', 'real-model'), 'true']);
      });
    }

    it('reads the words of a server of another protocol', async () => {
      await start(json({ error: { message: "Conversation roles must alternate: role 'system' is not supported here", type: 'BadRequestError' } }, { status: 400 }));
      const seen = await see(gateway.post('/v1/messages?beta=true', wires['anthropic-messages'].body({ stream: true }), gateway.session(upstream.url, ['openai-chat'])));
      assert.equal(seen.status, 400);
      assert.match(seen.text, /role 'system' is not supported here/);
    });

    it('lists only models that sound like its own, and asks for an answer in 3 s without a redirect', async () => {
      await start();
      const response = await fetch(`${gateway.address}/v1/models?limit=1000`, { redirect: 'error', headers: { authorization: `Bearer ${gateway.session(upstream.url, ['openai-chat'])}`, 'anthropic-version': '2023-06-01' } });
      const { data } = (await response.json()) as { readonly data: readonly { readonly id: string; readonly display_name: string }[] };
      assert.ok(data.length > 0);
      for (const { id, display_name } of data) {
        assert.match(id, /claude|anthropic/i);
        assert.notEqual(display_name, '');
        const seen = await see(gateway.post('/v1/messages', { ...wires['anthropic-messages'].body({ stream: false }), model: id }, gateway.session(upstream.url, ['openai-chat'], { strictNames: true })));
        assert.equal(seen.status, 200, 'what is listed can be used');
      }
    });

    it('asks for twenty counts at once, and gets them', async () => {
      await start();
      const token = gateway.session(upstream.url, ['openai-chat']);
      const counts = await Promise.all(Array.from({ length: 20 }, () => gateway.post('/v1/messages/count_tokens?beta=true', wires['anthropic-messages'].body({ stream: false }), token)));
      for (const count of counts) assert.ok(((await count.json()) as { readonly input_tokens: number }).input_tokens > 0);
    });
  });

  describe('what parsers need', () => {
    const needed: Readonly<Record<Protocol, readonly RegExp[]>> = {
      // Without the lines `event:` the stream is of no use to claude; without the end of a block the answer is empty.
      'anthropic-messages': [/^event: message_start\ndata: /m, /^event: content_block_start\ndata: /m, /^event: content_block_stop\ndata: /m, /"stop_reason":"end_turn"/, /^event: message_stop\ndata: /m],
      // Without a reason opencode asks again for ever.
      'openai-chat': [/"finish_reason":"stop"/, /^data: \[DONE\]$/m],
      'openai-responses': [/"type":"response\.output_item\.done"/, /"type":"response\.completed"/],
      gemini: [/"finishReason":"STOP"/],
      ollama: [/"done":true/, /"done_reason":"stop"/],
    };
    for (const client of protocols) {
      it(`a client of ${client} gets, whatever the server leaves out`, async () => {
        await start();
        for (const server of protocols) {
          // The least that any server of this protocol says.
          const least: Readonly<Record<Protocol, string>> = {
            'anthropic-messages': 'data: {"type":"message_start","message":{}}\n\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text"}}\n\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}\n\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}\n\ndata: {"type":"message_stop"}\n\n',
            'openai-chat': 'data: {"choices":[{"delta":{"content":"hi"}}]}\n\ndata: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n',
            'openai-responses': 'data: {"type":"response.output_text.delta","delta":"hi"}\n\ndata: {"type":"response.completed","response":{}}\n\n',
            gemini: 'data: {"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}]}\n\n',
            ollama: '{"message":{"content":"hi"}}\n{"done":true}\n',
          };
          if (server === client) continue;
          upstream.play({ '*': bytes(least[server], { headers: { 'content-type': dialects[server].streamType } }) });
          const wire = wires[client];
          const seen = await see(gateway.post(wire.path({ stream: true }), wire.body({ stream: true }), gateway.session(upstream.url, [server])));
          for (const pattern of needed[client]) assert.match(seen.text, pattern, server);
          assert.match(seen.text, /hi/);
          if (client === 'gemini') assert.deepEqual(readAsGemini(seen.text).rest, '', server);
        }
      });
    }

    /** gemini's own parser: anything but `data: ` with one line, and white space, ends the stream. */
    function readAsGemini(text: string): { readonly values: readonly unknown[]; readonly rest: string } {
      const values: unknown[] = [];
      let rest = text;
      for (let match = event.exec(rest); match; match = event.exec(rest)) {
        values.push(JSON.parse(match[1] ?? ''));
        rest = rest.slice(match[0].length);
      }
      return { values, rest: rest.trim() };
    }
    const event = /^\s*data: (.*)(?:\n\n|\r\r|\r\n\r\n)/;

    for (const server of protocols) {
      it(`gemini’s parser survives the signs of life before an answer of ${server}`, async () => {
        const { answer, open } = gate(answerHonestly);
        await start(answer, { firstMs: 2, everyMs: 2 });
        const response = await gateway.post(wires.gemini.path({ stream: true }), wires.gemini.body({ stream: true }), gateway.session(upstream.url, [server]));
        open();
        const { text } = await see(Promise.resolve(response));
        const { values, rest } = readAsGemini(text);
        assert.equal(rest, '');
        assert.deepEqual(values, eventsOf(text));
        assert.ok(values.some((value) => wires.gemini.isEnd(value)));
      });
    }

    for (const build of sdks) {
      const { name } = build('http://127.0.0.1', 'x');
      it(`${name} survives the signs of life before an answer of any server`, async () => {
        for (const server of protocols) {
          const { answer, open } = gate(answerHonestly);
          await start(answer, { firstMs: 1, everyMs: 1 });
          const pieces = build(gateway.address, gateway.session(upstream.url, [server])).stream();
          setTimeout(open, 30);
          assert.equal((await pieces).join(''), said, server);
          await gateway.close();
          await upstream.close();
        }
      });
    }
  });

  describe('asking again', () => {
    /** As patient as they come. */
    const clients: readonly (readonly [name: string, ask: (address: string, token: string, stream: boolean) => Promise<unknown>])[] = [
      ['@anthropic-ai/sdk', (baseURL, authToken, stream) => new Anthropic({ baseURL, authToken, apiKey: null, maxRetries: 5 }).messages.create({ model: 'm', max_tokens: 5, stream, messages: [{ role: 'user', content: 'hi' }] })],
      ['openai (chat)', (address, apiKey, stream) => new OpenAI({ baseURL: `${address}/v1`, apiKey, maxRetries: 5 }).chat.completions.create({ model: 'm', stream, messages: [{ role: 'user', content: 'hi' }] })],
      ['openai (responses)', (address, apiKey, stream) => new OpenAI({ baseURL: `${address}/v1`, apiKey, maxRetries: 5 }).responses.create({ model: 'm', stream, input: 'hi' })],
      [
        '@google/genai',
        (baseUrl, apiKey, stream) => {
          const { models } = new GoogleGenAI({ apiKey, httpOptions: { baseUrl, retryOptions: { attempts: 5 } } });
          return stream ? models.generateContentStream({ model: 'm', contents: 'hi' }) : models.generateContent({ model: 'm', contents: 'hi' });
        },
      ],
    ];
    for (const [name, ask] of clients) {
      it(`${name} asks once for a server that is not there, of whatever protocol`, async () => {
        await start();
        const url = `http://127.0.0.1:${await closedPort()}`;
        for (const server of protocols) {
          for (const stream of [false, true]) {
            const before = gateway.records.length;
            await assert.rejects(ask(gateway.address, gateway.session(url, [server]), stream), /Nothing listens/);
            assert.equal(gateway.records.length - before, 1, server);
          }
        }
      });

      it(`${name} asks again after the time that it was told`, async () => {
        await start();
        for (const server of ['openai-chat', 'anthropic-messages', 'gemini'] as const) {
          let count = 0;
          upstream.play({ '*': (exchange) => (count++ === 0 ? bytes('{"error":{"message":"slow down","type":"rate_limit_error","code":429,"status":"RESOURCE_EXHAUSTED"},"type":"error"}', { status: 429, headers: { 'content-type': 'application/json', 'retry-after-ms': '5', 'retry-after': '0' } })(exchange) : answerHonestly(exchange)) });
          await ask(gateway.address, gateway.session(upstream.url, [server]), false);
          assert.equal(count, 2, server);
        }
      });
    }
  });
});
