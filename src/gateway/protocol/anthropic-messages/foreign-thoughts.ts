/** Conversations that were begun with another server. */
import type { BodyMarks } from '../codec.ts';

const field = '"signature"';
const colon = 0x3a;
const quote = 0x22;

/**
 * Whether a body has thoughts that nobody signed: Anthropic refuses them, so that such a body must be translated and not
 * passed on as it is. (What another server signed has a mark of its own, on every wire.)
 */
export function carriesForeignThoughts(body: BodyMarks): boolean {
  for (let at = body.indexOf(field, 0); at !== -1; at = body.indexOf(field, at + 1)) {
    let next = skipSpace(body, at + field.length);
    if (body.byteAt(next) !== colon) continue;
    next = skipSpace(body, next + 1);
    if (body.byteAt(next) === quote && body.byteAt(next + 1) === quote) return true;
  }
  return false;
}

function skipSpace(body: BodyMarks, from: number): number {
  let at = from;
  for (let byte = body.byteAt(at); byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = body.byteAt(at)) at++;
  return at;
}
