/**
 * JSON schemas of tools and answers, made fit for targets that understand less than the standard.
 * Clients send every flavour: draft 4 to 2020-12, `$ref`, type lists with null, unions at the root, boolean schemas.
 */
import { toCurrentDraft } from './json-schema-drafts.ts';
import { inlineReferences, type RewrittenSchema } from './json-schema-references.ts';
import { entryOf, isJsonObject } from './json.ts';
import type { Json, JsonObject } from './ir.ts';

export { inlineReferences, type RewrittenSchema } from './json-schema-references.ts';

/** What a target understands. */
interface Dialect {
  readonly keywords: ReadonlySet<string>;
  /** How "or null" is said. */
  readonly nullable: 'any-of' | 'flag';
  /** Whether `enum` may hold other values than strings. */
  readonly anyEnum: boolean;
}

const common = ['description', 'properties', 'required', 'items', 'enum', 'anyOf', 'minItems', 'maxItems', 'minimum', 'maximum', 'default', 'title'];
/** What grammar builders (llama.cpp, Ollama, LM Studio) and Ollama's own tool type take. `pattern` and `format` are refused by some. */
const plain: Dialect = { keywords: new Set([...common, 'additionalProperties']), nullable: 'any-of', anyEnum: true };
/** Gemini's `Schema` (https://ai.google.dev/api/caching#Schema). */
const openApi: Dialect = {
  keywords: new Set([...common, 'format', 'pattern', 'minLength', 'maxLength', 'minProperties', 'maxProperties', 'example', 'propertyOrdering']),
  nullable: 'flag',
  anyEnum: false,
};

/** Say nothing about which values are allowed, so that losing them changes nothing. */
const annotations = new Set(['$schema', '$id', 'id', '$anchor', '$comment', '$defs', 'definitions', 'title', 'examples', 'example', 'default', 'deprecated', 'readOnly', 'writeOnly', 'additionalProperties']);
const maxDepth = 64;

/**
 * The parameters of a function: every target wants `type: "object"` with `properties` at the root, and most refuse a union
 * or a reference there. What is below the root stays as it is, in the words of the current draft.
 */
export const toObjectSchema = rewrittenOnce((schema) => {
  const changes = new Set<string>();
  let root = schema;
  if (typeof root['$ref'] === 'string') {
    const inlined = inlineReferences(root);
    for (const change of inlined.changes) changes.add(change);
    root = inlined.schema;
  }
  for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
    if (!Array.isArray(root[keyword])) continue;
    const { [keyword]: branches, ...rest } = root;
    const objects = (branches as readonly Json[]).filter(isJsonObject).map((branch) => (typeof branch['$ref'] === 'string' ? inlineReferences({ ...definitionsOf(schema), ...branch }).schema : branch));
    root = keyword === 'allOf' ? objects.reduce<JsonObject>(merge, rest) : mergeAlternatives(rest, objects);
    if (keyword !== 'allOf') changes.add(keyword);
  }
  if (typeof root['type'] === 'string' && root['type'] !== 'object') changes.add('type');
  if (root['type'] !== 'object' || !isJsonObject(root['properties'])) root = { ...root, type: 'object', properties: isJsonObject(root['properties']) ? root['properties'] : {} };
  return { schema: toCurrentDraft(root), changes: [...changes] };
});

/** For grammars and for servers with a small schema type of their own: no references, one type per node, no patterns. */
export const toPlainSchema = rewrittenOnce((schema) => rewrite(schema, plain));

/** For Gemini's OpenAPI subset: no references, `nullable`, string enums only, no `additionalProperties`. */
export const toOpenApiSchema = rewrittenOnce((schema) => rewrite(schema, openApi));

/** An agent declares the same tools, as the same objects, in every request. What comes out is shared, and nobody may change it. */
function rewrittenOnce(rewriteSchema: (schema: JsonObject) => RewrittenSchema): (schema: JsonObject) => RewrittenSchema {
  const known = new WeakMap<JsonObject, RewrittenSchema>();
  return (schema) => {
    const rewritten = known.get(schema) ?? rewriteSchema(schema);
    known.set(schema, rewritten);
    return rewritten;
  };
}

function rewrite(schema: JsonObject, dialect: Dialect): RewrittenSchema {
  const inlined = inlineReferences(schema);
  const changes = new Set(inlined.changes);
  return { schema: simplify(inlined.schema, dialect, changes, 0), changes: [...changes] };
}

