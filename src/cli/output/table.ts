/** Columns of text that line up, whatever the width of the characters. */
import { characters, textWidth } from './width.ts';
import type { Output } from './terminal.ts';

export interface Cell {
  /** Plain text. */
  readonly text: string;
  /** Colours it, after it was measured and cut. */
  readonly paint?: (text: string) => string;
}

const gap = '  ';
/** A column is not cut below this. */
const minColumn = 8;

export interface TableOptions {
  /** Before each line. */
  readonly indent?: string;
  /** Columns that a narrow screen can do without, the first to go first. */
  readonly drop?: readonly number[];
  /** Columns that are cut before any other. */
  readonly flexible?: readonly number[];
}

/**
 * Lines of a table. On a screen that is too narrow columns are dropped, then the widest are cut with an ellipsis; without a
 * screen everything is there. Cells that are missing at the end of a row cost no width.
 */
export function renderTable(output: Pick<Output, 'columns'>, rows: readonly (readonly (Cell | string)[])[], { indent = '', drop = [], flexible = [] }: TableOptions = {}): string[] {
  let cells = rows.map((row) => row.map((cell): Cell => (typeof cell === 'string' ? { text: cell } : cell)));
  const available = output.columns === undefined ? Number.POSITIVE_INFINITY : output.columns - textWidth(indent);
  const kept = new Set(Array.from({ length: Math.max(0, ...cells.map((row) => row.length)) }, (_, index) => index));
  for (const column of drop) if (totalWidth(columnWidths(cells), kept) > available) kept.delete(column);
  cells = cells.map((row) => row.filter((_, index) => kept.has(index)));
  const isFlexible = [...kept].map((column) => flexible.includes(column));
  const widths = columnWidths(cells);
  shrink(widths, isFlexible, available - gap.length * Math.max(0, widths.length - 1));
  if (isFlexible.includes(true)) shrink(widths, widths.map(() => true), available - gap.length * Math.max(0, widths.length - 1));
  return cells.map((row) => {
    const parts = row.map(({ text, paint = (plain) => plain }, index) => {
      const width = widths[index] ?? 0;
      const shown = cut(text, width);
      const padding = index === row.length - 1 ? '' : ' '.repeat(Math.max(0, width - textWidth(shown)));
      return paint(shown) + padding;
    });
    return (indent + parts.join(gap)).trimEnd();
  });
}

function columnWidths(rows: readonly (readonly Cell[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach(({ text }, index) => (widths[index] = Math.max(widths[index] ?? 0, textWidth(text))));
  return widths;
}

function totalWidth(widths: readonly number[], kept: ReadonlySet<number>): number {
  const shown = widths.filter((_, index) => kept.has(index));
  return shown.reduce((sum, width) => sum + width, gap.length * Math.max(0, shown.length - 1));
}

/** Takes from the widest of the columns that may be cut, until everything fits. */
function shrink(widths: number[], mayCut: readonly boolean[], available: number): void {
  for (;;) {
    const total = widths.reduce((sum, width) => sum + width, 0);
    const candidates = widths.map((width, index) => (mayCut.includes(true) && mayCut[index] !== true ? 0 : width));
    const widest = Math.max(0, ...candidates);
    if (total <= available || widest <= minColumn) return;
    const index = candidates.indexOf(widest);
    const second = Math.max(minColumn, ...candidates.filter((_, other) => other !== index));
    widths[index] = Math.max(minColumn, Math.min(widest - 1, Math.max(second, widest - (total - available))));
  }
}

/** At most `width` columns of the text, never half a character. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of characters(text)) {
    const next = textWidth(segment);
    if (used + next > width - 1) break;
    kept += segment;
    used += next;
  }
  return `${kept}…`;
}

/** Breaks a sentence into lines that fit the screen, each with `indent`. Words longer than a line stay whole, so that paths can be clicked. */
export function wrap(output: Pick<Output, 'columns'>, text: string, indent: string): string[] {
  if (output.columns === undefined) return [indent + text];
  const available = Math.max(20, output.columns - textWidth(indent));
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > available) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => indent + each);
}
