/** TOML text → plain values, or the place where it stops being TOML. */
import { parse, TomlError, type TomlTableWithoutBigInt } from 'smol-toml';
import { fail, ok, type Result } from '../../base/result.ts';
import type { SourceRange } from '../source.ts';

/** Plain values as the file has them: tables without prototype, so that a key `__proto__` is a key like any other. */
export type TomlDocument = TomlTableWithoutBigInt;

export interface SyntaxProblem {
  /** One line, in words; nothing of the file's text. */
  readonly message: string;
  readonly range: SourceRange;
}

/** Editors do not count a byte order mark as a column; neither does anything here. */
export function withoutBom(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Never throws. Places are those in the text without its byte order mark. */
export function parseToml(text: string): Result<TomlDocument, SyntaxProblem> {
  const source = withoutBom(text);
  try {
    const document = parse(source, { maxDepth });
    return hasLongKey(source) && isDeeper(document, maxDepth) ? tooDeep(source) : ok(document);
  } catch (error) {
    if (error instanceof TomlError) return fail({ message: inWords(error.message), range: rangeAt(source, error.line - 1, error.column - 1) });
    if (error instanceof RangeError) return tooDeep(source); // the stack ended
    throw error;
  }
}

/** Nothing here needs more than a handful; everything that walks a document may recurse. */
const maxDepth = 100;

function tooDeep(source: string): Result<TomlDocument, SyntaxProblem> {
  return fail({ message: 'tables or lists are nested too deeply', range: rangeAt(source, 0, 0) });
}

/** Dotted keys nest too, and the library does not count those. Is there a line with that many dots? (Walking every document would cost more than parsing it.) */
function hasLongKey(source: string): boolean {
  let lineEnd = -1;
  let dots = 0;
  for (let at = source.indexOf('.'); at >= 0; at = source.indexOf('.', at + 1)) {
    if (at > lineEnd) {
      const next = source.indexOf('\n', at);
      lineEnd = next < 0 ? source.length : next;
      dots = 0;
    }
    if (++dots >= maxDepth) return true;
  }
  return false;
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Date) return false;
  if (depth === 0) return true;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) if (isDeeper(inner, depth - 1)) return true;
  return false;
}

/**
 * The library's words for people who do not know its grammar. Behind its first line it quotes the file, and a key may stand
 * there: nothing of a message is passed on that is not known here.
 */
const words: readonly (readonly [pattern: RegExp, message: string])[] = [
  [/^control characters are not allowed in strings/, 'the text is not closed with a quote on the same line'],
  [/^control characters/, 'there is an invisible control character here'],
  [/^unfinished string/, 'the text that begins here is never closed'],
  [/^unfinished array/, 'the list that begins here is never closed with ]'],
  [/^unfinished table/, 'the table that begins here is never closed with }'],
  [/^invalid value/, 'a value is missing here, or it is text without quotes'],
  [/^trying to redefine/, 'this key or table is already defined above'],
  [/^illegal character in key/, 'this character cannot stand in a key; write key = value'],
  [/^(incomplete key-value|illegal empty bare key|unexpected end of key)/, 'a key = value is not complete here'],
  [/^illegal quoted key/, 'a key must stand on one line'],
  [/^expected end of table array/, 'the header is not closed with ]]'],
  [/^expected comma/, 'a comma or a closing bracket is missing before this place'],
  [/^each key-value declaration/, 'the line must end here: each key = value has a line of its own'],
  [/^(unrecognised escape|invalid escape|invalid unicode|invalid non-hex)/, 'this escape is not known; write \\\\ for a backslash, or put the text in single quotes'],
  [/^(illegal leading zero|illegal underscore|illegal character in numeric|unfinished numeric)/, 'this is not a number; put text in quotes'],
  [/^integer value cannot/, 'this number is too large'],
  [/^invalid date/, 'this is not a date; put text in quotes'],
  [/nested/, 'tables or lists are nested too deeply'],
];

function inWords(message: string): string {
  const known = message.replace(/^Invalid TOML document: /, '');
  return words.find(([pattern]) => pattern.test(known))?.[1] ?? 'this is not TOML';
}

/** From the place to the end of the word there, at least one column where the line has one. */
function rangeAt(source: string, line: number, column: number): SourceRange {
  const content = lineAt(source, line);
  const start = Math.min(column, content.length);
  const word = /^\S+/.exec(content.slice(start))?.[0].length ?? 0;
  const end = Math.min(start + Math.max(word, 1), content.length);
  // At the end of a line there is nothing to underline: take the last column of it.
  return { start: { line, column: end > start ? start : Math.max(0, start - 1) }, end: { line, column: end } };
}

function lineAt(source: string, line: number): string {
  let start = 0;
  for (let index = 0; index < line; index++) {
    const next = source.indexOf('\n', start);
    if (next < 0) return '';
    start = next + 1;
  }
  const end = source.indexOf('\n', start);
  return source.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
}
