/** What people type for a key of an entry → the key's path and a value of its type. */
import { closest, listOf } from '../../base/text.ts';
import { fail, ok, type Result } from '../../base/result.ts';
import { type KeyInfo, keysAt, typeAt, type ValueType } from '../language/schema-keys.ts';
import { maskText } from '../launch/mask.ts';
import type { EntryTable, TomlValue } from './edit-change.ts';
import { isTable } from './entries.ts';
import { parseToml } from './parse.ts';

export type KeyPath = readonly [string, ...string[]];

/** Holds nothing of the value, which may be a key. */
export interface ValueFault {
  readonly message: string;
  readonly hint?: string;
}

/** `launch_config.env."MY.VAR"` → its parts, checked against the keys that entries of the table have. */
export function parseKeyPath(table: EntryTable, text: string): Result<KeyPath, ValueFault> {
  const path = splitKey(text);
  if (!path) return fail({ message: 'The key is not complete', hint: 'Write it like base_url, launch_config.yolo or headers."X-Team"' });
  for (let length = 1; length <= path.length; length++) {
    const place = path.slice(0, length);
    if (typeAt([table, ...place])) continue;
    const known = keysAt([table, ...place.slice(0, -1)])?.map(({ name }) => name) ?? [];
    const near = closest(place.at(-1) ?? '', known);
    if (known.length === 0) return fail({ message: `${place.slice(0, -1).join('.')} is not a table`, hint: `Set ${place.slice(0, -1).join('.')} itself` });
    return fail({ message: `${maskText(place.join('.'))} is not a key that Operator knows`, hint: near === undefined ? `There are ${listOf(known)}` : `Did you mean ${[...place.slice(0, -1), near].join('.')}?` });
  }
  return ok(path);
}

function splitKey(text: string): KeyPath | undefined {
  if (/[\n\r=]/.test(text)) return undefined;
  const parsed = parseToml(`${text} = true`);
  if (!parsed.ok) return undefined;
  const path: string[] = [];
  let value: unknown = parsed.value;
  while (isTable(value)) {
    const [[key, inner] = []] = Object.entries(value);
    if (key === undefined) return undefined;
    path.push(key);
    value = inner;
  }
  const [first, ...rest] = path;
  return first === undefined ? undefined : [first, ...rest];
}

/** @param texts one text; several make a list */
export function parseKeyValue(table: EntryTable, path: KeyPath, texts: readonly string[]): Result<TomlValue, ValueFault> {
  const type = typeAt([table, ...path]);
  return parseAs(type ?? { type: 'text' }, texts, path.join('.'));
}

function parseAs(type: ValueType, texts: readonly string[], key: string): Result<TomlValue, ValueFault> {
  const [text = ''] = texts;
  if (type.type === 'list') {
    if (texts.length === 1 && text.trimStart().startsWith('[')) return parseWritten(text, key, Array.isArray, 'a list, such as ["a", "b"]');
    const items: TomlValue[] = [];
    for (const each of texts) {
      const item = parseAs(type.item, [each], key);
      if (!item.ok) return item;
      items.push(item.value);
    }
    return ok(items);
  }
  if (texts.length !== 1) return fail({ message: texts.length === 0 ? `${key} needs a value` : `${key} takes one value`, hint: texts.length === 0 ? `Write it behind the key, or unset it with --unset ${key}` : 'Put a value with spaces in quotes' });
  switch (type.type) {
    case 'text':
    case 'choice':
      return ok(text);
    case 'number': {
      const number = /^[+-]?\d[\d_]*(?:\.\d+)?$/.test(text.trim()) ? Number(text.replaceAll('_', '')) : Number.NaN;
      return Number.isFinite(number) ? ok(number) : fail({ message: `${key} must be a number` });
    }
    case 'boolean':
      return /^(?:true|false)$/.test(text.trim()) ? ok(text.trim() === 'true') : fail({ message: `${key} must be true or false` });
    case 'scalar':
      return ok(scalar(text));
    case 'json':
      return /^\s*[[{]/.test(text) ? parseWritten(text, key, () => true, 'a list, such as ["a"], or a table, such as { a = "b" }') : ok(scalar(text));
    case 'map':
    case 'table':
      if (text.trimStart().startsWith('{')) return parseWritten(text, key, isTable, 'a table, such as { a = "b" }');
      return fail({ message: `${key} is a table`, hint: `Set one of its keys, such as ${key}.${exampleOf(type)}, or write all of it as { … }` });
  }
}

function exampleOf(type: ValueType & { readonly type: 'map' | 'table' }): string {
  const keys: readonly KeyInfo[] = type.type === 'table' ? type.keys : [];
  return keys[0]?.name ?? 'NAME';
}

/** Numbers, true and false as such; text in quotes is what is between them, so that "5" can be text. */
function scalar(text: string): TomlValue {
  if (/^(?:true|false|[+-]?\d+(?:\.\d+)?|"(?:[^"\\]|\\.)*"|'[^']*')$/.test(text.trim())) {
    const parsed = parseToml(`x = ${text.trim()}`);
    if (parsed.ok) return parsed.value.x as TomlValue;
  }
  return text;
}

function parseWritten(text: string, key: string, is: (value: unknown) => boolean, what: string): Result<TomlValue, ValueFault> {
  const parsed = parseToml(`x = ${text.trim()}`);
  if (!parsed.ok || Object.keys(parsed.value).length !== 1 || !is(parsed.value.x) || holdsDate(parsed.value.x)) return fail({ message: `${key} must be ${what}`, hint: 'Texts in it stand in double quotes' });
  return ok(parsed.value.x as TomlValue);
}

/** No key takes a date. */
function holdsDate(value: unknown): boolean {
  return value instanceof Date || (typeof value === 'object' && value !== null && Object.values(value).some(holdsDate));
}
