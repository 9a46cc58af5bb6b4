import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { lastMember } from '../../../../src/gateway/usage/last-member.ts';

const find = (json: string): unknown => {
  const text = lastMember(Buffer.from(json), 'usage');
  return text === undefined ? undefined : JSON.parse(text);
};

describe('the last member of an object', () => {
  it('is what a parser finds, or nothing where that is not certain', () => {
    let found = 0;
    const text = fc.constantFrom('', 'usage', '"usage":{"a":1}', '}', '{', '\\', '"', 'x');
    const key = fc.constantFrom('usage', 'a', '"usage"', 'b}');
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, text, fc.nat(9), fc.constant(null), fc.array(tie('value'), { maxLength: 3 }), fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries))),
    }));
    const object = fc.array(fc.tuple(key, value), { maxLength: 4 }).map((entries) => Object.fromEntries(entries));
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 1), fc.constantFrom('', '\n', ' \r\n\t'), (whole, indent, behind) => {
        const member = find(JSON.stringify(whole, undefined, indent) + behind);
        if (member === undefined) return;
        found++;
        assert.deepEqual(member, whole['usage']);
      }),
      { numRuns: 2000 },
    );
    assert.ok(found > 50, String(found));
  });

  it('is found behind texts that look like it, and near the end', () => {
    assert.deepEqual(find('{"text":"\\"usage\\":{}","usage":{"a":{"b":1}},"end":"}"}'), { a: { b: 1 } });
    assert.deepEqual(find('{"usage":{"a":1},"usage" : {"a":2} }\n'), { a: 2 }, 'the last of several');
  });

  it('is not taken from anywhere else', () => {
    for (const json of ['{"usage":null}', '{"name":"usage"}', '{"a":{"usage":{"x":1}}}', '{"list":[{"usage":{"x":1}}]}', '{"usage":{"x":1}', '{"usage":{"x":1}}]', '{"usage":{"x":1}}{}', '{"usage":{"x', '"usage"', '']) assert.equal(find(json), undefined, json);
  });
});