function simplify(node: Json | undefined, dialect: Dialect, changes: Set<string>, depth: number): JsonObject {
  if (!isJsonObject(node) || depth > maxDepth) {
    if (node === false || depth > maxDepth) changes.add(node === false ? 'false' : 'depth');
    return {};
  }
  const below = (child: Json | undefined): JsonObject => simplify(child, dialect, changes, depth + 1);
  const source = foldAllOf(node);
  const result: Record<string, Json> = {};
  for (const [keyword, value] of Object.entries(source)) {
    if (['type', 'anyOf', 'oneOf', 'const', 'nullable', 'prefixItems', 'required', 'allOf'].includes(keyword)) continue;
    if (!dialect.keywords.has(keyword)) {
      if (!annotations.has(keyword)) changes.add(keyword);
    } else if (keyword === 'properties') result[keyword] = isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([name, child]) => [name, below(child)])) : {};
    else if (keyword === 'items' && !Array.isArray(value)) result[keyword] = below(value);
    else if (keyword === 'additionalProperties') result[keyword] = typeof value === 'boolean' ? value : below(value);
    else if (keyword !== 'items') result[keyword] = value;
  }
  addTuple(source, result, below, changes);
  addRequired(source, result);
  return addTypes(source, result, dialect, below, changes);
}

/** Draft 4's list of `items` and 2020's `prefixItems`: positions are lost, the allowed values are kept. */
function addTuple(source: JsonObject, result: Record<string, Json>, below: (child: Json) => JsonObject, changes: Set<string>): void {
  const positions = Array.isArray(source['prefixItems']) ? source['prefixItems'] : Array.isArray(source['items']) ? source['items'] : undefined;
  if (positions === undefined) return;
  changes.add('prefixItems');
  const distinct = new Map((positions as readonly Json[]).map(below).map((schema) => [JSON.stringify(schema), schema]));
  const schemas = [...distinct.values()];
  result['items'] = schemas.length === 1 ? (schemas[0] ?? {}) : schemas.length === 0 ? {} : { anyOf: schemas };
}

/** A required name without a property of its own is refused by some; it may hold anything. */
function addRequired(source: JsonObject, result: Record<string, Json>): void {
  if (!Array.isArray(source['required'])) return;
  const names = (source['required'] as readonly Json[]).filter((name) => typeof name === 'string');
  if (names.length === 0) return;
  const properties = isJsonObject(result['properties']) ? result['properties'] : {};
  const missing = names.filter((name) => !Object.hasOwn(properties, name));
  result['required'] = names;
  if (missing.length > 0) result['properties'] = { ...properties, ...Object.fromEntries(missing.map((name) => [name, {}])) };
}

/** `type`, `const`, `enum`, unions and null, which belong together. */
function addTypes(source: JsonObject, result: Record<string, Json>, dialect: Dialect, below: (child: Json) => JsonObject, changes: Set<string>): JsonObject {
  let nullable = source['nullable'] === true;
  const listed = (Array.isArray(source['type']) ? source['type'] : [source['type']]).filter((type) => typeof type === 'string');
  if (listed.length > 1 && listed.includes('null')) nullable = true;
  const types = listed.length > 1 ? listed.filter((type) => type !== 'null') : listed;

  const values: readonly Json[] | undefined = 'const' in source ? [source['const'] ?? null] : Array.isArray(source['enum']) ? source['enum'] : undefined;
  if (values !== undefined) {
    if (values.includes(null) && values.length > 1) nullable = true;
    const kept = values.length > 1 ? values.filter((value) => value !== null) : values;
    const expressible = dialect.anyEnum || kept.every((value) => typeof value === 'string');
    if (expressible) result['enum'] = [...kept];
    else {
      delete result['enum'];
      changes.add('enum');
    }
    if (types.length === 0) types.push(...new Set(kept.map(typeOf)));
  }

  const union = ['anyOf', 'oneOf'].flatMap((keyword) => (Array.isArray(source[keyword]) ? (source[keyword] as readonly Json[]) : []));
  if (union.length > 0 && Array.isArray(source['oneOf'])) changes.add('oneOf');
  const branches = union.map(below);
  if (branches.some((branch) => branch['type'] === 'null')) nullable = true;
  let alternatives = branches.filter((branch) => branch['type'] !== 'null');
  // Branches that only say which of the properties must be there ("a or b") cannot stand alone as types.
  if (union.length > 0 && union.every((branch) => !saysWhatItIs(branch))) {
    if (union.some((branch) => isJsonObject(branch) && Object.keys(branch).length > 0)) changes.add('anyOf');
    alternatives = [];
  }
  delete result['anyOf'];

  if (types.length === 1) result['type'] = types[0] ?? 'object';
  else if (types.length > 1 && alternatives.length === 0) alternatives = types.map((type) => only(result, type));
  else if (types.length === 0 && 'properties' in result) result['type'] = 'object';
  else if (types.length === 0 && 'items' in result) result['type'] = 'array';
  if (types.length > 1) for (const keyword of ['properties', 'required', 'items', 'additionalProperties', 'minItems', 'maxItems', 'minimum', 'maximum', 'enum']) delete result[keyword];

  if (alternatives.length === 1 && alternatives[0] !== undefined) Object.assign(result, { ...alternatives[0], ...result });
  else if (alternatives.length > 1) result['anyOf'] = alternatives;
  const { type, ...rest } = result;
  const ordered = type === undefined ? result : { type, ...rest };
  return nullable ? orNull(ordered, dialect) : ordered;
}

