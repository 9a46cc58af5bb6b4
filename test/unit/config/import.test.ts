/** Configurations of other programs → operator.toml. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { applyEdit } from '../../../src/core/config/edit.ts';
import type { ImportPlan } from '../../../src/core/config/import/model.ts';
import { planImport } from '../../../src/core/config/import/plan.ts';
import { parseToml } from '../../../src/core/config/parse.ts';
import { loadText } from './support.ts';

function plan(json: unknown, target = ''): ImportPlan {
  const planned = planImport({ json, target, resolvePath: (path) => `/from/${path}`, isTaken: () => false });
  assert.ok(planned.ok, JSON.stringify(planned));
  return planned.value;
}

/** The entries of one list as they come out, `name` first. */
function added(json: unknown, table: 'model_servers' | 'model_list' | 'delegators', target = ''): readonly Readonly<Record<string, unknown>>[] {
  return plan(json, target).entries.flatMap((entry) => (entry.table === table ? [entry.entry] : []));
}

const list = (...entries: readonly object[]): object => ({ model_list: entries.map((entry) => ({ model_name: 'a', ...entry })) });

describe('importing a model_list', () => {
  it('makes a server of each prefix, with its own address and the usual name of its key', () => {
    for (const [prefix, server] of [
      ['openai', { name: 'openai', kind: 'openai-api', api_key: 'env:OPENAI_API_KEY' }],
      ['gpt', { name: 'openai', kind: 'openai-api', api_key: 'env:OPENAI_API_KEY' }],
      ['anthropic', { name: 'anthropic', kind: 'anthropic-api', api_key: 'env:ANTHROPIC_API_KEY' }],
      ['claude', { name: 'anthropic', kind: 'anthropic-api', api_key: 'env:ANTHROPIC_API_KEY' }],
      ['anthropic-messages', { name: 'anthropic', kind: 'anthropic-api', api_key: 'env:ANTHROPIC_API_KEY' }],
      ['gemini', { name: 'gemini', kind: 'google-api', api_key: 'env:GEMINI_API_KEY' }],
      ['google', { name: 'gemini', kind: 'google-api', api_key: 'env:GEMINI_API_KEY' }],
      ['groq', { name: 'groq', kind: 'openai-compat', base_url: 'https://api.groq.com/openai', api_key: 'env:GROQ_API_KEY' }],
      ['deepseek', { name: 'deepseek', kind: 'openai-compat', base_url: 'https://api.deepseek.com', api_key: 'env:DEEPSEEK_API_KEY' }],
      ['openrouter', { name: 'openrouter', kind: 'openrouter', api_key: 'env:OPENROUTER_API_KEY' }],
      ['mistral', { name: 'mistral', kind: 'openai-compat', base_url: 'https://api.mistral.ai', api_key: 'env:MISTRAL_API_KEY' }],
      ['qwen', { name: 'qwen-portal', kind: 'openai-compat', base_url: 'https://dashscope.aliyuncs.com/compatible-mode', api_key: 'env:DASHSCOPE_API_KEY' }],
      ['zhipu', { name: 'zhipu', kind: 'openai-compat', base_url: 'https://open.bigmodel.cn/api/paas/v4', api_key: 'env:ZHIPU_API_KEY' }],
      ['glm', { name: 'zhipu', kind: 'openai-compat', base_url: 'https://open.bigmodel.cn/api/paas/v4', api_key: 'env:ZHIPU_API_KEY' }],
      ['z.ai', { name: 'zai', kind: 'openai-compat', base_url: 'https://api.z.ai/api/coding/paas/v4', api_key: 'env:ZAI_API_KEY' }],
      ['moonshot', { name: 'moonshot', kind: 'openai-compat', base_url: 'https://api.moonshot.cn', api_key: 'env:MOONSHOT_API_KEY' }],
      ['nvidia', { name: 'nvidia', kind: 'openai-compat', base_url: 'https://integrate.api.nvidia.com', api_key: 'env:NVIDIA_API_KEY' }],
      ['cerebras', { name: 'cerebras', kind: 'openai-compat', base_url: 'https://api.cerebras.ai', api_key: 'env:CEREBRAS_API_KEY' }],
      ['volcengine', { name: 'volcengine', kind: 'openai-compat', base_url: 'https://ark.cn-beijing.volces.com/api/v3', api_key: 'env:ARK_API_KEY' }],
      ['shengsuanyun', { name: 'shengsuanyun', kind: 'openai-compat', base_url: 'https://router.shengsuanyun.com/api', api_key: 'env:SHENGSUANYUN_API_KEY' }],
      ['ollama', { name: 'ollama', kind: 'ollama' }],
      ['vllm', { name: 'vllm', kind: 'vllm' }],
      ['litellm', { name: 'litellm', kind: 'litellm' }],
      ['lmstudio', { name: 'lmstudio', kind: 'lmstudio' }],
      ['lm_studio', { name: 'lmstudio', kind: 'lmstudio' }],
      ['llamacpp', { name: 'llamacpp', kind: 'llamacpp' }],
      ['llama.cpp', { name: 'llamacpp', kind: 'llamacpp' }],
      ['g4f', { name: 'gpt4free', kind: 'openai-compat', base_url: 'http://localhost:1337' }],
    ] as const) {
      assert.deepEqual(added(list({ model: `${prefix}/some/model` }), 'model_servers'), [server], prefix);
      assert.deepEqual(added(list({ model: `${prefix}/some/model` }), 'model_list'), [{ model_name: 'a', model: 'some/model', model_server: server.name }], prefix);
    }
  });

  it('takes a prefix that it does not know for a part of the model, which is OpenAI’s', () => {
    assert.deepEqual(added(list({ model: 'ibm/granite-4' }), 'model_list'), [{ model_name: 'a', model: 'ibm/granite-4', model_server: 'openai' }]);
    assert.deepEqual(added(list({ model: 'gpt-5.2' }), 'model_list'), [{ model_name: 'a', model: 'gpt-5.2', model_server: 'openai' }]);
  });

  it('leaves the model alone where the provider is named, but for its own prefix', () => {
    assert.deepEqual(added(list({ provider: 'LM_Studio', model: 'openai/gpt-oss-20b' }), 'model_list')[0], { model_name: 'a', model: 'openai/gpt-oss-20b', model_server: 'lmstudio' });
    assert.equal(added(list({ provider: 'groq', model: 'groq/llama' }), 'model_list')[0]?.model, 'llama');
    assert.equal(added(list({ provider: 'openrouter', model: 'deepseek/v4' }), 'model_list')[0]?.model, 'deepseek/v4');
    assert.deepEqual(added(list({ provider: 'new-vendor', model: 'm', api_base: 'https://new.example/v1' }), 'model_servers'), [{ name: 'openai-new.example', kind: 'openai-compat', base_url: 'https://new.example' }]);
    assert.deepEqual(added(list({ provider: 'new-vendor', model: 'm' }), 'model_list'), [{ model_name: 'a', model: 'm', provider: 'new-vendor' }]);
  });

  it('makes one server of all entries with the same protocol, address and key, and keeps entries of one alias apart', () => {
    const json = list({ model: 'openai/x', api_key: 'k1' }, { model: 'openai/y', api_key: 'k1', api_base: 'https://api.openai.com/v1/' }, { model: 'openai/x', api_key: 'k2' }, { model: 'openai/x', api_key: 'k1', api_base: 'https://one.example/v1' });
    assert.deepEqual(added(json, 'model_servers').map(({ name, api_key: key }) => [name, key]), [['openai', 'env:OPENAI_API_KEY'], ['openai-2', 'env:OPENAI_API_KEY_2'], ['openai-one.example', 'env:ONE_EXAMPLE_API_KEY']]);
    assert.deepEqual(added(json, 'model_list').map(({ model_name: name, model_server: server }) => [name, server]), [['a', 'openai'], ['a', 'openai'], ['a', 'openai-2'], ['a', 'openai-one.example']]);
    assert.equal(added(list({ model: 'openai/x', api_key: 'k' }, { model: 'openai/x', api_key: 'k' }), 'model_list').length, 2);
  });

  it('makes an entry of each of several keys, so that they are a pool', () => {
    const json = list({ model: 'groq/m', api_key: 'k1', api_keys: ['k1', 'k2', ''], rpm: 10 });
    assert.deepEqual(added(json, 'model_list'), [{ model_name: 'a', model: 'm', model_server: 'groq', rpm: 10 }, { model_name: 'a', model: 'm', model_server: 'groq-2', rpm: 10 }]);
  });

  it('keeps every other field as it is', () => {
    const rest = { rpm: 60, request_timeout: 300, fallbacks: ['b'], max_tokens_field: 'max_tokens', thinking_level: 'high', tool_schema_transform: 'simple', streaming: { enabled: true }, user_agent: 'x', enabled: false, something_new: 1.5 };
    assert.deepEqual(added(list({ model: 'ollama/m', ...rest, connect_mode: null, workspace: '' }), 'model_list'), [{ model_name: 'a', model: 'm', model_server: 'ollama', ...rest }]);
  });

  it('gives the server its proxy and its headers, and lets nothing go around a proxy that it does not understand', () => {
    assert.deepEqual(added(list({ model: 'ollama/m', proxy: 'socks5://localhost:1080', custom_headers: { 'X-Team': 'a' } }), 'model_servers'), [{ name: 'ollama', kind: 'ollama', proxy: 'socks5://localhost:1080', headers: { 'X-Team': 'a' } }]);
    const odd = plan(list({ model: 'openai/m', proxy: 'ftp://x' }));
    assert.deepEqual(odd.entries, [{ table: 'model_list', entry: { model_name: 'a', model: 'openai/m', proxy: 'ftp://x' } }]);
    assert.match(odd.notes.join('\n'), /nothing may be sent around it/);
  });

  it('gives the server what is added to every request, in either spelling, and keeps servers apart that add something else', () => {
    const json = list({ model: 'vllm/m', extra_body: { top_k: 20, deep: { a: [1, { b: 'c' }] } } }, { model: 'vllm/m', extraBody: { top_k: 40, model: 'other' } }, { model: 'vllm/m', extra_body: {} }, { model: 'vllm/n', extra_body: { deep: { a: [1, { b: 'c' }] }, top_k: 20 } });
    assert.deepEqual(added(json, 'model_servers'), [
      { name: 'vllm', kind: 'vllm', extra_body: { top_k: 20, deep: { a: [1, { b: 'c' }] } } },
      { name: 'vllm-2', kind: 'vllm', extra_body: { top_k: 40 } },
      { name: 'vllm-3', kind: 'vllm' },
    ]);
    assert.deepEqual(added(json, 'model_list').map(({ model_server }) => model_server), ['vllm', 'vllm-2', 'vllm-3', 'vllm']);
    assert.match(plan(json).notes.join('\n'), /a \(model_list\[1\]\): model of extra_body was left out/);
  });

  it('launches command lines, and logins, as delegators', () => {
    const json = list({ model_name: 'cc', model: 'claude-cli/sonnet', workspace: '/srv' }, { model_name: 'x y', model: 'codexcli/gpt' }, { model: 'github-copilot/gpt-5' }, { model: 'antigravity/gemini' }, { model_name: 'login', model: 'openai/gpt-5', auth_method: 'oauth' }, { model_name: 'token', model: 'anthropic/opus', auth_method: 'token' }, { model: 'openai/keyed', auth_method: 'token', api_key: 'k' });
    assert.deepEqual(added(json, 'delegators'), [
      { name: 'cc', llm_tool: 'claude', model: 'sonnet', launch_config: { cwd: '/srv' } },
      { name: 'x-y', llm_tool: 'codex', model: 'gpt' },
      { name: 'a', llm_tool: 'copilot', model: 'gpt-5' },
      { name: 'a-2', llm_tool: 'agy', model: 'gemini' },
      { name: 'login', llm_tool: 'codex', model: 'gpt-5' },
      { name: 'token', llm_tool: 'claude', model: 'opus' },
    ].map(({ name, ...rest }) => ({ ...rest, name })));
    assert.deepEqual(added(json, 'model_list')[4], { model_name: 'login', model: 'openai/gpt-5', auth_method: 'oauth' });
    assert.equal(added(json, 'model_servers').length, 1);
  });

  it('moves keys to references and lists what to set, in every form that they are written in', () => {
    const keys = ['sk-literal', '${MY_KEY}', '$MY_KEY', '<OTHER>', 'env:THIRD', 'file://keys/a', 'enc://c2FsdA=='];
    const { entries, keys: toSet } = plan(list(...keys.map((key) => ({ model: 'mistral/m', api_key: key }))));
    assert.deepEqual(entries.flatMap(({ table, entry }) => (table === 'model_servers' ? [entry.api_key] : [])), ['env:MISTRAL_API_KEY', 'env:MY_KEY', 'env:OTHER', 'env:THIRD', 'file:/from/keys/a', 'env:MISTRAL_API_KEY_2']);
    assert.deepEqual(toSet, [
      { reference: 'env:MISTRAL_API_KEY', what: 'the key of a (model_list[0])' },
      { reference: 'env:MY_KEY', what: 'the key of a (model_list[1])' },
      { reference: 'env:OTHER', what: 'the key of a (model_list[3])' },
      { reference: 'env:THIRD', what: 'the key of a (model_list[4])' },
      { reference: 'env:MISTRAL_API_KEY_2', what: 'the key of a (model_list[6]), which is encrypted in the file' },
    ]);
    assert.match(plan(list({ model: 'openai/x' })).keys[0]?.what ?? '', /the file holds none/);
  });

  it('lets no key through, wherever it stands', () => {
    const json = list({ model: 'openai/x', api_key: 's3cret-1', api_base: 'https://user:s3cret-2@host.example/v1', custom_headers: { Authorization: 'Bearer s3cret-3', 'X-Api-Key': 's3cret-4', 'X-My-Token': 's3cret-5' }, extra_body: { deep: { token: 's3cret-6' }, kept: 1 }, my_secret: 's3cret-7', user_agent: 'sk-ant-s3cret-0123456789abcdef', proxy: 'http://u:s3cret-8@p.example:1' }, { model: 'openai/y', api_base: 'https://user:s3cret-2@host.example/v1', custom_headers: { Authorization: 'Bearer s3cret-3' } });
    const planned = plan(json);
    assert.doesNotMatch(JSON.stringify(planned), /s3cret/);
    assert.deepEqual(planned.entries.flatMap(({ table, entry }) => (table === 'model_list' ? [entry.extra_body] : [])), [{ deep: {}, kept: 1 }, undefined]);
    assert.match(planned.notes.join('\n'), /extra_body\.deep\.token was left out/);
    assert.match(planned.notes.join('\n'), /user and password were left out/);
  });

  it('says what it left out and why', () => {
    const { notes, entries } = plan({ model_list: [{ model: 'x' }, 5, { model_name: 'n' }, { model_name: 'n', model: 'a b' }, { model_name: 'n', model: '/x' }, { model_name: 'bed', model: 'bedrock/x' }, { model_name: 'az', model: 'azure/x' }, { model_name: 'url', model: 'openai/x', api_base: 'http://' }, { model_name: 'v', model: 'openai/x', api_base: 'http://h.example/base' }], providers: { openai: { api_key: 'k' } }, agents: { defaults: { model_name: 'n', model_fallbacks: ['m'] } } });
    assert.equal(notes.length, 11, notes.join('\n'));
    for (const pattern of [/model_list\[0\] has no model_name/, /model_list\[1\] is not an object/, /model_list\[2\] has no model/, /model_list\[3\]: the model is not a name/, /bed .*AWS/, /az .*no address is known/, /url .*is not a web address/, /v .*adds \/v1/, /providers was left out/, /agents\.defaults was left out \(model_name, model_fallbacks\)/]) assert.match(notes.join('\n'), pattern);
    assert.deepEqual(entries.filter(({ table }) => table === 'model_list').map(({ entry }) => entry.model_name), ['bed', 'az', 'url', 'v']);
  });

  it('takes a list on its own, too', () => {
    assert.equal(added([{ model_name: 'a', model: 'ollama/m' }], 'model_list').length, 1);
  });
});

