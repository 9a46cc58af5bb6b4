/** Launches on a prefix: `ollama/llama3.2` without a model server. */
import assert from 'node:assert/strict';
import { entityId } from '../../../src/core/config/model.ts';
import { entriesFor } from '../../../src/core/delegators/model-name.ts';
import { impliedServer, localPrefixes } from '../../../src/core/servers/local-prefix.ts';
import { aDelegator, aServer, planned, refusals, resolved, resolveFacts, workspaceOrigin, type World } from '../launch/support.ts';

const on = (model: string, llmTool = 'claude', more: Partial<World> = {}): World => ({ delegators: [aDelegator({ llmTool, model })], ...more });

describe('a delegator on a prefix', () => {
  it('runs on the server that the prefix implies, which is listed as soon as it is named', () => {
    const found = resolved(on('vllm/meta-llama/Llama-3.1-8B', 'codex'));
    assert.deepEqual([found.model, found.server.name, found.server.kind, found.prefix], ['meta-llama/Llama-3.1-8B', 'vllm', 'vllm', 'vllm/']);
    assert.deepEqual(found.route, { type: 'direct', vendor: false, protocol: 'openai-responses', baseUrl: 'http://localhost:8000' });
    const { servers } = resolveFacts(on('vllm/x'));
    assert.deepEqual(servers.filter(({ server }) => server.kind === 'vllm').map(({ id }) => id), ['builtin:vllm']);
    assert.deepEqual(resolveFacts(on('opus')).servers.filter(({ server }) => entityId(server).startsWith('builtin:vllm')), []);
  });

  it('runs on a declared server where that is meant', () => {
    const servers = [aServer({ kind: 'ollama', name: 'lab', baseUrl: 'http://127.0.0.1:11434', credential: { store: 'secret', name: 'lab' } })];
    const found = resolved(on('ollama/llama3.2', 'claude', { servers }));
    assert.deepEqual([found.model, found.server.name, found.prefix], ['llama3.2', 'lab', 'ollama/']);
    assert.deepEqual(resolveFacts(on('ollama/llama3.2', 'claude', { servers })).servers.filter(({ server }) => server.name === 'ollama'), []);
  });

  it('is not read where a model server is named: proxies have such names themselves', () => {
    const world: World = { servers: [aServer({ kind: 'litellm' })], delegators: [aDelegator({ llmTool: 'claude', model: 'ollama/llama3.2', modelServer: 'here' })] };
    assert.deepEqual([resolved(world).model, resolved(world).server.name, resolved(world).prefix], ['ollama/llama3.2', 'here', undefined]);
    const reserved: World = { servers: [aServer({ kind: 'litellm' })], delegators: [aDelegator({ llmTool: 'claude', model: 'openai-compat/x', modelServer: 'here' })] };
    assert.equal(resolved(reserved).model, 'openai-compat/x');
  });

  it('is not read for a tool whose own names of models look like that', () => {
    const found = resolved(on('ollama/llama3.2', 'opencode'));
    assert.deepEqual([found.model, found.server.name, found.route], ['ollama/llama3.2', 'opencode', { type: 'direct', vendor: true }]);
    assert.equal(resolved(on('lmstudio/google/gemma', 'opencode')).model, 'lmstudio/google/gemma');
    assert.equal(resolved(on('openai-compat/x', 'opencode')).model, 'openai-compat/x');
    for (const tool of ['claude', 'codex', 'qwen', 'copilot', 'chat']) assert.equal(resolved(on('ollama/llama3.2', tool)).server.name, 'ollama', tool);
  });

  it('is refused without a model, with spaces and with the reserved prefix', () => {
    const said = (model: string): readonly string[] => refusals({}, { type: 'ad-hoc', llmTool: 'claude', model }).map(({ message }) => message);
    assert.deepEqual(said('ollama/'), ['There is no model behind ollama/']);
    assert.deepEqual(said('ollama/a b'), ['The model behind ollama/ must not contain spaces']);
    assert.deepEqual(said('openai-compat/x'), ['The prefix openai-compat/ does not say which server is meant']);
  });

  it('is refused where the variable with its address holds none', () => {
    assert.deepEqual(refusals(on('ollama/x', 'claude', { variables: { OLLAMA_BASE_URL: 'ftp://x' } })), [
      { code: 'config', message: 'The address in the variable OLLAMA_BASE_URL must start with http:// or https://', hint: 'Write it like "http://localhost:11434" or "https://host.example/v1"' },
    ]);
  });

  it('does not let a workspace that nobody trusts launch anything', () => {
    const world: World = { delegators: [aDelegator({ llmTool: 'claude', model: 'ollama/x', origin: workspaceOrigin })], trusted: false };
    assert.deepEqual(refusals(world).map(({ code }) => code), ['untrusted']);
  });

  it('may be the default model', () => {
    const world: World = { configuration: { defaultTool: 'claude', defaultModel: 'ollama/llama3.2' } };
    const found = resolved(world, { type: 'ad-hoc', llmTool: 'claude' });
    assert.deepEqual([found.model, found.server.name], ['llama3.2', 'ollama']);
    assert.ok(resolveFacts(world).servers.some(({ id }) => id === 'builtin:ollama'));
  });

  it('does not make a model server of that name: who names one must declare it', () => {
    const world: World = { delegators: [aDelegator({ llmTool: 'claude', model: 'ollama/x' }), aDelegator({ llmTool: 'claude', name: 'other', model: 'x', modelServer: 'ollama' })] };
    assert.deepEqual(refusals(world, { type: 'delegator', delegator: 'other' }).map(({ code }) => code), ['unknown-server']);
    assert.equal(resolved(world, { type: 'ad-hoc', llmTool: 'claude', model: 'x', modelServer: 'builtin:ollama' }).server.name, 'ollama');
  });

  it('is what is written for a model of an implied server; a tool with names of its own needs the server declared', () => {
    const server = impliedServer(localPrefixes()[1] ?? assert.fail(), (name) => ({ VLLM_BASE_URL: 'http://10.0.0.7:8000', VLLM_API_KEY: 'sk-canary' })[name]);
    assert.deepEqual(entriesFor('d', { llmTool: 'claude', model: 'team/m', server }), [{ table: 'delegators', entry: { name: 'd', llm_tool: 'claude', model: 'vllm/team/m' } }]);
    assert.deepEqual(entriesFor('d', { llmTool: 'opencode', model: 'team/m', server }), [
      { table: 'model_servers', entry: { name: 'vllm', kind: 'vllm', base_url: 'http://10.0.0.7:8000/v1', api_key: 'env:VLLM_API_KEY' } },
      { table: 'delegators', entry: { name: 'd', llm_tool: 'opencode', model: 'team/m', model_server: 'vllm' } },
    ]);
    assert.deepEqual(entriesFor('d', { llmTool: 'claude', model: 'ollama/m', server: aServer({ kind: 'litellm' }) }), [{ table: 'delegators', entry: { name: 'd', llm_tool: 'claude', model: 'ollama/m', model_server: 'here' } }]);
  });

  it('gives the agent the key of the variable by reference, and a placeholder where there is none', () => {
    const keyed = planned(on('ollama/x', 'claude', { variables: { OLLAMA_API_KEY: 'sk-canary' } }));
    assert.deepEqual(keyed.env['ANTHROPIC_AUTH_TOKEN'], { type: 'secret', ref: { store: 'env', name: 'OLLAMA_API_KEY' } });
    assert.ok(!JSON.stringify(keyed).includes('sk-canary'));
    assert.deepEqual(planned(on('ollama/x')).env['ANTHROPIC_AUTH_TOKEN'], { type: 'literal', value: 'no-key-needed' });
  });

  it('never sends an effort', () => {
    const world: World = { delegators: [aDelegator({ llmTool: 'codex', model: 'vllm/x', modelProperties: { reasoning_effort: 'high', verbosity: 'low' } })] };
    const plan = planned(world);
    assert.ok(!plan.argv.some((arg) => arg.includes('effort')), plan.argv.join(' '));
    assert.ok(plan.argv.some((arg) => arg.includes('verbosity')), plan.argv.join(' '));
    assert.deepEqual(plan.notes.filter(({ message }) => message.includes('effort')), [{ severity: 'information', message: 'reasoning_effort is left out: it is never sent to a server that is named by vllm/' }]);
    const declared: World = { servers: [aServer({ kind: 'vllm' })], delegators: [aDelegator({ llmTool: 'codex', model: 'x', modelServer: 'here', modelProperties: { reasoning_effort: 'high' } })] };
    assert.ok(planned(declared).argv.some((arg) => arg.includes('effort')));
  });
});
