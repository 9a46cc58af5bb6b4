import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { toMicros } from '../../../src/core/servers/listing/price.ts';
import { ageWords, formatDollars, modelLine, priceWords, sourceWords } from '../../../src/core/status/catalogue.ts';
import '../../support/properties.ts';

describe('prices', () => {
  it('per token become millionths of a dollar per million tokens, exactly', () => {
    const cases: Readonly<Record<string, number>> = { '0.000003': 3_000_000, '0.00000025': 250_000, '0.0000001109': 110_900, '0': 0, '0.0': 0, '.000001': 1_000_000, '1e-6': 1_000_000, '2.5E-7': 250_000, '0.0000000000005': 1, '0.0000000000004': 0, '0.00003': 30_000_000 };
    assert.deepEqual(Object.fromEntries(Object.keys(cases).map((text) => [text, toMicros(text, 12)])), cases);
    // 0.1 + 0.2 in floating point: 0.00000007 * 1e12 is 70000.00000000001.
    assert.equal(toMicros('0.00000007', 12), 70_000);
    assert.equal(toMicros(1.1e-7, 12), 110_000);
  });

  it('per million tokens likewise', () => {
    assert.deepEqual([0.29, 1.2, 2, '0.075'].map((value) => toMicros(value, 6)), [290_000, 1_200_000, 2_000_000, 75_000]);
  });

  it('are not known where the text is none', () => {
    for (const value of ['-1', '', ' ', '.', 'free', '1,5', '$3', 'NaN', 'Infinity', '0x10', '1e400', '9'.repeat(40), null, undefined, Number.NaN, -0.5]) assert.equal(toMicros(value, 12), undefined, String(value));
  });

  it('keep every digit of what a vendor writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_000_000_000 }), (micros) => {
        const digits = String(micros).padStart(13, '0');
        assert.equal(toMicros(`${digits.slice(0, -12)}.${digits.slice(-12)}`, 12), micros);
      }),
    );
  });

  it('are written short', () => {
    assert.deepEqual([3_000_000, 1_200_000, 150_000, 600_000, 75_000, 2_500, 110_900, 0, 1, 12_345_678].map(formatDollars), ['$3', '$1.20', '$0.15', '$0.60', '$0.075', '$0.0025', '$0.11', '$0', '$0.000001', '$12.35']);
    assert.equal(priceWords({ inputMicros: 3_000_000, outputMicros: 15_000_000 }), '$3 in, $15 out');
    assert.equal(priceWords({ inputMicros: 0, outputMicros: 0 }), 'free');
    assert.equal(priceWords({ inputMicros: 0 }), '$0 in');
    assert.equal(priceWords({}), '');
    assert.equal(priceWords(undefined), '');
  });
});

describe('the words for a catalogue', () => {
  const hour = 3_600_000;

  it('say where it is from and how old it is', () => {
    const words = (source: Parameters<typeof sourceWords>[0]['source'], refreshing = false): string => sourceWords({ source, refreshing, fetchedAt: 0 }, 30 * hour);
    assert.equal(words('live'), 'just asked');
    assert.equal(words('cache'), 'cached 30 h ago');
    assert.equal(words('stale', true), 'stale, from 30 h ago, refreshing');
    assert.equal(sourceWords({ source: 'stale', refreshing: false, fetchedAt: 0, error: { message: 'x' } }, 30 * hour), 'from 30 h ago, could not be refreshed');
    assert.equal(words('declared'), 'named in operator.toml');
    assert.equal(words('unconfigured'), 'not asked');
    assert.equal(words('unavailable'), 'no list');
    assert.deepEqual([0, 59_999, 60_000, 59 * 60_000, 2 * hour, 47 * hour, 49 * hour, -5].map(ageWords), ['just now', 'just now', '1 min ago', '59 min ago', '2 h ago', '47 h ago', '2 d ago', 'just now']);
  });

  it('say in one line what a picker needs', () => {
    assert.equal(
      modelLine({ id: 'a', tier: 'flagship', contextWindow: 131_072, price: { inputMicros: 3_000_000, outputMicros: 15_000_000 }, capabilities: ['tools', 'vision', 'structured-output'] }),
      '128k context · $3 in, $15 out · tools, vision, structured output',
    );
    assert.equal(modelLine({ id: 'a', tier: 'other', contextWindow: 40_960, loadedContext: 8192, loaded: true, supportsTools: false }), '40k context, loaded with 8k · no tools');
    assert.equal(modelLine({ id: 'a', tier: 'other', hidden: { reason: 'old', words: 'older than 18 months' } }), 'older than 18 months');
  });
});
