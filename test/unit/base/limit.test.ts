import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { createLimiter } from '../../../src/base/limit.ts';
import '../../support/properties.ts';

describe('limiter', () => {
  it('runs at most so many at once, each once, and what somebody waits for before the background', async () => {
    const limiter = createLimiter(1);
    const order: string[] = [];
    const held = Promise.withResolvers<void>();
    const first = limiter.run(() => held.promise);
    const rest = [limiter.run(async () => void order.push('background 1'), 'background'), limiter.run(async () => void order.push('background 2'), 'background'), limiter.run(async () => void order.push('waited-for'))];
    held.resolve();
    await Promise.all([first, ...rest]);
    assert.deepEqual(order, ['waited-for', 'background 1', 'background 2']);
  });

  it('passes on what a task throws, and its place', async () => {
    const limiter = createLimiter(1);
    const failed = limiter.run(() => Promise.reject(new Error('x')));
    const next = limiter.run(async () => 'y');
    await assert.rejects(failed, /x/);
    assert.equal(await next, 'y');
  });

  it('never exceeds its limit and never stops short of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(fc.record({ turns: fc.integer({ min: 1, max: 4 }), fails: fc.boolean(), background: fc.boolean() }), { maxLength: 30 }), async (max, tasks) => {
        const limiter = createLimiter(max);
        let running = 0;
        let most = 0;
        let ran = 0;
        const results = await Promise.allSettled(
          tasks.map(({ turns, fails, background }) =>
            limiter.run(
              async () => {
                ran++;
                most = Math.max(most, ++running);
                for (let turn = 0; turn < turns; turn++) await Promise.resolve();
                running--;
                if (fails) throw new Error('failed');
              },
              background ? 'background' : 'waited-for',
            ),
          ),
        );
        assert.equal(ran, tasks.length);
        assert.equal(results.filter(({ status }) => status === 'rejected').length, tasks.filter(({ fails }) => fails).length);
        assert.equal(most, Math.min(max, tasks.length));
      }),
    );
  });
});
