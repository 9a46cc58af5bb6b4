import assert from 'node:assert/strict';
import { openSync, closeSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buildCli } from '../../support/build.ts';
import { createPlace, type Place, until } from '../../support/cli.ts';
import { type DemoServer, startDemoServer } from '../../support/demo-server.ts';
import { startHttpProxy } from '../../support/scripted-proxy.ts';
import { type Answer, hang, json, type Script, sse, startServer } from '../../support/scripted-server.ts';

const key = 'sk-canary-9a8b7c6d5e4f';

/** Sends pieces as events, and the next one only when the test says so. */
function stream(type: string, ...pieces: readonly (string | Promise<void>)[]): Answer {
  return async ({ response }) => {
    response.writeHead(200, { 'content-type': type });
    for (const piece of pieces) {
      if (typeof piece === 'string') response.write(piece);
      else await piece;
    }
    response.end();
  };
}
const chunk = (content: string, finish_reason: string | null = null): string => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason }] })}\n\n`;
const done = 'data: [DONE]\n\n';

function configuration(url: string, more = ''): string {
  return `[[model_servers]]\nname = "lab"\nkind = "openai-compat"\nbase_url = "${url}"\n${more}\n[[delegators]]\nname = "local"\nllm_tool = "codex"\nmodel = "m"\nmodel_server = "lab"\n`;
}

describe('operator chat --print', function () {
  this.timeout(60_000);
  let place: Place;
  beforeEach(() => {
    place = createPlace();
  });
  afterEach(() => place[Symbol.dispose]());

  async function lab(script: Script, more = ''): Promise<Awaited<ReturnType<typeof startServer>>> {
    const server = await startServer(script);
    place.write('operator.toml', configuration(server.url, more));
    return server;
  }
  const ask = ['chat', '--model-server', 'lab', '--model', 'm', '--print', '--prompt', 'hello'];

  it('prints the answer and nothing else', async () => {
    await using _server = await lab({ 'POST /v1/chat/completions': stream('text/event-stream', 'data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}\n\n', chunk('Grüß '), chunk('世界'), chunk('', 'stop'), done) });
    assert.deepEqual(await place.run(ask), { code: 0, signal: null, stdout: 'Grüß 世界\n', stderr: '' });
  });

  it('prints every piece when it arrives', async () => {
    const gate = Promise.withResolvers<void>();
    await using _server = await lab({ 'POST /v1/chat/completions': stream('text/event-stream', chunk('one '), gate.promise, chunk('two'), chunk('', 'stop'), done) });
    const { output, result } = await place.start(ask);
    await until(() => output.stdout === 'one ', () => JSON.stringify(output));
    gate.resolve();
    assert.equal((await result).stdout, 'one two\n');
  });

  it('asks with the key and headers of the server, and keeps the key out of its arguments', async () => {
    await using server = await lab({ 'POST /v1/chat/completions': stream('text/event-stream', chunk('ok', 'stop'), done) }, 'api_key = "env:LAB_KEY"\nheaders = { "X-Team" = "a" }\n');
    const { code } = await place.run(ask, { env: { LAB_KEY: key } });
    assert.equal(code, 0);
    const [request] = server.to('/v1/chat/completions');
    assert.deepEqual([request?.headers['authorization'], request?.headers['x-team']], [`Bearer ${key}`, 'a']);
    assert.deepEqual((request?.json as { messages: unknown }).messages, [{ role: 'user', content: 'hello' }]);
    // Launched by a plan the key comes in the environment.
    const launched = await place.run(['launch', '--llm-tool', 'chat', '--model', 'm', '--model-server', 'lab', '--print', '--prompt=--odd prompt'], { env: { LAB_KEY: key } });
    assert.deepEqual([launched.code, launched.stdout], [0, 'ok\n']);
    const second = server.to('/v1/chat/completions')[1];
    assert.deepEqual([second?.headers['authorization'], second?.headers['x-team']], [`Bearer ${key}`, 'a']);
    assert.deepEqual((second?.json as { messages: unknown }).messages, [{ role: 'user', content: '--odd prompt' }]);
  });

  it('asks through the proxy of the server and within its time when it was launched by a plan', async () => {
    await using server = await startServer({ 'POST /v1/chat/completions': stream('text/event-stream', chunk('ok', 'stop'), done) });
    await using proxy = await startHttpProxy({ target: server.port });
    place.write('operator.toml', configuration('http://model.example', `proxy = "${proxy.url}"\n`));
    const launched = await place.run(['launch', '--llm-tool', 'chat', '--model', 'm', '--model-server', 'lab', '--print', '--prompt', 'x']);
    assert.deepEqual([launched.code, launched.stdout], [0, 'ok\n']);
    assert.match(proxy.asked.join(), /^\S+ .*model\.example/);
    await using _hanging = await lab({ 'POST /v1/chat/completions': hang() }, 'request_timeout = 1\n');
    const slow = await place.run(['launch', '--llm-tool', 'chat', '--model', 'm', '--model-server', 'lab', '--print', '--prompt', 'x']);
    assert.equal(slow.code, 4);
    assert.match(slow.stderr, /^error: lab did not answer in time\n {2}→ Ask again; request_timeout in operator\.toml sets the limit\n$/);
  });

  it('takes the question from a pipe, behind the prompt if there is one', async () => {
    await using server = await lab({ 'POST /v1/chat/completions': stream('text/event-stream', chunk('ok', 'stop'), done) });
    const question = (index: number): unknown => (server.to('/v1/chat/completions')[index]?.json as { messages: { content: string }[] }).messages[0]?.content;
    await place.run(['chat', '--delegator', 'local'], { input: 'from a pipe\n' });
    assert.equal(question(0), 'from a pipe');
    const file = place.write('question.txt', 'line 1\nline 2\n');
    const descriptor = openSync(file, 'r');
    const child = spawn(process.execPath, [await buildCli(), 'chat', '--delegator', 'local', '--print', '--prompt', 'about this:'], { cwd: place.workspace, env: { ...place.env }, stdio: [descriptor, 'ignore', 'inherit'] });
    const [code] = (await once(child, 'exit')) as [number];
    closeSync(descriptor);
    assert.equal(code, 0);
    assert.equal(question(1), 'about this:\n\nline 1\nline 2');
  });

  it('does not wait for a standard input that never ends when it has a prompt', async () => {
    await using _server = await lab({ 'POST /v1/chat/completions': stream('text/event-stream', chunk('ok', 'stop'), done) });
    const { child, result } = await place.start(ask, { input: 'open' });
    assert.equal((await result).stdout, 'ok\n');
    child.stdin?.destroy();
  });

  it('uses the only model of a server, and asks which where there are several', async () => {
    const models = (...ids: readonly string[]): Answer => json({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) });
    await using server = await lab({ 'GET /v1/models': models('only'), 'POST /v1/chat/completions': stream('text/event-stream', chunk('ok', 'stop'), done) });
    const arguments_ = ['chat', '--model-server', 'lab', '--print', '--prompt', 'x'];
    assert.equal((await place.run(arguments_)).code, 0);
    assert.equal((server.to('/v1/chat/completions')[0]?.json as { model: string }).model, 'only');
    server.play({ 'GET /v1/models': models('a', 'b') });
    const { code, stderr } = await place.run(arguments_);
    assert.equal(code, 2);
    assert.match(stderr, /^error: lab has 2 models\n {2}→ Add --model with one of them: a or b\n$/);
  });

  const failures: readonly { readonly name: string; readonly script: Script; readonly says: RegExp; readonly stdout?: string }[] = [
    { name: 'an unknown model', script: { 'POST /v1/chat/completions': json({ error: { message: 'The model `m` does not exist' } }, { status: 404 }) }, says: /^error: lab does not know this model or address \(404\): The model `m` does not exist\n/ },
    { name: 'a refused key', script: { 'POST /v1/chat/completions': json({ error: { message: 'no' } }, { status: 401 }) }, says: /^error: lab refuses the key \(401\): no\n/ },
    { name: 'an error in mid-answer', script: { 'POST /v1/chat/completions': stream('text/event-stream', chunk('half'), 'data: {"error":{"message":"out of memory"}}\n\n') }, says: /^error: The server stopped with an error: out of memory\n$/, stdout: 'half\n' },
    { name: 'a truncated answer', script: { 'POST /v1/chat/completions': stream('text/event-stream', chunk('half')) }, says: /^error: The connection ended in the middle of the answer\n/, stdout: 'half\n' },
    {
      name: 'a broken connection',
      script: {
        'POST /v1/chat/completions': ({ response, socket }) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(chunk('half'), () => socket.resetAndDestroy());
        },
      },
      says: /^error: The connection broke in the middle of the answer\n/,
      stdout: 'half\n',
    },
    { name: 'a web page', script: { 'POST /v1/chat/completions': ({ response }) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>') }, says: /^error: The server answers with a web page\n/ },
    { name: 'an empty answer', script: { 'POST /v1/chat/completions': stream('text/event-stream', chunk('', 'stop'), done) }, says: /^error: The model answered with nothing\n/ },
  ];
  for (const { name, script, says, stdout = '' } of failures) {
    it(`says so in one line and ends with 4: ${name}`, async () => {
      await using _server = await lab(script);
      const result = await place.run(ask);
      assert.match(result.stderr, says);
      assert.deepEqual([result.code, result.stdout], [4, stdout]);
    });
  }

  it('says who refuses connections, and that a key is missing, without asking anybody', async () => {
    place.write('operator.toml', configuration('http://127.0.0.1:9'));
    const refused = await place.run(ask);
    assert.deepEqual([refused.code, refused.stdout], [4, '']);
    assert.match(refused.stderr, /^error: lab refuses connections\n {2}→ Start the server/);
    await using server = await lab({}, 'api_key = "env:LAB_KEY"\n');
    const unset = await place.run(ask);
    assert.equal(unset.code, 4);
    assert.match(unset.stderr, /LAB_KEY/);
    assert.equal(server.requests.length, 0);
  });

  it('talks through the gateway to a server of a protocol that it does not speak', async () => {
    const answer = { candidates: [{ content: { role: 'model', parts: [{ text: 'gemini says hi' }] }, finishReason: 'STOP', index: 0 }], usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 3, totalTokenCount: 4 } };
    await using server = await startServer({ 'POST /v1beta/models/m:streamGenerateContent': sse([answer]) });
    place.write('operator.toml', `[[model_servers]]\nname = "lab"\nkind = "google-api"\nbase_url = "${server.url}"\napi_key = "env:LAB_KEY"\n`);
    try {
      const said = await place.run(['chat', '--model-server', 'lab', '--model', 'm', '--print', '--prompt', 'x'], { env: { LAB_KEY: 'canary-key-of-the-lab-1' } });
      assert.deepEqual([said.stderr, said.stdout, said.code], ['', 'gemini says hi\n', 0]);
      assert.equal(server.requests.at(-1)?.headers['x-goog-api-key'], 'canary-key-of-the-lab-1');
    } finally {
      await place.run(['gateway', 'stop', '--yes']);
    }
  });

  it('refuses what it cannot talk to', async () => {
    place.write('operator.toml', configuration('http://127.0.0.1:9'));
    const google = await place.run(['chat', '--model-server', 'google-api', '--model', 'm', '--print', '--prompt', 'x']);
    assert.equal(google.code, 4);
    assert.match(google.stderr, /^error: google-api needs a key and GEMINI_API_KEY is not set\n/);
    const nobody = await place.run(['chat', '--delegator', 'nope', '--print', '--prompt', 'x']);
    assert.deepEqual([nobody.code, nobody.stderr.split('\n')[0]], [4, 'error: There is no delegator named "nope"']);
  });
});

describe('operator with the demo server', function () {
  this.timeout(60_000);
  let place: Place;
  let demo: DemoServer;
  before(async () => {
    demo = await startDemoServer({ wordDelayMs: 0 });
    place = createPlace();
    writeFileSync(
      join(place.workspace, 'operator.toml'),
      `[[model_servers]]\nname = "demo"\nkind = "ollama"\nbase_url = "${demo.url}"\n\n[[model_servers]]\nname = "demo-openai"\nkind = "openai-compat"\nbase_url = "${demo.url}/v1"\n\n[[model_servers]]\nname = "off"\nkind = "ollama"\nbase_url = "http://127.0.0.1:9"\n`,
    );
  });
  after(async () => {
    place[Symbol.dispose]();
    await demo.stop();
  });

  it('chats over Ollama and over OpenAI chat', async () => {
    for (const server of ['demo', 'demo-openai']) {
      for (const model of ['demo-echo', 'demo-poet', 'demo-thinker']) {
        const { code, stdout, stderr } = await place.run(['chat', '--model-server', server, '--model', model, '--print', '--prompt', 'moon']);
        assert.deepEqual([code, stderr], [0, '']);
        assert.match(stdout, /^\[demo\] [\s\S]*moon/);
        assert.ok(!stdout.includes('thinking aloud'));
      }
    }
    const unknown = await place.run(['chat', '--model-server', 'demo', '--model', 'gpt', '--print', '--prompt', 'x']);
    assert.deepEqual([unknown.code, unknown.stdout], [4, '']);
    assert.match(unknown.stderr, /model "gpt" not found; the demo has demo-echo/);
  });

  it('probes it, and tells it from a server that is off', async () => {
    const { code, stdout, stderr } = await place.run(['probe', '--json']);
    assert.deepEqual([code, stderr], [0, '']);
    const { model_servers } = JSON.parse(stdout) as { model_servers: { name: string; health: { state: string; cause: string; hint: string | null; version: string | null }; models: { name: string; size_bytes: number | null; context_window: number | null }[] }[] };
    const of = (name: string): (typeof model_servers)[number] | undefined => model_servers.find((server) => server.name === name);
    assert.deepEqual([of('demo')?.health.state, of('demo')?.models.length, of('demo')?.models[0]?.size_bytes, of('demo')?.models[0]?.context_window], ['healthy', 3, 1_200_000_000, 8192]);
    assert.deepEqual([of('demo-openai')?.health.state, of('demo-openai')?.models.length], ['healthy', 3]);
    assert.deepEqual([of('off')?.health.state, of('off')?.health.cause], ['offline', 'connection-refused']);
  });

  it('shows the models of a server that is asked for by name', async () => {
    const { stdout } = await place.run(['probe', 'demo']);
    assert.match(stdout, /^Model Servers\n {2}✔ {2}demo {2}healthy {2}3 models {2}local/);
    assert.match(stdout, /\ndemo {2}models\n {2}demo-echo:latest +1\.2B DEMO +1\.2 GB +8k context/);
    assert.ok(!stdout.includes('off'));
    const wrong = await place.run(['probe', 'demmo']);
    assert.deepEqual([wrong.code, wrong.stdout, wrong.stderr], [4, '', 'error: There is no model server named "demmo"\n  → Did you mean demo?\n']);
  });
});
