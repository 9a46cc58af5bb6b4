import assert from 'node:assert/strict';
import fc from 'fast-check';
import { documentOfText, maskEntry, unmaskEntry, writtenEntry } from '../../../src/core/config/written-entry.ts';
import { hidden } from '../../../src/core/launch/mask.ts';
import '../../support/properties.ts';

const key = 'sk-ant-api03-abcdefghijklmnop1234567890';

describe('entries as they stand in the file', () => {
  const entry = {
    name: 'lab',
    api_key: key,
    base_url: `https://user:${key}@lab.example`,
    headers: { 'X-Team': 'a', Authorization: `Bearer ${key}`, 'x-api-key': 'short' },
    extra_env: { MY_TOKEN: 'abc', PLAIN: 'text' },
    models: ['m', key],
    nested: [{ password: 'p', n: 1 }],
    at: new Date('2026-01-02T03:04:05Z'),
    much: Infinity,
  };

  it('are shown without keys, wherever those stand', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(maskEntry(entry))), {
      name: 'lab',
      api_key: hidden,
      base_url: `https://${hidden}@lab.example`,
      headers: { 'X-Team': 'a', Authorization: hidden, 'x-api-key': hidden },
      extra_env: { MY_TOKEN: hidden, PLAIN: 'text' },
      models: ['m', hidden],
      nested: [{ password: hidden, n: 1 }],
      at: '2026-01-02T03:04:05.000Z',
      much: 'Infinity',
    });
    assert.equal(maskEntry({ api_key: 'env:LAB_KEY' }).api_key, 'env:LAB_KEY');
  });

  it('mean what they were when they come back as they were shown', () => {
    const { at: _, much: __, ...plain } = entry;
    assert.deepEqual(JSON.parse(JSON.stringify(unmaskEntry(maskEntry(plain), plain))), plain);
    const moved = { ...maskEntry(plain), display_name: 'New', models: ['other', hidden] };
    assert.deepEqual(JSON.parse(JSON.stringify(unmaskEntry(moved, plain))), { ...plain, display_name: 'New', models: ['other', key] });
  });

  it('are refused where a sign stands for nothing', () => {
    for (const given of [{ other: hidden }, { headers: { 'X-Team': hidden } }, { models: [hidden] }, { api_key: `x${hidden}` }, { nested: [{ password: hidden }, { password: hidden }] }]) {
      assert.equal(unmaskEntry(given, entry), undefined, JSON.stringify(given));
    }
  });

  it('come back as they were, whatever stands in them', () => {
    const value = fc.letrec<{ value: unknown }>((tie) => ({ value: fc.oneof({ maxDepth: 3 }, fc.string(), fc.constant(key), fc.integer(), fc.boolean(), fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('token', '__proto__', 'Authorization')), tie('value'), { maxKeys: 3, noNullPrototype: false })) })).value;
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('api_key', 'headers', 'extra_env', 'x'), value), (table) => {
        const shown = JSON.parse(JSON.stringify(maskEntry(table))) as Record<string, unknown>;
        assert.ok(!JSON.stringify(shown).includes(key));
        assert.equal(JSON.stringify(unmaskEntry(shown, table)), JSON.stringify(table));
      }),
    );
  });

  it('are found by name, the first of it; a text that is not TOML has none', () => {
    const document = documentOfText('[[delegators]]\nname = "a"\nn = 1\n[[delegators]]\nname = "a"\nn = 2\n');
    assert.equal(writtenEntry(document, 'delegators', 'a')?.n, 1);
    assert.equal(writtenEntry(document, 'delegators', 'b'), undefined);
    assert.equal(writtenEntry(document, 'model_servers', 'a'), undefined);
    assert.equal(writtenEntry(documentOfText('[[delegators]'), 'delegators', 'a'), undefined);
    assert.equal(writtenEntry(documentOfText('delegators = 1'), 'delegators', 'a'), undefined);
  });
});
