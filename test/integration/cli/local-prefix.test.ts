/** Local servers without an entry: the real command line, and a scripted server under each variable. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { createPlace, type Place, until } from '../../support/cli.ts';
import { livingOllama } from '../../support/living-servers.ts';
import { type Script, type ScriptedServer, startServer } from '../../support/scripted-server.ts';
import { llamacpp, lmstudio, ollama, vllm } from '../../support/scripted-server-kinds.ts';

const key = 'sk-canary-0a1b2c3d4e5f';
const token = 'a-token-of-my-own-0123';
const nowhere = 'http://127.0.0.1:9';

/** Each prefix with its variables, a model as its server lists it, and that server. */
const prefixes: readonly { readonly prefix: string; readonly base: string; readonly keyed: string; readonly model: string; readonly script: (key?: string) => Script }[] = [
  { prefix: 'ollama', base: 'OLLAMA_BASE_URL', keyed: 'OLLAMA_API_KEY', model: 'qwen3:8b', script: (wanted) => ollama({ models: ['qwen3:8b'], answer: 'from ollama', ...(wanted && { key: wanted }) }) },
  { prefix: 'vllm', base: 'VLLM_BASE_URL', keyed: 'VLLM_API_KEY', model: 'meta-llama/Llama-3.1-8B', script: (wanted) => vllm({ models: ['meta-llama/Llama-3.1-8B'], answer: 'from vllm', ...(wanted && { key: wanted }) }) },
  { prefix: 'lm_studio', base: 'LMSTUDIO_BASE_URL', keyed: 'LMSTUDIO_API_KEY', model: 'google/gemma-3-4b', script: (wanted) => lmstudio({ models: ['google/gemma-3-4b'], answer: 'from lm_studio', ...(wanted && { key: wanted }) }) },
  { prefix: 'llamacpp', base: 'LLAMACPP_BASE_URL', keyed: 'LLAMACPP_API_KEY', model: 'model.gguf', script: (wanted) => llamacpp({ answer: 'from llamacpp', ...(wanted && { key: wanted }) }) },
];

