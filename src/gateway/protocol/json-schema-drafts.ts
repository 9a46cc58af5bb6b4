/**
 * What older drafts say, said in the words of 2020-12, which the vendors check parameters against: Anthropic refuses a whole
 * request for one `items` that is a list ("must match JSON Schema draft 2020-12"), OpenAI for one array without `items`.
 * Nothing changes its meaning, so that there is nothing to warn of.
 */
import { isJsonObject } from './json.ts';
import type { Json, JsonObject } from './ir.ts';

const oneSchema = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames', 'unevaluatedProperties', 'unevaluatedItems'] as const;
const listOfSchemas = ['anyOf', 'oneOf', 'allOf', 'prefixItems'] as const;
const mapOfSchemas = ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'] as const;

export interface DraftOptions {
  /** Whether the target takes `true` for a schema that takes anything; absent: yes. */
  readonly booleanSchemas?: boolean;
}

/** A schema of any draft, in the words of the current one. */
export function toCurrentDraft(schema: JsonObject, options: DraftOptions = {}): JsonObject {
  const result: Record<string, Json> = { ...schema };
  currentArray(result, options);
  currentBounds(result);
  if ('required' in result && !Array.isArray(result['required'])) delete result['required'];
  const below = (value: Json): Json => (isJsonObject(value) ? toCurrentDraft(value, options) : value === true && options.booleanSchemas === false ? {} : value);
  for (const keyword of oneSchema) {
    // `additionalProperties` is a boolean for everybody.
    if (result[keyword] !== undefined && !(keyword === 'additionalProperties' && typeof result[keyword] === 'boolean')) result[keyword] = below(result[keyword]);
  }
  for (const keyword of listOfSchemas) {
    const list = result[keyword];
    if (Array.isArray(list)) result[keyword] = (list as readonly Json[]).map(below);
  }
  for (const keyword of mapOfSchemas) {
    const map = result[keyword];
    if (isJsonObject(map)) result[keyword] = Object.fromEntries(Object.entries(map).map(([name, value]) => [name, below(value)]));
  }
  return result;
}

function currentArray(schema: Record<string, Json>, { booleanSchemas }: DraftOptions): void {
  const { items, additionalItems, type } = schema;
  if (Array.isArray(items)) {
    schema['prefixItems'] ??= items;
    schema['items'] = additionalItems ?? {};
    delete schema['additionalItems'];
  } else if (items === undefined && (type === 'array' || (Array.isArray(type) && type.includes('array')))) schema['items'] = {};
  const tuple = schema['prefixItems'];
  if (schema['items'] === false && booleanSchemas === false && Array.isArray(tuple)) {
    schema['items'] = {};
    schema['maxItems'] = Math.min(tuple.length, typeof schema['maxItems'] === 'number' ? schema['maxItems'] : tuple.length);
  }
}

/** Draft 4 has a flag where later ones have the bound itself. */
function currentBounds(schema: Record<string, Json>): void {
  for (const [flag, bound] of [['exclusiveMinimum', 'minimum'], ['exclusiveMaximum', 'maximum']] as const) {
    if (typeof schema[flag] !== 'boolean') continue;
    const limit = schema[bound];
    if (schema[flag] && typeof limit === 'number') {
      schema[flag] = limit;
      delete schema[bound];
    } else delete schema[flag];
  }
}
