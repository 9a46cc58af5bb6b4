import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createMask } from '../../../../src/gateway/upstream/mask.ts';

const key = 'sk-ss-k0123';

function mask(chunks: readonly Buffer[]): string {
  const made = createMask(key);
  assert.ok(made);
  return Buffer.concat([...chunks.map((chunk) => made.push(chunk)), made.end()]).toString('latin1');
}

describe('the mask over a key in an answer', () => {
  it('covers the key wherever the answer is cut, and nothing else', () => {
    const piece = fc.oneof(fc.constant(key), fc.constant('sk-'), fc.constant('sk-ss-k012'), fc.string({ maxLength: 5 }).map((text) => text.replaceAll(/[^ -~]/g, '.')));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat(60), { maxLength: 12 }), (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''), 'latin1');
        const borders = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = borders.slice(1).map((to, index) => bytes.subarray(borders[index], to));
        assert.equal(mask(chunks), pieces.join('').replaceAll(key, '*'.repeat(key.length)));
      }),
    );
  });

  it('leaves the server’s own bytes alone', () => {
    const chunk = Buffer.from(`a ${key} b`);
    mask([chunk]);
    assert.equal(chunk.toString(), `a ${key} b`);
  });

  it('holds up nothing that cannot be the key', () => {
    const made = createMask(key);
    assert.equal(made?.push(Buffer.from('data: {"a":"s"}\n\n')).toString(), 'data: {"a":"s"}\n\n');
    assert.equal(made?.push(Buffer.from('so sk')).toString(), 'so ');
    assert.equal(made?.push(Buffer.from('y')).toString(), 'sky');
  });

  it('drops the headers that say it', () => {
    assert.deepEqual(createMask(key)?.headers({ a: 'b', echo: `Bearer ${key}`, list: ['x', key] }), { a: 'b' });
  });

  for (const word of ['ollama', 'lm-studio', 'not-needed', 'x', '']) it(`is not put over ${JSON.stringify(word)}, which is no secret`, () => assert.equal(createMask(word), undefined));
});
