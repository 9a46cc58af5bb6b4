import assert from 'node:assert/strict';
import { encodeWarnings } from '../../../src/gateway/warnings-header.ts';

describe('the header of warnings', () => {
  it('names each code once, in the order in which they came up', () => assert.equal(encodeWarnings(['approximated', 'unsupported-part', 'approximated']), 'approximated, unsupported-part'));
  it('is never longer than a proxy takes', () => {
    const value = encodeWarnings(Array.from({ length: 100 }, (_, index) => `code-${index}`));
    assert.ok(value.length <= 500 && value.startsWith('code-0, code-1, ') && /code-\d+$/.test(value), value);
  });
});
