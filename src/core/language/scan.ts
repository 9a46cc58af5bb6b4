/**
 * TOML text → its parts with their places. Reads every text: one that is being typed gives what can be made out of it, since
 * that is when completion and outline are asked for. Of a text that is TOML it finds exactly what the parser finds (tested
 * against it), at a fraction of the time of a parser with places, so that every keystroke in a large file can have it.
 */
import { endLine, isAhead, type Reader, skipBlank, skipSpace, take } from './reader.ts';
import { readLineText, readText } from './scan-texts.ts';
import type { ArrayNode, BareNode, HeaderNode, InlineTableNode, KeyPart, RowNode, SyntaxTree, TableNode, ValueNode } from './syntax.ts';

/** As deep as the parser goes; what is nested deeper is not looked at. */
const maxDepth = 100;

/** Where a value stands decides what ends it. */
type Place = 'line' | 'inside';

/** @param source without a byte order mark */
export function scan(source: string): SyntaxTree {
  const reader: Reader = { source, comments: [], at: 0 };
  const tables: TableNode[] = [{ rows: readRows(reader) }];
  while (reader.at < source.length) {
    const header = readHeader(reader);
    endLine(reader);
    tables.push({ header, rows: readRows(reader) });
  }
  return { tables, comments: reader.comments };
}

/** Up to the next header, or the end of the text. */
function readRows(reader: Reader): readonly RowNode[] {
  const rows: RowNode[] = [];
  while (skipBlank(reader) && reader.source[reader.at] !== '[') {
    const row = readRow(reader, 'line', 0);
    if (row) rows.push(row);
    endLine(reader);
  }
  return exact(rows);
}

/** Without the room to grow: of thousands of short lists that is most of what they take. */
function exact<T>(items: readonly T[]): readonly T[] {
  return items.slice();
}

function readHeader(reader: Reader): HeaderNode {
  const { source } = reader;
  const start = reader.at;
  const isList = source[start + 1] === '[';
  reader.at += isList ? 2 : 1;
  skipSpace(reader);
  const keys = readKeys(reader);
  const keysEnd = reader.at;
  skipSpace(reader);
  const wanted = isList ? ']]' : ']';
  const closed = source.startsWith(wanted, reader.at);
  if (closed) reader.at += wanted.length;
  else reader.at = source[reader.at] === ']' ? reader.at + 1 : keysEnd;
  return { start, end: reader.at, keys, isList, closed };
}

/** A dotted key; empty where there is none. */
function readKeys(reader: Reader): readonly KeyPart[] {
  let part = readKeyPart(reader);
  if (!part) return [];
  const keys = [part]; // most have one part, so that the list is made with room for no more
  while (part && skipDot(reader)) {
    part = readKeyPart(reader);
    keys.push(part ?? { name: '', start: reader.at, end: reader.at });
  }
  return keys;
}

function skipDot(reader: Reader): boolean {
  const { source, at: start } = reader;
  skipSpace(reader);
  if (source[reader.at] !== '.') {
    reader.at = start;
    return false;
  }
  const afterDot = ++reader.at;
  skipSpace(reader);
  const next = source[reader.at];
  if (next === undefined || next === '\n' || next === '\r') reader.at = afterDot;
  return true;
}

const bareKey = /[^\s=.#[\]{},"']+/y;

function readKeyPart(reader: Reader): KeyPart | undefined {
  const { source, at: start } = reader;
  const name = source[start] === '"' || source[start] === "'" ? readLineText(reader).value : take(bareKey, reader);
  return reader.at > start ? { name, start, end: reader.at } : undefined;
}

function readRow(reader: Reader, place: Place, depth: number): RowNode | undefined {
  const start = reader.at;
  const keys = readKeys(reader);
  const keysEnd = reader.at;
  skipSpace(reader);
  if (reader.source[reader.at] !== '=') {
    reader.at = keysEnd;
    return keys.length === 0 ? undefined : { start, end: keysEnd, keys };
  }
  const equals = reader.at++;
  const afterEquals = reader.at;
  skipSpace(reader);
  const value = readValue(reader, place, depth);
  if (!value) reader.at = afterEquals;
  return value ? { start, end: reader.at, keys, equals, value } : { start, end: reader.at, keys, equals };
}

function readValue(reader: Reader, place: Place, depth: number): ValueNode | undefined {
  switch (reader.source[reader.at]) {
    case '"':
    case "'":
      return readText(reader);
    case '[':
      return depth < maxDepth ? readArray(reader, depth + 1) : undefined;
    case '{':
      return depth < maxDepth ? readInlineTable(reader, depth + 1) : undefined;
    default:
      return readBare(reader, place);
  }
}

/** No value begins with such a word, so that it is a header: the list above was left open. */
const headerAhead = /\[\[?[ \t]*(?!(?:true|false|inf|nan)\b)[A-Za-z_][A-Za-z0-9_-]*[ \t]*(?:\.[^\]\n]*)?\]/y;
const rowAhead = /[A-Za-z0-9_-]+(?:[ \t]*\.[ \t]*[A-Za-z0-9_-]+)*[ \t]*=/y;

/** Skips to the next part inside brackets. @returns whether a line break was passed */
function skipInside(reader: Reader): boolean {
  const start = reader.at;
  skipBlank(reader);
  return reader.at > start && reader.source.slice(start, reader.at).includes('\n');
}

function readArray(reader: Reader, depth: number): ArrayNode {
  const { source, at: start } = reader;
  const items: ValueNode[] = [];
  reader.at++;
  let end = reader.at;
  for (;;) {
    const atLineStart = skipInside(reader);
    if (reader.at >= source.length || (atLineStart && (isAhead(headerAhead, reader) || isAhead(rowAhead, reader)))) break;
    if (source[reader.at] === ']') {
      reader.at++;
      return { type: 'array', start, end: reader.at, items, closed: true };
    }
    const before = reader.at;
    const item = readValue(reader, 'inside', depth);
    if (item) items.push(item);
    if (reader.at === before) reader.at++; // a comma, or something that has no business here
    end = reader.at;
  }
  reader.at = end;
  return { type: 'array', start, end, items, closed: false };
}

function readInlineTable(reader: Reader, depth: number): InlineTableNode {
  const { source, at: start } = reader;
  const rows: RowNode[] = [];
  reader.at++;
  let end = reader.at;
  let isOpen = true; // behind `{` or a comma, where a row may follow
  for (;;) {
    const atLineStart = skipInside(reader);
    if (reader.at >= source.length || (atLineStart && (isAhead(headerAhead, reader) || (!isOpen && isAhead(rowAhead, reader))))) break;
    if (source[reader.at] === '}') {
      reader.at++;
      return { type: 'table', start, end: reader.at, rows, closed: true };
    }
    const before = reader.at;
    isOpen = source[before] === ',';
    const row = isOpen ? undefined : readRow(reader, 'inside', depth);
    if (row) rows.push(row);
    if (reader.at === before) reader.at++;
    end = reader.at;
  }
  reader.at = end;
  return { type: 'table', start, end, rows, closed: false };
}

/** Between brackets a date may have its time behind a space. */
const bareInside = /\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*|[^\s,\]}#="'[{]+/y;
const bareLine = /[^#\r\n]*/y;

function readBare(reader: Reader, place: Place): BareNode | undefined {
  const start = reader.at;
  const text = take(place === 'line' ? bareLine : bareInside, reader).trimEnd();
  reader.at = start + text.length;
  return text === '' ? undefined : { type: 'bare', start, end: reader.at, text };
}
