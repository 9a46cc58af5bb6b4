/**
 * Where a JSON string ends: its bytes are read four at a time until a word holds a quote, a backslash or a control character
 * (the test for a zero byte in a word, https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord). Conversations are
 * strings for the most part, so that this is what reading the structure of a long body costs.
 */
import { backslash, isDigit, quote } from './ascii.ts';

const ones = 0x01010101;
const highs = 0x80808080;
const quotes = 0x22222222;
const backslashes = 0x5c5c5c5c;
const spaces = 0x20202020;

/** Remembers the words of its bytes; make one per body. */
export class StringScanner {
  #bytes: Buffer;
  #words: Uint32Array;
  /** Of the first byte within its word. */
  #shift: number;
  /** Whether the last string held nothing that JSON forbids in one: a bare control character, an escape that is none. */
  isSound = true;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#shift = bytes.byteOffset & 3;
    this.#words = new Uint32Array(bytes.buffer, bytes.byteOffset - this.#shift, (this.#shift + bytes.length) >> 2);
  }

  /** Index of the quote that ends the string whose first character is at `from`, or -1. */
  end(from: number): number {
    const bytes = this.#bytes;
    const words = this.#words;
    const shift = this.#shift;
    const { length } = bytes;
    this.isSound = true;
    let at = from;
    /** Where words begin to be read again. */
    let until = from + ((4 - ((from + shift) & 3)) & 3);
    for (;;) {
      while (at < until) {
        if (at >= length) return -1;
        const byte = bytes[at] as number;
        if (byte === quote) return at;
        if (byte === backslash) {
          at = this.#escape(at);
          if (at > until) until = at + ((4 - ((at + shift) & 3)) & 3);
        } else {
          if (byte < 0x20) this.isSound = false;
          at++;
        }
      }
      let index = (at + shift) >> 2;
      for (; index < words.length; index++) {
        const word = words[index] as number;
        const quoted = word ^ quotes;
        const escaped = word ^ backslashes;
        // In the third, a byte below a space borrows from its highest bit.
        if ((((quoted - ones) & ~quoted) | ((escaped - ones) & ~escaped) | ((word - spaces) & ~word)) & highs) break;
      }
      // A borrow may raise the alarm one byte early, never late: the bytes of the word are looked at one by one.
      at = (index << 2) - shift;
      until = at + 4;
    }
  }

  /** Index behind the escape that begins at `at`. */
  #escape(at: number): number {
    const byte = this.#bytes[at + 1];
    if (byte !== 0x75) {
      if (byte === undefined || !isEscape(byte)) this.isSound = false;
      return at + 2;
    }
    for (let digit = at + 2; digit < at + 6; digit++) {
      if (isHex(this.#bytes[digit] ?? 0)) continue;
      this.isSound = false;
      // The quote may be among what should be digits.
      return digit;
    }
    return at + 6;
  }
}

/** `"` `\` `/` `b` `f` `n` `r` `t` */
function isEscape(byte: number): boolean {
  return byte === 0x6e || byte === quote || byte === backslash || byte === 0x74 || byte === 0x2f || byte === 0x72 || byte === 0x62 || byte === 0x66;
}

function isHex(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}
