/** Texts in quotes, on one line or on several. */
import { unescapeText } from './escapes.ts';
import { lineEnd, lineFeed, type Reader, take } from './reader.ts';
import type { StringNode } from './syntax.ts';

/** At a quote. */
export function readText(reader: Reader): StringNode {
  const { source, at } = reader;
  return source[at + 1] === source[at] && source[at + 2] === source[at] ? readParagraph(reader) : readLineText(reader);
}

/** What an unclosed text probably comes to: nobody means the rest of the line. */
const openWord = /[^\s,\]}#"']*/y;

export function readLineText(reader: Reader): StringNode {
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
  reader.at++;
  const value = take(openWord, reader);
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

const backslash = 92;
