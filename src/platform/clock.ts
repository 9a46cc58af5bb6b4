/** The machine's own time. */
import { toDisposable } from '../base/disposable.ts';
import type { Clock } from '../core/ports.ts';

export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return toDisposable(() => clearTimeout(timer));
    },
  };
}
