/** Runs the steps of a wizard one after the other, with a way back. Pure: the questions are asked by the steps. */
import type { Answer, Frame } from './ui.ts';

export interface Step<S> {
  /** Left out where it has nothing to ask; every step applies by default. */
  applies?(state: S): boolean;
  ask(state: S, frame: Frame): Promise<Answer<S>>;
}

/** @returns the state after the last step, or undefined when the person left. */
export async function runFlow<S>(title: string, steps: readonly Step<S>[], initial: S): Promise<S | undefined> {
  /** The step asked and the state it was asked with, so that going back asks the same again. */
  const asked: { readonly index: number; readonly state: S }[] = [];
  let state = initial;
  let index = next(steps, state, 0);
  while (index < steps.length) {
    const step = steps[index];
    if (!step) break;
    const answer = await step.ask(state, { title, step: asked.length + 1, totalSteps: asked.length + remaining(steps, state, index), canGoBack: asked.length > 0 });
    if (answer.type === 'cancel') return undefined;
    if (answer.type === 'back') {
      const previous = asked.pop();
      if (!previous) return undefined;
      ({ index, state } = previous);
      continue;
    }
    asked.push({ index, state });
    state = answer.value;
    index = next(steps, state, index + 1);
  }
  return state;
}

function next<S>(steps: readonly Step<S>[], state: S, from: number): number {
  let index = from;
  while (index < steps.length && steps[index]?.applies?.(state) === false) index++;
  return index;
}

function remaining<S>(steps: readonly Step<S>[], state: S, from: number): number {
  return steps.slice(from).filter((step, offset) => offset === 0 || step.applies?.(state) !== false).length;
}