function orNull(schema: JsonObject, dialect: Dialect): JsonObject {
  if (dialect.nullable === 'flag') return { ...schema, nullable: true };
  if (Array.isArray(schema['anyOf'])) return { ...schema, anyOf: [...(schema['anyOf'] as readonly Json[]), { type: 'null' }] };
  if (!('type' in schema)) return schema;
  const { description, title, default: initial, ...rest } = schema;
  const outside = Object.fromEntries(Object.entries({ title, description, default: initial }).filter(([, value]) => value !== undefined)) as JsonObject;
  return { ...outside, anyOf: [rest, { type: 'null' }] };
}

/** The part of a node with several types that speaks about one of them. */
function only(schema: JsonObject, type: string): JsonObject {
  const about: Readonly<Record<string, readonly string[]>> = {
    object: ['properties', 'required', 'additionalProperties'],
    array: ['items', 'minItems', 'maxItems'],
    number: ['minimum', 'maximum'],
    integer: ['minimum', 'maximum'],
  };
  const part: Record<string, Json> = { type };
  for (const keyword of entryOf(about, type) ?? []) if (schema[keyword] !== undefined) part[keyword] = schema[keyword];
  const values = Array.isArray(schema['enum']) ? (schema['enum'] as readonly Json[]).filter((value) => typeOf(value) === type || (type === 'integer' && Number.isInteger(value))) : [];
  return values.length > 0 ? { ...part, enum: values } : part;
}

function saysWhatItIs(branch: Json): boolean {
  return isJsonObject(branch) && ['type', 'properties', 'items', 'prefixItems', 'enum', 'const', 'anyOf', 'oneOf', 'allOf'].some((keyword) => keyword in branch);
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function foldAllOf(node: JsonObject): JsonObject {
  if (!Array.isArray(node['allOf'])) return node;
  const { allOf, ...rest } = node;
  return (allOf as readonly Json[]).filter(isJsonObject).map(foldAllOf).reduce<JsonObject>(merge, rest);
}

/** Both must hold. Where they differ in a keyword that cannot be combined, the first stays. */
function merge(first: JsonObject, second: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...second, ...first };
  const [a, b] = [first['properties'], second['properties']];
  if (isJsonObject(a) && isJsonObject(b)) {
    result['properties'] = { ...b, ...a, ...Object.fromEntries(Object.keys(a).filter((name) => Object.hasOwn(b, name)).map((name) => [name, both(a[name], b[name])])) };
  }
  if (Array.isArray(first['required']) && Array.isArray(second['required'])) result['required'] = [...new Set([...(first['required'] as Json[]), ...(second['required'] as Json[])])];
  return result;
}

function both(first: Json | undefined, second: Json | undefined): Json {
  return isJsonObject(first) && isJsonObject(second) ? merge(first, second) : (first ?? second ?? {});
}

/** One of the branches must hold: all of their properties may occur, and only what all of them require is required. */
function mergeAlternatives(base: JsonObject, branches: readonly JsonObject[]): JsonObject {
  const objects = branches.filter((branch) => branch['type'] !== 'null');
  const required = objects.map((branch) => new Set(Array.isArray(branch['required']) ? (branch['required'] as readonly Json[]) : []));
  const shared = [...(required[0] ?? [])].filter((name) => required.every((names) => names.has(name)));
  const properties: Record<string, Json> = {};
  for (const branch of objects) {
    for (const [name, schema] of Object.entries(isJsonObject(branch['properties']) ? branch['properties'] : {})) {
      const earlier = Object.hasOwn(properties, name) ? properties[name] : undefined;
      properties[name] = earlier === undefined || JSON.stringify(earlier) === JSON.stringify(schema) ? schema : { anyOf: [...alternativesOf(earlier), schema] };
    }
  }
  return merge(base, { type: 'object', properties, ...(shared.length > 0 ? { required: shared } : {}) });
}

function alternativesOf(schema: Json): readonly Json[] {
  return isJsonObject(schema) && Object.keys(schema).length === 1 && Array.isArray(schema['anyOf']) ? (schema['anyOf'] as readonly Json[]) : [schema];
}

function definitionsOf(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword === '$defs' || keyword === 'definitions'));
}
