/**
 * Entries as they stand in operator.toml, for those who read and write them from outside. Where a key stands although none
 * should, a sign stands in its place; handed back unchanged, the sign means what stands in the file.
 */
import { hidden, isSecretName, maskText } from '../launch/mask.ts';
import { parseCredentialRef } from '../servers/auth.ts';
import type { EntryTable } from './edit-change.ts';
import { entryIndex } from './edit-intent.ts';
import { isTable } from './entries.ts';
import { isKeyHeader } from './literal-keys.ts';
import type { ConfigLayer } from './model.ts';
import { parseToml, type TomlDocument } from './parse.ts';

export type WrittenTable = Readonly<Record<string, unknown>>;

/** Layers are immutable, so what one says is parsed once. */
const documents = new WeakMap<ConfigLayer, TomlDocument>();

/** What is in force of a layer; of a broken one its last good text. */
export function documentOfLayer(layer: ConfigLayer): TomlDocument {
  const known = documents.get(layer);
  if (known) return known;
  const { state } = layer;
  const document = documentOfText((state.type === 'loaded' ? state.text : state.type === 'broken' ? state.lastGoodText : undefined) ?? '');
  documents.set(layer, document);
  return document;
}

/** Empty for a text that is not TOML. */
export function documentOfText(text: string): TomlDocument {
  const parsed = parseToml(text);
  return parsed.ok ? parsed.value : (Object.create(null) as TomlDocument);
}

/** The entry that counts: the first of that name. */
export function writtenEntry(document: TomlDocument, table: EntryTable, name: string): WrittenTable | undefined {
  const entries: unknown = document[table];
  if (!Array.isArray(entries)) return undefined;
  const entry: unknown = entries[entryIndex(entries, name)];
  return isTable(entry) ? entry : undefined;
}

/** The same in plain JSON, with keys hidden. */
export function maskEntry(entry: WrittenTable): WrittenTable {
  return maskTable(entry, []);
}

function maskTable(table: WrittenTable, path: readonly string[]): WrittenTable {
  return fromEntries(Object.entries(table).map(([key, value]) => [key, maskValueAt([...path, key], value)]));
}

function maskValueAt(path: readonly string[], value: unknown): unknown {
  if (typeof value === 'string') return maskStringAt(path, value);
  if (Array.isArray(value)) return value.map((item) => maskValueAt(path, item));
  if (isTable(value)) return maskTable(value, path);
  if (value instanceof Date) return value.toISOString();
  // Infinity and NaN are numbers in TOML and not in JSON.
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function maskStringAt(path: readonly string[], value: string): string {
  const name = path.at(-1) ?? '';
  if (path.length === 1 && name === 'api_key') return parseCredentialRef(value).ok ? value : hidden;
  const isPlaceholder = /^\{\w+\}$/.test(value);
  return value !== '' && !isPlaceholder && path.length > 1 && (isSecretName(name) || (path[0] === 'headers' && isKeyHeader(name))) ? hidden : maskText(value);
}

/**
 * What was read masked and comes back: each sign stands for what is in `current` at that place.
 * @returns undefined where a sign stands for nothing
 */
export function unmaskEntry(given: WrittenTable, current: WrittenTable): WrittenTable | undefined {
  const unmasked = unmask(given, current, maskEntry(current));
  return isTable(unmasked) ? unmasked : undefined;
}

/** Stands for "no such value" in the walk, where undefined could not be told from a key that is not there. */
const nothing = Symbol('nothing');

function unmask(given: unknown, current: unknown, masked: unknown): unknown {
  if (typeof given === 'string') return given.includes(hidden) ? (given === masked ? current : nothing) : given;
  if (Array.isArray(given)) {
    const items = given.map((item: unknown, index) => unmask(item, (current as unknown[] | undefined)?.[index], Array.isArray(masked) ? (masked as unknown[])[index] : undefined));
    return items.includes(nothing) ? nothing : items;
  }
  if (!isTable(given)) return given;
  const members = Object.entries(given).map(([key, value]): [string, unknown] => [key, unmask(value, ownOf(current, key), ownOf(masked, key))]);
  return members.some(([, value]) => value === nothing) ? nothing : fromEntries(members);
}

function ownOf(table: unknown, key: string): unknown {
  return isTable(table) && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** No prototype, so that a key `__proto__` is a key like any other. */
function fromEntries(entries: readonly (readonly [string, unknown])[]): WrittenTable {
  const table = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of entries) table[key] = value;
  return table;
}
