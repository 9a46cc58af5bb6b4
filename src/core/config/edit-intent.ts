/** What a change means for the parsed document. The text edit is right when the edited text parses to exactly this. */
import { closest } from '../../base/text.ts';
import { OperatorError } from '../errors.ts';
import { isBuiltinName } from '../servers/builtin.ts';
import type { EditChange, EntryTable, TomlValue } from './edit-change.ts';
import { isTable, nameFault } from './entries.ts';
import type { TomlDocument } from './parse.ts';
import { quote } from './problems.ts';

type Table = Record<string, unknown>;

/** @throws OperatorError 'refused' | 'not-found' | 'config' */
export function applyIntent(document: TomlDocument, change: EditChange): TomlDocument {
  if (change.type === 'set-default') return withKey(document, 'llm_tools', defaultsOf(document, change)) as TomlDocument;
  const { table } = change;
  const entries = entriesOf(document, table);
  switch (change.type) {
    case 'add':
      checkNewName(entries, table, change.entry.name);
      return withEntries(document, table, [...entries, toTable(change.entry)]);
    case 'set': {
      const index = indexOf(entries, table, change.name);
      const { name } = change.values;
      if ('name' in change.values && name !== change.name) checkNewName(entries, table, name);
      return withEntries(document, table, entries.toSpliced(index, 1, setKeys(entries[index], change.values)));
    }
    case 'rename': {
      const index = indexOf(entries, table, change.name);
      if (change.to === change.name) return document;
      checkNewName(entries, table, change.to);
      const renamed = withEntries(document, table, entries.toSpliced(index, 1, setKeys(entries[index], { name: change.to })));
      return table === 'model_servers' ? withReferences(renamed, change.name, change.to) : renamed;
    }
    case 'remove':
      return withEntries(document, table, entries.toSpliced(indexOf(entries, table, change.name), 1));
    case 'duplicate': {
      const index = indexOf(entries, table, change.name);
      checkNewName(entries, table, change.as);
      return withEntries(document, table, entries.toSpliced(index + 1, 0, setKeys(entries[index], { name: change.as, display_name: undefined })));
    }
  }
}

/** The entries of a table as they stand in the document, none when the table is not there. */
function entriesOf(document: TomlDocument, table: EntryTable): readonly unknown[] {
  const entries: unknown = document[table];
  if (entries === undefined) return [];
  if (Array.isArray(entries)) return entries;
  throw new OperatorError('config', `${table} in operator.toml is not a list of tables`, { hint: `Write [[${table}]] with two brackets before every entry` });
}

/** Position of the entry that counts: the first one of that name. */
export function entryIndex(entries: readonly unknown[], name: string): number {
  return entries.findIndex((entry) => isTable(entry) && entry.name === name);
}

function indexOf(entries: readonly unknown[], table: EntryTable, name: string): number {
  const index = entryIndex(entries, name);
  if (index >= 0) return index;
  if (table === 'model_servers' && isBuiltinName(name)) throw new OperatorError('refused', `${name} is builtin and cannot be changed`, { hint: 'Declare a server of your own with another name' });
  const names = entries.flatMap((entry) => (isTable(entry) && typeof entry.name === 'string' ? [entry.name] : []));
  const near = closest(name, names);
  throw new OperatorError('not-found', `operator.toml has no ${nounOf(table)} ${quote(name)}`, near === undefined ? {} : { hint: `Did you mean ${quote(near)}?` });
}

function checkNewName(entries: readonly unknown[], table: EntryTable, name: unknown): void {
  const noun = nounOf(table);
  const fault = typeof name === 'string' ? nameFault(name) : 'the name is missing';
  if (typeof name !== 'string' || fault !== undefined) throw new OperatorError('refused', `${quote(String(name ?? ''))} cannot be the name of a ${noun}: ${fault}`, { hint: 'Use only letters, digits and . _ - in it' });
  if (table === 'model_servers' && isBuiltinName(name)) throw new OperatorError('refused', `${name} is the name of a builtin server`, { hint: `Choose another name, such as my-${name}` });
  if (entryIndex(entries, name) >= 0) throw new OperatorError('refused', `operator.toml already has a ${noun} ${quote(name)}`, { hint: 'Choose another name' });
}

function nounOf(table: EntryTable): string {
  return table === 'model_servers' ? 'model server' : 'delegator';
}

function withEntries(document: TomlDocument, table: EntryTable, entries: readonly unknown[]): TomlDocument {
  return withKey(document, table, entries) as TomlDocument;
}

function withReferences(document: TomlDocument, from: string, to: string): TomlDocument {
  if (!Array.isArray(document.delegators)) return document;
  return withEntries(document, 'delegators', document.delegators.map((entry) => (isTable(entry) && entry.model_server === from ? setKeys(entry, { model_server: to }) : entry)));
}

function defaultsOf(document: TomlDocument, { tool, model }: Extract<EditChange, { type: 'set-default' }>): Table {
  const tools: unknown = document.llm_tools ?? emptyTable();
  if (!isTable(tools)) throw new OperatorError('config', 'llm_tools in operator.toml is not a table', { hint: 'Write [llm_tools] with one bracket' });
  const keepsModel = model === undefined && tools.default_tool === tool;
  return setKeys(tools, { default_tool: tool, ...(!keepsModel && { default_model: model }) });
}

function setKeys(entry: unknown, values: Readonly<Record<string, TomlValue | undefined>>): Table {
  let result = isTable(entry) ? entry : emptyTable();
  for (const [key, value] of Object.entries(values)) result = withKey(result, key, value === undefined ? undefined : toPlain(value));
  return result;
}

/** A copy with the key set, or without it. No prototype, so that every key is only a key. */
function withKey(table: Table, key: string, value: unknown): Table {
  const copy = Object.assign(emptyTable(), table);
  if (value === undefined) delete copy[key];
  else copy[key] = value;
  return copy;
}

function emptyTable(): Table {
  return Object.create(null) as Table;
}

function toTable(values: Readonly<Record<string, TomlValue>>): Table {
  return setKeys(undefined, values);
}

function toPlain(value: TomlValue): unknown {
  if (typeof value === 'string' && !value.isWellFormed()) throw new OperatorError('refused', 'A text with half a character in it cannot be written to operator.toml');
  if (Array.isArray(value)) return value.map(toPlain);
  return typeof value === 'object' ? toTable(value as Readonly<Record<string, TomlValue>>) : value;
}

/** Do two documents say the same? A list of entries that is empty is as good as none. */
export function sameDocument(a: TomlDocument, b: TomlDocument): boolean {
  return sameValue(withoutEmptyLists(a), withoutEmptyLists(b));
}

function withoutEmptyLists(document: TomlDocument): unknown {
  let result: Table = document;
  for (const table of ['model_servers', 'delegators'] satisfies EntryTable[]) {
    const entries: unknown = result[table];
    if (Array.isArray(entries) && entries.length === 0) result = withKey(result, table, undefined);
  }
  return result;
}

export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a === 'number' && typeof b === 'number') return a === b; // -0 is 0
  if (a instanceof Date && b instanceof Date) return a.toISOString() === b.toISOString();
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  if (!isTable(a) || !isTable(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]));
}
