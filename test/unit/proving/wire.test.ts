import assert from 'node:assert/strict';
import { HttpFailure, type HttpRequest, type HttpResponse } from '../../../src/core/ports.ts';
import { ask, type Limits, type Question, type Wire } from '../../../src/core/proving/wire.ts';
import { FakeClock, settle } from '../fakes.ts';

const question: Question = { messages: [], stream: true, maxTokens: 64 };
const limits: Limits = { firstByteMs: 10_000, totalMs: 60_000 };
const chunk = (delta: object, finish: string | null = null): string => `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

type Answering = (request: HttpRequest, attempt: number) => { readonly status?: number; readonly type?: string; readonly headers?: Readonly<Record<string, string>>; readonly body: AsyncIterable<string> | readonly string[] } | Promise<never>;

describe('asking a model', () => {
  let clock: FakeClock;
  let sent: HttpRequest[];

  function wireTo(answering: Answering): Wire {
    clock = new FakeClock();
    sent = [];
    const http = {
      async request(request: HttpRequest): Promise<HttpResponse> {
        sent.push(request);
        const { status = 200, type = 'text/event-stream', headers = {}, body } = await answering(request, sent.length);
        return {
          status,
          headers: { 'content-type': type, ...headers },
          body: (async function* () {
            for await (const piece of body) {
              if (request.signal?.aborted) throw new HttpFailure('aborted', 'aborted');
              yield new TextEncoder().encode(piece);
            }
          })(),
        };
      },
      dispose() {},
    };
    return { http, clock, baseUrl: 'http://gateway/v1', token: 'token', model: 'm', serverName: 'lab', maxTokensField: 'max_tokens' };
  }
  const never = ({ signal }: HttpRequest): Promise<never> => new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new HttpFailure('aborted', 'aborted'))));
  const run = (wire: Wire, more: Partial<Question> = {}, signal = new AbortController().signal) => ask(wire, { ...question, ...more }, limits, clock.now() + limits.totalMs, signal);
  async function failureOf(asking: ReturnType<typeof run>) {
    const outcome = await asking;
    assert.ok(!outcome.ok);
    assert.equal(outcome.error.type, 'failed');
    return outcome.error.failure;
  }

  afterEach(() => assert.equal(clock.pending, 0, 'a timer goes on'));

  it('puts the pieces of text, thoughts and calls together, wherever the stream is cut', async () => {
    const stream = [': heartbeat\n\n', chunk({ role: 'assistant', content: '' }), chunk({ reasoning_content: 'hm ' }), chunk({ content: 'Hel' }), chunk({ content: 'lo' }), chunk({ tool_calls: [{ index: 0, id: 'c1', function: { name: 'f', arguments: '{"a"' } }] }), chunk({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }), chunk({}, 'tool_calls'), 'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":9}}\n\n', 'data: [DONE]\n\n'].join('');
    for (const size of [1, 7, 10_000]) {
      const outcome = await run(wireTo(() => ({ body: stream.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [] })));
      assert.ok(outcome.ok);
      const { text, reasoning, toolCalls, usage, ended, finish, pieces } = outcome.value;
      assert.deepEqual({ text, reasoning, toolCalls, usage, ended, finish, pieces }, { text: 'Hello', reasoning: 'hm ', toolCalls: [{ id: 'c1', name: 'f', arguments: '{"a":1}' }], usage: { inputTokens: 7, outputTokens: 9 }, ended: true, finish: 'tool_calls', pieces: 5 });
    }
  });

  it('takes an answer in one piece, calls without an index, arguments that are objects, and thoughts in tags', async () => {
    const message = { content: '<think>hm</think>\nYes', tool_calls: [{ function: { name: 'a', arguments: { x: 1 } } }, { function: { name: 'b', arguments: '{}' } }] };
    const outcome = await run(wireTo(() => ({ type: 'application/json', body: [JSON.stringify({ choices: [{ message, finish_reason: 'stop' }] })] })), { stream: false });
    assert.ok(outcome.ok);
    assert.equal(outcome.value.text, 'Yes');
    assert.equal(outcome.value.reasoning, 'hm');
    assert.deepEqual(outcome.value.toolCalls, [{ id: 'call_0', name: 'a', arguments: '{"x":1}' }, { id: 'call_1', name: 'b', arguments: '{}' }]);
    assert.equal(JSON.parse(sent[0]?.body ?? '').stream_options, undefined);
  });

  it('knows a stream that only breaks off from one that ended', async () => {
    const cut = await run(wireTo(() => ({ body: [chunk({ content: 'half' })] })));
    assert.ok(cut.ok && !cut.value.ended);
    const withoutDone = await run(wireTo(() => ({ body: [chunk({ content: 'whole' }), chunk({}, 'stop')] })));
    assert.ok(withoutDone.ok && withoutDone.value.ended);
  });

  it('does without the count of tokens where a server refuses to be asked for it', async () => {
    const outcome = await run(wireTo((_, attempt) => (attempt === 1 ? { status: 400, type: 'application/json', body: ['{"error":{"message":"Unknown field stream_options"}}'] } : { body: [chunk({ content: 'ok' }, 'stop')] })));
    assert.ok(outcome.ok);
    assert.deepEqual(sent.map(({ body }) => 'stream_options' in JSON.parse(body ?? '{}')), [true, false]);
  });

  it("names the limit as OpenAI's thinking models want it where they say so", async () => {
    const outcome = await run(wireTo((_, attempt) => (attempt === 1 ? { status: 400, type: 'application/json', body: [`{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."}}`] } : { body: [chunk({ content: 'ok' }, 'stop')] })));
    assert.ok(outcome.ok);
    assert.deepEqual(sent.map(({ body }) => Object.keys(JSON.parse(body ?? '{}')).filter((name) => name.startsWith('max_'))), [['max_tokens'], ['max_completion_tokens']]);
  });

  it('asks again while a server loads its model, and gives up in time', async () => {
    const wire = wireTo(() => ({ status: 503, type: 'application/json', body: ['{"error":{"message":"Loading model"}}'] }));
    const asking = failureOf(run(wire));
    await clock.advance(11_000);
    const failure = await asking;
    assert.match(failure.reason, /503.*Loading model/);
    assert.equal(failure.transient, true);
    assert.ok(sent.length >= 9 && sent.length <= 11, String(sent.length));
  });

  it('gives up when nothing comes, and when an answer does not end', async () => {
    const silent = failureOf(run(wireTo(never)));
    await clock.advance(10_000);
    const { reason, transient } = await silent;
    assert.deepEqual([reason, transient], ['Nothing came within 10 s', true]);

    const endless = failureOf(
      run(
        wireTo(({ signal }) => ({
          body: (async function* () {
            for (;;) {
              yield chunk({ content: 'and ' });
              await new Promise<void>((resolve, reject) => {
                const timer = clock.after(5_000, resolve);
                signal?.addEventListener('abort', () => (timer.dispose(), reject(new HttpFailure('aborted', 'aborted'))), { once: true });
              });
            }
          })(),
        })),
      ),
    );
    await clock.advance(60_000);
    assert.match((await endless).reason, /not complete within 60 s/);
  });

  it('ends at once when it is cancelled', async () => {
    const cancelling = new AbortController();
    const asking = run(wireTo(never), {}, cancelling.signal);
    await settle();
    cancelling.abort();
    assert.deepEqual(await asking, { ok: false, error: { type: 'cancelled' } });
  });

  const answers: readonly (readonly [what: string, Awaited<ReturnType<Answering>>, says: RegExp, transient: boolean | undefined])[] = [
    ['too many requests', { status: 429, type: 'application/json', headers: { 'retry-after': '7' }, body: ['{"error":{"message":"slow down"}}'] }, /429.*slow down/, true],
    ['a key that is refused', { status: 401, type: 'application/json', body: ['{"error":{"message":"bad key"}}'] }, /refuses the key/, undefined],
    ["the gateway's own words", { status: 424, type: 'application/json', body: ['{"error":{"message":"Model server lab: it did not answer within 1 s"}}'] }, /^Model server lab: it did not answer within 1 s$/, true],
    ['a web page', { type: 'text/html', body: ['<!doctype html>'] }, /web page/, undefined],
    ['no JSON', { type: 'application/json', body: ['nonsense'] }, /not JSON/, undefined],
    ['another JSON', { body: ['data: 7\n\n'] }, /not a chat completion/, undefined],
    ['an event that is no JSON', { body: ['data: {oops\n\n'] }, /event that is not JSON/, undefined],
    ['an error in the stream', { body: [chunk({ content: 'a' }), 'data: {"error":{"message":"out of memory"}}\n\n'] }, /in the middle of its answer: out of memory/, true],
  ];
  for (const [what, answer, says, transient] of answers) {
    it(`says what is wrong with ${what}`, async () => {
      const failure = await failureOf(run(wireTo(() => answer)));
      assert.match(failure.reason, says);
      assert.equal(failure.transient, transient);
    });
  }

  it('says so when the gateway itself is gone', async () => {
    assert.match((await failureOf(run(wireTo(() => Promise.reject(new HttpFailure('refused', 'refused')))))).reason, /gateway broke/);
  });
});
