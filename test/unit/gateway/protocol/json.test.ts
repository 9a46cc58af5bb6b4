import assert from 'node:assert/strict';
import { createCallIds, fitCallId, stableId } from '../../../../src/gateway/protocol/call-ids.ts';
import { argumentsObject, argumentsText, parseJsonExactly } from '../../../../src/gateway/protocol/json.ts';

describe('a model’s arguments', () => {
  const cases: readonly (readonly [text: string, written: string])[] = [
    ['', '{}'],
    [' \n', '{}'],
    ['null', '{}'],
    ['{"a": 1}', '{"a":1}'],
    ['{"id": 9007199254740993, "price": 1.50, "e": 1e3, "n": -0.0}', '{"id":9007199254740993,"price":1.50,"e":1e3,"n":-0.0}'],
    ['"{\\"a\\":1}"', '{"a":1}'],
    ['{"a":', '{"invalid_arguments":"{\\"a\\":"}'],
    ['[1]', '{"invalid_arguments":"[1]"}'],
    ['{"__proto__": {"x": 1}}', '{"__proto__":{"x":1}}'],
  ];
  for (const [text, written] of cases) it(`${JSON.stringify(text)} as an object`, () => assert.equal(JSON.stringify(argumentsObject(text)), written));

  it('as text are never empty', () => {
    assert.equal(argumentsText(''), '{}');
    assert.equal(argumentsText('{"a":'), '{"a":');
  });

  it('that are ordinary are read as ordinary values', () => {
    assert.deepEqual(parseJsonExactly('{"a":[1,2.5,"x"]}'), { a: [1, 2.5, 'x'] });
    assert.equal(parseJsonExactly('{'), undefined);
  });
});

describe('ids of calls', () => {
  it('stay when they fit, and are derived from themselves when they do not', () => {
    assert.equal(fitCallId('toolu_01ABC-x', { maxLength: 40 }), 'toolu_01ABC-x');
    assert.match(fitCallId('functions.bash:0', { maxLength: 40 }), /^functions_bash_0_[0-9a-f]{16}$/);
    assert.equal(fitCallId('x'.repeat(99), { maxLength: 40 }).length, 40);
    assert.notEqual(fitCallId(`${'x'.repeat(99)}1`, { maxLength: 40 }), fitCallId(`${'x'.repeat(99)}2`, { maxLength: 40 }));
    assert.match(fitCallId('', { maxLength: 40 }), /^_[0-9a-f]{16}$/);
  });

  it('are unique in a conversation', () => {
    const next = createCallIds(['call_0', 'call_0_2'], { maxLength: 40 });
    assert.deepEqual([next('call_0'), next('call_0'), next('call_1')], ['call_0_3', 'call_0_4', 'call_1']);
  });

  it('are the same for the same parts only', () => {
    assert.equal(stableId('c_', 'a', 1), stableId('c_', 'a', 1));
    const seen = new Set(Array.from({ length: 20_000 }, (_, index) => stableId('', index)));
    assert.equal(seen.size, 20_000);
    assert.notEqual(stableId('', 'ab', 'c'), stableId('', 'a', 'bc'));
  });
});
