import assert from 'node:assert/strict';
import { buildTree } from '../../../src/core/status/build.ts';
import type { StatusNode } from '../../../src/core/status/node.ts';
import type { ServerStatus } from '../../../src/core/operator.ts';
import { now, serverStatus, snapshot } from './facts.ts';

describe('the lifecycle of models in the tree', () => {
  function row(status: ServerStatus): StatusNode {
    const { sections } = buildTree(snapshot({ servers: [status] }), now);
    const node = sections.flatMap(({ children }) => children).find(({ kind }) => kind === 'model_server');
    assert.ok(node);
    return node;
  }

  const healthy = { state: 'healthy', cause: 'listed', message: 'Lists 1 model' } as const;
  const tagsOf = (status: ServerStatus): readonly string[] => row(status).children.find(({ kind }) => kind === 'model')?.tags ?? [];

  it('tags a model with what can be done with it', () => {
    assert.deepEqual(tagsOf(serverStatus({}, { ...healthy, models: [{ id: 'a', loaded: false }] })), ['copyable', 'describable', 'loadable', 'model', 'removable']);
    assert.deepEqual(tagsOf(serverStatus({}, { ...healthy, models: [{ id: 'a', loaded: true }] })), ['copyable', 'describable', 'loaded', 'model', 'removable', 'unloadable']);
    assert.deepEqual(tagsOf(serverStatus({}, { ...healthy, models: [{ id: 'a', capabilities: ['cloud'] }] })), ['copyable', 'describable', 'model', 'removable']);
    assert.deepEqual(tagsOf(serverStatus({ kind: 'lmstudio' }, { ...healthy, models: [{ id: 'a', loaded: true }] })), ['describable', 'loaded', 'model', 'unloadable']);
    assert.deepEqual(tagsOf(serverStatus({ kind: 'vllm' }, { ...healthy, models: [{ id: 'a' }] })), ['model']);
  });

  it('tags a server that models can be pulled to', () => {
    assert.ok(row(serverStatus({}, healthy)).tags.includes('pullable'));
    assert.ok(!row(serverStatus({ kind: 'vllm' }, healthy)).tags.includes('pullable'));
    assert.ok(!row(serverStatus({ unusable: { message: 'no address' } })).tags.includes('pullable'));
  });

  it('shows a download on the row of its server, and below it how far it is', () => {
    const pull = { model: 'qwen3:8b', progress: { status: 'downloading', doneBytes: 2_100_000_000, totalBytes: 4_800_000_000, bytesPerSecond: 35_000_000, remainingMs: 77_000 } };
    const node = row(serverStatus({}, healthy, { pulls: [pull] }));
    assert.match(node.description, /^pulling 43 % · healthy · local/);
    assert.deepEqual(node.children.filter(({ tags }) => tags.includes('pull')).map(({ label, description, icon }) => [label, description, icon]), [['qwen3:8b', 'pulling 43 % · 2.1 GB of 4.8 GB · 35 MB/s · 1 min 17 s left', 'sync~spin']]);
    const two = row(serverStatus({}, healthy, { pulls: [pull, { model: 'b', progress: { status: 'verifying sha256 digest', doneBytes: 9, totalBytes: 9 } }] }));
    assert.match(two.description, /^pulling 2 models · healthy/);
    assert.deepEqual(two.children.filter(({ tags }) => tags.includes('pull')).map(({ description }) => description)[1], 'verifying sha256 digest 99 %');
    assert.match(row(serverStatus({}, healthy, { pulls: [{ model: 'b', progress: { status: 'starting', doneBytes: 0, totalBytes: 0 } }] })).description, /^pulling… · healthy/);
  });

  it('offers to pull where a server has no model', () => {
    const node = row(serverStatus({}, { state: 'no-models', cause: 'empty-list', message: 'It runs, and has no model', hint: 'Download one' }));
    assert.deepEqual(node.children.map(({ action }) => action?.type), ['pull-model', 'pull-model']);
    const other = row(serverStatus({ kind: 'vllm' }, { state: 'no-models', cause: 'empty-list', message: 'It runs, and has no model', hint: 'Start it with a model' }));
    assert.deepEqual(other.children.map(({ action }) => action?.type), [undefined, undefined]);
    // Nor what to do that is being done.
    const pulling = row(serverStatus({}, { state: 'no-models', cause: 'empty-list', message: 'It runs, and has no model', hint: 'Download one' }, { pulls: [{ model: 'b', progress: { status: 'starting', doneBytes: 0, totalBytes: 0 } }] }));
    assert.deepEqual(pulling.children.map(({ label }) => label), ['b', 'It runs, and has no model']);
  });
});
