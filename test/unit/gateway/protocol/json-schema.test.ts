import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { JsonObject } from '../../../../src/gateway/protocol/ir.ts';
import { inlineReferences, toObjectSchema, toOpenApiSchema, toPlainSchema } from '../../../../src/gateway/protocol/json-schema.ts';

type Case = readonly [name: string, from: JsonObject, to: JsonObject, changes?: readonly string[]];

function table(cases: readonly Case[], convert: (schema: JsonObject) => { readonly schema: JsonObject; readonly changes: readonly string[] }): void {
  for (const [name, from, to, changes = []] of cases) {
    it(name, () => {
      const before = structuredClone(from);
      const result = convert(from);
      assert.deepEqual(result.schema, to);
      assert.deepEqual([...result.changes].sort(), [...changes].sort());
      assert.deepEqual(from, before, 'the client’s own schema stays as it is');
    });
  }
}

describe('references', () => {
  table(
    [
      ['$defs', { type: 'object', properties: { a: { $ref: '#/$defs/A', description: 'own' } }, $defs: { A: { type: 'string', description: 'theirs' } } }, { type: 'object', properties: { a: { type: 'string', description: 'own' } } }],
      ['definitions through several steps', { $ref: '#/definitions/B', definitions: { A: { type: 'string' }, B: { type: 'array', items: { $ref: '#/definitions/A' } } } }, { type: 'array', items: { type: 'string' } }],
      ['another property', { type: 'object', properties: { a: { type: 'integer' }, b: { $ref: '#/properties/a' } } }, { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } } }],
      ['escaped names', { items: { $ref: '#/$defs/a~1b%20c' }, $defs: { 'a/b c': { type: 'null' } } }, { items: { type: 'null' } }],
      ['anchors', { items: { $ref: '#n' }, $defs: { x: { $anchor: 'n', type: 'number' } } }, { items: { $anchor: 'n', type: 'number' } }],
      ['a property called $ref', { type: 'object', properties: { $ref: { type: 'string' } } }, { type: 'object', properties: { $ref: { type: 'string' } } }],
      ['a tree of itself', { $ref: '#/$defs/N', $defs: { N: { type: 'object', properties: { next: { $ref: '#/$defs/N' } } } } }, { type: 'object', properties: { next: { type: 'object' } } }, ['$ref']],
      ['the root', { type: 'object', properties: { child: { $ref: '#' } } }, { type: 'object', properties: { child: { type: 'object' } } }, ['$ref']],
      ['another document', { items: { $ref: 'https://example.com/a.json' } }, { items: {} }, ['$ref']],
      ['nowhere', { items: { $ref: '#/$defs/none/__proto__' } }, { items: {} }, ['$ref']],
    ],
    inlineReferences,
  );

  it('stays small for definitions that double at every step', () => {
    const defs = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`d${index}`, { type: 'object', properties: { a: { $ref: `#/$defs/d${index + 1}` }, b: { $ref: `#/$defs/d${index + 1}` } } }]));
    const result = inlineReferences({ $ref: '#/$defs/d0', $defs: { ...defs, d30: { type: 'string' } } });
    assert.deepEqual(result.changes, ['$ref']);
    assert.ok(JSON.stringify(result.schema).length < 4_000_000);
  });
});

describe('parameters of a function', () => {
  table(
    [
      ['nothing', {}, { type: 'object', properties: {} }],
      ['no properties', { type: 'object', additionalProperties: false }, { type: 'object', additionalProperties: false, properties: {} }],
      ['null beside object', { type: ['object', 'null'], properties: { a: { type: 'string' } } }, { type: 'object', properties: { a: { type: 'string' } } }],
      ['a reference at the root', { $ref: '#/definitions/A', definitions: { A: { type: 'object', properties: { a: {} }, required: ['a'] } } }, { type: 'object', properties: { a: {} }, required: ['a'] }],
      [
        'a union at the root',
        { anyOf: [{ type: 'object', properties: { kind: { const: 'a' }, x: { type: 'string' } }, required: ['kind', 'x'] }, { type: 'object', properties: { kind: { const: 'b' } }, required: ['kind'] }] },
        { type: 'object', properties: { kind: { anyOf: [{ const: 'a' }, { const: 'b' }] }, x: { type: 'string' } }, required: ['kind'] },
        ['anyOf'],
      ],
      [
        'all of several',
        { allOf: [{ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }, { properties: { b: { type: 'string' } }, required: ['b'] }] },
        { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, required: ['a', 'b'] },
      ],
      ['what is below the root stays', { type: 'object', properties: { a: { type: ['string', 'null'], pattern: 'x', format: 'uri' } } }, { type: 'object', properties: { a: { type: ['string', 'null'], pattern: 'x', format: 'uri' } } }],
    ],
    toObjectSchema,
  );
});

