/** One line of the table, and how times are summed up. */

export interface Measurement {
  readonly what: string;
  /** With its unit. */
  readonly value: string;
  readonly bound?: string;
  readonly missed?: boolean;
  /** A missed bound fails the run. */
  readonly hard?: boolean;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Of something that is measured in milliseconds. */
export function timing(what: string, valueMs: number, boundMs: number): Measurement {
  return { what, value: `${valueMs < 10 ? valueMs.toFixed(1) : Math.round(valueMs)} ms`, bound: `≤ ${boundMs} ms`, missed: valueMs > boundMs };
}
