/** Edits of a text, made and applied. */
import { type Splice, applySplices } from '../config/splices.ts';
import { withoutBom } from '../config/parse.ts';
import { renderKey } from '../config/toml-text.ts';
import type { LanguageDocument } from './document.ts';
import { readDocument } from './document.ts';
import { type Entry, type EntryList, spanOf } from './entries.ts';
import type { TextEdit } from './model.ts';
import { keysAt } from './schema-keys.ts';
import type { InlineTableNode, RowNode, Span, TableNode, ValueNode } from './syntax.ts';
import type { TreeNode } from './tree.ts';

/** For hosts without an editor of their own, and for tests. A byte order mark stays. */
export function applyTextEdits(text: string, edits: readonly TextEdit[]): string {
  const { lines, source } = readDocument(text);
  const bom = text.slice(0, text.length - withoutBom(text).length);
  return bom + applySplices(source, edits.map(({ range, newText }): Splice => ({ start: lines.offsetAt(range.start), end: lines.offsetAt(range.end), text: newText })));
}

export function replaceSpan({ lines }: LanguageDocument, span: Span, newText: string): TextEdit {
  return { range: lines.rangeOf(span), newText };
}

/** A `key = value` of an entry where the documentation has it, `value` as it is written. */
export function insertRow(document: LanguageDocument, entry: Entry, key: string, value: string): TextEdit {
  const row = `${renderKey(key)} = ${value}`;
  const { literal } = entry.node;
  if (literal?.type === 'table') return insertInline(document, literal, row);
  const table = entry.node.tables?.[0];
  const order = keysAt(entry.list.split('.'))?.map(({ name }) => name) ?? [];
  const before = order.slice(0, Math.max(0, order.indexOf(key))).toReversed();
  const anchor = before.map((name) => table?.rows.findLast(({ keys }) => keys[0]?.name === name)).find((found) => found !== undefined);
  return insertBelow(document, anchor?.end ?? table?.header?.end ?? spanOf(entry).end, indentOf(document, (anchor ?? table?.rows[0] ?? spanOf(entry)).start) + row);
}

function insertInline(document: LanguageDocument, table: InlineTableNode, row: string): TextEdit {
  const last = table.rows.at(-1);
  const at = last?.end ?? table.start + 1;
  return replaceSpan(document, { start: at, end: at }, last ? `, ${row}` : ` ${row} `);
}

/** A line of its own below the line that `offset` is in. */
function insertBelow(document: LanguageDocument, offset: number, line: string): TextEdit {
  const { end } = document.lines.spanOfLine(document.lines.positionAt(offset).line);
  return replaceSpan(document, { start: end, end }, document.eol + line);
}

function indentOf({ source, lines }: LanguageDocument, offset: number): string {
  const { start } = lines.spanOfLine(lines.positionAt(offset).line);
  return /^[ \t]*/.exec(source.slice(start, offset))?.[0] ?? '';
}

/** A whole entry behind the last one of its list, else before `before`, else at the end. `rows` are written lines. */
export function insertEntry(document: LanguageDocument, list: EntryList, rows: readonly string[], before?: Entry): TextEdit | undefined {
  const { entries, source, eol } = document;
  const block = [`[[${list}]]`, ...rows].join(eol);
  const own = entries.filter((entry) => entry.list === list);
  if (own.some(({ node }) => node.literal)) return undefined; // a list in one value: nothing may be added to it from outside
  const last = own.reduce<Entry | undefined>((lowest, entry) => (lowest && spanOf(lowest).end > spanOf(entry).end ? lowest : entry), undefined);
  if (last) {
    const end = endOfLine(document, spanOf(last).end);
    return replaceSpan(document, { start: end, end }, `${eol}${eol}${block}`);
  }
  if (before && !before.node.literal) {
    const at = withHeading(document, before.start);
    return replaceSpan(document, { start: at, end: at }, `${block}${eol}${eol}`);
  }
  const text = source.trimEnd();
  return replaceSpan(document, { start: text.length, end: source.length }, `${text === '' ? '' : eol + eol}${block}${eol}`);
}

