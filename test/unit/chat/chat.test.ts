import assert from 'node:assert/strict';
import { chat, type ChatOptions } from '../../../src/core/chat/chat.ts';
import type { ChatEvent, ChatProtocol } from '../../../src/core/chat/model.ts';
import { type Http, HttpFailure, type HttpRequest } from '../../../src/core/ports.ts';
import type { AuthScheme } from '../../../src/core/servers/auth.ts';
import { FakeClock, settle } from '../fakes.ts';
import { encode, reasoningOf, textOf } from './support.ts';
import * as wire from './wire.ts';

const key = 'sk-very-secret-key';

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** `wait` never ends by itself; it ends with the request's signal, as a connection does. */
  readonly body?: readonly (string | 'wait' | HttpFailure)[];
}

class ScriptedHttp implements Http {
  readonly requests: HttpRequest[] = [];
  closed = 0;
  #answers: (Answer | HttpFailure)[];

  constructor(...answers: (Answer | HttpFailure)[]) {
    this.#answers = answers;
  }

  async request(request: HttpRequest): ReturnType<Http['request']> {
    this.requests.push(request);
    const answer = this.#answers.shift();
    assert.ok(answer, 'one request too many');
    if (answer instanceof HttpFailure) throw answer;
    return { status: answer.status ?? 200, headers: answer.headers ?? { 'content-type': 'text/event-stream' }, body: this.#body(answer.body ?? [], request.signal) };
  }

  async *#body(parts: readonly (string | HttpFailure)[], signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    try {
      for (const part of parts) {
        if (part instanceof HttpFailure) throw part;
        if (part === 'wait') {
          if (!signal?.aborted) await new Promise((resolve) => signal?.addEventListener('abort', resolve));
          throw new HttpFailure('aborted', 'aborted');
        } else yield encode(part);
      }
    } finally {
      this.closed++;
    }
  }

  dispose(): void {}
}

function options(http: Http, changes: { readonly protocol?: ChatProtocol; readonly auth?: AuthScheme; readonly headers?: Readonly<Record<string, string>>; readonly baseUrl?: string; readonly openaiPath?: string } & Partial<ChatOptions> = {}): ChatOptions {
  const { auth = { type: 'bearer' }, headers = {}, baseUrl = 'http://host:1', openaiPath = '/v1', ...rest } = changes;
  return {
    server: { name: 'lab', kind: 'openai-compat', baseUrl, openaiPath, auth, headers, requestTimeoutMs: 7_000 },
    protocol: 'openai-chat',
    key,
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }],
    http,
    clock: new FakeClock(),
    ...rest,
  };
}

async function collect(chatOptions: ChatOptions): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  for await (const event of chat(chatOptions)) events.push(event);
  return events;
}

async function failureOf(http: Http, changes: Parameters<typeof options>[1] = {}): Promise<string> {
  const last = (await collect(options(http, changes))).at(-1);
  assert.equal(last?.type, 'error');
  const { kind, message, hint } = last.failure;
  assert.ok(!JSON.stringify(last).includes(key), 'a key in a message');
  assert.doesNotMatch(message, /\.$/);
  return `${kind}: ${message}${hint === undefined ? '' : ` | ${hint}`}`;
}

