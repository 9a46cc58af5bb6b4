/**
 * Long texts of a conversation (files that a tool read, pages of output) cross a translation as the bytes that they came in.
 * A JSON string is written the same in every protocol, so that only what is around them needs to be parsed, understood and
 * written again: each is represented by its beginning, a mark and its end, and put back into what comes out.
 *
 * Nothing depends on that: where anything is out of the ordinary the whole body takes the usual way.
 */
import { isUtf8 } from 'node:buffer';
import { sealedMark } from './protocol/sealed.ts';
import { createStringScanner, type StringScanner } from './string-scan.ts';

export interface LongTexts {
  /** The body as JSON with marks for what was taken out. */
  readonly skeleton: string;
  /** Characters, about, of what was taken out. */
  readonly length: number;
  /** JSON that was made of the skeleton, with the texts in their places. Undefined: a mark was changed, so the way is not open. */
  restore(json: string): readonly Buffer[] | undefined;
}

/** Shorter bodies gain nothing. */
const minBody = 32 * 1024;
/** Bytes of a text that is worth it. */
const minText = 2 * 1024;
/** What stays of a text: protocols look at how one begins (an error in words? a header of the agent?) and trim its end. */
const headLength = 400;
const tailLength = 64;
/** No space in so many characters: not the prose or code that this is for. */
const maxWord = 256;

const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
const colon = 0x3a;

/** Members with a conversation, and the keys under which it has texts. Tools and settings are read to the last word. */
const conversations = new Set(['messages', 'input', 'contents', 'system']);
const textKeys = new Set(['text', 'content', 'output']);

/** None of these is longer. */
const longestKey = 20;

interface Cut {
  readonly start: number;
  readonly end: number;
}

/** Undefined: there is nothing to gain, or the body is not JSON as far as looked. */
export function takeLongTexts(bytes: Buffer): LongTexts | undefined {
  // Proofs are bound to the words around them, which must all be there to be compared.
  if (bytes.length < minBody || bytes.includes(sealedMark) || !isUtf8(bytes)) return undefined;
  const cuts = findCuts(bytes);
  if (cuts === undefined || cuts.length === 0) return undefined;
  // A client cannot know it, so that its texts cannot hold it. Of letters: digits might pass for a number that is to be kept exactly.
  const name = crypto.randomUUID().replaceAll('-', '').replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? '');
  let skeleton = '';
  let length = 0;
  let at = 0;
  cuts.forEach(({ start, end }, index) => {
    skeleton += `${bytes.toString('utf8', at, start)}\\u0001${name}${index}\\u0001`;
    length += end - start;
    at = end;
  });
  skeleton += bytes.toString('utf8', at);
  return { skeleton, length, restore: (json) => restore(json, bytes, cuts, name) };
}

/**
 * A control character is always escaped, and once more in JSON that is inside of a string: the number of backslashes tells
 * where a mark has come to stand.
 */
function restore(json: string, bytes: Buffer, cuts: readonly Cut[], name: string): readonly Buffer[] | undefined {
  const mark = new RegExp(`(\\\\+)u0001${name}(\\d+)(\\\\+)u0001`, 'g');
  const pieces: Buffer[] = [];
  let found = 0;
  let at = 0;
  for (const match of json.matchAll(mark)) {
    const [whole, before = '', index = '', after = ''] = match;
    const cut = cuts[Number(index)];
    if (cut === undefined || before !== after || before.length > 2) return undefined;
    const text = bytes.subarray(cut.start, cut.end);
    pieces.push(Buffer.from(json.slice(at, match.index)), before.length === 1 ? text : Buffer.from(JSON.stringify(text.toString('utf8')).slice(1, -1)));
    at = match.index + whole.length;
    found += 1;
  }
  // A mark that was cut in two leaves one of its ends.
  if (json.split('u0001').length - 1 !== 2 * found || json.split(name).length - 1 !== found) return undefined;
  pieces.push(Buffer.from(json.slice(at)));
  return pieces;
}

/** The parts of long texts that nobody has to read. Undefined for what is no JSON. */
function findCuts(bytes: Buffer): readonly Cut[] | undefined {
  const cuts: Cut[] = [];
  const scanner = createStringScanner(bytes);
  const { length } = bytes;
  let depth = 0;
  let member = '';
  /** Of the value that comes next, when it has one. */
  let key: string | undefined;
  for (let at = 0; at < length; at++) {
    const byte = bytes[at];
    if (byte === quote) {
      const start = at + 1;
      const end = endOfString(bytes, scanner, start);
      if (end === -1) return undefined;
      at = end;
      if (key === undefined && isColon(bytes, end + 1)) {
        const name = end - start > longestKey ? '' : bytes.toString('latin1', start, end);
        key = name;
        if (depth === 1) member = name;
        continue;
      }
      if (end - start >= minText && key !== undefined && textKeys.has(key) && conversations.has(member)) {
        const cut = cutOf(bytes, start, end);
        if (cut) cuts.push(cut);
      }
      key = undefined;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth++;
      key = undefined;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--;
      key = undefined;
    } else if (byte === 0x2c) key = undefined;
  }
  return cuts;
}

/** Index of the quote that ends the string, or -1 for a string that is none: what is taken out is parsed by nobody else. */
function endOfString(bytes: Buffer, scanner: StringScanner, start: number): number {
  const { length } = bytes;
  for (let at = scanner.next(start); at < length; at = scanner.next(at + 1)) {
    const byte = bytes[at];
    if (byte === quote) return at;
    if (byte !== backslash) return -1;
    const escape = bytes[++at] ?? 0;
    if (escape === 0x75) {
      for (let digit = 0; digit < 4; digit++) if (!isHex(bytes[++at] ?? 0)) return -1;
    } else if (!isEscape(escape)) return -1;
  }
  return -1;
}

/** `"` `\` `/` `b` `f` `n` `r` `t` */
function isEscape(byte: number): boolean {
  return byte === 0x6e || byte === quote || byte === backslash || byte === 0x74 || byte === 0x2f || byte === 0x72 || byte === 0x62 || byte === 0x66;
}

function isHex(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

function isColon(bytes: Buffer, from: number): boolean {
  let at = from;
  while (bytes[at] === space || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return bytes[at] === colon;
}

/** Between two spaces, which are parts of no escape and no longer character. */
function cutOf(bytes: Buffer, start: number, end: number): Cut | undefined {
  const from = headEnd(bytes, start);
  const to = bytes.lastIndexOf(space, end - tailLength);
  if (from === undefined || to <= from || end - to > tailLength + maxWord) return undefined;
  const head = bytes.toString('utf8', start, from);
  // Text that may itself be JSON is somebody's data, who may want to read it; an end of nothing but white space may be trimmed.
  return /^(?:\s|\\[nrt])*[[{\\]/.test(head) || /^(?:\s|\\[nrt])*$/.test(bytes.toString('utf8', to, end)) ? undefined : { start: from, end: to };
}

/** The first space behind the text's first characters; of an escape only one counts. */
function headEnd(bytes: Buffer, start: number): number | undefined {
  let characters = 0;
  for (let at = start; characters < headLength + maxWord; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === space && characters >= headLength) return at;
    if (byte === backslash) at += bytes[at + 1] === 0x75 ? 5 : 1;
    // The further bytes of a character beyond ASCII.
    if ((byte & 0xc0) !== 0x80) characters++;
  }
  return undefined;
}
