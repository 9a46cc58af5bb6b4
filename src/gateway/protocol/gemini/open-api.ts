/** Gemini's own schema type (an OpenAPI subset with types in capitals) ↔ JSON schema. */
import { isJsonObject } from '../json.ts';
import { toOpenApiSchema } from '../json-schema.ts';
import type { RewrittenSchema } from '../json-schema-references.ts';
import type { Json, JsonObject } from '../ir.ts';

const types = new Set(['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL']);
/** Counts that Protocol Buffers write as text. */
const counts = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties']);
/** Keywords whose value is one schema, a list of them, or a map to them. */
const nested = new Set(['items', 'additionalProperties', 'not', 'contains']);
const listed = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const mapped = new Set(['properties', 'patternProperties', '$defs', 'definitions']);

/** For `parameters` and `responseSchema`, and for JSON schemas with types in capitals, which gemini itself sends. */
export function fromOpenApi(schema: JsonObject): JsonObject {
  const result: Record<string, Json> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'type') result[keyword] = lowerType(value);
    else if (counts.has(keyword) && typeof value === 'string' && /^\d+$/.test(value)) result[keyword] = Number(value);
    else if (keyword === 'propertyOrdering' || keyword === 'nullable') continue;
    else if (keyword === 'format' && value === 'enum') continue;
    else if (keyword === 'example') result['examples'] = [value];
    else if (nested.has(keyword) && isJsonObject(value)) result[keyword] = fromOpenApi(value);
    else if (listed.has(keyword) && Array.isArray(value)) result[keyword] = (value as readonly Json[]).map((item) => (isJsonObject(item) ? fromOpenApi(item) : item));
    else if (mapped.has(keyword) && isJsonObject(value)) result[keyword] = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, isJsonObject(item) ? fromOpenApi(item) : item]));
    else result[keyword] = value;
  }
  return schema['nullable'] === true ? orNull(result) : result;
}

function lowerType(type: Json): Json {
  if (Array.isArray(type)) return (type as readonly Json[]).map(lowerType);
  return typeof type === 'string' && types.has(type) ? type.toLowerCase() : type;
}

function orNull(schema: JsonObject): JsonObject {
  if (typeof schema['type'] === 'string') return { ...schema, type: [schema['type'], 'null'], ...(Array.isArray(schema['enum']) && !(schema['enum'] as readonly Json[]).includes(null) ? { enum: [...(schema['enum'] as readonly Json[]), null] } : {}) };
  if (Array.isArray(schema['anyOf'])) return { ...schema, anyOf: [...(schema['anyOf'] as readonly Json[]), { type: 'null' }] };
  return schema;
}

/** For servers that know `parameters` only. */
export function toOpenApi(schema: JsonObject): RewrittenSchema {
  const { schema: rewritten, changes } = toOpenApiSchema(schema);
  return { schema: inCapitals(rewritten), changes };
}

function inCapitals(schema: JsonObject): JsonObject {
  const result: Record<string, Json> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'type' && typeof value === 'string') result[keyword] = value.toUpperCase();
    else if (keyword === 'items' && isJsonObject(value)) result[keyword] = inCapitals(value);
    else if (keyword === 'anyOf' && Array.isArray(value)) result[keyword] = (value as readonly Json[]).map((item) => (isJsonObject(item) ? inCapitals(item) : item));
    else if (keyword === 'properties' && isJsonObject(value)) result[keyword] = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, isJsonObject(item) ? inCapitals(item) : item]));
    else result[keyword] = value;
  }
  return result;
}