function endOfLine({ lines }: LanguageDocument, offset: number): number {
  return lines.spanOfLine(lines.positionAt(offset).line).end;
}

/** A row with its line, or with its comma where it stands inside brackets. */
export function removeRow(document: LanguageDocument, row: RowNode, siblings: readonly RowNode[] | undefined): TextEdit {
  return siblings ? removeItem(document, row, siblings) : replaceSpan(document, wholeLines(document, row), '');
}

/** One of several parts with commas between them. */
export function removeItem(document: LanguageDocument, item: Span, items: readonly Span[]): TextEdit {
  const index = items.indexOf(item);
  const next = items[index + 1];
  const previous = items[index - 1];
  if (next) return replaceSpan(document, { start: item.start, end: next.start }, '');
  return replaceSpan(document, { start: previous?.end ?? item.start, end: item.end }, '');
}

/** From the beginning of the first line to behind the line break of the last one. */
function wholeLines({ source, lines }: LanguageDocument, { start, end }: Span): Span {
  const first = lines.spanOfLine(lines.positionAt(start).line).start;
  const last = lines.spanOfLine(lines.positionAt(end).line).end;
  const breakLength = source.startsWith('\r\n', last) ? 2 : source.startsWith('\n', last) ? 1 : 0;
  return { start: first, end: last + breakLength };
}

/** An entry with the comments above it and the blank lines below it; its tables may stand in several places. */
export function removeEntry(document: LanguageDocument, entry: Entry): readonly TextEdit[] {
  const { literal, parent } = entry.node;
  if (literal) {
    const list = parent?.literal;
    return list?.type === 'array' ? [removeItem(document, literal, list.items)] : [];
  }
  const { tables } = document.syntax;
  const own = new Set(tablesBelow(entry.node));
  const spans: Span[] = [];
  tables.forEach((table, index) => {
    if (!own.has(table) || !table.header) return;
    const isFirst = index === 0 || !own.has(tables[index - 1] ?? table);
    const start = isFirst ? withHeading(document, table.header.start) : (spans.pop()?.start ?? table.header.start);
    spans.push({ start, end: (table.rows.at(-1) ?? table.header).end });
  });
  return spans.map((span) => replaceSpan(document, withBlankLines(document, wholeLines(document, span)), ''));
}

export function tablesBelow(node: TreeNode): readonly TableNode[] {
  return [...node.tables, ...node.children.flatMap(tablesBelow)];
}

/** Up over the comment lines right above. */
function withHeading({ source, lines }: LanguageDocument, offset: number): number {
  let { line } = lines.positionAt(offset);
  const isComment = (above: number): boolean => /^[ \t]*#/.test(source.slice(lines.spanOfLine(above).start, lines.spanOfLine(above).end));
  while (line > 0 && isComment(line - 1)) line--;
  return lines.spanOfLine(line).start;
}

function withBlankLines({ source, lines }: LanguageDocument, { start, end }: Span): Span {
  let line = lines.positionAt(end).line;
  while (end < source.length && line < lines.count && isBlankLine(source, lines.spanOfLine(line))) {
    line++;
    const next = line < lines.count ? lines.spanOfLine(line).start : source.length;
    if (next <= end) break;
    end = next;
  }
  return { start, end };
}

function isBlankLine(source: string, { start, end }: Span): boolean {
  return source.slice(start, end).trim() === '';
}

/** The rows of the inline table that a node's row stands in; undefined for a row on a line of its own. */
export function siblingsOf(node: TreeNode): readonly RowNode[] | undefined {
  for (let parent = node.parent; parent; parent = parent.parent) {
    const literal: ValueNode | undefined = parent.literal;
    if (literal?.type === 'table') return node.row && literal.rows.includes(node.row) ? literal.rows : undefined;
  }
  return undefined;
}
