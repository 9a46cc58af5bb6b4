import assert from 'node:assert/strict';
import { environmentChanges } from '../../../src/vscode/terminal/environment.ts';

const options = { unset: [], caseInsensitive: false };

describe('environment of a terminal', () => {
  it('sets only what differs and removes what must not be there', () => {
    const changes = environmentChanges({ PATH: '/bin', HOME: '/home', OLD: '1' }, { PATH: '/bin', HOME: '/other', NEW: '2' }, options);
    assert.deepEqual(changes, { HOME: '/other', NEW: '2', OLD: null });
  });

  it('removes a variable that only the terminal would bring', () => {
    assert.deepEqual(environmentChanges({}, {}, { ...options, unset: ['ANTHROPIC_API_KEY'] }), { ANTHROPIC_API_KEY: null });
  });

  it('does not remove what is set, whatever the list says', () => {
    assert.deepEqual(environmentChanges({}, { A: '1' }, { ...options, unset: ['A'] }), { A: '1' });
  });

  it('takes Path and PATH for one variable on Windows only', () => {
    assert.deepEqual(environmentChanges({ Path: 'C:' }, { PATH: 'C:' }, { ...options, caseInsensitive: true }), {});
    assert.deepEqual(environmentChanges({ Path: 'C:' }, { PATH: 'C:' }, options), { Path: null, PATH: 'C:' });
  });
});