describe('chatting with a server', () => {
  it('asks at the address of each protocol and streams its answer', async () => {
    const expected: readonly [ChatProtocol, string, string, string][] = [
      ['openai-chat', 'http://host:1/api/v4/chat/completions', wire.openai.plain, 'text/event-stream'],
      ['ollama', 'http://host:1/api/chat', wire.ollama.plain, 'application/x-ndjson'],
      ['anthropic-messages', 'http://host:1/v1/messages', wire.anthropic.plain, 'text/event-stream; charset=utf-8'],
    ];
    for (const [protocol, url, answer, contentType] of expected) {
      const http = new ScriptedHttp({ headers: { 'content-type': contentType }, body: [answer] });
      const events = await collect(options(http, { protocol, openaiPath: '/api/v4' }));
      assert.equal(textOf(events), 'Grüß 世界 🌍');
      assert.equal(events.at(-1)?.type, 'finish');
      const request = http.requests[0];
      assert.deepEqual([request?.method, request?.url, request?.timeoutMs], ['POST', url, 7_000]);
      assert.equal(JSON.parse(request?.body ?? '').model, 'm');
    }
  });

  it('sends the key the way the server wants it, and no key where there is none', async () => {
    const sent = async (auth: AuthScheme, changes: Partial<ChatOptions> = {}): Promise<HttpRequest | undefined> => {
      const http = new ScriptedHttp({ body: [wire.openai.plain] });
      await collect(options(http, { auth, ...changes }));
      return http.requests[0];
    };
    assert.equal((await sent({ type: 'bearer' }))?.headers?.['authorization'], `Bearer ${key}`);
    assert.equal((await sent({ type: 'x-api-key' }))?.headers?.['x-api-key'], key);
    assert.equal((await sent({ type: 'header', name: 'Api-Key' }))?.headers?.['api-key'], key);
    assert.equal((await sent({ type: 'query', name: 'key' }))?.url, `http://host:1/v1/chat/completions?key=${key}`);
    for (const request of [await sent({ type: 'none' }), await sent({ type: 'bearer' }, { key: undefined })]) assert.ok(!JSON.stringify(request).includes(key) && !('authorization' in (request?.headers ?? {})));
  });

  it("lets the user's headers win, whatever their case", async () => {
    const http = new ScriptedHttp({ body: [wire.openai.plain] });
    await collect(options(http, { headers: { 'X-Team': 'a', 'Content-Type': 'application/json; v=2' } }));
    assert.deepEqual(http.requests[0]?.headers, { 'content-type': 'application/json; v=2', accept: 'text/event-stream', authorization: `Bearer ${key}`, 'x-team': 'a' });
  });

  it('makes reasoning of thoughts that stand in the text', async () => {
    const answer = 'data: {"choices":[{"delta":{"content":"<think>Hm</think>Ja"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
    const events = await collect(options(new ScriptedHttp({ body: [answer] })));
    assert.deepEqual([reasoningOf(events), textOf(events)], ['Hm', 'Ja']);
  });

  it('asks once more without the part of the request that a strict server refuses', async () => {
    const http = new ScriptedHttp({ status: 422, body: ['{"detail":[{"loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}'] }, { body: [wire.openai.plain] });
    assert.equal(textOf(await collect(options(http))), 'Grüß 世界 🌍');
    assert.deepEqual(http.requests.map(({ body }) => 'stream_options' in JSON.parse(body ?? '')), [true, false]);
  });

  it('reads an answer in one piece, and events under the wrong type', async () => {
    const headers = { 'content-type': 'application/json' };
    const whole = new ScriptedHttp({ headers, body: ['{"choices":[{"message":{"content":"Ja"},', '"finish_reason":"stop"}]}'] });
    assert.equal(textOf(await collect(options(whole))), 'Ja');
    const events = new ScriptedHttp({ headers, body: [wire.openai.plain] });
    assert.equal(textOf(await collect(options(events))), 'Grüß 世界 🌍');
  });

  it('closes the connection when the reader leaves and when the answer is over', async () => {
    const left = new ScriptedHttp({ body: [wire.openai.truncated, 'wait'] });
    for await (const event of chat(options(left))) if (event.type === 'text-delta') break;
    assert.equal(left.closed, 1);
    const over = new ScriptedHttp({ body: [wire.openai.plain, 'wait'] });
    assert.equal((await collect(options(over))).at(-1)?.type, 'finish');
    assert.equal(over.closed, 1);
  });

  it('ends with “Stopped” when the user stops it', async () => {
    const controller = new AbortController();
    const http = new ScriptedHttp({ body: [wire.openai.truncated, 'wait'] });
    const events: ChatEvent[] = [];
    for await (const event of chat(options(http, { signal: controller.signal }))) {
      events.push(event);
      if (textOf(events) === 'Ja aber') controller.abort();
    }
    assert.deepEqual(events.at(-1), { type: 'error', failure: { kind: 'aborted', message: 'Stopped' } });
    assert.equal(http.closed, 1);
  });

  it('gives up on a server that falls silent, and leaves no timer', async () => {
    const clock = new FakeClock();
    const http = new ScriptedHttp({ body: [wire.openai.truncated, 'wait'] });
    const events = collect(options(http, { clock, idleMs: 60_000 }));
    await settle();
    await clock.advance(59_000);
    assert.equal(clock.pending, 1);
    await clock.advance(1_000);
    const last = (await events).at(-1);
    assert.ok(last?.type === 'error' && last.failure.kind === 'silent');
    assert.match(last.failure.message, /^The server sent nothing for 60 s$/);
    assert.equal(clock.pending, 0);
  });

  it('tells a truncated answer from a whole one', async () => {
    assert.match(await failureOf(new ScriptedHttp({ body: [wire.openai.truncated] })), /^truncated: The connection ended in the middle/);
    assert.match(await failureOf(new ScriptedHttp({ body: [wire.openai.truncated, new HttpFailure('reset', 'x')] })), /^truncated: The connection broke in the middle/);
  });
});

