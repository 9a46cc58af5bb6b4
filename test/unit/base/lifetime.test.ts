import assert from 'node:assert/strict';
import { DisposableStore, toDisposable } from '../../../src/base/disposable.ts';
import { Emitter } from '../../../src/base/event.ts';

describe('lifetimes', () => {
  it('ends what it owns once, last added first, and what comes late at once', () => {
    const log: string[] = [];
    const store = new DisposableStore();
    for (const name of ['a', 'b']) store.add(toDisposable(() => void log.push(name)));
    store.dispose();
    store.dispose();
    store.add(toDisposable(() => void log.push('late')));
    assert.deepEqual(log, ['b', 'a', 'late']);
  });

  it('ends the others although one throws', () => {
    const log: string[] = [];
    const store = new DisposableStore();
    store.add(toDisposable(() => void log.push('a')));
    store.add(
      toDisposable(() => {
        throw new Error('no');
      }),
    );
    assert.throws(() => store.dispose(), AggregateError);
    assert.deepEqual(log, ['a']);
  });

  it('stops calling a listener that was disposed, also during a firing', () => {
    const emitter = new Emitter<number>();
    const seen: number[] = [];
    const first = emitter.event((value) => seen.push(value));
    emitter.fire(1);
    first.dispose();
    emitter.fire(2);
    assert.deepEqual([seen, emitter.size], [[1], 0]);
  });
});
