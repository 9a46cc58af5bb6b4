import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ChatEvent } from '../../../src/core/chat/model.ts';
import { createThinkSplitter } from '../../../src/core/chat/think.ts';
import { reasoningOf, textOf } from './support.ts';

function split(pieces: readonly string[], last: ChatEvent = { type: 'finish', reason: 'stop' }): { readonly text: string; readonly reasoning: string; readonly last: ChatEvent | undefined } {
  const splitter = createThinkSplitter();
  const events = [...pieces.flatMap((text) => splitter.push({ type: 'text-delta', text })), ...splitter.push(last)];
  return { text: textOf(events), reasoning: reasoningOf(events), last: events.at(-1) };
}

describe('thoughts in the text of an answer', () => {
  it('become reasoning', () => {
    assert.deepEqual(split(['<think>\nHm</think>\n\nJa']), { text: 'Ja', reasoning: '\nHm', last: { type: 'finish', reason: 'stop' } });
  });

  it('are found wherever the text is cut', () => {
    const answer = '\n<think>a < b, </thin, </think> \n\nJa </think> nein';
    fc.assert(
      fc.property(fc.array(fc.nat(answer.length)), (places) => {
        const sorted = [0, ...places.sort((a, b) => a - b), answer.length];
        const pieces = sorted.slice(1).map((end, index) => answer.slice(sorted[index], end));
        const { text, reasoning } = split(pieces);
        assert.deepEqual([text, reasoning], ['Ja </think> nein', 'a < b, </thin, ']);
      }),
    );
  });

  it('leave an answer alone that does not begin with the tag', () => {
    for (const answer of ['', ' ', '<', '<thinking', 'Write <think>x</think>', '\n\n  indented']) assert.deepEqual([split([answer]).text, split([answer]).reasoning], [answer, '']);
  });

  it('come out although the answer ends in the middle of them', () => {
    const error: ChatEvent = { type: 'error', failure: { kind: 'truncated', message: 'x' } };
    assert.deepEqual(split(['<think>Hm </th'], error), { text: '', reasoning: 'Hm </th', last: error });
  });

  it('do not hold back the text behind them', () => {
    const splitter = createThinkSplitter();
    splitter.push({ type: 'text-delta', text: '<think>x</think>Ja' });
    assert.deepEqual(splitter.push({ type: 'text-delta', text: ' <' }), [{ type: 'text-delta', text: ' <' }]);
  });
});
