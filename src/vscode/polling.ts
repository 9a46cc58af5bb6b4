/** Decides when servers are probed: while the view is visible, gently, and never in an untrusted workspace. Pure but for its ports. */
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import type { Event } from '../base/event.ts';
import type { Operator } from '../core/operator.ts';
import type { Clock } from '../core/ports.ts';

/** Opening and closing the view again and again does not start another round before this time. */
export const quietTimeMs = 5_000;

/** What polling depends on. */
export interface PollingState {
  readonly visible: boolean;
  readonly trusted: boolean;
  /** 0: no rounds by themselves. */
  readonly intervalMs: number;
  /** Probe as soon as the view is visible. */
  readonly whenVisible: boolean;
  readonly discover: boolean;
}

export function createPolling(options: {
  readonly operator: Pick<Operator, 'setPolling' | 'probe' | 'discover'>;
  readonly clock: Clock;
  readonly read: () => PollingState;
  /** Something that {@link PollingState} depends on changed. */
  readonly onDidChange: Event<void>;
  readonly onError: (error: unknown) => void;
}): Disposable {
  const { operator, clock, read, onDidChange, onError } = options;
  const store = new DisposableStore();
  const ended = new AbortController();
  let pending: Disposable | undefined;
  let lastRoundAt = Number.NEGATIVE_INFINITY;
  let current = '';

  function later(ms: number, start: () => void): void {
    pending = clock.after(ms, () => {
      pending = undefined;
      start();
    });
  }

  function poll(state: PollingState): void {
    lastRoundAt = clock.now();
    operator.setPolling({ intervalMs: state.intervalMs, discover: state.discover });
  }

  function once(state: PollingState): void {
    lastRoundAt = clock.now();
    Promise.all([operator.probe(undefined, ended.signal), ...(state.discover ? [operator.discover(ended.signal)] : [])]).catch((error: unknown) => {
      if (!ended.signal.aborted) onError(error);
    });
  }

  function apply(): void {
    const state = read();
    const key = JSON.stringify(state);
    if (key === current) return;
    current = key;
    pending?.dispose();
    pending = undefined;
    operator.setPolling(undefined);
    if (!state.visible || !state.trusted) return;
    const quiet = Math.max(0, lastRoundAt + quietTimeMs - clock.now());
    if (state.intervalMs > 0) later(state.whenVisible ? quiet : Math.max(quiet, state.intervalMs), () => poll(state));
    else if (state.whenVisible) later(quiet, () => once(state));
  }

  store.add(onDidChange(apply));
  store.add({
    dispose: () => {
      pending?.dispose();
      ended.abort();
      operator.setPolling(undefined);
    },
  });
  apply();
  return store;
}
