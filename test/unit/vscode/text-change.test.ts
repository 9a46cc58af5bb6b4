import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { changedLines, hasMixedLineEndings, withoutByteOrderMark } from '../../../src/vscode/text-change.ts';

function apply(before: string, { startLine, endLine, text }: ReturnType<typeof changedLines>): string {
  const lines = before.split(/(?<=\r\n|\n|\r(?!\n))/);
  return [...lines.slice(0, startLine), text, ...lines.slice(endLine)].join('');
}

describe('changed lines', () => {
  it('touches only the lines that differ', () => {
    assert.deepEqual(changedLines('a\nb\nc\n', 'a\nB\nc\n'), { startLine: 1, endLine: 2, text: 'B\n' });
    assert.deepEqual(changedLines('a\n', 'a\nb\n'), { startLine: 1, endLine: 1, text: 'b\n' });
    assert.deepEqual(changedLines('a\nb\n', 'a\n'), { startLine: 1, endLine: 2, text: '' });
  });

  it('never splits a CRLF', () => {
    assert.deepEqual(changedLines('a\r\nb\r\n', 'a\r\nc\r\n'), { startLine: 1, endLine: 2, text: 'c\r\n' });
  });

  it('turns the one text into the other', () => {
    const text = fc.array(fc.constantFrom('a', 'b', '\n', '\r\n', 'é')).map((parts) => parts.join(''));
    fc.assert(fc.property(text, text, (before, after) => assert.equal(apply(before, changedLines(before, after)), after)));
  });
});

describe('line endings and byte order marks', () => {
  it('tells mixed line endings from one kind', () => {
    assert.equal(hasMixedLineEndings('a\nb\n'), false);
    assert.equal(hasMixedLineEndings('a\r\nb\r\n'), false);
    assert.equal(hasMixedLineEndings('a'), false);
    assert.equal(hasMixedLineEndings('a\r\nb\n'), true);
  });

  it('takes off one byte order mark', () => {
    assert.equal(withoutByteOrderMark('\uFEFFa'), 'a');
    assert.equal(withoutByteOrderMark('a\uFEFF'), 'a\uFEFF');
  });
});
