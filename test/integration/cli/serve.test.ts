import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createPlace, type Place, type Started, until } from '../../support/cli.ts';
import { isAlive, untilDead } from '../../support/gateway-process.ts';
import { labKey as key, type LabAndLocal, startLabAndLocal } from '../../support/lab-and-local.ts';
import { type ScriptedServer, startServer } from '../../support/scripted-server.ts';
import { ollama, openai } from '../../support/scripted-server-kinds.ts';
import { openTerminal } from '../../support/terminal.ts';

const token = 'a-token-of-my-own-0123';
const isWindows = process.platform === 'win32';

describe('operator serve', function () {
  this.timeout(60_000);
  let place: Place;
  let servers: LabAndLocal;
  let lab: ScriptedServer;
  let local: ScriptedServer;
  beforeEach(async () => {
    servers = await startLabAndLocal({ tool: 'chat' });
    ({ lab, local } = servers);
    place = createPlace({ 'operator.toml': servers.toml });
  });
  afterEach(async () => {
    place[Symbol.dispose]();
    await servers[Symbol.asyncDispose]();
  });

  const env = { LAB_KEY: key, OPERATOR_SERVE_TOKEN: token };

  interface Serving extends Started {
    readonly address: string;
    /** Of the gateway, which is a child. */
    readonly gateway: number;
  }

  async function serve(args: readonly string[] = [], variables: Readonly<Record<string, string | undefined>> = env): Promise<Serving> {
    const started = await place.start(['serve', '--port', '0', ...args], { env: variables });
    await until(() => /TOKEN is/.test(started.output.stdout) || started.child.exitCode !== null, () => JSON.stringify(started.output), 20_000);
    const address = /at (http:\/\/\S+)\n/.exec(started.output.stdout)?.[1] ?? assert.fail(JSON.stringify(started.output));
    return { ...started, address, gateway: childOf(started.pid) };
  }

  function childOf(pid: number): number {
    return process.platform === 'linux' ? Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]) : 0;
  }

  const ask = (address: string, model: string, { path = '/v1/chat/completions', with: given = token, ...more }: { readonly path?: string; readonly with?: string; readonly stream?: boolean } = {}): Promise<Response> =>
    fetch(address + path, { method: 'POST', headers: { authorization: `Bearer ${given}`, 'content-type': 'application/json' }, body: JSON.stringify({ model, max_tokens: 10, messages: [{ role: 'user', content: 'the secret question' }], ...more }) });
  const models = async (address: string): Promise<readonly string[]> => {
    const { data } = (await (await fetch(`${address}/v1/models`, { headers: { authorization: `Bearer ${token}` } })).json()) as { data: { id: string }[] };
    return data.map(({ id }) => id);
  };

  it('serves every model by the name of a delegator, as SERVER/MODEL and by its own name', async () => {
    const { address, output, child, result } = await serve();
    for (const [name, answer] of [['coder', 'from the lab'], ['lab/gpt-x', 'from the lab'], ['gpt-x', 'from the lab'], ['team/big', 'from the lab'], ['lab/team/big', 'from the lab'], ['local/qwen3:8b', 'from here'], ['qwen3:8b', 'from here']] as const) {
      const answered = await ask(address, name);
      assert.match(await answered.text(), new RegExp(answer), name);
      assert.equal(answered.status, 200);
    }
    assert.deepEqual(new Set(lab.to('/v1/chat/completions').map(({ json }) => (json as { model: string }).model)), new Set(['gpt-x', 'team/big']));
    assert.ok(lab.to('/v1/chat/completions').every(({ headers }) => headers['authorization'] === `Bearer ${key}`));
    for (const request of [...local.requests, ...lab.requests]) assert.ok(!JSON.stringify(request).includes(token));
    assert.ok(!JSON.stringify(local.requests).includes(key), 'a key goes to its own server only');
    const unknown = await ask(address, 'nothing');
    assert.deepEqual([unknown.status, /no model \\"nothing\\" here/.test(await unknown.text())], [404, true]);
    assert.equal((await ask(address, 'coder', { with: 'another-token' })).status, 401);
    assert.deepEqual(await models(address), ['coder', 'lab/gpt-x', 'lab/team/big', 'local/qwen3:8b']);

    assert.match(output.stdout, new RegExp(`^Operator serves 3 models at ${address}\n\n {2}OpenAI clients +OPENAI_BASE_URL=${address}/v1 OPENAI_API_KEY=TOKEN\n {2}Anthropic clients +ANTHROPIC_BASE_URL=${address} ANTHROPIC_AUTH_TOKEN=TOKEN\n {2}Gemini clients +GOOGLE_GEMINI_BASE_URL=${address} GEMINI_API_KEY=TOKEN\n\n`));
    assert.match(output.stdout, /\n {2}coder +gpt-x on lab\n {2}lab\/gpt-x +or gpt-x\n {2}lab\/team\/big +or team\/big\n {2}local\/qwen3:8b +or qwen3:8b\n\nTOKEN is the one that you chose\n$/);
    child.kill('SIGINT');
    const ended = await result;
    if (!isWindows) assert.equal(ended.code, 0);
    for (const secret of [token, key]) assert.ok(!(ended.stdout + ended.stderr).includes(secret));
  });

  it('speaks to clients of every protocol', async () => {
    const { address } = await serve();
    const anthropic = await ask(address, 'coder', { path: '/v1/messages' });
    assert.match(await anthropic.text(), /"type":"message".*from the lab/);
    const gemini = await fetch(`${address}/v1beta/models/qwen3:8b:generateContent`, { method: 'POST', headers: { 'x-goog-api-key': token, 'content-type': 'application/json' }, body: '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}' });
    assert.match(await gemini.text(), /"candidates".*from here/);
    const responses = await fetch(`${address}/v1/responses`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: '{"model":"local/qwen3:8b","input":"hi"}' });
    assert.match(await responses.text(), /"output".*from here/s);
    const chat = await ask(address, 'lab/gpt-x', { path: '/api/chat', stream: false });
    assert.match(await chat.text(), /"message".*from the lab/);
  });

  it('prints a line for each request with --verbose, and nothing that was said', async () => {
    const { address, output } = await serve(['--verbose']);
    // The first line may come before anybody follows.
    await until(() => /GET \/v1\/models 200|GET \/v1\/models {2}200/.test(output.stdout) || (void models(address), false), () => JSON.stringify(output));
    await ask(address, 'coder', { path: '/v1/messages?secret=1' }).then((response) => response.text());
    await ask(address, 'coder', { path: '/v1/messages', with: 'another-token' });
    await until(() => / 401 /.test(output.stdout), () => output.stdout);
    assert.match(output.stdout, /\n\d\d:\d\d:\d\d {2}POST \/v1\/messages {2}200 {2}\d+(\.\d)? m?s {2}gpt-x on lab \(anthropic-messages → openai-chat\) {2}\d+ in, \d+ out\n/);
    for (const secret of ['secret', 'from the lab', key, token]) assert.ok(!output.stdout.replace(/^[\s\S]*TOKEN is/, '').includes(secret), secret);
    assert.equal(output.stderr, '');
  });

  it('takes changes of operator.toml at once, and lets requests under way go on', async () => {
    const { promise: wait, resolve: goOn } = Promise.withResolvers<void>();
    lab.play({
      ...openai({ key, models: ['gpt-x'] }),
      'POST /v1/chat/completions': async ({ response }) => {
        const event = (content: string): string => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-x', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event('first'));
        await wait;
        response.end(`${event('last')}data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-x', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`);
      },
    });
    const { address, output } = await serve();
    const streaming = await ask(address, 'coder', { stream: true });
    await using other = await startServer(openai({ models: ['brand-new'], answer: 'from the new one' }));
    place.write('operator.toml', `[[model_servers]]\nname = "other"\nkind = "openai-compat"\nbase_url = "${other.url}"\n`);
    await until(() => output.stderr.includes('Serves 1 model now'), () => JSON.stringify(output), 20_000);
    assert.match(await (await ask(address, 'brand-new')).text(), /from the new one/);
    assert.equal((await ask(address, 'coder')).status, 404);
    goOn();
    assert.match(await streaming.text(), /first[\s\S]*last[\s\S]*\[DONE\]/);

    place.write('operator.toml', 'broken');
    await until(() => /error: /.test(output.stderr), () => JSON.stringify(output), 20_000);
    assert.equal((await ask(address, 'brand-new')).status, 200, 'the last good one stays in force');
  });

  it('serves the file that --config names in place of the folder’s, and follows its changes', async () => {
    const named = (name: string, server: ScriptedServer): string => `[[model_servers]]\nname = "${name}"\nkind = "ollama"\nbase_url = "${server.url}"\n`;
    const file = place.write('team/models.toml', named('shared', local));
    const { address, output } = await serve(['--config', file]);
    assert.deepEqual(await models(address), ['shared/qwen3:8b']);
    assert.match(await (await ask(address, 'shared/qwen3:8b')).text(), /from here/);
    assert.deepEqual([(await ask(address, 'coder')).status, lab.requests.length], [404, 0], 'the folder has a file of its own, which does not count');

    await using other = await startServer(ollama({ models: ['gemma3:4b'], answer: 'from the other' }));
    place.write('team/models.toml', named('shared', local) + named('more', other));
    await until(() => output.stderr.includes('Serves 2 models now'), () => JSON.stringify(output), 20_000);
    assert.match(await (await ask(address, 'more/gemma3:4b')).text(), /from the other/);
    place.write('operator.toml', `${servers.toml}# touched\n`);
    place.write('team/models.toml', named('renamed', other));
    await until(() => output.stderr.includes('Serves 1 model now'), () => JSON.stringify(output), 20_000);
    assert.deepEqual(await models(address), ['renamed/gemma3:4b']);
    assert.equal(lab.requests.length, 0);
  });

  it('has no file to serve where --config names none', async () => {
    const { code, stdout, stderr } = await place.run(['serve', '--port', '0', '--config', 'nowhere.toml'], { env });
    assert.deepEqual([code, stdout], [3, '']);
    assert.match(stderr, /^error: .*nowhere\.toml/);
  });

  it('keeps the names of a server that is down, so that programs learn what is wrong', async () => {
    const { address } = await serve();
    await local.close();
    // Something else changes, and everything is looked at again.
    place.write('operator.toml', `${servers.toml}\n[[delegators]]\nname = "second"\nllm_tool = "chat"\nmodel = "team/big"\nmodel_server = "lab"\n`);
    const end = performance.now() + 20_000;
    while (!(await models(address)).includes('second')) assert.ok(performance.now() < end);
    const answered = await ask(address, 'qwen3:8b');
    assert.notEqual(answered.status, 404);
    assert.match(await answered.text(), /local/);
  });

  it('gives each of two servers of one name no key but its own', async () => {
    await using other = await startServer(openai({ models: ['of-the-user'] }));
    place.write(join(place.operatorHome, 'operator.toml'), `[[model_servers]]\nname = "lab"\nkind = "openai-compat"\nbase_url = "${other.url}"\napi_key = "env:OTHER_KEY"\n\n[[delegators]]\nname = "mine"\nllm_tool = "chat"\nmodel = "of-the-user"\nmodel_server = "lab"\n`);
    const { address } = await serve([], { ...env, OTHER_KEY: 'sk-other-99887766' });
    assert.equal((await ask(address, 'coder')).status, 200);
    await ask(address, 'mine');
    assert.ok(lab.requests.every(({ headers }) => headers['authorization'] === `Bearer ${key}`));
    assert.ok(!JSON.stringify(other.requests).includes(key));
    assert.ok(!(await models(address)).includes('lab/of-the-user'));
  });

  describe('is refused', () => {
    const refused = async (args: readonly string[], says: RegExp, { code = 4, env: variables = env as Readonly<Record<string, string | undefined>> } = {}): Promise<void> => {
      const { stderr, stdout, code: ended } = await place.run(['serve', ...args], { env: variables });
      assert.match(stderr, says);
      assert.deepEqual([ended, stdout], [code, '']);
    };

    it('for a port that is taken', () => refused(['--port', String(lab.port)], new RegExp(`^error: Port ${lab.port} of 127\\.0\\.0\\.1 is taken by another program\n {2}→ Choose another one with --port`)));

    it('for an address that is not here', () => refused(['--host', '192.0.2.7', '--port', '0'], /^error: 192\.0\.2\.7 is no address of this machine\n/));

    it('for other machines without a token', () => refused(['--host', '0.0.0.0'], /^error: 0\.0\.0\.0 can be reached from other machines, .*\n {2}→ Choose a token that only you know: set OPERATOR_SERVE_TOKEN, or add --token\n$/, { env: { LAB_KEY: key } }));

    it('for nobody who could read the token', () => refused([], /^error: There is no terminal to show a token on\n {2}→ Set OPERATOR_SERVE_TOKEN/, { env: { LAB_KEY: key } }));

    it('when there is nothing to serve', async () => {
      place.write('operator.toml', '');
      await refused([], /^error: There is nothing to serve: operator\.toml declares no model server/);
      place.write('operator.toml', servers.toml.replace(/\[\[delegators\]\][\s\S]*/, ''));
      await Promise.all([lab.close(), local.close()]);
      await refused([], /^error: There is nothing to serve: no model server has a model now \(lab: .*; local: .*\)\n {2}→ .*operator status --probe/);
    });

    it('while operator.toml cannot be read', async () => {
      place.write('operator.toml', 'broken');
      await refused([], /^error: .*\n {2}at .*operator\.toml:1:/, { code: 3 });
    });
  });

  it('leaves out models whose key is missing, and vendors without one', async () => {
    const { output, address } = await serve([], { OPERATOR_SERVE_TOKEN: token });
    assert.match(output.stdout, /^Operator serves 1 model at/);
    assert.deepEqual(await models(address), ['local/qwen3:8b']);
    assert.match(output.stderr, /^warning: lab: .*key.*\n {2}→ Set LAB_KEY .*\n$/);
  });

  it('answers other machines under its own names only', async () => {
    const { address, output } = await serve(['--host', '0.0.0.0']);
    const statusFor = (host: string): Promise<number> =>
      new Promise((resolve, reject) => {
        httpRequest(`${address}/v1/models`, { headers: { host, authorization: `Bearer ${token}` } }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        }).once('error', reject).end();
      });
    assert.match(address, /^http:\/\/127\.0\.0\.1:\d+$/);
    const { port } = new URL(address);
    for (const line of output.stdout.matchAll(/\n {2}and http:\/\/(\S+)/g)) assert.equal(await statusFor(line[1] ?? ''), 200, line[1]);
    assert.deepEqual([await statusFor(`${hostname()}:${port}`), await statusFor(`127.0.0.1:${port}`), await statusFor(`evil.example:${port}`)], [200, 200, 421]);
  });

  if (!isWindows) {
    it('makes a token and shows it once, on the terminal', async () => {
      using terminal = await openTerminal(place, ['serve', '--port', '0'], { env: { LAB_KEY: key } });
      await terminal.waitFor(/TOKEN is \S+\n/);
      const made = /TOKEN is (\S+)\n/.exec(terminal.text)?.[1] ?? '';
      const address = /at (http:\/\/\S+)\n/.exec(terminal.text)?.[1] ?? '';
      assert.ok(made.length >= 40);
      assert.equal(terminal.text.split(made).length, 2);
      assert.equal((await ask(address, 'coder', { with: made })).status, 200);
      terminal.write('\u0003');
      assert.deepEqual(await terminal.ended, { code: 0, signal: 0 });
      await assert.rejects(ask(address, 'coder', { with: made }));
    });

    for (const terminalOrNot of ['in a terminal', 'by signals']) {
      it(`lets requests under way end at Ctrl+C, and does not wait at the second (${terminalOrNot})`, async () => {
        const streams: (() => void)[] = [];
        lab.play({
          ...openai({ key, models: ['gpt-x'] }),
          'POST /v1/chat/completions': ({ response }) => {
            response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': there\n\n');
            streams.push(() => response.end(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-x', choices: [{ index: 0, delta: { content: 'done' }, finish_reason: 'stop' }] })}\n\ndata: [DONE]\n\n`));
          },
        });
        const start = async (): Promise<{ address: string; interrupt(): void; said(): string; ended: Promise<number | null> } & Disposable> => {
          if (terminalOrNot === 'by signals') {
            const { address, child, output, result } = await serve();
            return { address, interrupt: () => child.kill('SIGINT'), said: () => output.stderr, ended: result.then(({ code }) => code), [Symbol.dispose]: () => void child.kill('SIGKILL') };
          }
          const terminal = await openTerminal(place, ['serve', '--port', '0'], { env });
          await terminal.waitFor(/TOKEN is/);
          return { address: /at (http:\/\/\S+)\n/.exec(terminal.text)?.[1] ?? '', interrupt: () => terminal.write('\u0003'), said: () => terminal.text, ended: terminal.ended.then(({ code }) => code), [Symbol.dispose]: () => terminal[Symbol.dispose]() };
        };
        {
          using serving = await start();
          const streaming = await ask(serving.address, 'coder', { stream: true });
          serving.interrupt();
          await until(() => serving.said().includes('under way'), serving.said);
          await until(() => streams.length === 1, () => 'a stream');
          streams[0]?.();
          assert.match(await streaming.text(), /done[\s\S]*\[DONE\]/);
          assert.equal(await serving.ended, 0);
        }
        {
          using serving = await start();
          const streaming = await ask(serving.address, 'coder', { stream: true });
          serving.interrupt();
          await until(() => serving.said().includes('under way'), serving.said);
          const again = setInterval(serving.interrupt, 100);
          assert.equal(await serving.ended.finally(() => clearInterval(again)), 130);
          await assert.rejects(streaming.text());
        }
      });
    }
  }

  if (process.platform === 'linux') {
    it('takes its gateway with it, however it ends', async () => {
      const { gateway, child } = await serve();
      assert.ok(isAlive(gateway));
      child.kill('SIGKILL');
      await untilDead(gateway);
    });

    it('says so when its gateway ends without being told', async () => {
      const { gateway, result } = await serve();
      process.kill(gateway, 'SIGKILL');
      const { code, stderr } = await result;
      assert.equal(code, 4);
      assert.match(stderr, /^error: The gateway ended unexpectedly\n {2}→ Its log may say why: operator gateway logs\n$/);
    });
  }
});
