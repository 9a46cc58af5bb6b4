/** The outline: entries by name, with their keys. */
import type { SourceRange } from '../source.ts';
import type { LanguageDocument } from './document.ts';
import { readDocument } from './document.ts';
import { type Entry, spanOf, textOf } from './entries.ts';
import type { DocumentSymbol } from './model.ts';
import type { NameKind } from './names.ts';
import { kindOfList } from './names.ts';
import type { RowNode, TableNode, ValueNode } from './syntax.ts';
import { tablesBelow } from './text-edits.ts';
import { nodeAt } from './tree.ts';

export function symbolsOf(text: string): readonly DocumentSymbol[] {
  const document = readDocument(text);
  const ofEntries = new Set(document.entries.flatMap(({ node }) => tablesBelow(node)));
  const lists = new Set<ValueNode | undefined>(['model_servers', 'delegators', 'custom'].map((list) => nodeAt(document.tree.root, list === 'custom' ? ['llm_tools', list] : [list])?.literal));
  const symbols = [
    ...document.entries.map((entry) => ofEntry(document, entry)),
    ...document.syntax.tables.filter((table) => !ofEntries.has(table)).flatMap((table) => ofTable(document, table, lists)),
  ];
  return symbols.sort((a, b) => a.range.start.line - b.range.start.line || a.range.start.column - b.range.start.column);
}

function ofEntry(document: LanguageDocument, entry: Entry): DocumentSymbol {
  const { lines } = document;
  const kind: NameKind = kindOfList[entry.list];
  const literal = entry.node.literal;
  const rows = literal?.type === 'table' ? literal.rows : (entry.node.tables?.flatMap((table) => table.rows) ?? []);
  const tables = tablesBelow(entry.node).filter((table) => !entry.node.tables?.includes(table));
  const range = lines.rangeOf(spanOf(entry));
  return {
    name: entry.name === undefined || entry.name.trim() === '' ? `(${kind.replaceAll('_', ' ')} without a name)` : entry.name,
    detail: detailOf(entry),
    kind,
    range,
    selection: within(lines.rangeOf(entry.place), range),
    children: [...rows.flatMap((row) => ofRow(document, row, range)), ...tables.flatMap((table) => ofTable(document, table, new Set(), range))],
  };
}

function detailOf(entry: Entry): string {
  switch (entry.list) {
    case 'model_servers':
      return textOf(entry, 'kind') ?? '';
    case 'delegators':
      return ['llm_tool', 'model', 'model_server'].map((key) => textOf(entry, key)).filter((text) => text !== undefined && text !== '').join(' · ');
    case 'llm_tools.custom':
      return textOf(entry, 'command') ?? '';
  }
}

/** A table that is no entry: its keys stand below it, those before the first table by themselves. */
function ofTable(document: LanguageDocument, { header, rows }: TableNode, hidden: ReadonlySet<ValueNode | undefined>, parent?: SourceRange): readonly DocumentSymbol[] {
  const children = rows.filter(({ value }) => value === undefined || !hidden.has(value)).flatMap((row) => ofRow(document, row, parent));
  if (!header) return children;
  const range = document.lines.rangeOf({ start: header.start, end: rows.at(-1)?.end ?? header.end });
  if (parent && !isWithin(range, parent)) return [];
  return [{ name: header.keys.map(({ name }) => name).join('.') || '(table without a name)', detail: '', kind: 'table', range, selection: document.lines.rangeOf(header), children }];
}

/** Values are not shown: a key may be among them. */
function ofRow({ lines }: LanguageDocument, row: RowNode, parent: SourceRange | undefined): readonly DocumentSymbol[] {
  const range = lines.rangeOf(row);
  const first = row.keys[0];
  const last = row.keys.at(-1);
  const name = row.keys.map((key) => key.name).join('.');
  if (!first || !last || name.trim() === '' || name === 'name' || (parent && !isWithin(range, parent))) return [];
  return [{ name, detail: '', kind: 'key', range, selection: lines.rangeOf({ start: first.start, end: last.end }), children: [] }];
}

/** Editors refuse a selection outside its range, which the name of an entry is that is spread over the file. */
function within(selection: SourceRange, range: SourceRange): SourceRange {
  return isWithin(selection, range) ? selection : { start: range.start, end: range.start };
}

function isWithin(inner: SourceRange, outer: SourceRange): boolean {
  const isBefore = (a: SourceRange['start'], b: SourceRange['start']): boolean => a.line < b.line || (a.line === b.line && a.column <= b.column);
  return isBefore(outer.start, inner.start) && isBefore(inner.end, outer.end);
}
