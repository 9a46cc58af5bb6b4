/** What a session learned about its servers does not outlive their updates. */
import assert from 'node:assert/strict';
import type { SessionSpec } from '../../../src/core/gateway/model.ts';
import { createForgettingMap } from '../../../src/gateway/forgetting-map.ts';
import { createSessions } from '../../../src/gateway/sessions.ts';
import { FakeClock } from '../fakes.ts';

describe('what was learned about a server', () => {
  it('is known for a while and then looked at again, what was added later with it', async () => {
    const clock = new FakeClock();
    const map = createForgettingMap<string>(clock, 1000);
    map.set('lab', 'a');
    await clock.advance(600);
    map.set('lab', 'a, b');
    map.set('other', 'c');
    await clock.advance(399);
    assert.deepEqual([...map], [['lab', 'a, b'], ['other', 'c']]);
    await clock.advance(1);
    assert.deepEqual([map.get('lab'), map.get('other'), [...map]], [undefined, 'c', [['other', 'c']]]);
    map.set('lab', 'd');
    await clock.advance(999);
    assert.equal(map.get('lab'), 'd');
    map.clear();
    assert.deepEqual([...map], []);
  });

  it('is asked again ten minutes later, though nobody renews the session: the server may have been updated', async () => {
    const clock = new FakeClock();
    const sessions = createSessions(clock, () => {});
    const spec: SessionSpec = { id: 's', displayName: 's', llmTool: 'test', targets: [], strictNames: false };
    const session = sessions.find(sessions.create(spec, {}));
    session?.absent.set('lab', new Set(['anthropic-messages']));
    session?.uncounted.set('lab gemini', true);
    await clock.advance(9 * 60_000);
    assert.deepEqual([session?.absent.get('lab')?.size, session?.uncounted.get('lab gemini')], [1, true]);
    await clock.advance(60_000);
    assert.deepEqual([session?.absent.get('lab'), session?.uncounted.get('lab gemini')], [undefined, undefined]);
  });

  it('is forgotten at once when the session is renewed', () => {
    const sessions = createSessions(new FakeClock(), () => {});
    const spec: SessionSpec = { id: 's', displayName: 's', llmTool: 'test', targets: [], strictNames: false };
    const session = sessions.find(sessions.create(spec, {}));
    session?.absent.set('lab', new Set(['anthropic-messages']));
    sessions.renew(spec, {});
    assert.equal(session?.absent.get('lab'), undefined);
  });
});
