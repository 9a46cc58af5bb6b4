/** One member of a JSON object, found from its end without reading what stands before it. */
import { backslash, closeBrace, colon, isJsonSpace, openBrace, quote } from '../ascii.ts';

/**
 * The text of the last member of this name where its value is an object and it is a member of the outermost object, which is
 * looked for behind it only: it should stand near the end. Undefined where that is not certain.
 * @param json an object, to its end
 */
export function lastMember(json: Buffer, name: string): string | undefined {
  const key = `"${name}"`;
  // A quote inside of a string has a backslash before it.
  const at = json.lastIndexOf(key);
  if (at === -1) return undefined;
  const separator = skipSpace(json, at + key.length);
  if (json[separator] !== colon) return undefined;
  const start = skipSpace(json, separator + 1);
  if (json[start] !== openBrace) return undefined;
  const end = endOfObject(json, start + 1);
  // Behind it the outermost object ends, and nothing else.
  return end !== -1 && endOfObject(json, end) === json.length - trailingSpace(json) ? json.toString('utf8', start, end) : undefined;
}

/** Index behind the brace that closes the object which `from` is inside of, or -1. */
function endOfObject(json: Buffer, from: number): number {
  let depth = 1;
  for (let at = from; at < json.length; at++) {
    const byte = json[at];
    if (byte === quote) {
      at++;
      while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1;
    } else if (byte === openBrace) depth++;
    else if (byte === closeBrace && --depth === 0) return at + 1;
  }
  return -1;
}

function skipSpace(json: Buffer, from: number): number {
  let at = from;
  while (isJsonSpace(json[at])) at++;
  return at;
}

function trailingSpace(json: Buffer): number {
  let length = 0;
  while (isJsonSpace(json[json.length - 1 - length])) length++;
  return length;
}
