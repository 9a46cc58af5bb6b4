/** Marks for the prompt cache, on the way out. */
import type { IrCacheMark, JsonObject } from '../ir.ts';

export function cacheMarkOut(mark: IrCacheMark | undefined): JsonObject {
  return mark === undefined ? {} : { cache_control: { type: 'ephemeral', ...(mark.ttl === undefined ? {} : { ttl: mark.ttl }) } };
}
