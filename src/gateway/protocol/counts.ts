/** Numbers that servers report: of tokens, by name. */
import type { Json } from './ir.ts';
import { isJsonObject } from './json.ts';

export interface Counts {
  readonly [name: string]: number | Counts | undefined;
}

/** Whatever else stands among them is left out. Undefined where there is no such member. */
export function countsIn(value: Json | undefined, name: string): Counts | undefined {
  const counts = isJsonObject(value) ? value[name] : undefined;
  if (!isJsonObject(counts)) return undefined;
  const found: Record<string, number | Counts> = {};
  for (const key of Object.keys(counts)) {
    const count = counts[key];
    const nested = typeof count === 'number' ? count : countsIn(counts, key);
    if (nested !== undefined) found[key] = nested;
  }
  return found;
}
