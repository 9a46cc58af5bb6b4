import assert from 'node:assert/strict';
import { candidatesFor } from '../../../src/cli/complete/candidates.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { memoryOutput } from './support.ts';

const session = { stdout: memoryOutput(), stderr: memoryOutput(), cwd: '/w', version: '1.2.3', redact: (text: string) => text, open: () => Promise.reject(new Error('not here')), dispose: () => {} };

function complete(...words: readonly string[]): Promise<readonly string[]> {
  const names = { delegators: ['claude-local', 'codex-local'], servers: ['ollama-local', 'openai-api'], declaredServers: ['ollama-local'], impliedServers: ['vllm'], managedServers: ['ollama-local'], tools: ['claude', 'codex', 'chat'], models: async (server: string | undefined) => (server === 'ollama-local' ? ['qwen3:8b'] : server === undefined ? ['gpt-5.5', 'qwen3:8b'] : []) };
  return candidatesFor(createProgram(session).root, words, async () => names);
}

describe('completion', () => {
  it('offers every command, and none that is hidden', async () => {
    assert.deepEqual(await complete(''), ['status', 'tools', 'servers', 'delegators', 'probe', 'models', 'launch', 'chat', 'model', 'test', 'server', 'delegator', 'gateway', 'api', 'serve', 'config', 'schema', 'secret', 'completion']);
    assert.deepEqual(await complete('co'), ['config', 'completion']);
    assert.deepEqual(await complete('config', ''), ['check', 'path', 'show', 'import']);
    assert.deepEqual(await complete('gateway', ''), ['status', 'start', 'stop', 'restart', 'logs', 'token']);
    assert.deepEqual(await complete('model', ''), ['pull', 'load', 'unload', 'rm', 'cp', 'show']);
    assert.deepEqual(await complete('model', 'pull', 'qwen3:8b', '--server', ''), ['ollama-local']);
    assert.deepEqual(await complete('model', 'load', ''), ['qwen3:8b']);
    assert.deepEqual(await complete('model', 'rm', '--server', 'openai-api', ''), []);
    assert.deepEqual(await complete('model', 'pull', ''), []);
  });

  it('offers the options of a command that are not there yet', async () => {
    assert.deepEqual(await complete('status', '--'), ['--config', '--probe', '--json', '--help']);
    assert.deepEqual(await complete('status', '--json', '--p'), ['--probe']);
    assert.ok(!(await complete('chat', '--')).includes('--base-url'));
    assert.deepEqual(await complete('gateway', 'logs', '--'), ['--config', '--follow', '--lines', '--help']);
    assert.deepEqual(await complete('serve', '--'), ['--config', '--port', '--host', '--token', '--verbose', '--help']);
    assert.deepEqual(await complete('serve', '--token', ''), []);
  });

  it('offers names out of operator.toml where they belong', async () => {
    assert.deepEqual(await complete('launch', '--delegator', 'c'), ['claude-local', 'codex-local']);
    assert.deepEqual(await complete('launch', '--llm-tool', 'co'), ['codex']);
    assert.deepEqual(await complete('chat', '--model-server', ''), ['ollama-local', 'openai-api']);
    assert.deepEqual(await complete('probe', ''), ['ollama-local', 'openai-api']);
    assert.deepEqual(await complete('test', '--level', 'tool-'), ['tool-call', 'tool-result']);
    assert.deepEqual(await complete('--config', 'x.toml', 'launch', '--delegator', 'co'), ['codex-local']);
  });

  it('offers the models of the server that the line names, or of all', async () => {
    assert.deepEqual(await complete('launch', '--model-server', 'ollama-local', '--model', ''), ['qwen3:8b']);
    assert.deepEqual(await complete('chat', '--model-server=ollama-local', '--model', 'q'), ['qwen3:8b']);
    assert.deepEqual(await complete('launch', '--model', 'gpt'), ['gpt-5.5']);
    assert.deepEqual(await complete('models', '--server', 'op'), ['openai-api']);
    assert.deepEqual(await complete('models', '--server', 'v'), ['vllm']);
  });

  it('offers entries, their keys and what those may be set to', async () => {
    assert.deepEqual(await complete('server', ''), ['add', 'set', 'rename', 'remove']);
    assert.deepEqual(await complete('delegator', 'd'), ['duplicate']);
    assert.deepEqual(await complete('server', 'remove', ''), ['ollama-local']);
    assert.deepEqual(await complete('server', 'rename', 'ollama-local', ''), []);
    assert.deepEqual(await complete('delegator', 'set', 'co'), ['codex-local']);
    assert.deepEqual(await complete('delegator', 'set', 'codex-local', 'launch_config.p'), ['launch_config.permission_mode', 'launch_config.prompt_prefix', 'launch_config.prompt_suffix']);
    assert.deepEqual(await complete('delegator', 'set', 'codex-local', 'launch_config.yolo', ''), ['true', 'false']);
    assert.deepEqual(await complete('delegator', 'set', 'codex-local', 'model_server', 'ol'), ['ollama-local']);
    assert.deepEqual(await complete('server', 'set', '--user', 'ollama-local', 'placement', ''), ['local', 'self-hosted', 'third-party']);
    assert.deepEqual(await complete('server', 'set', 'ollama-local', '--unset', 'base'), ['base_url']);
    assert.deepEqual(await complete('server', 'add', 'x', '--kind', 'ol'), ['ollama']);
    assert.deepEqual(await complete('server', 'add', 'remove', '--'), ['--config', '--kind', '--base-url', '--api-key', '--display-name', '--user', '--dry-run', '--json', '--help']);
    assert.deepEqual(await complete('config', 'import', ''), ['@files']);
  });

  it('leaves files to the shell, and the flags of the tool to nobody', async () => {
    assert.deepEqual(await complete('--config', 'x'), ['@files']);
    assert.deepEqual(await complete('launch', '--cwd', ''), ['@folders']);
    assert.deepEqual(await complete('launch', '--delegator', 'x', '--', '--'), []);
    assert.deepEqual(await complete('launch', '--prompt', ''), []);
  });
});
