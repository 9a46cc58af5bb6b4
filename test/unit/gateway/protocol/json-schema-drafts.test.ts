import assert from 'node:assert/strict';
import type { JsonObject } from '../../../../src/gateway/protocol/ir.ts';
import { toCurrentDraft } from '../../../../src/gateway/protocol/json-schema-drafts.ts';

describe('schemas of older drafts', () => {
  const cases: readonly (readonly [name: string, from: JsonObject, to: JsonObject])[] = [
    ['a tuple', { type: 'array', items: [{ type: 'string' }, { type: 'number' }] }, { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], items: {} }],
    ['a tuple that is closed', { items: [{}], additionalItems: false }, { prefixItems: [{}], items: false }],
    ['a tuple with more of a kind', { items: [{}], additionalItems: { type: 'string' } }, { prefixItems: [{}], items: { type: 'string' } }],
    ['an array of anything', { type: 'array' }, { type: 'array', items: {} }],
    ['an array or nothing', { type: ['array', 'null'] }, { type: ['array', 'null'], items: {} }],
    ['a bound that is excluded', { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false }, { type: 'number', exclusiveMinimum: 0, maximum: 9 }],
    ['a flag without its bound', { exclusiveMaximum: true }, {}],
    ['bounds of the current draft', { exclusiveMinimum: 0 }, { exclusiveMinimum: 0 }],
    ['required as a flag', { properties: { a: { type: 'string', required: true } }, required: ['a'] }, { properties: { a: { type: 'string' } }, required: ['a'] }],
    ['whatever is below', { anyOf: [{ type: 'array' }], $defs: { A: { items: [{}] } }, additionalProperties: { type: 'array' } }, { anyOf: [{ type: 'array', items: {} }], $defs: { A: { prefixItems: [{}], items: {} } }, additionalProperties: { type: 'array', items: {} } }],
    ['properties that are called like keywords', { properties: { items: { type: 'string' }, required: { type: 'string' } } }, { properties: { items: { type: 'string' }, required: { type: 'string' } } }],
    ['data', { enum: [{ items: [1] }], default: { items: [1] }, const: { required: true } }, { enum: [{ items: [1] }], default: { items: [1] }, const: { required: true } }],
    ['booleans', { properties: { a: true }, items: false, additionalProperties: false }, { properties: { a: true }, items: false, additionalProperties: false }],
  ];
  for (const [name, from, to] of cases) {
    it(`keep ${name}`, () => {
      const before = structuredClone(from);
      assert.deepEqual(toCurrentDraft(from), to);
      assert.deepEqual(from, before, 'the client’s own schema stays as it is');
    });
  }

  it('have no booleans for those who take none', () => {
    const from: JsonObject = { properties: { a: true, b: { type: 'array', prefixItems: [{}, true], items: false } }, additionalProperties: false };
    assert.deepEqual(toCurrentDraft(from, { booleanSchemas: false }), { properties: { a: {}, b: { type: 'array', prefixItems: [{}, {}], items: {}, maxItems: 2 } }, additionalProperties: false });
  });
});
