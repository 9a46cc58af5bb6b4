import assert from 'node:assert/strict';
import { entityTag, matches, noneMatches } from '../../../src/api/etag.ts';

describe('entity tags', () => {
  it('are the same for the same value and another one for any other', async () => {
    const values = [{}, { a: 1 }, { a: 2 }, { a: [1] }, [], null, 'x'];
    const tags = await Promise.all(values.map(entityTag));
    assert.equal(new Set(tags).size, values.length);
    assert.deepEqual(await Promise.all(values.map(entityTag)), tags);
    for (const tag of tags) assert.match(tag, /^"[0-9a-f]{32}"$/);
  });

  it('match by the rules of RFC 9110', () => {
    // condition, If-Match holds, If-None-Match holds
    const table: readonly (readonly [string, boolean, boolean])[] = [
      ['"a"', true, false],
      ['"b"', false, true],
      ['*', true, false],
      [' * ', true, false],
      ['W/"a"', false, false],
      ['"b", "a"', true, false],
      ['"b",W/"a"', false, false],
      ['', false, true],
      ['a', false, true],
      ['"a', false, true],
      ['"x*"', false, true],
      ['"b,a", "c"', false, true],
    ];
    for (const [condition, isMatch, isNone] of table) assert.deepEqual([matches(condition, '"a"'), noneMatches(condition, '"a"')], [isMatch, isNone], condition);
  });
});
