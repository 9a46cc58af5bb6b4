/** Places in text files, as editors count them. */

/** Zero-based line and UTF-16 column. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface SourceRange {
  readonly start: Position;
  /** Exclusive. */
  readonly end: Position;
}

export interface SourceLocation {
  /** Absolute path. */
  readonly file: string;
  readonly range?: SourceRange;
}

/** `file:line:column` with one-based numbers, as terminals and editors link it. */
export function formatLocation(location: SourceLocation): string {
  if (!location.range) return location.file;
  return `${location.file}:${location.range.start.line + 1}:${location.range.start.column + 1}`;
}
