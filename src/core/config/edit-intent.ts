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
  switch (change.type) {
    case 'set-default':
      return withKey(document, 'llm_tools', defaultsOf(document, change)) as TomlDocument;
    case 'repoint':
      return withReferences(document, change.from, change.to);
    case 'add-all':
      return addAll(document, change.entries);
    default:
      return changeEntry(document, change);
  }
}

type EntryChange = Exclude<EditChange, { readonly type: 'set-default' | 'repoint' | 'add-all' }>;

function changeEntry(document: TomlDocument, change: EntryChange): TomlDocument {
  const { table } = change;
  const entries = entriesOf(document, table);
  if (change.type === 'add') {
    checkNewName(entries, table, change.entry.name);
    return withEntries(document, table, [...entries, toTable(change.entry)]);
  }
  const index = indexOf(entries, table, change.name);
  const entry = entries[index];
  switch (change.type) {
    case 'set': {
      const { name } = change.values;
      if ('name' in change.values && name !== change.name) checkNewName(entries, table, name);
      return withEntries(document, table, entries.toSpliced(index, 1, setKeys(entry, change.values)));
    }
    case 'set-in': {
      const { path, value } = change;
      if (path.length === 1) return changeEntry(document, { type: 'set', table, name: change.name, values: { [path[0]]: value } });
      const changed = value === undefined ? unsetIn(entry, path, () => false) : setIn(entry, path, value, path);
      return withEntries(document, table, entries.toSpliced(index, 1, changed));
    }
    case 'rename': {
      if (change.to === change.name) return document;
      checkNewName(entries, table, change.to);
      const renamed = withEntries(document, table, entries.toSpliced(index, 1, setKeys(entry, { name: change.to })));
      return table === 'model_servers' ? withReferences(renamed, change.name, change.to) : renamed;
    }
    case 'remove':
      return withEntries(document, table, entries.toSpliced(index, 1));
    case 'duplicate':
      checkNewName(entries, table, change.as);
      return withEntries(document, table, entries.toSpliced(index + 1, 0, setKeys(entry, { name: change.as, display_name: undefined })));
    case 'move':
      return withEntries(document, table, orderAfterMove(entries, index, change.to, (name) => indexOf(entries, table, name)).map((from) => entries[from]));
  }
}

/** Positions of the entries in the order that the move gives them. */
export function orderAfterMove(entries: readonly unknown[], index: number, to: Extract<EditChange, { type: 'move' }>['to'], find: (name: string) => number): readonly number[] {
  const target = find('before' in to ? to.before : to.after);
  const order = entries.map((_, position) => position);
  if (target === index) return order;
  order.splice(index, 1);
  order.splice(order.indexOf(target) + ('before' in to ? 0 : 1), 0, index);
  return order;
}

function addAll(document: TomlDocument, added: Extract<EditChange, { type: 'add-all' }>['entries']): TomlDocument {
  const lists = new Map<string, { readonly entries: unknown[]; readonly names: Set<unknown> }>();
  for (const { table, entry } of added) {
    let list = lists.get(table);
    if (!list) {
      const entries = [...entriesOf(document, table)];
      lists.set(table, (list = { entries, names: new Set(entries.map((item) => (isTable(item) ? item.name : undefined))) }));
    }
    if (table !== 'model_list') {
      checkNewName(list.names.has(entry.name) ? list.entries : [], table, entry.name);
      list.names.add(entry.name);
    }
    list.entries.push(toTable(entry));
  }
  let result = document;
  for (const [table, { entries }] of lists) result = withKey(result, table, entries) as TomlDocument;
  return result;
}

/** The entries of a table as they stand in the document, none when the table is not there. */
function entriesOf(document: TomlDocument, table: EntryTable | 'model_list'): readonly unknown[] {
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

/** Lists whose entries name a model server. */
const referring = ['delegators', 'model_list'] as const;

function withReferences(document: TomlDocument, from: string, to: string): TomlDocument {
  let result = document;
  for (const list of referring) {
    const entries: unknown = result[list];
    if (Array.isArray(entries)) result = withKey(result, list, entries.map((entry) => (isTable(entry) && entry.model_server === from ? setKeys(entry, { model_server: to }) : entry))) as TomlDocument;
  }
  return result;
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

function setIn(table: unknown, [key, ...rest]: readonly [string, ...string[]], value: TomlValue, whole: readonly string[]): Table {
  if (table !== undefined && !isTable(table)) throw new OperatorError('refused', `${whole.slice(0, whole.length - rest.length - 1).join('.')} is not a table`, { hint: 'Unset it first' });
  const [next, ...others] = rest;
  if (next === undefined) return setKeys(table, { [key]: value });
  return withKey(table ?? emptyTable(), key, setIn(table?.[key], [next, ...others], value, whole));
}

/** Without what is at `path`, and without the tables on the way there that are empty then, unless `keeps` says otherwise. */
export function unsetIn(table: unknown, path: readonly string[], keeps: (path: readonly string[]) => boolean, done: readonly string[] = []): Table {
  const result = isTable(table) ? table : emptyTable();
  const [key, ...rest] = path;
  if (key === undefined || result[key] === undefined) return result;
  if (rest.length === 0) return withKey(result, key, undefined);
  if (!isTable(result[key])) return result;
  const place = [...done, key];
  const inner = unsetIn(result[key], rest, keeps, place);
  const goes = inner !== result[key] && Object.keys(inner).length === 0 && !keeps(place);
  return withKey(result, key, goes ? undefined : inner);
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

/** Does the document say what was meant? A table that the last key was unset in may stay empty. */
export function saysWhatWasMeant(document: TomlDocument, after: TomlDocument, change: EditChange): boolean {
  if (change.type !== 'set-in' || change.value !== undefined || sameDocument(document, after)) return sameDocument(document, after);
  const entries = entriesOf(document, change.table);
  const index = entryIndex(entries, change.name);
  // With the key put in and taken out again, the tables on the way are gone where they are empty.
  const emptied = isTable(entries[index]) ? unsetIn(setIn(entries[index], change.path, true, change.path), change.path, () => false) : entries[index];
  return sameDocument(withEntries(document, change.table, entries.toSpliced(index, 1, emptied)), after);
}

function withoutEmptyLists(document: TomlDocument): unknown {
  let result: Table = document;
  for (const table of ['model_servers', 'delegators', 'model_list']) {
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
