import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createStringScanner } from '../../../src/gateway/string-scan.ts';

const isMark = (byte: number): boolean => byte < 0x20 || byte === 0x22 || byte === 0x5c;

describe('reading strings four bytes at a time', () => {
  it('finds what reading them one by one finds, wherever the bytes lie in memory', () => {
    // Bytes beside the marks and at the ends of the range are where the arithmetic could go wrong.
    const byte = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x00, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x5b, 0x5c, 0x5d, 0x7f, 0x80, 0xa2, 0xdc, 0xff), fc.constant(0x61));
    fc.assert(fc.property(fc.array(byte, { maxLength: 60 }), fc.nat({ max: 7 }), (values, offset) => {
      const bytes = Buffer.from(new Uint8Array([...new Array<number>(offset).fill(0x22), ...values, 0x22]).buffer, offset, values.length);
      const scanner = createStringScanner(bytes);
      for (let from = 0; from <= values.length + 2; from++) {
        const expected = values.findIndex((value, index) => index >= from && isMark(value));
        assert.equal(scanner.next(from), expected === -1 ? values.length : expected, `from ${from}`);
      }
    }));
  });
});
