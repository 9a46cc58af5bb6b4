/** Adds the parts of a download up to one progress, and measures its speed. */
import type { Clock } from '../../ports.ts';
import type { PullProgress } from './model.ts';

/** Speed is that of the last seconds: long enough to be calm, short enough to notice a change. */
const windowMs = 10_000;
/** Before this there is nothing to tell a speed from. */
const minWindowMs = 1000;

export interface PullMeter {
  /** What the server does now. */
  setStatus(status: string): void;
  /** How far one part is, in bytes. A part's first report counts as what was there before. */
  setPart(id: string, done: number, total: number): void;
  readonly progress: PullProgress;
  /** Bytes that came since the meter was made. */
  readonly transferred: number;
}

interface Part {
  readonly first: number;
  readonly done: number;
  readonly total: number;
}

export function createPullMeter(clock: Clock): PullMeter {
  const parts = new Map<string, Part>();
  let samples: readonly { readonly at: number; readonly transferred: number }[] = [];
  let status = '';

  function sum(of: (part: Part) => number): number {
    let total = 0;
    for (const part of parts.values()) total += of(part);
    return total;
  }

  function transferred(): number {
    return Math.max(0, sum(({ done, first }) => done - first));
  }

  function speed(): number | undefined {
    const oldest = samples[0];
    if (!oldest) return undefined;
    const elapsedMs = clock.now() - oldest.at;
    return elapsedMs < minWindowMs ? undefined : Math.max(0, ((transferred() - oldest.transferred) * 1000) / elapsedMs);
  }

  return {
    setStatus(next) {
      status = next;
    },
    setPart(id, done, total) {
      const known = parts.get(id);
      const whole = Math.max(0, total);
      const there = Math.min(Math.max(0, done), whole);
      parts.set(id, { first: known?.first ?? there, done: there, total: whole });
      const now = clock.now();
      const recent = samples.filter(({ at }) => now - at <= windowMs);
      const last = recent.at(-1);
      // A few in a second are enough to measure with.
      samples = last && now - last.at < windowMs / 50 ? recent : [...recent, { at: now, transferred: transferred() }];
    },
    get transferred() {
      return transferred();
    },
    get progress() {
      const doneBytes = sum(({ done }) => done);
      const totalBytes = sum(({ total }) => total);
      const bytesPerSecond = speed();
      const remainingMs = bytesPerSecond === undefined || bytesPerSecond < 1 ? undefined : ((totalBytes - doneBytes) * 1000) / bytesPerSecond;
      return { status, doneBytes, totalBytes, ...(bytesPerSecond !== undefined && { bytesPerSecond }), ...(remainingMs !== undefined && { remainingMs }) };
    },
  };
}

/** Whole percents, undefined as long as no size is known. Never 100: what is complete is checked before it can be used. */
export function percentOf({ doneBytes, totalBytes }: PullProgress): number | undefined {
  return totalBytes === 0 ? undefined : Math.min(99, Math.floor((doneBytes * 100) / totalBytes));
}
