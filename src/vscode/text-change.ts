/** Finds the lines that differ between two texts, so that an edit touches no others. Pure. */

export interface LineChange {
  /** Zero-based, inclusive. */
  readonly startLine: number;
  /** Zero-based, exclusive; one past the last line means the end of the text. */
  readonly endLine: number;
  /** What takes the place of these lines. */
  readonly text: string;
}

/** Replacing lines `startLine` to `endLine` of `before` by `text` gives `after`. */
export function changedLines(before: string, after: string): LineChange {
  const old = splitLines(before);
  const fresh = splitLines(after);
  const shorter = Math.min(old.length, fresh.length);
  let start = 0;
  while (start < shorter && old[start] === fresh[start]) start++;
  let same = 0;
  while (same < shorter - start && old[old.length - 1 - same] === fresh[fresh.length - 1 - same]) same++;
  return { startLine: start, endLine: old.length - same, text: fresh.slice(start, fresh.length - same).join('') };
}

/** Lines with their endings; the last one is '' where the text ends with a line break. */
function splitLines(text: string): readonly string[] {
  return text.split(/(?<=\r\n|\n|\r(?!\n))/);
}

/** Does the text use more than one kind of line ending? */
export function hasMixedLineEndings(text: string): boolean {
  return new Set(text.match(/\r\n|\n|\r/g)).size > 1;
}

export function withoutByteOrderMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
