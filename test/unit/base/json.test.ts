import assert from 'node:assert/strict';
import { parseJson } from '../../../src/base/json.ts';

describe('JSON that others wrote', () => {
  it('is its value, null and false included', () => {
    assert.deepEqual(['{"a":[1]}', ' null\n', 'false', '""', '0'].map(parseJson), [{ a: [1] }, null, false, '', 0]);
  });

  it('is undefined where it is no JSON', () => {
    assert.deepEqual(['', 'undefined', '{"a":', '{"a":1} more', "{'a':1}", '<html>'].map(parseJson), Array.from({ length: 6 }, () => undefined));
  });
});