describe('a local server named by a prefix', function () {
  this.timeout(60_000);
  let place: Place;
  beforeEach(() => {
    place = createPlace();
  });
  afterEach(() => place[Symbol.dispose]());

  const chat = (model: string, env: Readonly<Record<string, string>>) => place.run(['chat', '--model', model, '--print', '--prompt', 'hi'], { env });
  const asked = (server: ScriptedServer) => server.requests.filter(({ method, path }) => method === 'POST' && /\/(?:chat|completions|messages)$/.test(path));
  const modelOf = (request: { readonly json: unknown } | undefined): unknown => (request?.json as { model?: unknown } | undefined)?.model;

  for (const { prefix, base, keyed, model, script } of prefixes) {
    it(`answers under ${prefix}/ at ${base}, with or without /v1, and knows the model without the prefix`, async () => {
      await using server = await startServer(script());
      for (const [address, more] of [[server.url, {}], [` ${server.url}/v1/ `, { LOCAL_LLM_BASE_URL: nowhere }]] as const) {
        const { code, stdout, stderr } = await chat(`${prefix}/${model}`, { [base]: address, ...more });
        assert.deepEqual([code, stdout.trim(), stderr], [0, `from ${prefix}`, '']);
      }
      assert.deepEqual(asked(server).map(modelOf), [model, model]);
      assert.ok(server.requests.every(({ headers }) => headers['authorization'] === undefined || !headers['authorization'].includes('sk-')));
    });

    it(`answers under ${prefix}/ at LOCAL_LLM_BASE_URL, with the key of ${keyed} before the common one`, async () => {
      await using server = await startServer(script(key));
      const env = { LOCAL_LLM_BASE_URL: server.url, [base]: '  ' };
      for (const keys of [{ [keyed]: key, LOCAL_LLM_API_KEY: 'sk-other-one' }, { LOCAL_LLM_API_KEY: key }]) {
        const { code, stdout, stderr } = await chat(`${prefix}/${model}`, { ...env, ...keys });
        assert.deepEqual([code, stdout.trim()], [0, `from ${prefix}`], stderr);
      }
      assert.deepEqual(asked(server).map(({ headers }) => headers['authorization']), [`Bearer ${key}`, `Bearer ${key}`]);
      const without = await chat(`${prefix}/${model}`, env);
      assert.equal(without.code, 4, without.stdout);
      assert.ok(!(without.stdout + without.stderr).includes('sk-'));
    });
  }

  it('is listed with its state as soon as a delegator names it', async () => {
    await using server = await startServer(ollama({ models: ['qwen3:8b'] }));
    place.write('operator.toml', '[[delegators]]\nname = "local"\nllm_tool = "chat"\nmodel = "ollama/qwen3:8b"\n');
    const env = { OLLAMA_BASE_URL: server.url };
    const { stdout } = await place.run(['status', '--probe', '--json'], { env });
    const status = JSON.parse(stdout) as { model_servers: { name: string; origin: string; health: { state: string }; models: { name: string }[] }[]; delegators: { ready: boolean; model_server: string }[]; problems: unknown[] };
    const { name, origin, health, models } = status.model_servers.find((found) => found.name === 'ollama') ?? assert.fail(stdout);
    assert.deepEqual([name, origin, health.state, models.map((found) => found.name)], ['ollama', 'implied', 'healthy', ['qwen3:8b']]);
    assert.deepEqual([status.delegators.map(({ ready, model_server }) => [ready, model_server]), status.problems], [[[true, 'ollama']], []]);
    assert.match((await place.run(['servers'], { env })).stdout, /implied by ollama\//);
    assert.match((await place.run(['probe', 'ollama'], { env })).stdout, /healthy/);
    const shown = (await place.run(['config', 'show'], { env })).stdout;
    assert.match(shown, /model_server +ollama +implied by ollama\//);
    place.write('operator.toml', '');
    assert.doesNotMatch((await place.run(['servers'], { env })).stdout, /implied/);
  });

  it('is known by the name of its prefix where a server is asked for', async () => {
    await using server = await startServer(ollama({ models: [{ name: 'qwen3:8b', capabilities: ['completion', 'tools'] }], answer: 'ready' }));
    const env = { OLLAMA_BASE_URL: server.url };
    const { code, stdout, stderr } = await place.run(['models', '--server', 'ollama'], { env });
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^ollama {2}just asked · 1 model\n[\s\S]*\n {2}qwen3:8b /);
    assert.doesNotMatch((await place.run(['models'], { env })).stdout, /qwen3/, 'nobody named it');
    assert.match((await place.run(['probe', 'ollama'], { env })).stdout, /ollama .*healthy[\s\S]*\n {2}qwen3:8b/);
    const tested = await place.run(['test', '--model-server', 'ollama', '--model', 'qwen3:8b', '--level', 'answers', '--json'], { env });
    assert.equal(tested.code, 0, tested.stdout + tested.stderr);

    await using living = await startServer(livingOllama({ models: ['qwen3:8b'] }).script);
    assert.match((await place.run(['model', 'show', 'qwen3:8b', '--server', 'ollama'], { env: { OLLAMA_BASE_URL: living.url } })).stdout, /^qwen3:8b/);

    await using studio = await startServer(lmstudio({ models: ['google/gemma-3-4b'] }));
    const { model_servers: servers } = JSON.parse((await place.run(['models', '--server', 'lmstudio', '--json'], { env: { LMSTUDIO_BASE_URL: `${studio.url}/v1` } })).stdout) as { model_servers: { model_server: string; source: string }[] };
    assert.deepEqual(servers.map(({ model_server, source }) => [model_server, source]), [['lm_studio', 'live']], 'however the prefix is spelled');
    place.write('operator.toml', `[[model_servers]]\nname = "box"\nkind = "ollama"\nbase_url = "${server.url}"\n`);
    assert.match((await place.run(['models', '--server', 'ollama'], { env })).stdout, /^box {2}just asked/, 'the declared one at its address');
  });

  it('is not known by any other name, nor at an address that is none', async () => {
    const missed = await place.run(['models', '--server', 'olama']);
    assert.deepEqual([missed.code, missed.stderr], [4, 'error: There is no model server named "olama"\n  → Did you mean ollama?\n']);
    const wrong = await place.run(['models', '--server', 'ollama'], { env: { OLLAMA_BASE_URL: 'ftp://box' } });
    assert.equal(wrong.code, 4);
    assert.match(wrong.stdout, /The address in the variable OLLAMA_BASE_URL /);
    const complete = async (...words: readonly string[]): Promise<readonly string[]> => (await place.run(['__complete', '--', ...words])).stdout.trim().split('\n');
    assert.deepEqual(await complete('models', '--server', 'o'), ['openai-api', 'ollama']);
    assert.deepEqual(await complete('launch', '--model-server', 'o'), ['openai-api'], 'there the name is that of an entry');
  });

  it('is the declared one where there is one, with its key', async () => {
    await using server = await startServer(vllm({ key, models: ['m'], answer: 'with the entry’s key' }));
    place.write('operator.toml', `[[model_servers]]\nname = "vllm"\nkind = "vllm"\nbase_url = "${server.url}"\napi_key = "env:LAB_KEY"\n`);
    const { stdout, stderr } = await chat('vllm/m', { LAB_KEY: key, VLLM_BASE_URL: nowhere, VLLM_API_KEY: 'sk-of-another' });
    assert.match(stdout, /with the entry’s key/, stderr);
    assert.ok(!JSON.stringify(server.requests).includes('sk-of-another'));
  });

  it('is a model name like any other where a server is named', async () => {
    await using server = await startServer(vllm({ models: ['ollama/x'], answer: 'the proxy' }));
    place.write('operator.toml', `[[model_servers]]\nname = "proxy"\nkind = "litellm"\nbase_url = "${server.url}"\n`);
    const { stdout, stderr } = await place.run(['chat', '--model-server', 'proxy', '--model', 'ollama/x', '--print', '--prompt', 'hi']);
    assert.match(stdout, /the proxy/, stderr);
    assert.deepEqual(asked(server).map(modelOf), ['ollama/x']);
  });

  it('says what is wrong with a name', async () => {
    const said = async (model: string): Promise<readonly [number | null, string]> => {
      const { code, stderr } = await place.run(['launch', '--llm-tool', 'chat', '--model', model, '--dry-run']);
      return [code, stderr];
    };
    assert.deepEqual(await said('ollama/'), [4, 'error: There is no model behind ollama/\n  → Write it like "ollama/llama3.2"\n']);
    assert.deepEqual((await said('ollama/a b'))[1].split('\n')[0], 'error: The model behind ollama/ must not contain spaces');
    assert.match((await said('openai-compat/x'))[1], /^error: The prefix openai-compat\/ does not say which server is meant\n {2}→ Declare the server/);
    place.write('operator.toml', '[[delegators]]\nname = "d"\nllm_tool = "chat"\nmodel = "vllm/"\n');
    const { code, stdout } = await place.run(['config', 'check']);
    assert.equal(code, 3);
    assert.match(stdout, /there is no model behind vllm\/\n {2}at \S+operator\.toml:4:\d+\n/);
  });

  it('needs no LLM tool to be named: the default one, else the first that is installed, else a chat', async () => {
    const env = { OLLAMA_BASE_URL: nowhere };
    const plan = async (...args: readonly string[]): Promise<{ llm_tool: string; model: string; model_server: string }> => JSON.parse((await place.run(['launch', ...args, '--dry-run', '--json'], { env })).stdout) as never;
    const toolOf = async (): Promise<string> => (await plan('--model', 'ollama/qwen3:8b')).llm_tool;
    assert.equal(await toolOf(), 'chat');
    if (process.platform !== 'win32') {
      place.installAgent('codex');
      assert.equal(await toolOf(), 'codex');
    }
    place.write('operator.toml', '[llm_tools]\ndefault_tool = "chat"\ndefault_model = "ollama/qwen3:8b"\n');
    assert.equal(await toolOf(), 'chat');
    const { model, model_server } = await plan('--llm-tool', 'chat');
    assert.deepEqual([model, model_server], ['qwen3:8b', 'ollama']);
  });

  // The fake agent is a script, which Windows does not start.
  if (process.platform !== 'win32') {
    it('is what an agent is launched on, through the gateway too', async () => {
      await using server = await startServer({ ...vllm({ models: ['m'], answer: 'hi', old: true, key }) });
      place.installAgent('claude');
      const record = join(place.home, 'record.json');
      const { code, stderr } = await place.run(['launch', '--model', 'vllm/m'], { env: { VLLM_BASE_URL: `${server.url}/v1`, VLLM_API_KEY: key, FAKE_AGENT: JSON.stringify({ record }) } });
      assert.equal(code, 0, stderr);
      const { env } = JSON.parse(readFileSync(record, 'utf8')) as { env: Record<string, string> };
      assert.match(stderr, /translates between anthropic-messages and openai-chat: vllm does not speak anthropic-messages/);
      assert.match(env['ANTHROPIC_BASE_URL'] ?? '', /^http:\/\/127\.0\.0\.1:\d+/);
      assert.notEqual(env['ANTHROPIC_AUTH_TOKEN'], key);
    });
  }

  it('is served under its name, declared or implied', async () => {
    await using local = await startServer(ollama({ models: ['qwen3:8b'], answer: 'from here' }));
    await using lab = await startServer(vllm({ models: ['team/big'], answer: 'from the lab' }));
    place.write('operator.toml', `[[model_servers]]\nname = "mine"\nkind = "vllm"\nbase_url = "${lab.url}"\n`);
    const started = await place.start(['serve', '--port', '0'], { env: { OPERATOR_SERVE_TOKEN: token, OLLAMA_BASE_URL: local.url, VLLM_BASE_URL: lab.url } });
    await until(() => /TOKEN is/.test(started.output.stdout) || started.child.exitCode !== null, () => JSON.stringify(started.output), 20_000);
    const address = /at (http:\/\/\S+)\n/.exec(started.output.stdout)?.[1] ?? assert.fail(JSON.stringify(started.output));
    const ask = async (model: string): Promise<string> => (await fetch(`${address}/v1/chat/completions`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }) })).text();
    for (const [model, answer] of [['ollama/qwen3:8b', /from here/], ['qwen3:8b', /from here/], ['mine/team/big', /from the lab/], ['vllm/team/big', /from the lab/], ['lm_studio/x', /no model/]] as const) assert.match(await ask(model), answer, model);
  });
});
