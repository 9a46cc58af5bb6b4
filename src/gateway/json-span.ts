/**
 * Finds the members of a JSON object in its bytes without parsing them, so that a 400 kB body can pass through with
 * nothing changed but its model name.
 */

import { createStringScanner, type StringScanner } from './string-scan.ts';

export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/**
 * Value spans of the wanted top-level members, in document order (a repeated key has several: parsers take the last,
 * so whoever rewrites must rewrite all). Undefined when the bytes are not one JSON object as far as looked; whatever
 * is inside the values is the upstream's to judge.
 */
export function findMembers(bytes: Buffer, wanted: ReadonlySet<string>): ReadonlyMap<string, readonly Span[]> | undefined {
  const found = new Map<string, Span[]>();
  const scanner = createStringScanner(bytes);
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== openBrace) return undefined;
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === closeBrace) return isEnd(bytes, at + 1) ? found : undefined;
  for (;;) {
    if (bytes[at] !== quote) return undefined;
    const keyEnd = skipString(bytes, scanner, at);
    if (keyEnd === -1) return undefined;
    const key = readString(bytes, at, keyEnd);
    at = skipSpace(bytes, keyEnd);
    if (key === undefined || bytes[at] !== colon) return undefined;
    const start = skipSpace(bytes, at + 1);
    const end = skipValue(bytes, scanner, start);
    if (end === -1) return undefined;
    if (wanted.has(key)) {
      const spans = found.get(key);
      if (spans) spans.push({ start, end });
      else found.set(key, [{ start, end }]);
    }
    at = skipSpace(bytes, end);
    if (bytes[at] === closeBrace) return isEnd(bytes, at + 1) ? found : undefined;
    if (bytes[at] !== comma) return undefined;
    at = skipSpace(bytes, at + 1);
  }
}

/** The bytes with each span replaced by the same text. Spans are in order and do not overlap. */
export function replaceSpans(bytes: Buffer, spans: readonly Span[], text: string): Buffer {
  return Buffer.concat(splitSpans(bytes, spans, text));
}

/** The same without a copy of the bytes, as pieces of them. */
export function splitSpans(bytes: Buffer, spans: readonly Span[], text: string): readonly Buffer[] {
  const replacement = Buffer.from(text);
  const parts: Buffer[] = [];
  let at = 0;
  for (const { start, end } of spans) {
    parts.push(bytes.subarray(at, start), replacement);
    at = end;
  }
  parts.push(bytes.subarray(at));
  return parts;
}

/** The value of a span as JSON, or undefined when it is none. */
export function readSpan(bytes: Buffer, span: Span): unknown {
  try {
    return JSON.parse(bytes.toString('utf8', span.start, span.end));
  } catch {
    return undefined; // the caller treats it like an absent member
  }
}

function isEnd(bytes: Buffer, at: number): boolean {
  return skipSpace(bytes, at) === bytes.length;
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
}

/** Index after the closing quote of the string that opens at `from`, or -1. */
function skipString(bytes: Buffer, scanner: StringScanner, from: number): number {
  for (let at = scanner.next(from + 1); at < bytes.length; ) {
    const byte = bytes[at];
    if (byte === quote) return at + 1;
    at = scanner.next(at + (byte === backslash ? 2 : 1));
  }
  return -1;
}

function readString(bytes: Buffer, start: number, end: number): string | undefined {
  const raw = bytes.toString('utf8', start, end);
  if (!raw.includes('\\')) return raw.slice(1, -1);
  const value = readSpan(bytes, { start, end });
  return typeof value === 'string' ? value : undefined;
}

/** Index after the value that begins at `from`, or -1. Brackets are matched by kind. */
function skipValue(bytes: Buffer, scanner: StringScanner, from: number): number {
  const first = bytes[from];
  if (first === quote) return skipString(bytes, scanner, from);
  if (first !== openBrace && first !== openBracket) return skipScalar(bytes, from);
  const open: number[] = [];
  let at = from;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === quote) {
      at = skipString(bytes, scanner, at);
      if (at === -1) return -1;
      continue;
    }
    if (byte === openBrace || byte === openBracket) open.push(byte);
    else if (byte === closeBrace || byte === closeBracket) {
      // In ASCII a closing bracket is its opening one plus two.
      if (open.pop() !== byte - 2) return -1;
      if (open.length === 0) return at + 1;
    }
    at++;
  }
  return -1;
}

function skipScalar(bytes: Buffer, from: number): number {
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === comma || byte === closeBrace || byte === closeBracket || byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) break;
  }
  return at === from ? -1 : at;
}
