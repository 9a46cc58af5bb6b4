import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cut, renderTable, wrap } from '../../../src/cli/output/table.ts';
import { textWidth } from '../../../src/cli/output/width.ts';

const wide = { columns: undefined };

describe('the width of a text', () => {
  const widths: readonly [string, number][] = [
    ['', 0],
    ['abc', 3],
    ['Grüß', 4],
    ['✔ ▲ ✖ • →', 9],
    ['世界', 4],
    ['한국어', 6],
    ['e\u0301', 1],
    ['🌍', 2],
    ['👩‍👩‍👧', 2],
    ['❤️', 2],
    ['🇩🇪', 2],
    ['ｆｕｌｌ', 8],
    ['\u200b', 0],
  ];
  for (const [text, width] of widths) it(`of ${JSON.stringify(text)} is ${width}`, () => assert.equal(textWidth(text), width));
});

describe('a table', () => {
  it('lines up its columns whatever the width of the characters', () => {
    assert.deepEqual(renderTable(wide, [['a', 'x', 'end'], ['世界', 'yy', 'end'], ['e\u0301', '', 'end']], { indent: '  ' }), ['  a     x   end', '  世界  yy  end', '  e\u0301         end']);
  });

  it('leaves no spaces at the end of a line', () => {
    assert.deepEqual(renderTable(wide, [['a', 'long'], ['b', '']]), ['a  long', 'b']);
  });

  it('measures the text and not its colour', () => {
    const paint = (text: string): string => `\u001b[31m${text}\u001b[39m`;
    assert.deepEqual(renderTable(wide, [[{ text: 'a', paint }, 'x'], ['bbb', 'y']]), ['\u001b[31ma\u001b[39m    x', 'bbb  y']);
  });

  it('cuts its widest columns where the screen is narrow, and never exceeds it', () => {
    const cell = fc.oneof(fc.string({ maxLength: 40 }).filter((text) => !/[\u0000-\u001f\u007f-\u009f]/.test(text)), fc.constantFrom('世界世界世界世界世界', '🌍🌍🌍🌍', 'x'.repeat(60)));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 5 }), fc.integer({ min: 30, max: 90 }), (rows, columns) => {
        for (const line of renderTable({ columns }, rows, { indent: '  ' })) assert.ok(textWidth(line) <= columns, `${textWidth(line)} > ${columns}: ${line}`);
      }),
    );
    assert.deepEqual(renderTable({ columns: 24 }, [['short', 'a very long description']]), ['short  a very long desc…']);
  });

  it('drops and cuts first what its layout says', () => {
    const rows = [['name-of-it', 'a very long address', 'origin', '12 ms']];
    const options = { drop: [2, 3], flexible: [1] };
    assert.deepEqual(renderTable({ columns: 60 }, rows, options), ['name-of-it  a very long address  origin  12 ms']);
    assert.deepEqual(renderTable({ columns: 40 }, rows, options), ['name-of-it  a very long address  12 ms']);
    assert.deepEqual(renderTable({ columns: 31 }, rows, options), ['name-of-it  a very long address']);
    assert.deepEqual(renderTable({ columns: 24 }, rows, options), ['name-of-it  a very long…']);
    assert.deepEqual(renderTable({ columns: 18 }, rows, options), ['name-of…  a very …']);
  });

  it('cuts nothing where there is no screen', () => {
    assert.deepEqual(renderTable(wide, [['x'.repeat(300), 'y']]), [`${'x'.repeat(300)}  y`]);
  });
});

describe('a cut', () => {
  it('never halves a character', () => {
    assert.equal(cut('世界世界', 4), '世…');
    assert.equal(cut('👩‍👩‍👧👩‍👩‍👧', 3), '👩‍👩‍👧…');
    assert.equal(cut('abc', 3), 'abc');
  });
});

describe('a wrapped sentence', () => {
  it('fits the screen and keeps long words whole', () => {
    assert.deepEqual(wrap({ columns: 24 }, 'see /a/very/long/path/that/is/no/sentence for more', '  '), ['  see', '  /a/very/long/path/that/is/no/sentence', '  for more']);
    assert.deepEqual(wrap(wide, 'one two', ' '), [' one two']);
  });
});
