/** OpenAI's "strict" schemas: closed objects whose every property is required. */
import { isJsonObject } from './json.ts';
import type { Json, JsonObject } from './ir.ts';

/** Whether OpenAI would take the schema as a strict one; it refuses the whole request otherwise. */
export function isStrictSchema(schema: JsonObject): boolean {
  return schema['type'] === 'object' && isClosed(schema);
}

function isClosed(value: Json): boolean {
  if (Array.isArray(value)) return (value as readonly Json[]).every(isClosed);
  if (!isJsonObject(value)) return true;
  const { properties, required, additionalProperties, type, enum: _values, const: _value, default: initial, ...rest } = value;
  if (initial !== undefined) return false;
  if (isJsonObject(properties)) {
    const names = Object.keys(properties);
    const listed = Array.isArray(required) ? (required as readonly Json[]) : [];
    if (additionalProperties !== false || !names.every((name) => listed.includes(name)) || !Object.values(properties).every(isClosed)) return false;
  } else if (type === 'object' && additionalProperties !== false) return false;
  return Object.entries(rest).every(([keyword, child]) => (keyword === '$defs' || keyword === 'definitions' ? isJsonObject(child) && Object.values(child).every(isClosed) : isClosed(child)));
}
