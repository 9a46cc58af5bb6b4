import assert from 'node:assert/strict';
import { candidatesFor } from '../../../src/cli/complete/candidates.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { memoryOutput } from './support.ts';

const session = { stdout: memoryOutput(), stderr: memoryOutput(), cwd: '/w', version: '1.2.3', redact: (text: string) => text, open: () => Promise.reject(new Error('not here')), dispose: () => {} };

function complete(...words: readonly string[]): Promise<readonly string[]> {
  const names = { delegators: ['claude-local', 'codex-local'], servers: ['ollama-local'], tools: ['claude', 'codex', 'chat'] };
  return candidatesFor(createProgram(session).root, words, async () => names);
}

describe('completion', () => {
  it('offers every command, and none that is hidden', async () => {
    assert.deepEqual(await complete(''), ['status', 'tools', 'servers', 'delegators', 'probe', 'launch', 'chat', 'gateway', 'serve', 'config', 'secret', 'completion']);
    assert.deepEqual(await complete('co'), ['config', 'completion']);
    assert.deepEqual(await complete('config', ''), ['check', 'path']);
    assert.deepEqual(await complete('gateway', ''), ['status', 'start', 'stop', 'restart', 'logs']);
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
    assert.deepEqual(await complete('chat', '--model-server', ''), ['ollama-local']);
    assert.deepEqual(await complete('probe', ''), ['ollama-local']);
    assert.deepEqual(await complete('--config', 'x.toml', 'launch', '--delegator', 'co'), ['codex-local']);
  });

  it('leaves files to the shell, and the flags of the tool to nobody', async () => {
    assert.deepEqual(await complete('--config', 'x'), ['@files']);
    assert.deepEqual(await complete('launch', '--cwd', ''), ['@folders']);
    assert.deepEqual(await complete('launch', '--delegator', 'x', '--', '--'), []);
    assert.deepEqual(await complete('launch', '--prompt', ''), []);
  });
});
