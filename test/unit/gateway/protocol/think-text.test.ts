import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createThinkText } from '../../../../src/gateway/protocol/think-text.ts';

/** The pieces, neighbours of one kind joined. */
function split(...pieces: readonly string[]): readonly (readonly [string, string])[] {
  const splitter = createThinkText();
  const all = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()];
  const joined: [string, string][] = [];
  for (const { type, text } of all) {
    const last = joined.at(-1);
    if (last?.[0] === type) last[1] += text;
    else joined.push([type, text]);
  }
  return joined;
}

describe('thoughts in the text', () => {
  const cases: readonly (readonly [name: string, text: string, pieces: readonly (readonly [string, string])[]])[] = [
    ['thoughts and answer', '<think>\nLet me see.\n</think>\n\nYes.', [['reasoning', 'Let me see.'], ['text', 'Yes.']]],
    ['white space first', '\n <think>a</think>b', [['reasoning', 'a'], ['text', 'b']]],
    ['no thoughts inside', '<think>\n\n</think>\n\nYes.', [['text', 'Yes.']]],
    ['thoughts without an end', '<think>a < b', [['reasoning', 'a < b']]],
    ['thoughts that are cut in the tag', '<think>a</thi', [['reasoning', 'a</thi']]],
    ['a closing tag left behind', '</think>\n\nYes.', [['text', 'Yes.']]],
    ['a tag in the middle', 'I write <think> here </think>.', [['text', 'I write <think> here </think>.']]],
    ['another tag', '<thinking>a</thinking>', [['text', '<thinking>a</thinking>']]],
    ['the beginning of a tag', '<thi', [['text', '<thi']]],
    ['only white space', ' \n', [['text', ' \n']]],
    ['a tag inside of the thoughts', '<think>a <think> b </think>c', [['reasoning', 'a <think> b'], ['text', 'c']]],
    ['a tag after the answer began', '<think>a</think>b</think>c', [['reasoning', 'a'], ['text', 'b</think>c']]],
    ['nothing', '', []],
  ];
  for (const [name, text, pieces] of cases) {
    it(name, () => {
      assert.deepEqual(split(text), pieces);
      assert.deepEqual(split(...text), pieces);
    });
  }

  it('come out the same wherever the text is cut', () => {
    const part = fc.constantFrom('<think>', '</think>', '<thi', 'nk>', '</', '\n', ' ', 'a', '<', '👍');
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat(60)), (parts, cuts) => {
        const text = parts.join('');
        const points = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
        assert.deepEqual(split(...points.slice(1).map((end, index) => text.slice(points[index], end))), split(text));
      }),
    );
  });

  it('lose nothing but tags and white space around them', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const joined = split(text).map(([, piece]) => piece).join('');
        if (!/^\s*<\/?think>/.test(text)) assert.equal(joined, text);
      }),
    );
  });
});
