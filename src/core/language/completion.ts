/** What can be put in at a place: tables, keys, values, whole entries. From memory alone, so that it is there at once. */
import type { DocumentPath } from '../config/ranges.ts';
import type { Position } from '../source.ts';
import { type Cursor, cursorAt, tableNode } from './cursor.ts';
import { headerItems } from './completion-headers.ts';
import { keyItems } from './completion-keys.ts';
import type { CompletionItem, LanguageFacts, LanguageFile, LanguageFiles } from './model.ts';
import { quoted } from './quoting.ts';
import { createScope, type Scope } from './scope.ts';
import { typeAt, type ValueType } from './schema-keys.ts';
import { type Value, valuesAt } from './values.ts';

/** @param file one of `files` */
export function completionAt(file: LanguageFile, position: Position, files: LanguageFiles, facts: LanguageFacts): readonly CompletionItem[] {
  const scope = createScope(file, files, facts);
  const cursor = cursorAt(scope.document, scope.document.lines.offsetAt(position));
  switch (cursor.type) {
    case 'nothing':
      return [];
    case 'header':
      return headerItems(scope, cursor.header);
    case 'key':
      return itemsAtKey(scope, cursor);
    case 'value':
      return valueItems(scope, cursor);
  }
}

function itemsAtKey(scope: Scope, cursor: Extract<Cursor, { type: 'key' }>): readonly CompletionItem[] {
  const keys = keyItems(scope, cursor);
  // A new table may begin on a line of its own, where no row of the present one would become a row of the new one.
  const isFree = !cursor.isInline && cursor.row?.equals === undefined && (cursor.row?.keys.length ?? 0) < 2;
  if (!isFree || hasRowsBelow(scope, cursor)) return keys;
  return [...keys, ...headerItems(scope, cursor.span)];
}

function hasRowsBelow({ document }: Scope, { table, span }: Extract<Cursor, { type: 'key' }>): boolean {
  const rows = tableNode(document, table)?.tables?.at(-1)?.rows ?? document.syntax.tables[0]?.rows ?? [];
  return rows.some(({ start }) => start > span.end);
}

function valueItems(scope: Scope, cursor: Extract<Cursor, { type: 'value' }>): readonly CompletionItem[] {
  const { path, span, value } = cursor;
  const type = typeAt(path);
  const range = scope.document.lines.rangeOf(span);
  const isText = value?.type === 'string';
  if (range.start.line !== range.end.line) return []; // editors replace within one line
  const item = (text: string, more: Partial<CompletionItem> = {}): CompletionItem => ({ label: text, kind: 'value', edit: { range, newText: text }, isSnippet: false, filterText: text, sortText: '0', ...more });
  if (type && !isText) {
    const plain = plainValues(type);
    if (plain.length > 0) return plain.map(({ text, snippet }, index) => item(text, { edit: { range, newText: snippet ?? text }, isSnippet: snippet !== undefined, sortText: rank(index), ...(snippet !== undefined && { suggestNext: true }) }));
  }
  return valuesAt(scope, path).map(({ text, kind, detail, documentation }: Value, index) => {
    const newText = quoted(text, value);
    // What is typed so far is compared with the same quotes before it.
    return item(text, { kind, edit: { range, newText }, filterText: isText ? newText : text, sortText: rank(index), ...(detail && { detail }), ...(documentation && { documentation }), ...(needsMore(text, path) && { suggestNext: true }) });
  });
}

/** Values that are written without quotes. */
function plainValues(type: ValueType): readonly { readonly text: string; readonly snippet?: string }[] {
  switch (type.type) {
    case 'boolean':
      return [{ text: 'true' }, { text: 'false' }];
    case 'list':
      return [type.item.type === 'table' ? { text: '[{ … }]', snippet: '[{ $1 }]' } : { text: '["…"]', snippet: '["$1"]' }];
    case 'map':
    case 'table':
      return [{ text: '{ … }', snippet: '{ $1 }' }];
    default:
      return [];
  }
}

function needsMore(text: string, path: DocumentPath): boolean {
  return text.endsWith(':') && path.at(-1) === 'api_key';
}

function rank(index: number): string {
  return String(index).padStart(5, '0');
}
