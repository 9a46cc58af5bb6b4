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
    return ok(parse(source, { maxDepth: 100 }));
  } catch (error) {
    if (error instanceof TomlError) return fail({ message: firstLine(error.message), range: rangeAt(source, error.line - 1, error.column - 1) });
    if (error instanceof RangeError) return fail({ message: 'tables are nested too deeply', range: rangeAt(source, 0, 0) });
    throw error;
  }
}

/** Behind the first line the library quotes the file, and a key may stand there. */
function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '').trim();
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
