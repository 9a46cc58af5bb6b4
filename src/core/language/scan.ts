/**
 * TOML text → its parts with their places. Reads every text: one that is being typed gives what can be made out of it, since
 * that is when completion and outline are asked for. Of a text that is TOML it finds exactly what the parser finds (tested
 * against it), at a fraction of the time of a parser with places, so that every keystroke in a large file can have it.
 */
import { unescapeText } from './escapes.ts';
import type { ArrayNode, BareNode, HeaderNode, InlineTableNode, KeyPart, RowNode, Span, StringNode, SyntaxTree, TableNode, ValueNode } from './syntax.ts';

/** As deep as the parser goes; what is nested deeper is not looked at. */
const maxDepth = 100;

interface Reader {
  readonly source: string;
  readonly comments: Span[];
  at: number;
}

/** Where a value stands decides what ends it. */
type Place = 'line' | 'inside';

/** @param source without a byte order mark */
export function scan(source: string): SyntaxTree {
  const reader: Reader = { source, comments: [], at: 0 };
  const tables: TableNode[] = [];
  let rows: RowNode[] = [];
  tables.push({ rows });
  while (skipBlank(reader)) {
    if (source[reader.at] === '[') {
      rows = [];
      tables.push({ header: readHeader(reader), rows });
    } else {
      const row = readRow(reader, 'line', 0);
      if (row) rows.push(row);
    }
    endLine(reader);
  }
  return { tables, comments: reader.comments };
}

/** Skips white space, line breaks and comments. @returns false at the end of the text */
function skipBlank(reader: Reader): boolean {
  const { source } = reader;
  for (;;) {
    const code = source.charCodeAt(reader.at);
    if (code === space || code === tab || code === lineFeed || code === carriageReturn) reader.at++;
    else if (code === hash) skipComment(reader);
    else return reader.at < source.length;
  }
}

function skipComment(reader: Reader): void {
  const start = reader.at;
  reader.at = lineEnd(reader.source, start);
  reader.comments.push({ start, end: reader.at });
}

function skipSpace(reader: Reader): void {
  for (;;) {
    const code = reader.source.charCodeAt(reader.at);
    if (code !== space && code !== tab) return;
    reader.at++;
  }
}

/** Leaves what does not belong to a row behind it; a comment there is one. */
function endLine(reader: Reader): void {
  const end = lineEnd(reader.source, reader.at);
  const comment = end > reader.at ? reader.source.slice(reader.at, end).indexOf('#') : -1;
  if (comment >= 0) {
    reader.at += comment;
    skipComment(reader);
  } else reader.at = end;
}

/** Before the line break, whichever it is. */
function lineEnd(source: string, at: number): number {
  const feed = source.indexOf('\n', at);
  const end = feed < 0 ? source.length : feed;
  return end > at && source.charCodeAt(end - 1) === carriageReturn ? end - 1 : end;
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

const bareKey = /[^\s=.#[\]{},"']+/y;

/** A dotted key; empty where there is none. */
function readKeys(reader: Reader): readonly KeyPart[] {
  const { source } = reader;
  const keys: KeyPart[] = [];
  for (;;) {
    const part = readKeyPart(reader);
    if (!part) {
      if (keys.length > 0) keys.push({ name: '', start: reader.at, end: reader.at });
      return keys;
    }
    keys.push(part);
    const end = reader.at;
    skipSpace(reader);
    if (source[reader.at] !== '.') {
      reader.at = end;
      return keys;
    }
    reader.at++;
    const afterDot = reader.at;
    skipSpace(reader);
    const next = source[reader.at];
    if (next === undefined || next === '\n' || next === '\r') reader.at = afterDot;
  }
}

function readKeyPart(reader: Reader): KeyPart | undefined {
  const { source, at: start } = reader;
  if (source[start] === '"' || source[start] === "'") {
    const { value, end } = readLineString(reader);
    return { name: value, start, end };
  }
  bareKey.lastIndex = start;
  const name = bareKey.exec(source)?.[0];
  if (name === undefined) return undefined;
  reader.at = start + name.length;
  return { name, start, end: reader.at };
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
      return isTriple(reader) ? readParagraph(reader) : readLineString(reader);
    case '[':
      return depth < maxDepth ? readArray(reader, depth + 1) : undefined;
    case '{':
      return depth < maxDepth ? readInlineTable(reader, depth + 1) : undefined;
    default:
      return readBare(reader, place);
  }
}

function isTriple({ source, at }: Reader): boolean {
  return source[at + 1] === source[at] && source[at + 2] === source[at];
}

/** What an unclosed text probably comes to: nobody means the rest of the line. */
const openWord = /[^\s,\]}#"']*/y;

