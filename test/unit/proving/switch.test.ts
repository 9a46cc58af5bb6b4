import assert from 'node:assert/strict';
import type { ChatFailure } from '../../../src/core/chat/model.ts';
import { placements } from '../../../src/core/protocol.ts';
import type { LevelId, LevelResult } from '../../../src/core/proving/model.ts';
import { switchVerdict } from '../../../src/core/proving/switch.ts';

const failed = (failure: Partial<ChatFailure>) => ({ type: 'failed', failure: { kind: 'status', message: 'no', ...failure } }) as const;
const tested = (level: LevelId, more: Partial<LevelResult> = {}) => ({ type: 'tested', report: { outcome: 'failed', levels: [{ level, outcome: 'failed', reason: 'no', warnings: [], ...more }] } }) as const;

describe('switching to another model', () => {
  it('goes through wherever it answered', () => {
    for (const placement of placements) assert.deepEqual(switchVerdict({ type: 'answered' }, placement), { type: 'switch' });
  });

  it('is refused on this machine for any trouble', () => {
    for (const failure of [{ status: 429 }, { status: 500 }, { status: 404 }, { kind: 'silent' }, { kind: 'network' }, { kind: 'malformed' }] as const) assert.equal(switchVerdict(failed(failure), 'local').type, 'refuse');
    assert.equal(switchVerdict(tested('schema'), 'local').type, 'refuse');
  });

  it('is warned of elsewhere where the trouble passes, and refused where it does not', () => {
    for (const placement of ['self-hosted', 'third-party'] as const) {
      for (const failure of [{ status: 429 }, { status: 503 }, { status: 408 }, { kind: 'silent' }, { kind: 'network' }, { kind: 'truncated' }] as const) assert.equal(switchVerdict(failed(failure), placement).type, 'warn');
      for (const failure of [{ status: 401 }, { status: 404 }, { status: 402 }, { status: 400 }, { status: 501 }, { kind: 'malformed' }] as const) assert.equal(switchVerdict(failed(failure), placement).type, 'refuse');
      assert.equal(switchVerdict(tested('answers'), placement).type, 'refuse');
      assert.equal(switchVerdict(tested('answers', { transient: true }), placement).type, 'warn');
      assert.equal(switchVerdict(tested('tool-call'), placement).type, 'warn');
    }
  });

  it('says what was wrong and what to do', () => {
    assert.deepEqual(switchVerdict(failed({ status: 500, hint: 'Ask again' }), 'local'), { type: 'refuse', message: 'no', hint: 'Ask again' });
    assert.deepEqual(switchVerdict({ type: 'tested', report: { outcome: 'passed', levels: [] } }, 'local'), { type: 'switch' });
  });
});
