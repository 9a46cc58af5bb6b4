/** A place that moves through a TOML text, and what lies between its parts: white space, line breaks and comments. */
import type { Span } from './syntax.ts';

export interface Reader {
  readonly source: string;
  /** What was passed so far. */
  readonly comments: Span[];
  at: number;
}

export const lineFeed = 10;
const tab = 9;
const carriageReturn = 13;
const space = 32;
const hash = 35;

/** Skips white space, line breaks and comments. @returns false at the end of the text */
export function skipBlank(reader: Reader): boolean {
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

export function skipSpace(reader: Reader): void {
  for (;;) {
    const code = reader.source.charCodeAt(reader.at);
    if (code !== space && code !== tab) return;
    reader.at++;
  }
}

/** Leaves what does not belong to a row behind it; a comment there is one. */
export function endLine(reader: Reader): void {
  const end = lineEnd(reader.source, reader.at);
  while (reader.at < end && reader.source.charCodeAt(reader.at) !== hash) reader.at++;
  if (reader.at < end) skipComment(reader);
}

/** Before the line break, whichever it is. */
export function lineEnd(source: string, at: number): number {
  const feed = source.indexOf('\n', at);
  const end = feed < 0 ? source.length : feed;
  return end > at && source.charCodeAt(end - 1) === carriageReturn ? end - 1 : end;
}

/** Takes what a sticky pattern matches. @returns '' where it does not */
export function take(pattern: RegExp, reader: Reader): string {
  const start = reader.at;
  if (isAhead(pattern, reader)) reader.at = pattern.lastIndex;
  return reader.source.slice(start, reader.at);
}

/** @param pattern sticky; its lastIndex is behind the match then */
export function isAhead(pattern: RegExp, { source, at }: Reader): boolean {
  pattern.lastIndex = at;
  return pattern.test(source);
}
