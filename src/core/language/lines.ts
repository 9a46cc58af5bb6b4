/** Offsets ↔ lines and columns of one text. */
import type { Position, SourceRange } from '../source.ts';
import type { Span } from './syntax.ts';

export interface Lines {
  readonly count: number;
  /** @param offset beyond the text is its end */
  positionAt(offset: number): Position;
  /** @param position beyond a line or the text is the end of it */
  offsetAt(position: Position): number;
  rangeOf(span: Span): SourceRange;
  /** The line without its line break. */
  spanOfLine(line: number): Span;
}

export function indexLines(source: string): Lines {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);

  const positionAt = (offset: number): Position => {
    const at = Math.max(0, Math.min(offset, source.length));
    const line = lastAtMost(starts, at);
    return { line, column: at - (starts[line] ?? 0) };
  };
  const spanOfLine = (line: number): Span => {
    const start = starts[line] ?? source.length;
    const next = starts[line + 1];
    if (next === undefined) return { start, end: source.length };
    return { start, end: source[next - 2] === '\r' && next - 2 >= start ? next - 2 : next - 1 };
  };
  return {
    count: starts.length,
    positionAt,
    spanOfLine,
    rangeOf: ({ start, end }) => ({ start: positionAt(start), end: positionAt(end) }),
    offsetAt({ line, column }) {
      if (line < 0) return 0;
      const { start, end } = spanOfLine(line);
      return Math.min(start + Math.max(0, column), end);
    },
  };
}

/** The line break that most lines have. */
export function lineBreakOf(source: string): '\n' | '\r\n' {
  let breaks = 0;
  let long = 0;
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) {
    breaks++;
    if (source.charCodeAt(at - 1) === 13) long++;
  }
  return long > breaks / 2 ? '\r\n' : '\n';
}

/** Index of the last number that is at most `value`, in an ascending list that begins with 0. */
function lastAtMost(numbers: readonly number[], value: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((numbers[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
