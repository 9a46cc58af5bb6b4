import assert from 'node:assert/strict';
import fc from 'fast-check';
import { StringScanner } from '../../../src/gateway/string-scan.ts';

/** The same, byte by byte. */
function endOf(bytes: readonly number[], from: number): { readonly end: number; readonly isSound: boolean } {
  let isSound = true;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x22) return { end: at, isSound };
    if (byte < 0x20) isSound = false;
    if (byte !== 0x5c) continue;
    at++;
    if (!'nrtbfu"\\/'.includes(String.fromCharCode(bytes[at] ?? 0))) isSound = false;
    if (bytes[at] !== 0x75) continue;
    for (let digit = 0; digit < 4; digit++) {
      if (!/[0-9a-f]/i.test(String.fromCharCode(bytes[at + 1] ?? 0))) {
        isSound = false;
        break;
      }
      at++;
    }
  }
  return { end: -1, isSound };
}

describe('reading strings four bytes at a time', () => {
  it('finds their ends as reading them one by one does, wherever the bytes lie in memory', () => {
    // Bytes beside the marks and at the ends of the range are where the arithmetic could go wrong.
    const byte = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x00, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x5b, 0x5c, 0x5d, 0x7f, 0x80, 0xa2, 0xdc, 0xff), fc.constantFrom(0x5c, 0x75, 0x30, 0x6e), fc.constant(0x61));
    fc.assert(fc.property(fc.array(byte, { maxLength: 60 }), fc.nat({ max: 7 }), (values, offset) => {
      const bytes = Buffer.from(new Uint8Array([...new Array<number>(offset).fill(0x22), ...values, 0x22]).buffer, offset, values.length);
      const scanner = new StringScanner(bytes);
      for (let from = 0; from <= values.length + 2; from++) {
        const expected = endOf(values, from);
        assert.equal(scanner.end(from), expected.end, `from ${from}`);
        if (expected.end !== -1) assert.equal(scanner.isSound, expected.isSound, `soundness from ${from}`);
      }
    }), { numRuns: 1000 });
  });
});