describe('importing the providers of before', () => {
  it('makes an entry of each that is configured, with the model that was chosen for it', () => {
    const json = { providers: { openai: { api_key: 'k', api_base: '' }, anthropic: { api_key: '' }, ollama: { api_base: 'http://box.lan:11434/v1' }, github_copilot: { connect_mode: 'grpc' }, surprise: { api_key: 'k' } }, agents: { defaults: { provider: 'gpt', model: 'gpt-5.2' } } };
    assert.deepEqual(added(json, 'model_list'), [
      { model_name: 'openai', model: 'gpt-5.2', model_server: 'openai' },
      { model_name: 'ollama', model: 'llama3', model_server: 'ollama-box.lan' },
      { model_name: 'github-copilot', model: 'github-copilot/gpt-5.4', connect_mode: 'grpc' },
    ]);
    assert.match(plan(json).notes.join('\n'), /surprise is not known here/);
  });

  it('gives the first one the model that is named without a vendor', () => {
    const json = { providers: { anthropic: { api_key: 'k' }, groq: { api_key: 'k' } }, agents: { defaults: { model_name: 'my-model' } } };
    assert.deepEqual(added(json, 'model_list').map(({ model_name: name, model }) => [name, model]), [['my-model', 'my-model'], ['groq', 'llama-3.1-70b-versatile']]);
  });
});

