/** What every record of the catalogue owes to the rest, and what single tools need. */
import assert from 'node:assert/strict';
import { valid } from 'semver';
import type { CustomTool } from '../../../src/core/config/model.ts';
import { builtinServers } from '../../../src/core/servers/builtin.ts';
import { catalogueTools, customTool, findTool } from '../../../src/core/tools/catalogue/index.ts';
import { aDelegator, aServer, pairing, planned, planRefusals, userOrigin, valueAfter, type World } from '../launch/support.ts';

describe('the catalogue', () => {
  it('knows the tools of the design, each once', () => {
    assert.deepEqual(catalogueTools().map(({ record }) => record.name), ['claude', 'codex', 'gemini', 'opencode', 'qwen', 'copilot', 'agy', 'chat']);
  });

  for (const { record } of catalogueTools()) {
    it(`has what is needed of ${record.name}`, () => {
      assert.ok(record.displayName !== '' && record.command !== '' && record.versionArgs.length > 0 && record.icon !== '');
      assert.match(record.install.url, /^https:\/\//);
      assert.ok(record.install.command !== '');
      if (record.minVersion !== undefined) assert.ok(valid(record.minVersion), record.minVersion);
      if (record.builtinServer !== undefined) assert.ok(builtinServers().some(({ name }) => name === record.builtinServer));
      if (record.ownService) assert.ok(!builtinServers().some(({ name }) => name === record.ownService?.name));
      assert.ok(record.name === 'chat' || record.sources.length > 0);
    });
  }

  it('finds a tool of the catalogue before one of the user\'s of the same name', () => {
    const own: CustomTool = { name: 'claude', displayName: 'Mine', origin: userOrigin, command: 'x', protocol: 'openai-chat', args: [], env: {} };
    assert.equal(findTool('claude', [own])?.record.command, 'claude');
    assert.equal(findTool('mine', [{ ...own, name: 'mine' }])?.record.command, 'x');
    assert.equal(findTool('nobody', [own]), undefined);
  });
});

describe('claude on a server', () => {
  const settings = (world: World): Readonly<Record<string, string>> => (JSON.parse(planned(world).files[0]?.content ?? '{}') as { env: Record<string, string> }).env;

  it('repeats all that is not secret in a private settings file', () => {
    const world = pairing('claude', { kind: 'litellm', credential: { store: 'env', name: 'K' }, headers: { 'X-Team': 'a' } });
    const plan = planned(world);
    const literals = Object.fromEntries(Object.entries(plan.env).flatMap(([name, value]) => (value.type === 'literal' && !/no_proxy|HEADERS$|MANAGED/i.test(name) ? [[name, value.value]] : [])));
    assert.deepEqual(settings(world), literals);
    assert.equal(valueAfter(plan.argv, '--settings'), plan.files[0]?.path);
  });

  it('lets what the server and the delegator set count in that file too, since it beats the environment', () => {
    const world = pairing('claude', { kind: 'ollama', extraEnv: { ANTHROPIC_DEFAULT_HAIKU_MODEL: 'small', MY_TOKEN: 'sk-plain-1234567890' } }, { launchConfig: { env: { CLAUDE_CODE_SUBAGENT_MODEL: 'sub' } } });
    const found = settings(world);
    assert.deepEqual([found['ANTHROPIC_DEFAULT_HAIKU_MODEL'], found['CLAUDE_CODE_SUBAGENT_MODEL'], found['ANTHROPIC_MODEL'], found['MY_TOKEN']], ['small', 'sub', 'some-model', undefined]);
  });

  it('asks plainly of models that are not Anthropic\'s, and fully of those that are', () => {
    assert.match(settings(pairing('claude', { kind: 'ollama' }))['CLAUDE_CODE_MODEL_CAPABILITIES'] ?? '', /-mid_conv_system/);
    assert.equal(settings(pairing('claude', { kind: 'openrouter', credential: { store: 'env', name: 'K' } }, { model: 'anthropic/claude-sonnet-4.6' }))['CLAUDE_CODE_MODEL_CAPABILITIES'], undefined);
    assert.doesNotMatch(settings(pairing('claude', { kind: 'ollama' }, { modelProperties: { reasoning_effort: 'low' } }))['CLAUDE_CODE_MODEL_CAPABILITIES'] ?? '', /effort/);
    assert.equal(settings(pairing('claude', { kind: 'ollama' }, { modelProperties: { max_thinking_tokens: 8000 } }))['MAX_THINKING_TOKENS'], '8000');
  });

  it('maps every tier to the model, so that nothing asks for another', () => {
    const tiers = Object.entries(settings(pairing('claude', { kind: 'ollama' }))).filter(([name]) => /_MODEL$/.test(name));
    assert.equal(tiers.length, 6);
    assert.ok(tiers.every(([, model]) => model === 'some-model'));
  });

  it('is told the context window, at least what it needs to start', () => {
    const world = (contextWindow: number): World => ({ ...pairing('claude', { kind: 'ollama' }), health: { here: { models: [{ id: 'some-model', contextWindow }] } } });
    assert.equal(settings(world(131_072))['CLAUDE_CODE_MAX_CONTEXT_TOKENS'], '131072');
    assert.equal(settings(world(8192))['CLAUDE_CODE_MAX_CONTEXT_TOKENS'], '32768');
    assert.ok(planned(world(8192)).notes.some(({ severity, message }) => severity === 'warning' && /8192/.test(message)));
  });
});

describe('codex on a server', () => {
  const arg = (world: World, start: string): string | undefined => planned(world).argv.find((item) => item.startsWith(start));

  it('writes TOML that holds any name', () => {
    assert.equal(arg(pairing('codex', { kind: 'ollama', displayName: 'My "box" \\ \u007f', headers: { 'X Y': '1' } }), 'model_providers.'), 'model_providers.operator-here={name="My \\"box\\" \\\\ \\u007f",base_url="http://localhost:11434/v1",wire_api="responses",env_http_headers={"X Y"="OPERATOR_HEADER_X_Y"}}');
    assert.match(arg({ servers: [aServer({ kind: 'ollama', name: 'a.b' })], delegators: [aDelegator({ llmTool: 'codex', modelServer: 'a.b' })] }, 'model_providers.') ?? '', /^model_providers\.operator-a-b=/);
  });

  it('keeps tools of OpenAI\'s servers to those, and stays quiet on one\'s own', () => {
    assert.equal(arg(pairing('codex', { kind: 'ollama' }), 'web_search'), 'web_search="disabled"');
    assert.equal(arg(pairing('codex', { kind: 'openai-api' }), 'web_search'), undefined);
    assert.equal(arg(pairing('codex', { kind: 'ollama' }), 'features.plugins'), 'features.plugins=false');
    assert.equal(arg(pairing('codex', { kind: 'litellm', placement: 'third-party', credential: { store: 'env', name: 'K' } }), 'features.plugins'), undefined);
  });

  it('hides the key from what the agent runs', () => {
    assert.equal(arg(pairing('codex', { kind: 'litellm', credential: { store: 'env', name: 'K' } }), 'shell_environment_policy'), 'shell_environment_policy.set.OPERATOR_API_KEY=""');
  });

  it('waits as long as the server may take', () => {
    assert.match(arg(pairing('codex', { kind: 'ollama', requestTimeoutMs: 900_000 }), 'model_providers.') ?? '', /stream_idle_timeout_ms=900000/);
  });
});

describe('gemini on a server', () => {
  it('has a home that outlives the session where one may be kept', () => {
    const plan = planned(pairing('gemini', { kind: 'google-api' }), {}, { stateDir: '/state' });
    assert.deepEqual(plan.env['GEMINI_CLI_HOME'], { type: 'literal', value: '/state/gemini-home' });
    assert.deepEqual(plan.files.map(({ path, base }) => [path, base]), [['/state/gemini-home/.gemini/settings.json', '/home/me/.gemini/settings.json']]);
  });

  it('starts from the home that the user chose for gemini', () => {
    const plan = planned(pairing('gemini', { kind: 'google-api' }), {}, { inheritedEnv: { HOME: '/home/me', GEMINI_CLI_HOME: '/mine' } });
    assert.equal(plan.files[0]?.base, '/mine/.gemini/settings.json');
    assert.deepEqual(plan.env['GEMINI_CLI_TRUSTED_FOLDERS_PATH'], { type: 'literal', value: '/mine/.gemini/trustedFolders.json' });
    assert.equal(planned(pairing('gemini', { kind: 'google-api' }), {}, { platform: 'win32', inheritedEnv: { UserProfile: 'C:/me' } }).files[0]?.base, 'C:/me/.gemini/settings.json');
  });

  it('refuses a header that its list could not hold', () => {
    assert.deepEqual(planRefusals(pairing('gemini', { kind: 'google-api', headers: { A: 'x, B: y' } })).map(({ code }) => code), ['invalid']);
    assert.ok(planned(pairing('gemini', { kind: 'google-api', headers: { A: 'x, y' } })));
  });
});

describe('copilot on a server', () => {
  it('is offline on one\'s own servers', () => {
    const offline = (placement: 'local' | 'third-party'): boolean => 'COPILOT_OFFLINE' in planned(pairing('copilot', { kind: 'litellm', placement, credential: { store: 'env', name: 'K' } })).env;
    assert.deepEqual([offline('local'), offline('third-party')], [true, false]);
  });

  it('loses only the GitHub tokens with which it would not start', () => {
    const unset = (GITHUB_TOKEN: string): readonly string[] => planned(pairing('copilot', { kind: 'ollama' }), {}, { inheritedEnv: { GITHUB_TOKEN } }).unset.map(({ name }) => name);
    assert.deepEqual([unset('ghp_classic'), unset('github_pat_fine')], [['GITHUB_TOKEN'], []]);
  });
});

describe('custom tools', () => {
  const tool: CustomTool = { name: 'own', displayName: 'Own', origin: userOrigin, command: 'own', protocol: 'openai-chat', args: ['--model', '{model}', '--prompt', '{prompt}'], env: { OPENAI_BASE_URL: '{base_url}/v1', OPENAI_API_KEY: '{api_key}', AUTH: 'Bearer {api_key}!', NOTHING: '{unknown}' } };
  const world = (given: Partial<CustomTool> = {}): World => ({
    customTools: [{ ...tool, ...given }],
    servers: [aServer({ kind: 'openai-compat', baseUrl: 'http://box:9', openaiPath: '/v4', credential: { store: 'secret', name: 'box' } })],
    delegators: [aDelegator({ llmTool: 'own', modelServer: 'here' })],
  });

  it('need no code: placeholders are filled in, the key by reference and only in variables', () => {
    const plan = planned(world(), { prompt: 'say {model} $& hi' });
    assert.deepEqual(plan.argv, ['/usr/local/bin/own', '--model', 'some-model', '--prompt', 'say {model} $& hi']);
    const ref = { store: 'secret', name: 'box' } as const;
    assert.deepEqual(
      [plan.env['OPENAI_BASE_URL'], plan.env['OPENAI_API_KEY'], plan.env['AUTH'], plan.env['NOTHING']],
      [{ type: 'literal', value: 'http://box:9/v1' }, { type: 'secret', ref, before: '', after: '' }, { type: 'secret', ref, before: 'Bearer ', after: '!' }, { type: 'literal', value: '{unknown}' }],
    );
  });

  it('do without the flag of a prompt that is not there, and take one that has no place at the end', () => {
    assert.deepEqual(planned(world()).argv.slice(1), ['--model', 'some-model']);
    assert.deepEqual(planned(world({ args: ['run'] }), { prompt: 'hi' }).argv.slice(1), ['run', 'hi']);
  });

  it('know the address with its version', () => {
    assert.deepEqual(planned(world({ env: { BASE: '{openai_base_url}' } })).env['BASE'], { type: 'literal', value: 'http://box:9/v4' });
  });

  it('must not put the key where every process can read it', () => {
    assert.match(planRefusals(world({ args: ['--key', '{api_key}'] }))[0]?.message ?? '', /every process/);
  });

  it('have no modes and no yolo that Operator could know', () => {
    const given = { ...world(), delegators: [aDelegator({ llmTool: 'own', modelServer: 'here', launchConfig: { yolo: true, permissionMode: 'x' } })] };
    assert.equal(planRefusals(given).length, 2);
    assert.equal(customTool(tool).record.install.command, '');
  });
});
