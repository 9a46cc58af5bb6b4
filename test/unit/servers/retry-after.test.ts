import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parseRetryAfter } from '../../../src/core/servers/retry-after.ts';

describe('retry-after', () => {
  const now = Date.UTC(2026, 8, 1, 12);
  const wait = (value: string): number | undefined => parseRetryAfter({ 'retry-after': value }, now);

  it('understands seconds and dates', () => {
    assert.equal(wait('120'), 120_000);
    assert.equal(wait(' 1.5 '), 1500);
    assert.equal(wait('Tue, 01 Sep 2026 12:02:00 GMT'), 120_000);
    assert.equal(wait('Tuesday, 01-Sep-26 12:02:00 GMT'), 120_000);
  });

  it('prefers exact milliseconds', () => {
    assert.equal(parseRetryAfter({ 'retry-after-ms': '1500', 'retry-after': '2' }, now), 1500);
    assert.equal(parseRetryAfter({ 'retry-after-ms': '', 'retry-after': '2' }, now), 2000);
  });

  it('waits at least a second and at most a day', () => {
    assert.equal(wait('0'), 1000);
    assert.equal(wait('Mon, 01 Sep 2025 12:00:00 GMT'), 1000);
    assert.equal(wait('999999999'), 86_400_000);
  });

  it('is nothing where nothing is said', () => {
    for (const value of ['', 'soon', '-5', '1e3', 'NaN', 'Infinity', '12:00']) assert.equal(wait(value), undefined, value);
    assert.equal(parseRetryAfter({}, now), undefined);
  });

  it('is a sensible time or nothing, whatever the header holds', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const ms = parseRetryAfter({ 'retry-after': a, 'retry-after-ms': b }, now);
        assert.ok(ms === undefined || (Number.isInteger(ms) && ms >= 1000 && ms <= 86_400_000));
      }),
    );
  });
});
