/** One limit for several requests in a row. */
import type { Clock } from '../ports.ts';

export interface Deadline {
  /** At least 1. */
  remainingMs(): number;
}

export function startDeadline(clock: Clock, timeoutMs: number): Deadline {
  const end = clock.now() + timeoutMs;
  return { remainingMs: () => Math.max(1, end - clock.now()) };
}
