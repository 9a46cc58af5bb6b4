import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { isSameValue } from '../../../src/base/same-value.ts';

describe('the same value', () => {
  it('is what Node’s own comparison says it is, of whatever JSON can hold', () => {
    const few = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, fc.constantFrom(null, true, 0, -0, Number.NaN, '', 'a', undefined), fc.array(tie('value'), { maxLength: 2 }), fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'length', '0'), tie('value'), { maxKeys: 2 })),
    })).value;
    fc.assert(
      fc.property(few, few, (one, other) => {
        assert.equal(isSameValue(one, other), isDeepStrictEqual(one, other));
        assert.ok(isSameValue(one, structuredClone(one)) || !isDeepStrictEqual(one, structuredClone(one)));
      }),
      { numRuns: 2000 },
    );
  });

  it('is the same object for all that is more than data', () => {
    const act = (): void => {};
    assert.ok(isSameValue([act], [act]));
    assert.ok(!isSameValue([act], [(): void => {}]));
    assert.ok(!isSameValue(new Map([[1, 2]]), new Map([[1, 2]])));
    assert.ok(!isSameValue(Object.assign(Object.create(null), { rawJSON: '1' }), { rawJSON: '1' }));
  });
});
