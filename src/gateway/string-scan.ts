/**
 * Where something happens in a JSON string: its bytes are read four at a time until a word holds a quote, a backslash or a
 * control character (the test for a zero byte in a word, https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord).
 * Conversations are strings for the most part, so that this is what reading the structure of a long body costs.
 */

const ones = 0x01010101;
const highs = 0x80808080;
const quotes = 0x22222222;
const backslashes = 0x5c5c5c5c;
const spaces = 0x20202020;

export interface StringScanner {
  /** Index of the next quote, backslash or control character from `from` on; the length where there is none. */
  next(from: number): number;
}

/** Each remembers the words of its bytes; make one per body. */
export function createStringScanner(bytes: Buffer): StringScanner {
  const { length } = bytes;
  /** Of the first byte within its word. */
  const shift = bytes.byteOffset & 3;
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset - shift, (shift + length) >> 2);

  return {
    next(from) {
      let at = from;
      for (; ((at + shift) & 3) !== 0; at++) if (at >= length || isMark(bytes[at] as number)) return Math.min(at, length);
      let index = (at + shift) >> 2;
      for (; index < words.length; index++) {
        const word = words[index] as number;
        const quote = word ^ quotes;
        const backslash = word ^ backslashes;
        // In the third, a byte below a space borrows from its highest bit.
        if ((((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | ((word - spaces) & ~word)) & highs) break;
      }
      // A borrow may raise the alarm one byte early, never late.
      for (at = (index << 2) - shift; at < length; at++) if (isMark(bytes[at] as number)) return at;
      return length;
    },
  };
}

function isMark(byte: number): boolean {
  return byte < 0x20 || byte === 0x22 || byte === 0x5c;
}
