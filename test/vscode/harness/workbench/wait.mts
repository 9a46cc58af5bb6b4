/** Waiting for what a user would see; never for time to pass. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again until `probe` gives something truthy.
 * @throws AssertionError that names `what` and the last value when `limitMs` are over
 */
export async function until<T>(what: string, probe: () => Promise<T | undefined | false> | T | undefined | false, limitMs = 20_000): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > end) assert.fail(`timed out after ${limitMs} ms waiting for ${what}`);
    await delay(50);
  }
}

/** Asks until `check` no longer throws; the last error tells what was missing. */
export async function eventually(check: () => Promise<void> | void, limitMs = 20_000): Promise<void> {
  const end = performance.now() + limitMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await delay(50);
  }
}
