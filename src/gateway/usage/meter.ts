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
      const input = sum(next.inputUncached, next.cacheRead, next.cacheWrite);
      const output = sum(next.outputText, next.outputReasoning);
      set({ ...usage, inputTokens: sum(usage.inputTokens, input), outputTokens: sum(usage.outputTokens, output) });
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

/** The sum of what is known; unknown when nothing is. */
function sum(...values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
}
