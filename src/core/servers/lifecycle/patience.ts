/** How long a download may stand still. There is no limit for the whole: a large model over a slow line takes hours. */
import type { Disposable } from '../../../base/disposable.ts';
import type { Clock } from '../../ports.ts';

/** While bytes are awaited. Ollama itself gives up on a stalled part after 30 s and asks again. github.com/ollama/ollama server/download.go */
export const stallMs = 2 * 60_000;
/** While what came is checked or written, nothing is heard: 40 GB from a slow disk take minutes. */
export const workMs = 30 * 60_000;

export interface Patience extends Disposable {
  /** Something moved: waits anew. */
  renew(limitMs: number): void;
  /** How long was waited, once it ran out. */
  readonly exhaustedMs: number | undefined;
}

export function createPatience(clock: Clock, onExhausted: () => void): Patience {
  let timer: Disposable | undefined;
  let exhaustedMs: number | undefined;
  return {
    renew(limitMs) {
      timer?.dispose();
      timer = clock.after(limitMs, () => {
        exhaustedMs = limitMs;
        onExhausted();
      });
    },
    get exhaustedMs() {
      return exhaustedMs;
    },
    dispose() {
      timer?.dispose();
    },
  };
}
