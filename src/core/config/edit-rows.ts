/** Changes of single keys, wherever they stand: replaced in their place, removed with their line, or added in the usual order. */
import type { RowNode } from '../language/syntax.ts';
import { sameValue } from './edit-intent.ts';
import { blocksOf, indentAt, type Layout, lineEnd, lineStart, type PlacedTable, type Span, withBlankLines } from './edit-layout.ts';
import { changeNode, type ValueStyle } from './edit-values.ts';
import { isTable } from './entries.ts';
import type { DocumentPath } from './ranges.ts';
import type { Splice } from './splices.ts';
import { inOrder, isSection, keysBefore, renderKey, renderRow, renderSection, renderValue } from './toml-text.ts';

/** The row whose value is exactly what is at `path`; undefined where that is spread over a table or dotted keys. */
export function exactRow(layout: Layout, path: DocumentPath): RowNode | undefined {
  return rowsFrom(layout, path).find(({ row, base }) => row.keys.length === path.length - base)?.row;
}

interface FoundRow {
  readonly row: RowNode;
  /** Length of the path of the table that it stands in. */
  readonly base: number;
}

/** Rows that lead to `path` or below it out of a table above it: `a.b = 1` for `a`. */
function rowsFrom(layout: Layout, path: DocumentPath): readonly FoundRow[] {
  const found: FoundRow[] = [];
  for (let base = 0; base < path.length; base++) {
    const wanted = path.slice(base);
    for (const row of layout.tableAt(path.slice(0, base))?.rows ?? []) if (wanted.every((part, index) => row.keys[index]?.name === part)) found.push({ row, base });
  }
  return found.toSorted((a, b) => a.row.start - b.row.start);
}

/** Makes what is at `path` say `after` instead of `before`; either may be undefined for "not there". */
export function changeValue(layout: Layout, path: DocumentPath, before: unknown, after: unknown, style: ValueStyle): readonly Splice[] {
  if (sameValue(before, after)) return [];
  const row = exactRow(layout, path);
  if (row) return after === undefined || !row.value ? [removeRow(layout, row)] : changeNode(layout, row.value, before, after, style);
  if (before === undefined) return [insertValue(layout, path, after)];
  if (isTable(before) && isTable(after)) {
    // Without a header of its own a table is there only as long as one of its keys is.
    if (hasHeader(layout, path) || Object.keys(before).some((key) => after[key] !== undefined)) return changeTable(layout, path, before, after, style);
  }
  const removed = removeTable(layout, path);
  return after === undefined ? removed : [...removed, insertValue(layout, path, after)];
}

/** Is there a `[path]`, which stays when the last key below it goes? */
export function hasHeader(layout: Layout, path: DocumentPath): boolean {
  return layout.tableAt(path)?.header !== undefined;
}

function changeTable(layout: Layout, path: DocumentPath, before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>, style: ValueStyle): readonly Splice[] {
  const keys = inOrder(tableName(path), { ...before, ...after }).map(([key]) => key);
  const change = (key: string): readonly Splice[] => changeValue(layout, [...path, key], before[key], after[key], style);
  if (hasHeader(layout, path) || rowsFrom(layout, path).length > 0) {
    // Below the header of a sub-table a key would be the sub-table's: those come last.
    return [...keys.filter((key) => !isSection(key, after[key])), ...keys.filter((key) => isSection(key, after[key]))].flatMap(change);
  }
  // A table that only its sub-tables imply has no place for keys yet: all new ones go into one.
  const added = keys.filter((key) => before[key] === undefined);
  const staysTable = (key: string): boolean => isTable(before[key]) && isTable(after[key]) && hasHeader(layout, [...path, key]);
  const inPlace = keys.every((key) => added.includes(key) || after[key] === undefined || sameValue(before[key], after[key]) || staysTable(key));
  if (!inPlace) return [...removeTable(layout, path), insertValue(layout, path, after)];
  const section = added.length > 0 ? [insertSection(layout, path, Object.fromEntries(added.map((key) => [key, after[key]])))] : [];
  return [...keys.filter((key) => !added.includes(key)).flatMap(change), ...section];
}

/** `delegators` for an entry of it, else the last key: what the order of keys is kept under. */
function tableName(path: DocumentPath): string {
  return String(path.findLast((part) => typeof part === 'string') ?? '');
}

function removeRow({ source }: Layout, row: RowNode): Splice {
  return { start: lineStart(source, row.start), end: lineEnd(source, row.end), text: '' };
}

/** Everything that a table at `path` is spread over: `[a.b]` with what is below it, and dotted keys. */
function removeTable(layout: Layout, path: DocumentPath): readonly Splice[] {
  const blocks = blocksOf(layout, path).map((block) => ({ ...withBlankLines(layout.source, block), text: '' }));
  const isInBlock = (row: Span): boolean => blocks.some(({ start, end }) => row.start >= start && row.end <= end);
  const dotted = rowsFrom(layout, path).filter(({ row }) => !isInBlock(row));
  return [...blocks, ...dotted.map(({ row }) => removeRow(layout, row))];
}

function insertValue(layout: Layout, path: DocumentPath, value: unknown): Splice {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1));
  const table = layout.tableAt(parent);
  if (table?.header) return isSection(key, value) ? insertSection(layout, path, value) : insertRow(layout, table, tableName(parent), key, value);
  const sibling = rowsFrom(layout, parent).at(-1);
  return sibling ? insertDotted(layout, sibling, path, value) : insertSection(layout, parent, { [key]: value });
}

/** A key of the documentation behind the nearest one that stands before it there; any other at the end. */
function insertRow(layout: Layout, { header, rows }: PlacedTable, table: string, key: string, value: unknown): Splice {
  const before = keysBefore(table, key);
  const anchor = before ? before.map((name) => rows.findLast((row) => row.keys[0]?.name === name)).find((row) => row !== undefined) : rows.at(-1);
  const at = lineEnd(layout.source, anchor?.end ?? header?.end ?? 0);
  const indent = indentAt(layout.source, (anchor ?? rows[0] ?? header)?.start ?? 0);
  return { start: at, end: at, text: `${indent}${renderRow(key, value)}${layout.eol}` };
}

/** `a.b = 1` gets a neighbour `a.c = 2`. */
function insertDotted(layout: Layout, { row, base }: FoundRow, path: DocumentPath, value: unknown): Splice {
  const at = lineEnd(layout.source, row.end);
  const keys = path.slice(base).map((key) => renderKey(String(key)));
  return { start: at, end: at, text: `${indentAt(layout.source, row.start)}${keys.join('.')} = ${renderValue(value)}${layout.eol}` };
}

/** A `[a.b]` of its own: in an entry behind what it has, at the top before what is below it. */
function insertSection(layout: Layout, path: DocumentPath, value: Readonly<Record<string, unknown>>): Splice {
  const isInEntry = path.some((part) => typeof part === 'number');
  const blocks = blocksOf(layout, isInEntry ? path.slice(0, 2) : path);
  const at = isInEntry ? blocks[0]?.end : blocks[0]?.start;
  const header = path.filter((part) => typeof part === 'string');
  const place = at ?? layout.source.length;
  return { start: place, end: place, text: `${renderSection(header, value, layout.eol)}${isInEntry ? '' : layout.eol}` };
}

