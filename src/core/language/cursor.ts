/** What stands at a place of the text: in which table, at which key, in which value. */
import type { DocumentPath } from '../config/ranges.ts';
import type { LanguageDocument } from './document.ts';
import type { HeaderNode, KeyPart, RowNode, Span, TableNode, ValueNode } from './syntax.ts';
import { nodeAt, pathOf, type TreeNode } from './tree.ts';

export type Cursor =
  /** In a comment, behind a finished row, between a key and its value. */
  | { readonly type: 'nothing' }
  | { readonly type: 'header'; readonly header: HeaderNode; readonly path: DocumentPath }
  /** Where a key stands or could stand. */
  | {
      readonly type: 'key';
      /** Of the table that the key belongs to. */
      readonly table: DocumentPath;
      /** The part of the key at the cursor, empty where there is none yet. */
      readonly span: Span;
      readonly row?: RowNode;
      /** `{ … }` on one line rather than a line of its own. */
      readonly isInline: boolean;
    }
  /** Where a value stands or could stand; `span` is what would be replaced. */
  | { readonly type: 'value'; readonly path: DocumentPath; readonly span: Span; readonly value?: ValueNode };

const nothing: Cursor = { type: 'nothing' };

export function cursorAt(document: LanguageDocument, offset: number): Cursor {
  const { syntax, tree, source } = document;
  const comment = last(syntax.comments, ({ start }) => start < offset);
  if (comment && offset <= comment.end) return nothing;
  const index = lastIndex(syntax.tables, ({ header }) => (header?.start ?? -1) < offset);
  const table = syntax.tables[index];
  const node = tree.nodeOf(index);
  if (!table || !node) return nothing;
  const path = pathOf(node);
  const row = last(table.rows, ({ start }) => start <= offset);
  const { header } = table;
  if (!row && header && offset < header.end + (header.closed ? 0 : 1)) return { type: 'header', header, path };
  if (row && (offset <= row.end || (row.value === undefined && isBlank(source, row.end, offset)))) return inRow(row, path, offset, source, false);
  return atLineStart(document, table, offset, path);
}

/** A key may stand where the line has nothing before the cursor. */
function atLineStart({ source }: LanguageDocument, table: TableNode, offset: number, path: DocumentPath): Cursor {
  const start = source.lastIndexOf('\n', offset - 1) + 1;
  if (source.slice(start, offset).trim() !== '') return nothing;
  const row = table.rows.find((candidate) => candidate.start === offset);
  return { type: 'key', table: path, span: { start: offset, end: offset }, isInline: false, ...(row && { row }) };
}

function inRow(row: RowNode, base: DocumentPath, offset: number, source: string, isInline: boolean): Cursor {
  const { keys, equals, value } = row;
  if (equals === undefined || offset <= equals) return inKey(row, base, offset, source, isInline);
  const path = [...base, ...keys.map(({ name }) => name)];
  if (!value) return { type: 'value', path, span: { start: offset, end: offset } };
  if (offset < value.start || offset > value.end) return nothing;
  return inValue(value, path, offset, source);
}

function inKey(row: RowNode, base: DocumentPath, offset: number, source: string, isInline: boolean): Cursor {
  const at = row.keys.findIndex(({ start, end }) => start <= offset && offset <= end);
  const part: KeyPart | undefined = row.keys[at];
  if (!part) {
    // `kind |`: a key that is finished. Before `=` without a key one may stand.
    return row.keys.length > 0 || !isBlank(source, row.start, offset) ? nothing : { type: 'key', table: base, span: { start: offset, end: offset }, row, isInline };
  }
  return { type: 'key', table: [...base, ...row.keys.slice(0, at).map(({ name }) => name)], span: part, row, isInline };
}

function inValue(value: ValueNode, path: DocumentPath, offset: number, source: string): Cursor {
  const empty = { start: offset, end: offset };
  const isInside = offset > value.start && (offset < value.end || !('closed' in value) || !value.closed);
  switch (value.type) {
    case 'string':
    case 'bare':
      return { type: 'value', path, span: value, value };
    case 'array': {
      if (!isInside) return nothing;
      const index = value.items.findIndex(({ start, end }) => start <= offset && offset <= end);
      const item = value.items[index];
      if (item) return inValue(item, [...path, index], offset, source);
      return { type: 'value', path: [...path, value.items.filter(({ end }) => end <= offset).length], span: empty };
    }
    case 'table': {
      if (!isInside) return nothing;
      const row = value.rows.findLast(({ start }) => start <= offset);
      if (row && (offset <= row.end || (row.value === undefined && isBlank(source, row.end, offset)))) return inRow(row, path, offset, source, true);
      // A row may begin behind `{` or a comma.
      const before = source.slice(row?.end ?? value.start, offset).trim();
      return before === (row ? ',' : '{') ? { type: 'key', table: path, span: empty, isInline: true } : nothing;
    }
  }
}

function isBlank(source: string, start: number, end: number): boolean {
  return /^[ \t]*$/.test(source.slice(start, end));
}

/** The table that a cursor of type `key` is in, where it is there already. */
export function tableNode({ tree }: LanguageDocument, path: DocumentPath): TreeNode | undefined {
  return nodeAt(tree.root, path);
}

/** The last item that fits, in a list where those that fit come first. */
export function last<T>(items: readonly T[], fits: (item: T) => boolean): T | undefined {
  return items[lastIndex(items, fits)];
}

function lastIndex<T>(items: readonly T[], fits: (item: T) => boolean): number {
  let low = -1;
  let high = items.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const item = items[middle];
    if (item !== undefined && fits(item)) low = middle;
    else high = middle - 1;
  }
  return low;
}