describe('a chat that fails', () => {
  const json = { 'content-type': 'application/json' };
  const body = (value: unknown): readonly string[] => [JSON.stringify(value)];

  const refusals: readonly { readonly name: string; readonly answer: Answer; readonly says: RegExp }[] = [
    { name: 'a refused key', answer: { status: 401, headers: json, body: body({ error: { message: 'Incorrect API key provided.' } }) }, says: /^status: lab refuses the key \(401\): Incorrect API key provided \| Set the key/ },
    { name: 'an unknown model (Ollama)', answer: { status: 404, headers: json, body: body({ error: 'model "m" not found' }) }, says: /^status: lab does not know this model or address \(404\): model "m" not found/ },
    { name: 'too many requests', answer: { status: 429, headers: { ...json, 'retry-after': '12' }, body: body({ error: { message: 'Slow down' } }) }, says: /\(429\): Slow down \| Ask again in 12 s$/ },
    { name: 'no credit', answer: { status: 402, headers: json, body: body({ error: { message: 'Insufficient credits' } }) }, says: /^status: lab wants payment \(402\): Insufficient credits/ },
    { name: 'a bad request (FastAPI)', answer: { status: 400, headers: json, body: body({ detail: [{ loc: ['body'], msg: 'max_tokens is too large' }] }) }, says: /^status: lab does not accept the request \(400\): max_tokens is too large$/ },
    { name: 'a bad request (vLLM)', answer: { status: 400, headers: json, body: body({ object: 'error', message: 'too long' }) }, says: /\(400\): too long$/ },
    { name: 'a broken server', answer: { status: 500, headers: { 'content-type': 'text/plain' }, body: ['boom\u001b[31m\nat line 1'] }, says: /^status: lab failed \(500\): boom \[31m at line 1 \|/ },
    { name: 'a web page with an error', answer: { status: 502, headers: { 'content-type': 'text/html' }, body: ['<html>Bad gateway</html>'] }, says: /^status: lab failed \(502\): it answers with a web page/ },
    { name: 'a web page', answer: { headers: { 'content-type': 'text/html' }, body: ['<!doctype html><html></html>'] }, says: /^malformed: The server answers with a web page/ },
    { name: 'a redirect', answer: { status: 302, headers: { location: `https://other.example/login?token=${key}` } }, says: /^status: lab redirects to other\.example \(302\) \|/ },
    { name: 'an empty error', answer: { status: 418, body: [] }, says: /^status: lab does not accept the request \(418\)$/ },
  ];
  for (const { name, answer, says } of refusals) {
    it(`says so in one sentence: ${name}`, async () => {
      assert.match(await failureOf(new ScriptedHttp(answer)), says);
    });
  }

  it('names each way in which no answer comes', async () => {
    const kinds = ['refused', 'dns', 'timeout', 'tls', 'proxy', 'reset', 'unreachable', 'invalid'] as const;
    const said = await Promise.all(kinds.map((kind) => failureOf(new ScriptedHttp(new HttpFailure(kind, 'because')))));
    for (const sentence of said) assert.match(sentence, /^network: .*lab.* \| /);
    assert.equal(new Set(said).size, kinds.length - 1, 'unreachable and invalid share a sentence');
    assert.match(await failureOf(new ScriptedHttp(new HttpFailure('aborted', 'x'))), /^aborted: Stopped$/);
  });

  it('does not read an endless error body to its end', async () => {
    const http = new ScriptedHttp({ status: 500, headers: { 'content-type': 'text/plain' }, body: Array.from({ length: 1000 }, () => 'x'.repeat(10_000)) });
    const sentence = await failureOf(http);
    assert.ok(sentence.length < 600);
    assert.equal(http.closed, 1);
  });

  it('does not wait for an error body that never ends', async () => {
    const clock = new FakeClock();
    const failure = failureOf(new ScriptedHttp({ status: 503, headers: { 'content-type': 'text/plain' }, body: ['busy', 'wait'] }), { clock });
    await settle();
    await clock.advance(5_000);
    assert.match(await failure, /^status: lab failed \(503\): busy/);
  });
});
