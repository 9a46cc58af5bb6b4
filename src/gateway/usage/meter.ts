/** Counts what a session uses. Unknown stays unknown: a server that reports nothing does not count as 0 tokens. */
import type { SessionUsage } from '../../core/gateway/model.ts';
import type { IrUsage, IrWarning } from '../protocol/ir.ts';

export interface Meter {
  started(now: number): void;
  failed(message: string, now: number): void;
  used(usage: IrUsage): void;
  warned(warnings: readonly IrWarning[]): void;
  readonly usage: SessionUsage;
  /** What was left out or approximated so far, each kind once, with how often. */
  readonly warnings: ReadonlyMap<string, number>;
}

/** Different texts are few; a client that provokes many may not fill the memory. */
const maxWarnings = 100;

export function createMeter(onChange: () => void): Meter {
  let usage: SessionUsage = { requests: 0, failures: 0 };
  const warnings = new Map<string, number>();
  const set = (next: SessionUsage): void => {
    usage = next;
    onChange();
  };
  return {
    started: (now) => set({ ...usage, requests: usage.requests + 1, lastRequestAt: now }),
    failed: (message, now) => set({ ...usage, failures: usage.failures + 1, lastError: { message, at: now } }),
    used(next) {
      const { inputTokens, outputTokens } = tokensOf(next);
      set({ ...usage, inputTokens: sum(usage.inputTokens, inputTokens), outputTokens: sum(usage.outputTokens, outputTokens) });
    },
    warned(next) {
      for (const { code, message } of next) {
        const text = `${code}: ${message}`;
        if (warnings.has(text) || warnings.size < maxWarnings) warnings.set(text, (warnings.get(text) ?? 0) + 1);
      }
    },
    get usage() {
      return usage;
    },
    warnings,
  };
}

/** Everything that went in and came out, cached and thought included; undefined where it is not known. */
export function tokensOf({ inputUncached, cacheRead, cacheWrite, outputText, outputReasoning }: IrUsage): { readonly inputTokens: number | undefined; readonly outputTokens: number | undefined } {
  return { inputTokens: sum(inputUncached, cacheRead, cacheWrite), outputTokens: sum(outputText, outputReasoning) };
}

/** The sum of what is known; unknown when nothing is. */
function sum(...values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
}
