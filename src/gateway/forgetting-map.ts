/** What was learned about a server and may be otherwise after its next update: known for a while, then looked at again. */
import type { Clock } from '../core/ports.ts';

export interface ForgettingMap<V> extends Iterable<readonly [string, V]> {
  get(key: string): V | undefined;
  /** What is added to something known is forgotten with it. */
  set(key: string, value: V): void;
  clear(): void;
}

export function createForgettingMap<V>(clock: Clock, forgetAfterMs: number): ForgettingMap<V> {
  const known = new Map<string, { readonly value: V; readonly since: number }>();

  function find(key: string): { readonly value: V; readonly since: number } | undefined {
    const found = known.get(key);
    if (!found || clock.now() - found.since < forgetAfterMs) return found;
    known.delete(key);
    return undefined;
  }

  return {
    get: (key) => find(key)?.value,
    set: (key, value) => void known.set(key, { value, since: find(key)?.since ?? clock.now() }),
    clear: () => known.clear(),
    *[Symbol.iterator]() {
      for (const key of [...known.keys()]) {
        const found = find(key);
        if (found) yield [key, found.value];
      }
    },
  };
}
