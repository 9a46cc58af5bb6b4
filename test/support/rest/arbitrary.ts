/** Values out of JSON schemas: what they allow, and what hostile clients send instead. */
import fc from 'fast-check';
import '../properties.ts';
import type { JsonSchema, Judge } from './document.ts';

type Json = fc.JsonValue;

const nastyTexts = ['', ' ', '\u0000', '\ud800', '😀', '\u202egnp', '../../etc/passwd', '__proto__', 'constructor', '‹hidden›', '"""', "'''", '\n[[model_servers]]\nname = "x"', 'a'.repeat(20_000), 'sk-ant-api03-abcdefghijklmnop1234567890', 'env:', 'NaN', 'null'];
const nastyNumbers = [0, -0, -1, 1e308, 5e-324, 2 ** 53, -(2 ** 53), 0.1, 1e21];

export const nastyText: fc.Arbitrary<string> = fc.oneof(fc.constantFrom(...nastyTexts), fc.string({ unit: 'binary' }), fc.string());

/** Anything that JSON can say, nasty above all. */
export const anything: fc.Arbitrary<Json> = fc.oneof(
  nastyText,
  fc.constantFrom(...nastyNumbers),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(nastyText, fc.oneof(nastyText, fc.constant(null)), { maxKeys: 4 }) as fc.Arbitrary<Json>,
  fc.constant(nested(300)),
);

function nested(depth: number): Json {
  let value: Json = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

/** What the schema allows, as far as a generator can tell (`format` and `pattern` are only met by chance). */
export function allowedBy(schema: JsonSchema, judge: Judge, depth = 0): fc.Arbitrary<Json> {
  const { type, enum: values, const: constant, anyOf, properties, required = [], items, additionalProperties } = judge.resolve(schema) as {
    type?: string;
    enum?: Json[];
    const?: Json;
    anyOf?: JsonSchema[];
    properties?: Record<string, JsonSchema>;
    required?: string[];
    items?: JsonSchema;
    additionalProperties?: JsonSchema | boolean;
  };
  if (values) return fc.constantFrom(...values);
  if (constant !== undefined) return fc.constant(constant);
  if (anyOf) return fc.oneof(...anyOf.slice(0, depth > 3 ? 1 : undefined).map((each) => allowedBy(each, judge, depth + 1)));
  switch (type) {
    case 'string':
      return fc.oneof({ weight: 3, arbitrary: fc.constantFrom('a', 'http://127.0.0.1:9', 'codex', 'lab', 'LAB_KEY', 'env:LAB_KEY', 'bearer') }, nastyText);
    case 'number':
    case 'integer':
      return fc.oneof(fc.integer({ min: 1, max: 600 }), fc.constantFrom(...nastyNumbers));
    case 'boolean':
      return fc.boolean();
    case 'array':
      return depth > 3 ? fc.constant([]) : fc.array(allowedBy(items ?? {}, judge, depth + 1), { maxLength: 3 });
    case 'object': {
      const more = typeof additionalProperties === 'object' && depth < 3 ? fc.dictionary(nastyText, allowedBy(additionalProperties, judge, depth + 1), { maxKeys: 2 }) : fc.constant({});
      const own = properties ?? {};
      const known = fc.record(Object.fromEntries(Object.entries(own).map(([key, each]) => [key, allowedBy(each, judge, depth + 1)])));
      // With all of them there would be something wrong nearly always.
      const optional = fc.subarray(Object.keys(own).filter((key) => !required.includes(key)), { maxLength: Math.min(3, Object.keys(own).filter((key) => !required.includes(key)).length) });
      return fc.tuple(more, known, optional).map(([a, b, keys]) => ({ ...a, ...Object.fromEntries(Object.entries(b).filter(([key]) => required.includes(key) || keys.includes(key))) }) as Json);
    }
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

/** Nearly what the schema allows: one member of another type, missing, or too much. */
export function nearly(schema: JsonSchema, judge: Judge): fc.Arbitrary<Json> {
  const { properties = {} } = judge.resolve(schema) as { properties?: Record<string, JsonSchema> };
  const keys = [...Object.keys(properties), '__proto__', 'toString', ''];
  return fc.tuple(allowedBy(schema, judge), fc.constantFrom(...keys), fc.option(anything)).map(([value, key, other]) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const rest = Object.entries(value).filter(([name]) => name !== key);
    // Not as a literal: `__proto__` shall be a member like any other.
    return JSON.parse(`{${[...rest, ...(other === null ? [] : [[key, other] as const])].map(([name, each]) => `${JSON.stringify(name)}:${JSON.stringify(each)}`).join(',')}}`) as Json;
  });
}
