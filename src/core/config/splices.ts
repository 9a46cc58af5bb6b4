/** Replaced stretches of a text. */

export interface Splice {
  readonly start: number;
  /** Exclusive; the same as `start` for an insertion. */
  readonly end: number;
  readonly text: string;
}

/** Applies splices that do not overlap. Insertions at the same place come in the order in which they are given. */
export function applySplices(source: string, splices: readonly Splice[]): string {
  let result = '';
  let done = 0;
  for (const { start, end, text } of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < done) throw new RangeError('overlapping splices');
    result += source.slice(done, start) + text;
    done = end;
  }
  return result + source.slice(done);
}
