/** How often the rows are drawn: at once after a change, but never so often that drawing is all that gets done. Pure but for its clock. */
import type { Disposable } from '../base/disposable.ts';
import type { Clock } from '../core/ports.ts';

/** After a draw it rests this many times as long as the draw took: a tree of thousands of rows takes a fifth of the time at most. */
const restFactor = 4;

/**
 * VS Code shows a change once nothing has changed for 200 ms (`ExtHostTreeView` gathers what comes meanwhile): of changes that
 * go on coming faster, such as how far a download is, it would show only the last. A few in a row are drawn at once, more only
 * as often as this.
 */
const steadyMs = 250;
const inARow = 8;

export interface Redraw extends Disposable {
  /** Draws now, or as soon as the rest is over; asking again before that changes nothing. */
  request(): void;
}

export function createRedraw(draw: () => void, clock: Clock): Redraw {
  let restUntil = Number.NEGATIVE_INFINITY;
  /** When as many as may come in a row may come again. */
  let rowFreeAt = Number.NEGATIVE_INFINITY;
  let pending: Disposable | undefined;
  let ended = false;

  function run(): void {
    pending = undefined;
    const started = clock.now();
    draw();
    const now = clock.now();
    rowFreeAt = Math.max(rowFreeAt, started) + steadyMs;
    restUntil = Math.max(now + (now - started) * restFactor, rowFreeAt - (inARow - 1) * steadyMs);
  }

  return {
    request() {
      if (ended || pending) return;
      const wait = restUntil - clock.now();
      if (wait > 0) pending = clock.after(wait, run);
      else run();
    },
    dispose() {
      ended = true;
      pending?.dispose();
    },
  };
}
