/** When the LLM tools are looked for: once, when somebody needs to know; again on demand; never in an untrusted workspace. */
import { type Disposable, toDisposable } from '../base/disposable.ts';
import type { Operator } from '../core/operator.ts';
import type { Log } from '../core/ports.ts';

export interface ToolDetection extends Disposable {
  /** Resolves when the tools were looked for; a failure is logged, and the rows say what is unknown. */
  detected(): Promise<void>;
  /** Looks again. */
  again(): Promise<void>;
}

export function createDetection({ operator, isTrusted, log }: { readonly operator: Pick<Operator, 'detect'>; readonly isTrusted: () => boolean; readonly log: Log }): ToolDetection {
  const ended = new AbortController();
  let last: Promise<void> | undefined;

  async function detect(): Promise<void> {
    try {
      await operator.detect(ended.signal);
    } catch (error) {
      if (!ended.signal.aborted) log.error('looking for LLM tools failed', error);
    }
  }

  function again(): Promise<void> {
    // Not remembered while untrusted, so that the first question after trust is granted looks.
    return isTrusted() ? (last = detect()) : Promise.resolve();
  }

  return { detected: () => last ?? again(), again, ...toDisposable(() => ended.abort()) };
}
