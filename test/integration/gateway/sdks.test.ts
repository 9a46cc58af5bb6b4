/** The vendors' own clients over real sockets, in front of servers of all five protocols. */
import assert from 'node:assert/strict';
import { type Protocol, protocols } from '../../../src/core/protocol.ts';
import type { Part } from '../../support/dialects/index.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { json, startServer, waitUntil } from '../../support/scripted-server.ts';
import { type ScriptedUpstream, startUpstream } from '../../support/scripted-upstream.ts';
import { type Sdk, sdks } from '../../support/sdks.ts';

const greeting = 'Grüße, 世界 👋 from here';
const path = 'a "quoted" path\\with\n things';
/** One pixel. */
const picture = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('the vendors’ own clients', () => {
  let gateway: TestGateway;
  let upstream: ScriptedUpstream;
  let parts: (toolResults: number) => readonly Part[];

  before(async () => {
    gateway = await startGateway();
  });
  after(async () => {
    await gateway.close();
  });
  afterEach(async () => {
    await upstream.close();
  });

  async function open(build: (typeof sdks)[number], server: Protocol, stalls = false): Promise<Sdk> {
    upstream = await startUpstream(server, { reply: (toolResults) => parts(toolResults), stalls });
    const token = gateway.session(upstream.url, [server], { kind: server === 'ollama' ? 'ollama' : 'openai-compat', target: { capabilities: ['completion', 'tools', 'vision', 'thinking'] } });
    return build(gateway.address, token);
  }

  for (const build of sdks) {
    const { name } = build('http://127.0.0.1', 'x');
    for (const server of protocols) {
      describe(`${name} on a server of ${server}`, () => {
        it('text, in one piece and as a stream', async () => {
          parts = () => [{ type: 'text', text: greeting }];
          const sdk = await open(build, server);
          assert.equal(await sdk.say(), greeting);
          const pieces = await sdk.stream();
          assert.equal(pieces.join(''), greeting);
          assert.ok(pieces.length > 1);
          assert.deepEqual([upstream.refusals, upstream.strays], [[], []]);
        });

        for (const stream of [false, true]) {
          it(`a tool, ${stream ? 'streamed' : 'in one piece'}`, async () => {
            parts = (toolResults) => (toolResults === 0 ? [{ type: 'call', name: 'look', arguments: { path } }] : [{ type: 'text', text: greeting }]);
            const sdk = await open(build, server);
            assert.deepEqual(await sdk.callTool('a "result"\n', { stream }), { name: 'look', arguments: { path }, final: greeting });
            assert.match(upstream.requests[1]?.toolResults[0] ?? '', /a \\+"result\\+"/);
            assert.deepEqual([upstream.refusals, upstream.strays], [[], []]);
          });

          it(`thoughts, ${stream ? 'streamed' : 'in one piece'}`, async () => {
            parts = () => [{ type: 'thinking', text: 'Let me see. Yes.' }, { type: 'text', text: greeting }];
            const sdk = await open(build, server);
            assert.deepEqual(await sdk.think({ stream }), { thought: 'Let me see. Yes.', said: greeting });
            assert.deepEqual([upstream.refusals, upstream.strays], [[], []]);
          });
        }

        it('a picture', async () => {
          parts = () => [{ type: 'text', text: greeting }];
          const sdk = await open(build, server);
          assert.equal(await sdk.show(picture), greeting);
          assert.deepEqual(upstream.requests[0]?.pictures, [picture]);
        });

        it('an answer in a form', async () => {
          const sdk = await open(build, server);
          assert.equal((await sdk.structured() as { readonly title: string }).title, 'A title');
          assert.match(upstream.requests[0]?.text ?? '', /"title"/);
        });

        it('models and tokens', async () => {
          const sdk = await open(build, server);
          const models = await sdk.listModels();
          assert.equal(models.length, 1);
          assert.match(models[0] ?? '', /real-model/);
          if (sdk.countTokens) assert.ok(((await sdk.countTokens()) ?? 0) > 0);
        });

        it('a stream that is left', async () => {
          parts = () => [{ type: 'text', text: greeting }];
          const sdk = await open(build, server, true);
          await sdk.abort();
          await waitUntil(() => upstream.requests[0]?.leftAt !== undefined, 'the server to be left');
        });
      });
    }

    for (const [status, type, code, names] of [
      [400, 'invalid_request_error', 'INVALID_ARGUMENT', ['BadRequestError', 'ApiError', 'ResponseError']],
      [401, 'authentication_error', 'UNAUTHENTICATED', ['AuthenticationError', 'ApiError', 'ResponseError']],
      [404, 'not_found_error', 'NOT_FOUND', ['NotFoundError', 'ApiError', 'ResponseError']],
      [429, 'rate_limit_error', 'RESOURCE_EXHAUSTED', ['RateLimitError', 'ApiError', 'ResponseError']],
    ] as const) {
      it(`${name} knows what ${status} of any server means`, async () => {
        upstream = await startUpstream('openai-chat', { reply: () => [] });
        await using failing = await startServer({
          '/api/chat': json({ error: 'this is why' }, { status }),
          '*': json({ type: 'error', error: { type, message: 'this is why', code: status, status: code } }, { status }),
        });
        for (const server of protocols) {
          const sdk = build(gateway.address, gateway.session(failing.url, [server]));
          for (const act of [() => sdk.say(), () => sdk.stream()]) {
            const error = await act().then(() => assert.fail('it did not fail'), (reason: unknown) => sdk.describeError(reason));
            assert.ok((names as readonly string[]).includes(error.name), `${server}: ${JSON.stringify(error)}`);
            assert.equal(error.status, status, server);
            assert.match(error.message, /this is why/);
          }
        }
      });
    }

    it(`${name} knows what the gateway itself refuses`, async () => {
      upstream = await startUpstream('openai-chat', { reply: () => [] });
      const token = gateway.session(upstream.url, ['openai-chat'], { strictNames: true });
      const refused = async (sdk: Sdk, options: { readonly model?: string }): Promise<number | undefined> => sdk.say(options).then(() => assert.fail('it did not fail'), (reason: unknown) => sdk.describeError(reason).status);
      assert.equal(await refused(build(gateway.address, 'wrong'), {}), 401);
      assert.equal(await refused(build(gateway.address, token), { model: 'unknown' }), 404);
    });
  }
});
