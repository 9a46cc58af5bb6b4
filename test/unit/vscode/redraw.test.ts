import assert from 'node:assert/strict';
import { createRedraw } from '../../../src/vscode/redraw.ts';
import { FakeClock } from '../fakes.ts';

/** A clock whose `now` moves on while something is drawn. */
function start(costMs: number) {
  const clock = new FakeClock();
  let extra = 0;
  const draws: number[] = [];
  const slow = { now: () => clock.now() + extra, after: (ms: number, callback: () => void) => clock.after(ms, callback) };
  const redraw = createRedraw(() => {
    draws.push(slow.now());
    extra += costMs;
  }, slow);
  return { clock, redraw, draws };
}

describe('redrawing', () => {
  it('is immediate for a small tree, change after change', () => {
    const { redraw, draws } = start(0);
    for (let change = 0; change < 5; change++) redraw.request();
    assert.equal(draws.length, 5);
  });

  it('rests four times as long as a draw took, and gathers what changes meanwhile', async () => {
    const { clock, redraw, draws } = start(25);
    for (let change = 0; change < 50; change++) redraw.request();
    assert.equal(draws.length, 1);
    await clock.advance(99);
    assert.equal(draws.length, 1);
    await clock.advance(1);
    assert.equal(draws.length, 2);
  });

  it('draws nothing and keeps no timer after its end', async () => {
    const { clock, redraw, draws } = start(25);
    redraw.request();
    redraw.request();
    redraw.dispose();
    redraw.request();
    assert.equal(clock.pending, 0);
    await clock.advance(1_000);
    assert.equal(draws.length, 1);
  });
});
