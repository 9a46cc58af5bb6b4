/** `$ref` resolved in place: many targets know no references, and some lose `$defs` on the way to the model. */
import { isJsonObject } from './json.ts';
import type { Json, JsonObject } from './ir.ts';

/** A schema and the names of the keywords that it lost or that were weakened; names of the standard, never a user's own words. */
export interface RewrittenSchema {
  readonly schema: JsonObject;
  readonly changes: readonly string[];
}

/** Copies of one definition multiply; a schema that grows past this many nodes keeps its remaining references open. */
const maxNodes = 20_000;
const maxDepth = 100;

/** Keywords whose values are maps from a user's own names to schemas: a property may be called `$ref`. */
const maps = new Set(['properties', 'patternProperties', 'dependentSchemas']);
/** Keywords whose values are data, not schemas. */
const data = new Set(['enum', 'const', 'default', 'examples', 'example', 'required']);
const definitions = new Set(['$defs', 'definitions']);

/**
 * References within the document are replaced by what they point to, with the keywords beside `$ref` on top; definitions go.
 * A reference to something that contains itself, or that leads out of the document, becomes a schema that takes anything
 * (change `$ref`).
 */
export function inlineReferences(root: JsonObject): RewrittenSchema {
  if (!mentionsReference(root)) return { schema: root, changes: [] };
  const changes = new Set<string>();
  let nodes = 0;

  function inline(value: Json, open: readonly Json[], depth: number): Json {
    if (Array.isArray(value)) return value.map((item: Json) => inline(item, open, depth + 1));
    if (!isJsonObject(value)) return value;
    nodes += 1;
    if (typeof value['$ref'] !== 'string') return inlineKeywords(value, open, depth);
    const { $ref: reference, ...beside } = value;
    const target = resolvePointer(root, reference as string);
    const own = inlineKeywords(beside, open, depth);
    if (target === undefined || open.includes(target) || nodes > maxNodes || depth > maxDepth) {
      changes.add('$ref');
      const shallow = isJsonObject(target) ? pick(target, ['type', 'title', 'description']) : {};
      return { ...shallow, ...own };
    }
    const resolved = inline(target, [...open, target], depth + 1);
    return isJsonObject(resolved) ? { ...resolved, ...own } : resolved;
  }

  function inlineKeywords(schema: JsonObject, open: readonly Json[], depth: number): JsonObject {
    const result: Record<string, Json> = {};
    for (const [keyword, value] of Object.entries(schema)) {
      if (definitions.has(keyword)) continue;
      if (data.has(keyword)) result[keyword] = value;
      else if (maps.has(keyword) && isJsonObject(value)) result[keyword] = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, inline(item, open, depth + 1)]));
      else result[keyword] = inline(value, open, depth + 1);
    }
    return result;
  }

  const schema = inline(root, [root], 0);
  return { schema: isJsonObject(schema) ? schema : {}, changes: [...changes] };
}

function mentionsReference(schema: JsonObject): boolean {
  return JSON.stringify(schema).includes('"$ref"') || '$defs' in schema || 'definitions' in schema;
}

/** `#`, `#/a/b` (RFC 6901) and `#name` for `$anchor` and `$id`. */
function resolvePointer(root: JsonObject, reference: string): Json | undefined {
  if (reference === '#') return root;
  if (reference.startsWith('#/')) {
    let node: Json | undefined = root;
    for (const part of reference.slice(2).split('/')) {
      const name = decodePart(part);
      if (Array.isArray(node)) node = (node as readonly Json[])[Number(name)];
      else node = isJsonObject(node) && Object.hasOwn(node, name) ? node[name] : undefined;
      if (node === undefined) return undefined;
    }
    return node;
  }
  const bare = reference.startsWith('#') ? reference.slice(1) : reference;
  return [root, ...[...definitions].flatMap((keyword) => Object.values(isJsonObject(root[keyword]) ? root[keyword] : {}))].find(
    (node) => isJsonObject(node) && [node['$anchor'], node['$id'], node['id']].some((id) => id === bare || id === reference),
  );
}

function decodePart(part: string): string {
  let text = part;
  try {
    text = decodeURIComponent(part);
  } catch {
    // A lone percent sign is part of the name.
  }
  return text.replaceAll('~1', '/').replaceAll('~0', '~');
}

function pick(schema: JsonObject, keywords: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => keywords.includes(keyword)));
}
