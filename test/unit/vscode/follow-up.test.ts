import assert from 'node:assert/strict';
import { Emitter } from '../../../src/base/event.ts';
import type { ChangedPart, ServerStatus, Snapshot } from '../../../src/core/operator.ts';
import { builtinServers } from '../../../src/core/servers/builtin.ts';
import { unknownHealth } from '../../../src/core/servers/health.ts';
import { createFollowUp } from '../../../src/vscode/follow-up.ts';
import type { PollingState } from '../../../src/vscode/polling.ts';
import { settle } from '../fakes.ts';

function server(id: string, baseUrl: string): ServerStatus {
  const [any] = builtinServers();
  assert.ok(any);
  return { id, server: { ...any, baseUrl }, health: unknownHealth(0), probing: false, key: 'none-needed' };
}

function start(state: Partial<PollingState> = {}, found = 0) {
  const changed = new Emitter<ReadonlySet<ChangedPart>>();
  const calls: string[] = [];
  let servers: readonly ServerStatus[] = [server('a', 'http://a')];
  const follow = createFollowUp({
    read: () => ({ visible: true, trusted: true, intervalMs: 60_000, whenVisible: true, discover: true, ...state }),
    onError: (error) => calls.push(String(error)),
    operator: {
      get snapshot() {
        return { servers, found: Array.from({ length: found }, () => ({ kind: 'ollama', baseUrl: 'http://localhost:11434', modelCount: 1 })) } as unknown as Snapshot;
      },
      onDidChange: changed.event,
      async probe(ids) {
        calls.push(`probe ${ids?.join()}`);
      },
      async discover() {
        calls.push('discover');
      },
    },
  });
  return {
    calls,
    changed,
    follow,
    async change(next: readonly ServerStatus[], part: ChangedPart = 'configuration') {
      servers = next;
      changed.fire(new Set([part]));
      await settle();
    },
  };
}

describe('after operator.toml changed', () => {
  it('probes the servers that are new or have another address, and no others', async () => {
    const { calls, change } = start();
    await change([server('a', 'http://a'), server('b', 'http://b')]);
    await change([server('a', 'http://other'), server('b', 'http://b')]);
    await change([server('b', 'http://b')]);
    assert.deepEqual(calls, ['probe b', 'probe a']);
  });

  it('takes back offers that may be declared now', async () => {
    const { calls, change } = start({}, 1);
    await change([server('a', 'http://a'), server('b', 'http://b')]);
    assert.deepEqual(calls, ['probe b', 'discover']);
  });

  it('does nothing for other changes, while nobody looks, without trust, or when probing is off', async () => {
    const two = [server('a', 'http://a'), server('b', 'http://b')];
    for (const state of [{ visible: false }, { trusted: false }, { intervalMs: 0, whenVisible: false }]) {
      const { calls, change } = start(state);
      await change(two);
      assert.deepEqual(calls, []);
    }
    const { calls, change } = start();
    await change(two, 'servers');
    assert.deepEqual(calls, []);
  });

  it('stops listening', () => {
    const { changed, follow } = start();
    follow.dispose();
    assert.equal(changed.size, 0);
  });
});
