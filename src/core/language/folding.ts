/** What can be folded: entries with what belongs to them, tables, values and comments over several lines. */
import { readDocument } from './document.ts';
import { spanOf } from './entries.ts';
import type { FoldingRange } from './model.ts';
import type { RowNode, ValueNode } from './syntax.ts';

export function foldingOf(text: string): readonly FoldingRange[] {
  const { entries, syntax, lines, source } = readDocument(text);
  const ranges: FoldingRange[] = [];
  const lineOf = (offset: number): number => lines.positionAt(offset).line;
  const add = (start: number, end: number, kind: FoldingRange['kind']): void => {
    const [startLine, endLine] = [lineOf(start), lineOf(end)];
    if (endLine > startLine) ranges.push({ startLine, endLine, kind });
  };
  const addValue = (value: ValueNode): void => {
    add(value.start, value.end, 'entry');
    if (value.type === 'array') value.items.forEach(addValue);
    if (value.type === 'table') value.rows.forEach(addRow);
  };
  const addRow = ({ value }: RowNode): void => {
    if (value && value.type !== 'bare') addValue(value);
  };
  const folded = new Set<number>();
  for (const entry of entries) {
    if (entry.node.literal) continue; // its value is folded as such
    folded.add(entry.start);
    add(entry.start, spanOf(entry).end, 'entry');
  }
  for (const { header, rows } of syntax.tables) {
    if (header && !folded.has(header.start)) add(header.start, rows.at(-1)?.end ?? header.end, 'entry');
    rows.forEach(addRow);
  }
  let block: { first: number; last: number } | undefined;
  for (const { start } of syntax.comments) {
    const line = lineOf(start);
    if (source.slice(lines.spanOfLine(line).start, start).trim() !== '') continue; // behind a row
    if (block && line === block.last + 1) block.last = line;
    else {
      if (block && block.last > block.first) ranges.push({ startLine: block.first, endLine: block.last, kind: 'comment' });
      block = { first: line, last: line };
    }
  }
  if (block && block.last > block.first) ranges.push({ startLine: block.first, endLine: block.last, kind: 'comment' });
  return ranges.sort((a, b) => a.startLine - b.startLine || b.endLine - a.endLine);
}
