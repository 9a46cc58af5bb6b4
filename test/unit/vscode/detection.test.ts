import assert from 'node:assert/strict';
import { createDetection } from '../../../src/vscode/detection.ts';

function start(trusted: boolean) {
  let isTrusted = trusted;
  let runs = 0;
  let failing = false;
  let signal: AbortSignal | undefined;
  const logged: string[] = [];
  const quiet = (): void => undefined;
  const detection = createDetection({
    isTrusted: () => isTrusted,
    log: { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: (message) => logged.push(message) },
    operator: {
      async detect(given) {
        runs++;
        signal = given;
        if (failing) throw new Error('no PATH');
      },
    },
  });
  return { detection, logged, runs: () => runs, trust: () => (isTrusted = true), fail: () => (failing = true), signal: () => signal };
}

describe('looking for LLM tools', () => {
  it('happens once however many ask, and again on demand', async () => {
    const { detection, runs } = start(true);
    await Promise.all([detection.detected(), detection.detected()]);
    assert.equal(runs(), 1);
    await detection.again();
    await detection.detected();
    assert.equal(runs(), 2);
  });

  it('never happens in an untrusted workspace, and does after trust was granted', async () => {
    const { detection, runs, trust } = start(false);
    await detection.detected();
    await detection.again();
    assert.equal(runs(), 0);
    trust();
    await detection.detected();
    assert.equal(runs(), 1);
  });

  it('logs a failure and lets whoever waited go on', async () => {
    const { detection, logged, fail } = start(true);
    fail();
    await detection.detected();
    assert.deepEqual(logged, ['looking for LLM tools failed']);
  });

  it('ends with its scope', async () => {
    const { detection, signal } = start(true);
    await detection.detected();
    detection.dispose();
    assert.equal(signal()?.aborted, true);
  });
});
