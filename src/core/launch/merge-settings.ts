/** A private settings file on top of the user's own, for tools that read one file only. */
import { parseJson } from '../../base/json.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** `content` on top of `base`, object by object; a `base` that is no JSON object counts as empty. Comments of `base` go. */
export function mergeSettings(base: string | undefined, content: string): string {
  return `${JSON.stringify(merge(parseObject(base ?? ''), parseObject(content)), undefined, 2)}\n`;
}

/** A broken file of the user's is the tool's to complain about. */
function parseObject(text: string): Json {
  const value = parseJson(withoutComments(text)) as Json | undefined;
  return value !== undefined && isObject(value) ? value : {};
}

function withoutComments(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll(/"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (match) => (match.startsWith('"') ? match : ''));
}

function merge(base: Json, ours: Json): Json {
  if (!isObject(base) || !isObject(ours)) return ours;
  const merged: Record<string, Json> = Object.create(null) as Record<string, Json>;
  for (const [key, value] of Object.entries(base)) merged[key] = value;
  for (const [key, value] of Object.entries(ours)) merged[key] = key in merged ? merge(merged[key] ?? null, value) : value;
  return merged;
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
