/** Which sessions end although nobody said so. */
import assert from 'node:assert/strict';
import type { SessionSpec } from '../../../src/core/gateway/model.ts';
import { removeForgotten } from '../../../src/gateway/forgotten.ts';
import { createSessions } from '../../../src/gateway/sessions.ts';
import { FakeClock, FakeLog } from '../fakes.ts';

const hour = 60 * 60_000;
/** No process of any system has it. */
const gone = 2 ** 31 - 2;
const spec = (id: string): SessionSpec => ({ id, displayName: id, llmTool: 'test', targets: [], strictNames: false });

describe('a session that nobody ended', () => {
  const left = async (mode: 'shared' | 'foreground', after: number): Promise<readonly string[]> => {
    const clock = new FakeClock();
    const sessions = createSessions(clock, () => {});
    for (const id of ['nobody', 'running', 'gone']) sessions.create(spec(id), {});
    sessions.setProcess('running', process.pid);
    sessions.setProcess('gone', gone);
    await clock.advance(after);
    removeForgotten(sessions, { mode, now: clock.now(), log: new FakeLog() });
    return sessions.list().map(({ id }) => id);
  };

  it('ends with its agent, or when nothing was asked for a day', async () => {
    assert.deepEqual(await left('shared', hour), ['nobody', 'running']);
    assert.deepEqual(await left('shared', 25 * hour), ['running']);
  });

  it('stays as long as the gateway where that is of one command, such as operator serve over a weekend', async () => {
    assert.deepEqual(await left('foreground', 72 * hour), ['nobody', 'running']);
  });
});
