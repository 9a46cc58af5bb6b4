import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { UpstreamTarget } from '../../../src/core/gateway/model.ts';
import { modelEntry, modelList } from '../../../src/gateway/model-lists.ts';
import { findTarget } from '../../../src/gateway/routing/target.ts';
import { server } from '../status/facts.ts';

const target = (model: string, ...names: readonly string[]): UpstreamTarget => ({ server: server(), model, names: names.length === 0 ? [model] : names, speaks: ['openai-chat'], contextWindow: 8192 });
const targets = [target('qwen3-coder:30b'), target('openai/gpt-oss-20b'), target('anthropic/claude-opus-4.8'), target('qwen3-coder/30B'), target('qwen3', 'fast', 'qwen3'), target('???')];
const since = Date.UTC(2026, 10, 20);

describe('model lists', () => {
  const ids = (modelList(targets, 'anthropic', since)['data'] as readonly { readonly id: string; readonly display_name: string }[]).map(({ id }) => id);

  it('give claude names that it lists, each its own', () => {
    assert.deepEqual(ids, ['claude-local-qwen3-coder-30b', 'claude-local-openai-gpt-oss-20b', 'anthropic/claude-opus-4.8', 'claude-local-qwen3-coder-30b-2', 'claude-local-fast', 'claude-local-model']);
    assert.ok(ids.every((id) => /claude|anthropic/i.test(id)));
  });

  it('show claude’s user the real name', () => {
    const [first] = modelList(targets, 'anthropic', since)['data'] as readonly { readonly display_name: string }[];
    assert.equal(first?.display_name, 'qwen3-coder:30b (ollama-local)');
  });

  it('give names that mean the same model when they come back, with claude’s own suffix too', () => {
    for (const strictNames of [true, false]) {
      assert.deepEqual(ids.map((id) => findTarget({ targets, strictNames }, id)), targets);
      assert.deepEqual(ids.map((id) => findTarget({ targets, strictNames }, `${id}[1m]`)), targets);
    }
    assert.deepEqual(targets.map((one) => modelEntry(targets, one, 'anthropic', since)['id']), ids);
  });

  it('never give a real name of one model to another', () => {
    const clash = [target('a:b'), target('x', 'claude-local-a-b')];
    const listed = (modelList(clash, 'anthropic', since)['data'] as readonly { readonly id: string }[]).map(({ id }) => id);
    assert.deepEqual(listed, ['claude-local-a-b-2', 'claude-local-a-b']);
    assert.deepEqual(listed.map((id) => findTarget({ targets: clash, strictNames: true }, id)), clash);
  });

  it('give every model of any session a name that claude lists and that leads back to it', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(fc.string({ minLength: 1 }), fc.stringMatching(/^(?:claude-local-)?[ab]{1,2}[-:/ ]?[ab]?(?:-2)?$/)), { minLength: 1, maxLength: 12 }), (names) => {
        const all = names.map((name) => target(name));
        const listed = (modelList(all, 'anthropic', since)['data'] as readonly { readonly id: string }[]).map(({ id }) => id);
        assert.equal(new Set(listed).size, all.length);
        assert.ok(listed.every((id) => /claude|anthropic/i.test(id)));
        assert.deepEqual(listed.map((id) => findTarget({ targets: all, strictNames: true }, id)?.model), names);
      }),
    );
  });

  it('give everybody else the preferred names', () => {
    const names = targets.map(({ names: [first] }) => first);
    assert.deepEqual((modelList(targets, 'openai', since)['data'] as readonly { readonly id: string }[]).map(({ id }) => id), names);
    assert.deepEqual((modelList(targets, 'ollama', since)['models'] as readonly { readonly name: string }[]).map(({ name }) => name), names);
    assert.deepEqual((modelList(targets, 'gemini', since)['models'] as readonly { readonly name: string }[]).map(({ name }) => name), names.map((name) => `models/${name}`));
  });
});