describe('importing backends', () => {
  it('makes the default one, and those that are enabled or configured', () => {
    assert.deepEqual(added({ agents: { defaultBackend: ' LmStudio ', defaultModel: 'openai/gpt-oss-20b', backends: { lmStudio: { endpointType: 'native' } } } }, 'model_servers'), [{ name: 'lmstudio', kind: 'lmstudio', base_url: 'http://127.0.0.1:1234' }]);
    assert.deepEqual(added({ agents: { defaultBackend: 'lm_studio', default_model: 'llama3.2:latest', enabledBackends: ['lmstudio'] } }, 'model_servers').map(({ name }) => name), ['ollama', 'lmstudio']);
    assert.deepEqual(added({ agents: { defaultBackend: 'lm_studio', default_model: 'llama3.2:latest' } }, 'delegators'), [{ name: 'ollama-chat', llm_tool: 'chat', model: 'llama3.2:latest', model_server: 'ollama' }].map(({ name, ...rest }) => ({ ...rest, name })));
    assert.deepEqual(added({ agents: { backends: { ollama: { baseUrl: 'http://box.lan:11434' } } } }, 'model_servers'), [{ name: 'ollama', kind: 'ollama', base_url: 'http://box.lan:11434' }]);
  });

  it('makes each of a list of providers', () => {
    const providers = [
      { id: 'local', endpointType: 'ollama', defaultModel: 'qwen3:8b' },
      { id: 'studio', endpointType: 'openai-compat', modelDiscovery: 'lmstudio', baseUrl: 'http://127.0.0.1:1234/v1' },
      { id: 'team hub', endpointType: 'openai-compat', baseUrl: 'https://hub.example/v1', apiKey: '<HUB_KEY>', modelDiscovery: 'static', staticModels: ['a', { id: 'b' }] },
      { id: 'lit', endpointType: 'openai-compat', baseUrl: 'https://lit.example', apiKey: 'literal' },
      { endpointType: 'ollama' },
      { id: 'nowhere', endpointType: 'openai-compat' },
    ];
    const planned = plan({ providers });
    assert.deepEqual(planned.entries.map(({ entry }) => entry), [
      { name: 'local', kind: 'ollama' },
      { name: 'studio', kind: 'lmstudio', base_url: 'http://127.0.0.1:1234' },
      { name: 'team-hub', kind: 'openai-compat', base_url: 'https://hub.example', api_key: 'env:HUB_KEY', models: ['a', 'b'] },
      { name: 'lit', kind: 'openai-compat', base_url: 'https://lit.example', api_key: 'env:LIT_API_KEY' },
      { llm_tool: 'chat', model: 'qwen3:8b', model_server: 'local', name: 'local-chat' },
    ]);
    assert.equal(planned.notes.length, 2);
  });
});

