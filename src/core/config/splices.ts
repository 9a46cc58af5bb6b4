/** Replaced stretches of a text. */

export interface Splice {
  readonly start: number;
  /** Exclusive; the same as `start` for an insertion. */
  readonly end: number;
  readonly text: string;
}

/**
 * Applies splices. Insertions at the same place come in the order in which they are given. Removals may overlap (each takes
 * the blank lines around it along), and what is inserted inside a removed stretch takes its place; texts must not be replaced twice.
 */
export function applySplices(source: string, splices: readonly Splice[]): string {
  let result = '';
  let done = 0;
  for (const { start, end, text } of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < done && text !== '' && end > start) throw new RangeError('overlapping splices');
    result += source.slice(done, Math.max(done, start)) + text;
    done = Math.max(done, end);
  }
  return result + source.slice(done);
}