function readLineString(reader: Reader): StringNode {
  const { source, at: start } = reader;
  const quote = source[start] === "'" ? "'" : '"';
  const close = quote.charCodeAt(0);
  let escaped = false;
  for (let at = start + 1; at < source.length; at++) {
    const code = source.charCodeAt(at);
    if (code === close) {
      reader.at = at + 1;
      const inner = source.slice(start + 1, at);
      return { type: 'string', start, end: reader.at, quote, closed: true, value: escaped ? unescapeText(inner) : inner };
    }
    if (code === lineFeed) break;
    if (code === backslash && quote === '"') {
      escaped = true;
      at++;
      if (source.charCodeAt(at) === lineFeed) break;
    }
  }
  openWord.lastIndex = start + 1;
  const value = openWord.exec(source)?.[0] ?? '';
  reader.at = start + 1 + value.length;
  return { type: 'string', start, end: reader.at, quote, closed: false, value };
}

/** `"""…"""` or `'''…'''`. One that is never closed ends with its line, so that the rest of the file can still be read. */
function readParagraph(reader: Reader): StringNode {
  const { source, at: start } = reader;
  const quote = source[start] === "'" ? "'''" : '"""';
  const close = findClose(source, start + 3, quote);
  if (close === undefined) {
    reader.at = lineEnd(source, start);
    return { type: 'string', start, end: reader.at, quote, closed: false, value: source.slice(start + 3, reader.at) };
  }
  reader.at = close + 3;
  const inner = source.slice(start + 3, close).replace(/^\r?\n/, '');
  return { type: 'string', start, end: reader.at, quote, closed: true, value: quote === '"""' ? unescapeText(inner) : inner };
}

/** Up to two quotes may stand right before the closing three. */
function findClose(source: string, from: number, quote: string): number | undefined {
  for (let at = source.indexOf(quote, from); at >= 0; at = source.indexOf(quote, at + 1)) {
    if (quote === '"""' && isEscaped(source, at, from)) continue;
    let close = at;
    while (close < at + 2 && source[close + 3] === quote[0]) close++;
    return close;
  }
  return undefined;
}

function isEscaped(source: string, at: number, from: number): boolean {
  let count = 0;
  while (at - count > from && source.charCodeAt(at - count - 1) === backslash) count++;
  return count % 2 === 1;
}

/** No value begins with such a word, so that it is a header: the list above was left open. */
const headerAhead = /\[\[?[ \t]*(?!(?:true|false|inf|nan)\b)[A-Za-z_][A-Za-z0-9_-]*[ \t]*(?:\.[^\]\n]*)?\]/y;
const rowAhead = /[A-Za-z0-9_-]+(?:[ \t]*\.[ \t]*[A-Za-z0-9_-]+)*[ \t]*=/y;

function isAhead(pattern: RegExp, { source, at }: Reader): boolean {
  pattern.lastIndex = at;
  return pattern.test(source);
}

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
  const pattern = place === 'line' ? bareLine : bareInside;
  pattern.lastIndex = reader.at;
  const text = pattern.exec(reader.source)?.[0].trimEnd() ?? '';
  if (text === '') return undefined;
  const start = reader.at;
  reader.at += text.length;
  return { type: 'bare', start, end: reader.at, text };
}

const tab = 9;
const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const hash = 35;
const backslash = 92;
