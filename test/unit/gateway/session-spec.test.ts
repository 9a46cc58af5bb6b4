import assert from 'node:assert/strict';
import type { ModelInfo } from '../../../src/core/servers/health.ts';
import { unknownHealth } from '../../../src/core/servers/health.ts';
import { serveSpec, sessionSpec } from '../../../src/core/gateway/session-spec.ts';
import { resolveDelegator } from '../../../src/core/delegators/resolve.ts';
import { aDelegator, aServer, resolveFacts } from '../launch/support.ts';

const healthOf = (models: readonly ModelInfo[]) => ({ ...unknownHealth(0), state: 'healthy' as const, models, speaks: ['ollama' as const] });
const launched = { sessionId: 's', displayName: 'd', llmTool: 'codex', model: 'qwen' };

describe('what a session may use', () => {
  it('is the model of the launch first, then the other chat models of its server', () => {
    const server = aServer({ kind: 'ollama' });
    const spec = sessionSpec({ ...launched, server, health: healthOf([{ id: 'nomic', type: 'embedding' }, { id: 'qwen:latest', capabilities: ['tools'] }, { id: 'llama' }]) });
    assert.deepEqual(spec.targets.map(({ model, names, speaks }) => [model, names, speaks]), [
      ['qwen', ['qwen'], ['ollama', 'openai-chat']],
      ['llama', ['llama'], ['ollama', 'openai-chat']],
    ]);
    assert.deepEqual([spec.targets[0]?.capabilities, spec.strictNames], [['tools'], false]);
  });

  it('puts what the server confirmed before what its kind may speak', () => {
    const server = aServer({ kind: 'lmstudio', protocols: ['anthropic-messages', 'openai-chat'] });
    assert.deepEqual(sessionSpec({ ...launched, server, health: undefined }).targets[0]?.speaks, ['openai-chat', 'anthropic-messages']);
  });

  it('tells Ollama the context that the agent counts on, and no more than memory allows', () => {
    const server = aServer({ kind: 'ollama' });
    const contextOf = (info: Partial<ModelInfo>, contextWindow?: number): number | undefined =>
      sessionSpec({ ...launched, server, health: healthOf([{ id: 'qwen', ...info }]), ...(contextWindow !== undefined && { contextWindow }) }).targets[0]?.contextWindow;
    assert.equal(contextOf({ contextWindow: 131_072 }), 32_768);
    assert.equal(contextOf({ contextWindow: 131_072, loadedContext: 65_536 }), 65_536);
    assert.equal(contextOf({ contextWindow: 8_192 }), 8_192);
    assert.equal(contextOf({}), 32_768);
    assert.equal(contextOf({ contextWindow: 131_072 }, 100_000), 100_000);
  });

  it('serves every model under the name of its delegator, as SERVER/MODEL, under the prefix that means the server and by its own', () => {
    const server = aServer({ name: 'lab', kind: 'ollama' });
    const other = aServer({ name: 'closed', kind: 'openai-compat', credential: { store: 'env', name: 'NO' } });
    const facts = resolveFacts({ servers: [server, other], delegators: [aDelegator({ name: 'mine', llmTool: 'codex', model: 'qwen', modelServer: 'lab' })], gateway: true, health: { lab: healthOf([{ id: 'qwen' }]), closed: healthOf([{ id: 'secret-model' }]) }, keys: { closed: 'unset' } });
    const resolution = resolveDelegator({ type: 'delegator', delegator: 'mine' }, facts);
    const [delegator] = facts.configuration.delegators;
    assert.ok(delegator);
    const spec = serveSpec({ ...facts, delegators: [{ id: 'user:mine', delegator, resolution }] }, 'serve');
    assert.deepEqual(spec?.targets.map(({ model, names }) => [model, names]), [
      ['qwen', ['mine']],
      ['qwen', ['lab/qwen', 'ollama/qwen', 'qwen']],
    ]);
    assert.equal(spec?.strictNames, true);
    assert.equal(serveSpec({ ...facts, servers: [], delegators: [] }, 'serve'), undefined);
  });
});
