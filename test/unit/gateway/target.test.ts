import assert from 'node:assert/strict';
import type { UpstreamTarget } from '../../../src/core/gateway/model.ts';
import type { Protocol } from '../../../src/core/protocol.ts';
import { chooseBridge, findTarget } from '../../../src/gateway/routing/target.ts';
import { server } from '../status/facts.ts';

const target = (model: string, names: readonly string[] = [model]): UpstreamTarget => ({ server: server(), model, names, speaks: ['openai-chat'] });
const targets = [target('qwen3-coder:30b', ['claude-local-qwen', 'qwen3-coder:30b']), target('llama3.2')];

describe('the model that a request means', () => {
  const cases: readonly [name: string | undefined, loose: string | undefined, strict: string | undefined][] = [
    ['llama3.2', 'llama3.2', 'llama3.2'],
    ['claude-local-qwen', 'qwen3-coder:30b', 'qwen3-coder:30b'],
    ['ollama-local/llama3.2', 'llama3.2', 'llama3.2'],
    ['llama3.2[1m]', 'llama3.2', 'llama3.2'],
    ['claude-haiku-4-5', 'qwen3-coder:30b', undefined],
    [undefined, 'qwen3-coder:30b', undefined],
    ['', 'qwen3-coder:30b', undefined],
  ];
  for (const [name, loose, strict] of cases) {
    it(`${JSON.stringify(name)} is ${loose}, strictly ${strict}`, () => {
      assert.equal(findTarget({ targets, strictNames: false }, name)?.model, loose);
      assert.equal(findTarget({ targets, strictNames: true }, name)?.model, strict);
    });
  }
});

describe('how a server is asked', () => {
  const bridge = (client: Protocol, speaks: readonly Protocol[], values: Parameters<typeof server>[0] = {}): string => {
    const chosen = chooseBridge(client, { speaks, server: server(values) });
    return chosen === undefined ? 'not' : chosen.type === 'pass' ? 'pass' : chosen.to;
  };
  it('passes through whatever the server speaks itself', () => assert.equal(bridge('anthropic-messages', ['openai-chat', 'anthropic-messages']), 'pass'));
  it('asks Ollama in its own protocol', () => assert.equal(bridge('gemini', ['openai-chat', 'anthropic-messages', 'ollama']), 'ollama'));
  it('asks other local servers in chat', () => assert.equal(bridge('gemini', ['anthropic-messages', 'openai-responses', 'openai-chat'], { kind: 'vllm' }), 'openai-chat'));
  it('asks vendors in the protocol that says most', () => assert.equal(bridge('gemini', ['openai-chat', 'openai-responses'], { kind: 'openai-api', placement: 'third-party' }), 'openai-responses'));
  it('cannot ask a server that speaks nothing known', () => assert.equal(bridge('gemini', []), 'not'));
});
