/** How old a list of models may be. Apart from the cache itself, which is loaded when it is needed. */
import type { ModelInfo } from '../health.ts';

/** So long a list is taken as it is. */
export const freshMs = 6 * 60 * 60 * 1000;
/** So long it is shown while the server is asked again, or cannot be. */
export const keptMs = 7 * 24 * 60 * 60 * 1000;

export interface CachedList {
  /** Epoch ms. */
  readonly fetchedAt: number;
  readonly models: readonly ModelInfo[];
  readonly warnings: readonly string[];
}

export type Freshness = 'fresh' | 'stale' | 'expired';

export function freshness({ fetchedAt }: Pick<CachedList, 'fetchedAt'>, now: number): Freshness {
  const age = now - fetchedAt;
  return age <= freshMs ? 'fresh' : age <= keptMs ? 'stale' : 'expired';
}