describe('plain schemas', () => {
  table(
    [
      ['null in a type list', { type: 'object', properties: { a: { type: ['string', 'null'], description: 'd' } }, required: ['a'] }, { type: 'object', properties: { a: { description: 'd', anyOf: [{ type: 'string' }, { type: 'null' }] } }, required: ['a'] }],
      ['several types', { type: ['string', 'integer'], minimum: 3 }, { anyOf: [{ type: 'string' }, { type: 'integer', minimum: 3 }] }],
      ['const', { const: 'x' }, { type: 'string', enum: ['x'] }],
      ['null among the values', { enum: ['a', null] }, { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] }],
      ['numbers among the values', { type: 'integer', enum: [1, 2] }, { type: 'integer', enum: [1, 2] }],
      ['oneOf', { oneOf: [{ type: 'string' }, { type: 'null' }, { type: 'number' }] }, { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] }, ['oneOf']],
      ['one alternative and null', { description: 'd', anyOf: [{ type: 'string', description: 'inner' }, { type: 'null' }] }, { description: 'd', anyOf: [{ type: 'string' }, { type: 'null' }] }],
      ['either of two properties', { type: 'object', properties: { a: {}, b: {} }, anyOf: [{ required: ['a'] }, { required: ['b'] }] }, { type: 'object', properties: { a: {}, b: {} } }, ['anyOf']],
      ['patterns and formats', { type: 'string', pattern: '^a+$', format: 'uri', minLength: 1, $comment: 'x' }, { type: 'string' }, ['pattern', 'format', 'minLength']],
      ['boolean schemas', { type: 'object', properties: { a: true, b: false }, additionalProperties: { type: ['string', 'null'] } }, { type: 'object', properties: { a: {}, b: {} }, additionalProperties: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, ['false']],
      ['tuples', { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }, { type: 'string' }] }, { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'number' }] } }, ['prefixItems']],
      ['tuples of draft 4', { type: 'array', items: [{ type: 'string' }] }, { type: 'array', items: { type: 'string' } }, ['prefixItems']],
      ['a required name without a property', { type: 'object', properties: {}, required: ['a'] }, { type: 'object', properties: { a: {} }, required: ['a'] }],
      ['an empty list of required names', { type: 'object', properties: {}, required: [] }, { type: 'object', properties: {} }],
      ['missing types', { properties: { a: { items: {} } } }, { type: 'object', properties: { a: { type: 'array', items: {} } } }],
      ['conditions', { type: 'object', properties: {}, if: {}, then: {}, not: {} }, { type: 'object', properties: {} }, ['if', 'then', 'not']],
      ['nonsense', { type: 7, properties: [], required: 'a', enum: {} }, { type: 'object', properties: {}, enum: {} }],
    ],
    toPlainSchema,
  );
});

describe('schemas of the OpenAPI subset', () => {
  table(
    [
      ['null in a type list', { type: ['string', 'null'] }, { type: 'string', nullable: true }],
      ['null in a union', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, { type: 'integer', nullable: true }],
      ['nullable stays', { type: 'string', nullable: true }, { type: 'string', nullable: true }],
      ['values that are no strings', { enum: [1, 2] }, { type: 'number' }, ['enum']],
      ['additionalProperties', { type: 'object', properties: { a: { type: 'string', format: 'date-time' } }, additionalProperties: false }, { type: 'object', properties: { a: { type: 'string', format: 'date-time' } } }],
      ['exclusive bounds', { type: 'integer', exclusiveMinimum: 1 }, { type: 'integer' }, ['exclusiveMinimum']],
    ],
    toOpenApiSchema,
  );
});

describe('any schema at all', () => {
  const keyword = fc.constantFrom('type', 'properties', 'items', 'anyOf', 'oneOf', 'allOf', 'enum', 'const', 'required', '$ref', '$defs', 'additionalProperties', 'prefixItems', 'nullable', 'not', '__proto__');
  const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'schema' },
      fc.constantFrom<unknown>(true, false, null, 'string', 'object', '#', '#/$defs/a', 3, []),
      fc.array(tie('schema'), { maxLength: 3 }),
      fc.dictionary(keyword, tie('schema'), { maxKeys: 4 }),
      fc.dictionary(fc.constantFrom('a', 'b'), tie('schema'), { maxKeys: 2 }),
    ),
  }));
  const root = fc.dictionary(keyword, schema).map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

  /** Every schema in a rewritten schema. */
  function nodesOf(node: unknown): readonly object[] {
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return [];
    const { properties, items, anyOf, additionalProperties } = node as Record<string, unknown>;
    return [node, ...Object.values(properties ?? {}).flatMap(nodesOf), ...nodesOf(items), ...nodesOf(additionalProperties), ...(Array.isArray(anyOf) ? anyOf.flatMap(nodesOf) : [])];
  }

  it('is rewritten without failing, and without what the target does not know', () => {
    fc.assert(
      fc.property(root, (value) => {
        for (const convert of [toPlainSchema, toOpenApiSchema]) {
          const once = convert(value).schema;
          for (const node of nodesOf(once)) for (const keyword of ['oneOf', 'allOf', 'const', 'prefixItems', '$defs', 'not']) assert.ok(!(keyword in node), keyword);
        }
        const object = toObjectSchema(value).schema;
        assert.equal(object['type'], 'object');
        assert.equal(typeof object['properties'], 'object');
        assert.ok(!('anyOf' in object && Array.isArray(object['anyOf'])));
      }),
      { numRuns: 500 },
    );
  });
});
