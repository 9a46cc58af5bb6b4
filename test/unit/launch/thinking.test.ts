/** How agents are told to think, and when not to. */
import assert from 'node:assert/strict';
import type { LaunchPlan } from '../../../src/core/launch/model.ts';
import { aDelegator, pairing, planned, type World } from './support.ts';

const gateway = { baseUrl: 'http://127.0.0.1:1', token: { type: 'session-token' } } as const;

function variable(plan: LaunchPlan, name: string): string | undefined {
  const value = plan.env[name];
  return value?.type === 'literal' ? value.value : undefined;
}

describe('thinking', () => {
  describe('of claude', () => {
    const capabilities = 'CLAUDE_CODE_MODEL_CAPABILITIES';

    it('is not asked of a server of its own protocol, which may refuse it', () => {
      for (const world of [pairing('claude', { kind: 'ollama' }), { ...pairing('claude', { kind: 'ollama' }, { route: 'gateway' }), gateway: true } satisfies World]) {
        const plan = planned(world, {}, { gateway });
        assert.equal(variable(plan, 'MAX_THINKING_TOKENS'), '0');
        assert.match(variable(plan, capabilities) ?? '', /-adaptive_thinking/);
      }
    });

    it('is asked of the gateway that translates, so that earlier thoughts stay in the conversation', () => {
      const plan = planned({ ...pairing('claude', { kind: 'openai-compat' }), gateway: true }, {}, { gateway });
      assert.equal(plan.route.type, 'gateway');
      assert.equal(variable(plan, 'MAX_THINKING_TOKENS'), undefined);
      assert.doesNotMatch(variable(plan, capabilities) ?? '', /adaptive_thinking/);
    });

    it('keeps within the delegator\'s own limit', () => {
      const plan = planned({ ...pairing('claude', { kind: 'openai-compat' }, { modelProperties: { max_thinking_tokens: 0 } }), gateway: true }, {}, { gateway });
      assert.equal(variable(plan, 'MAX_THINKING_TOKENS'), '0');
    });
  });

  describe('of gemini', () => {
    const wish = (model: string, effort: string): unknown => {
      const plan = planned(pairing('gemini', { kind: 'google-api' }, { model, modelProperties: { reasoning_effort: effort } }));
      const settings = JSON.parse(plan.files[0]?.content ?? '') as { readonly modelConfigs: { readonly customAliases: Readonly<Record<string, { readonly modelConfig: { readonly generateContentConfig: object } }>> } };
      return settings.modelConfigs.customAliases[model]?.modelConfig.generateContentConfig;
    };

    it('goes into its settings as a level, or as tokens for models that know no levels', () => {
      assert.deepEqual(wish('some-model', 'high'), { thinkingConfig: { thinkingLevel: 'HIGH' } });
      assert.deepEqual([wish('gemini-3-pro-preview', 'low'), wish('gemini-3-pro-preview', 'xhigh')], [{ thinkingConfig: { thinkingLevel: 'LOW' } }, { thinkingConfig: { thinkingLevel: 'HIGH' } }]);
      assert.deepEqual(wish('some-model', 'none'), { thinkingConfig: { thinkingBudget: 0 } });
      assert.deepEqual([wish('gemini-2.5-pro', 'medium'), wish('gemini-2.5-pro', 'none'), wish('gemini-2.5-pro', 'xhigh')], [{ thinkingConfig: { thinkingBudget: 10_240 } }, { thinkingConfig: { thinkingBudget: 0 } }, { thinkingConfig: { thinkingBudget: -1 } }]);
    });

    it('is left to gemini where nobody asked', () => {
      assert.ok(!planned(pairing('gemini', { kind: 'google-api' })).files[0]?.content.includes('modelConfigs'));
    });

    it('cannot be set on its own service, and says so', () => {
      const plan = planned({ delegators: [aDelegator({ llmTool: 'gemini', modelProperties: { reasoning_effort: 'high' } })] });
      assert.deepEqual(plan.files, []);
      assert.ok(plan.notes.some(({ message }) => message.startsWith('reasoning_effort is left out')));
    });
  });
});
