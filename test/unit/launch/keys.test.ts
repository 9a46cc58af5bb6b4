/** How a key travels: each scheme of each tool, and never in argv, in a file, or in anything that is shown. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { EnvValue, LaunchPlan } from '../../../src/core/launch/model.ts';
import { renderPlan, reportPlan } from '../../../src/core/launch/render.ts';
import { prepareSpawn } from '../../../src/core/launch/spawn.ts';
import type { AuthScheme, CredentialRef } from '../../../src/core/servers/auth.ts';
import { serverKindIds } from '../../../src/core/servers/kinds.ts';
import { planLaunch } from '../../../src/core/launch/plan.ts';
import { resolveDelegator } from '../../../src/core/delegators/resolve.ts';
import { catalogueTools } from '../../../src/core/tools/catalogue/index.ts';
import { aDelegator, aServer, launchFacts, pairing, planned, planRefusals, resolveFacts } from './support.ts';

const ref: CredentialRef = { store: 'env', name: 'MY_KEY' };

function secretsOf(plan: LaunchPlan): Readonly<Record<string, string>> {
  const text = (value: EnvValue): string => (value.type === 'literal' ? value.value : `${value.before ?? ''}<key>${value.after ?? ''}`);
  return Object.fromEntries(Object.entries(plan.env).filter(([, value]) => value.type === 'secret').map(([name, value]) => [name, text(value)]));
}

describe('keys', () => {
  const cells: readonly (readonly [string, Parameters<typeof pairing>[1]['kind'], AuthScheme, Readonly<Record<string, string>>])[] = [
    ['claude', 'litellm', { type: 'bearer' }, { ANTHROPIC_AUTH_TOKEN: '<key>' }],
    ['claude', 'litellm', { type: 'x-api-key' }, { ANTHROPIC_CUSTOM_HEADERS: 'X-Team: a\nx-api-key: <key>' }],
    ['claude', 'litellm', { type: 'header', name: 'X-Key' }, { ANTHROPIC_CUSTOM_HEADERS: 'X-Team: a\nX-Key: <key>' }],
    ['codex', 'litellm', { type: 'bearer' }, { OPERATOR_API_KEY: '<key>' }],
    ['codex', 'litellm', { type: 'x-api-key' }, { OPERATOR_API_KEY: '<key>' }],
    ['codex', 'litellm', { type: 'header', name: 'X-Key' }, { OPERATOR_API_KEY: '<key>' }],
    ['gemini', 'google-api', { type: 'header', name: 'x-goog-api-key' }, { GEMINI_API_KEY: '<key>' }],
    ['gemini', 'google-api', { type: 'bearer' }, { GEMINI_API_KEY: '<key>' }],
    ['gemini', 'google-api', { type: 'header', name: 'X-Key' }, { GEMINI_CLI_CUSTOM_HEADERS: 'X-Team: a, X-Key: <key>' }],
    ['opencode', 'litellm', { type: 'bearer' }, { OPERATOR_API_KEY: '<key>' }],
    ['qwen', 'litellm', { type: 'header', name: 'X-Key' }, { OPERATOR_API_KEY: '<key>' }],
    ['copilot', 'litellm', { type: 'bearer' }, { COPILOT_PROVIDER_BEARER_TOKEN: '<key>' }],
    ['copilot', 'litellm', { type: 'x-api-key' }, { COPILOT_PROVIDER_HEADERS: 'X-Team: a\nx-api-key: <key>' }],
    ['copilot', 'anthropic-api', { type: 'x-api-key' }, { COPILOT_PROVIDER_API_KEY: '<key>' }],
    ['chat', 'ollama', { type: 'query', name: 'key' }, { OPERATOR_CHAT_API_KEY: '<key>' }],
  ];
  for (const [tool, kind, auth, expected] of cells) {
    it(`${tool} sends it as ${auth.type}${'name' in auth ? ` ${auth.name}` : ''} on ${kind}`, () => {
      assert.deepEqual(secretsOf(planned(pairing(tool, { kind, auth, credential: ref, headers: { 'X-Team': 'a' } }))), expected);
    });
  }

  it('is named in codex\'s provider by its variable', () => {
    const provider = (auth: AuthScheme): string | undefined => planned(pairing('codex', { kind: 'litellm', auth, credential: ref, headers: { 'X-Team': 'a "b"' } })).argv.find((arg) => arg.startsWith('model_providers.'));
    assert.match(provider({ type: 'bearer' }) ?? '', /env_key="OPERATOR_API_KEY",env_http_headers=\{X-Team="OPERATOR_HEADER_X_TEAM"\}/);
    assert.match(provider({ type: 'header', name: 'X-Key' }) ?? '', /env_http_headers=\{X-Team="OPERATOR_HEADER_X_TEAM",X-Key="OPERATOR_API_KEY"\}/);
    assert.doesNotMatch(provider({ type: 'header', name: 'X-Key' }) ?? '', /env_key/);
  });

  it('is refused where the tool has no way to send it', () => {
    for (const tool of ['claude', 'codex', 'opencode', 'qwen', 'copilot']) {
      assert.deepEqual(planRefusals(pairing(tool, { kind: 'litellm', auth: { type: 'query', name: 'key' }, credential: ref })).map(({ code }) => code), ['needs-gateway'], tool);
    }
  });

  it('has a placeholder where the server wants none and the tool insists', () => {
    const env = (tool: string, kind: 'ollama' | 'google-api'): readonly string[] => Object.entries(planned(pairing(tool, { kind, auth: { type: 'none' } })).env).filter(([, value]) => value.type === 'literal' && value.value === 'no-key-needed').map(([name]) => name);
    assert.deepEqual([env('claude', 'ollama'), env('codex', 'ollama'), env('gemini', 'google-api'), env('qwen', 'ollama'), env('copilot', 'ollama')], [['ANTHROPIC_AUTH_TOKEN'], [], ['GEMINI_API_KEY'], ['OPERATOR_API_KEY'], []]);
  });

  describe('property: no key is anywhere but in the environment of the child', () => {
    const canary = 'sk-canary-5f0c7b1e9a2d48c6b3e1';
    const tools = catalogueTools().map(({ record }) => record.name);
    const scenario = fc.record({
      tool: fc.constantFrom(...tools),
      kind: fc.constantFrom(...serverKindIds),
      auth: fc.oneof(
        fc.constantFrom<AuthScheme>({ type: 'bearer' }, { type: 'x-api-key' }, { type: 'none' }, { type: 'query', name: 'key' }),
        fc.constantFrom('Authorization', 'X-Key', 'x-goog-api-key', 'api-key').map((name): AuthScheme => ({ type: 'header', name })),
      ),
      store: fc.constantFrom<CredentialRef['store']>('env', 'secret', 'file'),
      model: fc.string({ minLength: 1, maxLength: 30 }).filter((text) => text.trim() !== '' && !text.includes('\0')),
      prompt: fc.option(fc.string({ maxLength: 40 }).filter((text) => !text.includes('\0')), { nil: undefined }),
      headless: fc.boolean(),
      effort: fc.option(fc.constantFrom('low', 'high'), { nil: undefined }),
      // What people do though they should not: a key as a header, in a flag, in a variable.
      leak: fc.constantFrom('none', 'header', 'flag', 'extra_env', 'env'),
      platform: fc.constantFrom('linux' as const, 'darwin' as const, 'win32' as const),
    });

    it('and the same facts make the same plan', async () => {
      let plans = 0;
      await fc.assert(
        fc.asyncProperty(scenario, async ({ tool, kind, auth, store, model, prompt, headless, effort, leak, platform }) => {
          const server = aServer({ kind, auth, placement: 'local', ...(auth.type !== 'none' && { credential: { store, name: 'NAMED' } }), headers: leak === 'header' ? { 'X-Api-Key': canary } : {}, extraEnv: leak === 'extra_env' ? { SOME_TOKEN: canary } : {} });
          const delegator = aDelegator({ llmTool: tool, model, modelServer: 'here', modelProperties: effort === undefined ? {} : { reasoning_effort: effort }, launchConfig: { flags: leak === 'flag' ? ['--api-key', canary] : [], env: leak === 'env' ? { MY_SETTING: canary } : {} } });
          const resolution = resolveDelegator({ type: 'delegator', delegator: 'mine' }, resolveFacts({ servers: [server], delegators: [delegator] }));
          if (!resolution.ok) return;
          const facts = launchFacts({ platform, inheritedEnv: { HOME: '/home/me', ANTHROPIC_API_KEY: canary, GH_TOKEN: `ghp_${canary}` } });
          const options = { headless, ...(prompt !== undefined && { prompt }) };
          const result = planLaunch(resolution.value, options, facts);
          assert.deepEqual(planLaunch(resolution.value, options, facts), result);
          if (!result.ok) {
            assert.ok(result.error.every(({ message, hint }) => message !== '' && hint !== undefined && hint !== '' && !message.endsWith('.')));
            assert.ok(!JSON.stringify(result.error).includes(canary));
            return;
          }
          plans++;
          const plan = result.value;
          if (leak !== 'flag') assert.ok(!plan.argv.join('\n').includes(canary), 'argv');
          assert.ok(!plan.files.some(({ content }) => content.includes(canary)), 'files');
          assert.ok(!JSON.stringify(reportPlan(plan)).includes(canary), 'JSON');
          assert.ok(!renderPlan(plan).includes(canary), 'Markdown');
          const written: string[] = [];
          const request = await prepareSpawn(plan, {
            env: { all: () => facts.inheritedEnv, platform },
            files: { writePrivate: (_path, text) => Promise.resolve(void written.push(text)), remove: () => Promise.resolve(), read: () => Promise.reject(new Error('none')) },
            resolveCredential: () => Promise.resolve('resolved-key-1'),
          });
          assert.ok(!request.argv.join('\n').includes('resolved-key-1') && !written.join('\n').includes('resolved-key-1'));
          const holdsKey = Object.values(request.env).filter((value) => value.includes('resolved-key-1')).length;
          assert.equal(holdsKey > 0, Object.values(plan.env).some(({ type }) => type === 'secret'));
        }),
        { numRuns: 600 },
      );
      assert.ok(plans > 100, `${plans} plans`);
    });
  });
});
