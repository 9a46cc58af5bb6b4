import assert from 'node:assert/strict';
import fc from 'fast-check';
import { code, formatBytes, formatCount, formatDuration, formatTokens } from '../../../src/core/status/format.ts';

describe('formats for people', () => {
  it('writes sizes as model servers do', () => {
    assert.deepEqual([0, 999, 1000, 4_700_000_000, 39_600_000_000, 999_950_000].map(formatBytes), ['0 B', '999 B', '1 kB', '4.7 GB', '40 GB', '1 GB']);
  });

  it('writes context sizes as people say them', () => {
    assert.deepEqual([512, 2048, 32_768, 131_072, 200_000, 1_000_000, 1_048_576].map(formatTokens), ['512', '2k', '32k', '128k', '200k', '1M', '1M']);
  });

  it('writes how many tokens were used', () => {
    assert.deepEqual([0, 999, 1000, 34_100, 999_949, 999_950, 2_540_000].map(formatCount), ['0', '999', '1k', '34.1k', '999.9k', '1M', '2.5M']);
  });

  it('writes durations', () => {
    assert.deepEqual([12.4, 999, 2140].map(formatDuration), ['12 ms', '999 ms', '2.1 s']);
  });

  it('fences code so that no content ends the fence', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const fenced = code(text);
        const fence = /^`+/.exec(fenced)?.[0] ?? '';
        const inside = fenced.slice(fence.length, -fence.length);
        assert.ok(fence.length > 0 && fenced.endsWith(fence));
        assert.ok(!inside.split(/[^`]+/).includes(fence), fenced);
      }),
    );
  });
});
