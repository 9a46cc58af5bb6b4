import assert from 'node:assert/strict';
import { runFlow, type Step } from '../../../src/vscode/ui/flow.ts';
import type { Answer, Frame } from '../../../src/vscode/ui/ui.ts';

type State = readonly string[];

/** A person who gives these answers in this order, and what was asked. */
function person(answers: readonly ('back' | 'cancel' | string)[]) {
  const queue = [...answers];
  const asked: { readonly name: string; readonly state: State; readonly frame: Frame }[] = [];
  const step = (name: string, applies?: (state: State) => boolean): Step<State> => ({
    ...(applies && { applies }),
    async ask(state, frame): Promise<Answer<State>> {
      asked.push({ name, state, frame });
      const answer = queue.shift() ?? assert.fail(`nobody answers ${name}`);
      return answer === 'back' || answer === 'cancel' ? { type: answer } : { type: 'value', value: [...state, answer] };
    },
  });
  return { step, asked };
}

describe('flow of a wizard', () => {
  it('asks one step after the other and gives the last state', async () => {
    const { step, asked } = person(['x', 'y']);
    assert.deepEqual(await runFlow('Title', [step('one'), step('two')], []), ['x', 'y']);
    assert.deepEqual(asked.map(({ frame }) => frame), [
      { title: 'Title', step: 1, totalSteps: 2, canGoBack: false },
      { title: 'Title', step: 2, totalSteps: 2, canGoBack: true },
    ]);
  });

  it('goes back to the state in which a step was asked first', async () => {
    const { step, asked } = person(['wrong', 'back', 'right', 'end']);
    assert.deepEqual(await runFlow('Title', [step('one'), step('two')], []), ['right', 'end']);
    assert.deepEqual(asked.map(({ name, state }) => [name, state]), [
      ['one', []],
      ['two', ['wrong']],
      ['one', []],
      ['two', ['right']],
    ]);
  });

  it('leaves out steps that do not apply, also on the way back, and does not count them', async () => {
    const { step, asked } = person(['short', 'back', 'long', 'detail', 'end']);
    const steps = [step('length'), step('detail', (state) => state[0] === 'long'), step('end')];
    assert.deepEqual(await runFlow('Title', steps, []), ['long', 'detail', 'end']);
    assert.deepEqual(asked.map(({ name, frame }) => [name, frame.step, frame.totalSteps]), [
      ['length', 1, 2],
      ['end', 2, 2],
      ['length', 1, 2],
      ['detail', 2, 3],
      ['end', 3, 3],
    ]);
  });

  it('ends when the person leaves, and asks nothing more', async () => {
    const { step, asked } = person(['x', 'cancel']);
    assert.equal(await runFlow('Title', [step('one'), step('two'), step('three')], []), undefined);
    assert.deepEqual(asked.map(({ name }) => name), ['one', 'two']);
  });

  it('gives the first state when there is nothing to ask', async () => {
    const { step } = person([]);
    assert.deepEqual(await runFlow('Title', [step('one', () => false)], ['given']), ['given']);
  });
});
