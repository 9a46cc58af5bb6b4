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
  it('is immediate, and leaves VS Code the time to show it while changes come all the time', async () => {
    const { clock, redraw, draws } = start(0);
    // A download tells how far it is sixteen times in a second.
    for (let change = 0; change < 64; change++) {
      redraw.request();
      await clock.advance(60);
    }
    const gaps = draws.map((at, index) => at - (draws[index - 1] ?? at));
    assert.deepEqual(gaps.slice(0, 8), [0, 60, 60, 60, 60, 60, 60, 60], 'a few are drawn at once');
    const later = gaps.slice(12);
    assert.ok(later.length >= 6 && later.every((gap) => gap >= 220), gaps.join());
    await clock.advance(3_000);
    for (let change = 0; change < 5; change++) redraw.request();
    assert.equal(draws.filter((at) => at === clock.now()).length, 5, 'after a while a few are again');
  });

  it('rests four times as long as a draw took, and gathers what changes meanwhile', async () => {
    const { clock, redraw, draws } = start(100);
    for (let change = 0; change < 50; change++) redraw.request();
    assert.equal(draws.length, 1);
    await clock.advance(399);
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