describe('an import', () => {
  it('uses a server that is declared already, however it is written', () => {
    const target = '[[model_servers]]\nname = "mine"\nkind = "openai"\nbase_url = "https://api.openai.com/v1/"\napi_key_env = "OPENAI_API_KEY"\n';
    assert.deepEqual(plan(list({ model: 'openai/x', api_key: 'k' }), target).entries, [{ table: 'model_list', entry: { model_name: 'a', model: 'x', model_server: 'mine' } }]);
  });

  it('takes no name that another file has', () => {
    const planned = planImport({ json: list({ model: 'ollama/x' }), target: '', resolvePath: (path) => path, isTaken: (_table, name) => name === 'ollama' });
    assert.deepEqual(planned.ok && planned.value.entries[0]?.entry.name, 'ollama-2');
  });

  it('is refused for a file that has nothing of the kind, and for a target that is broken', () => {
    for (const json of [{}, [], 5, null, 'x', { model_list: {} }, { agents: {} }, [{ a: 1 }]]) assert.equal(planImport({ json, target: '', resolvePath: (path) => path, isTaken: () => false }).ok, false, JSON.stringify(json));
    assert.equal(planImport({ json: list({ model: 'x' }), target: 'broken', resolvePath: (path) => path, isTaken: () => false }).ok, false);
  });

  it('comes to a file without errors, holds no key, and adds nothing the second time, whatever is imported', async function () {
    this.timeout(3_600_000);
    const text = fc.constantFrom('', 'a', 'b c', 'openai/gpt', 'claude/opus', 'ollama/x/y', 'codex-cli/m', 'bedrock/x', 'azure/x', 'ibm/granite', 'glm/é', 'https://a.example/v1', 'http://localhost:11434', 'http://u:s3cret@x.example', 'socks5://p:1', 'ftp://x', 'oauth', 'lmstudio', '$KEY', 'file://k', '\u0000', '"', '😀');
    const secret = fc.constantFrom('s3cret-1', 's3cret-2', 'sk-s3cret-0123456789abcdef', 'enc://s3cret', '${NAME}', '<NAME>', '');
    const odd = fc.oneof(text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null), fc.array(text, { maxLength: 2 }), fc.dictionary(fc.constantFrom('a', 'token', 'b c', '__proto__', 'enabled'), text, { maxKeys: 2 }));
    const entry = fc.record(
      { model_name: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('a', 'b', 'x y', 'ü') }, odd), model: fc.oneof({ weight: 5, arbitrary: text }, odd), api_key: secret, api_keys: fc.array(secret, { maxLength: 2 }), api_base: text, provider: fc.oneof(text, fc.constantFrom('groq', 'new')), auth_method: text, proxy: text, rpm: odd, extra_body: odd, custom_headers: odd, workspace: odd, apiKey: fc.constantFrom('s3cret-9'), more: odd },
      { requiredKeys: ['model_name', 'model'] },
    );
    const provider = fc.record({ id: text, endpointType: fc.constantFrom('ollama', 'openai-compat', 'x'), baseUrl: text, apiKey: secret, defaultModel: odd, modelDiscovery: fc.constantFrom('static', 'lmstudio', 'auto'), staticModels: odd }, { requiredKeys: [] });
    const json = fc.oneof(
      fc.record({ model_list: fc.array(fc.oneof({ weight: 9, arbitrary: entry }, odd), { maxLength: 6 }), agents: fc.record({ defaults: fc.dictionary(fc.constantFrom('model', 'provider', 'routing'), odd) }) }, { requiredKeys: ['model_list'] }),
      fc.record({ providers: fc.oneof(fc.array(fc.oneof(provider, odd), { maxLength: 4 }), fc.dictionary(fc.constantFrom('openai', 'ollama', 'github_copilot', 'odd'), fc.oneof(entry, odd), { maxKeys: 3 })), agents: fc.record({ defaults: fc.record({ model: odd, provider: odd }) }) }, { requiredKeys: ['providers'] }),
      fc.record({ agents: fc.record({ defaultBackend: odd, defaultModel: odd, enabledBackends: odd, backends: fc.dictionary(fc.constantFrom('ollama', 'lmStudio', 'x'), fc.oneof(odd, fc.record({ baseUrl: text })), { maxKeys: 3 }) }, { requiredKeys: [] }) }),
    );
    const before = fc.constantFrom('', '# mine\n', '[[model_servers]]\nname = "openai"\nkind = "ollama"\n', '[[model_list]]\nmodel_name = "a"\nmodel = "m"\n[[delegators]]\nname = "a"\nllm_tool = "chat"\nmodel = "m"\n', 'model_servers = [{ name = "x", kind = "vllm" }]\n');
    let imported = 0;
    await fc.assert(
      fc.asyncProperty(json, before, async (source, target) => {
        const input = { json: source, resolvePath: (path: string) => `/from/${path}`, isTaken: () => false };
        const first = planImport({ ...input, target });
        if (!first.ok) return;
        assert.doesNotMatch(JSON.stringify(first.value), /s3cret/);
        const result = await applyEdit(target, { type: 'add-all', entries: first.value.entries });
        if (result !== target) imported++;
        assert.ok(parseToml(result).ok);
        const known = (await loadText(target, { toolNames: ['claude', 'codex', 'copilot', 'agy', 'chat'] })).problems.map(({ message }) => message);
        const { problems } = await loadText(result, { toolNames: ['claude', 'codex', 'copilot', 'agy', 'chat'] });
        assert.deepEqual(problems.filter(({ severity, message }) => severity === 'error' && !known.includes(message)), []);
        const second = planImport({ ...input, target: result });
        assert.deepEqual(second.ok && second.value.entries, []);
      }),
      { numRuns: Number(process.env.IMPORT_RUNS ?? 300) },
    );
    assert.ok(imported > 100);
  });
});
