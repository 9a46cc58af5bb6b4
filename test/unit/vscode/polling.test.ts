import assert from 'node:assert/strict';
import { Emitter } from '../../../src/base/event.ts';
import type { Polling } from '../../../src/core/operator.ts';
import { createPolling, type PollingState, quietTimeMs } from '../../../src/vscode/polling.ts';
import { FakeClock, settle } from '../fakes.ts';

function start(initial: Partial<PollingState> = {}) {
  const clock = new FakeClock();
  const changed = new Emitter<void>();
  const calls: string[] = [];
  const errors: unknown[] = [];
  let failing = false;
  let signal: AbortSignal | undefined;
  let state: PollingState = { visible: true, trusted: true, intervalMs: 60_000, whenVisible: true, discover: true, ...initial };
  let active: Polling | undefined;
  const polling = createPolling({
    clock,
    read: () => state,
    onDidChange: changed.event,
    onError: (error) => errors.push(error),
    operator: {
      setPolling(next) {
        if (JSON.stringify(next) !== JSON.stringify(active)) calls.push(next ? `poll ${next.intervalMs}${next.discover ? ' and discover' : ''}` : 'stop');
        active = next;
      },
      async probe(_, given) {
        calls.push('probe');
        signal = given;
        if (failing) throw new Error('no');
      },
      async discover() {
        calls.push('discover');
      },
    },
  });
  const set = (change: Partial<PollingState>): void => {
    state = { ...state, ...change };
    changed.fire();
  };
  return { clock, calls, errors, set, polling, changed, active: () => active, signal: () => signal, fail: () => (failing = true) };
}

describe('polling', () => {
  it('starts at once while the view is visible, and stops when it is hidden', async () => {
    const { clock, calls, set } = start();
    await clock.advance(0);
    assert.deepEqual(calls, ['poll 60000 and discover']);
    set({ visible: false });
    assert.deepEqual(calls, ['poll 60000 and discover', 'stop']);
  });

  it('does nothing while nobody looks, nor in an untrusted workspace', async () => {
    for (const state of [{ visible: false }, { trusted: false }]) {
      const { clock, calls } = start(state);
      await clock.advance(3_600_000);
      assert.deepEqual(calls, []);
    }
  });

  it('starts when trust is granted', async () => {
    const { clock, calls, set } = start({ trusted: false });
    set({ trusted: true });
    await clock.advance(0);
    assert.deepEqual(calls, ['poll 60000 and discover']);
  });

  it('probes once and no more with an interval of 0', async () => {
    const { clock, calls, active } = start({ intervalMs: 0 });
    await clock.advance(3_600_000);
    assert.deepEqual(calls, ['probe', 'discover']);
    assert.equal(active(), undefined);
  });

  it('never looks for undeclared servers when that is switched off', async () => {
    const { clock, calls } = start({ discover: false });
    await clock.advance(0);
    assert.deepEqual(calls, ['poll 60000']);
    const once = start({ discover: false, intervalMs: 0 });
    await once.clock.advance(0);
    assert.deepEqual(once.calls, ['probe']);
  });

  it('waits a whole interval where opening the view shall not probe', async () => {
    const { clock, calls } = start({ whenVisible: false });
    await clock.advance(59_999);
    assert.deepEqual(calls, []);
    await clock.advance(1);
    assert.deepEqual(calls, ['poll 60000 and discover']);
  });

  it('does nothing by itself with both switched off', async () => {
    const { clock, calls } = start({ whenVisible: false, intervalMs: 0 });
    await clock.advance(3_600_000);
    assert.deepEqual(calls, []);
  });

  it('does not start a round with every click on the activity bar', async () => {
    const { clock, calls, set } = start();
    await clock.advance(0);
    for (let click = 0; click < 5; click++) {
      set({ visible: false });
      set({ visible: true });
      await clock.advance(100);
    }
    assert.deepEqual(calls, ['poll 60000 and discover', 'stop']);
    await clock.advance(quietTimeMs);
    assert.deepEqual(calls, ['poll 60000 and discover', 'stop', 'poll 60000 and discover']);
  });

  it('follows the settings at once', async () => {
    const { clock, calls, set } = start();
    await clock.advance(quietTimeMs);
    set({ intervalMs: 10_000 });
    await clock.advance(0);
    assert.equal(calls.at(-1), 'poll 10000 and discover');
  });

  it('reports a probe that failed', async () => {
    const { clock, errors, fail } = start({ intervalMs: 0 });
    fail();
    await clock.advance(0);
    await settle();
    assert.deepEqual(errors.map(String), ['Error: no']);
  });

  it('leaves no timer, no listener and no probe behind', async () => {
    const { clock, calls, polling, changed, signal, active } = start({ intervalMs: 0 });
    await clock.advance(0);
    polling.dispose();
    assert.equal(signal()?.aborted, true);
    assert.equal(changed.size, 0);
    assert.equal(clock.pending, 0);
    assert.equal(active(), undefined);
    await clock.advance(3_600_000);
    assert.deepEqual(calls, ['probe', 'discover']);
  });
});
