/** What a change means, said as simply as possible and without any code of the editor; and which lines an edit left alone. */
import { parse } from 'smol-toml';
import type { EditChange, TomlValue } from '../../../src/core/config/edit.ts';

export type Table = Record<string, unknown>;

/** The document as it must be after the change; lists without entries left out. */
export function meant(text: string, change: EditChange): unknown {
  return withoutEmptyLists(changed(documentOf(text), change));
}

/** What a text says, in the same form. */
export function said(text: string): unknown {
  return withoutEmptyLists(documentOf(text));
}

export function documentOf(text: string): Table {
  return plain(parse(text.replace(/^\uFEFF/, ''))) as Table;
}

function changed(result: Table, change: EditChange): Table {
  switch (change.type) {
    case 'set-default': {
      const tools = { ...(result.llm_tools as Table | undefined) };
      if (change.model !== undefined) tools.default_model = change.model;
      else if (tools.default_tool !== change.tool) delete tools.default_model;
      return { ...result, llm_tools: { ...tools, default_tool: change.tool } };
    }
    case 'add-all':
      return change.entries.reduce<Table>((document, { table, entry }) => ({ ...document, [table]: [...list(document, table), plain(entry)] }), result);
    case 'repoint':
      return follow(result, change.from, change.to);
    case 'rename': {
      const renamed = withList(result, change.table, (entries, at) => entries.with(at, { ...entries[at], name: change.to }), change.name);
      return change.table === 'model_servers' ? follow(renamed, change.name, change.to) : renamed;
    }
    case 'add':
      return { ...result, [change.table]: [...list(result, change.table), plain(change.entry)] };
    case 'remove':
      return withList(result, change.table, (entries, at) => entries.toSpliced(at, 1), change.name);
    case 'duplicate':
      return withList(result, change.table, (entries, at) => {
        const { display_name: _, ...copy } = entries[at] as Table;
        return entries.toSpliced(at + 1, 0, { ...copy, name: change.as });
      }, change.name);
    case 'move':
      return withList(result, change.table, (entries, at) => {
        const [wanted, offset] = 'before' in change.to ? [change.to.before, 0] : [change.to.after, 1];
        const target = entries[entries.findIndex(({ name }) => name === wanted)] as Table;
        const rest = entries.toSpliced(at, 1);
        return target === entries[at] ? entries : rest.toSpliced(rest.indexOf(target) + offset, 0, entries[at] as Table);
      }, change.name);
    case 'set':
      return withList(result, change.table, (entries, at) => entries.with(at, Object.entries(change.values).reduce<Table>((entry, [key, value]) => setIn(entry, [key], value), entries[at] as Table)), change.name);
    case 'set-in':
      return withList(result, change.table, (entries, at) => entries.with(at, setIn(entries[at] as Table, change.path, change.value)), change.name);
  }
}

function list(document: Table, name: string): Table[] {
  return [...((document[name] as Table[] | undefined) ?? [])];
}

function withList(document: Table, table: string, edit: (entries: Table[], at: number) => Table[], name: string): Table {
  const entries = list(document, table);
  return { ...document, [table]: edit(entries, entries.findIndex((entry) => entry.name === name)) };
}

function follow(document: Table, from: string, to: string): Table {
  const result = { ...document };
  for (const name of ['delegators', 'model_list']) {
    if (Array.isArray(result[name])) result[name] = (result[name] as Table[]).map((entry) => (entry.model_server === from ? { ...entry, model_server: to } : entry));
  }
  return result;
}

function setIn(table: Table, [key = '', ...rest]: readonly string[], value: TomlValue | undefined): Table {
  const result = { ...table };
  if (rest.length > 0) {
    const before = (result[key] as Table | undefined) ?? {};
    const inner = setIn(before, rest, value);
    if (value !== undefined || (key in result && Object.keys(inner).length > 0)) result[key] = inner;
    else if (key in result && Object.keys(before).length > 0) delete result[key];
  } else if (value === undefined) delete result[key];
  else result[key] = plain(value);
  return result;
}

/** A table that the last key was unset in may stay, empty: the same for the reader. */
export function withoutEmptyTables(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyTables);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutEmptyTables(inner)] as const).filter(([, inner]) => !(typeof inner === 'object' && inner !== null && !Array.isArray(inner) && Object.keys(inner).length === 0)));
}

/** Ordinary objects, dates as text, -0 as 0: for deepEqual. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return `date ${value.toISOString()}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'number') return value + 0;
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)])) : value;
}

/** An empty list of entries says the same as none. */
function withoutEmptyLists(document: Table): Table {
  return Object.fromEntries(Object.entries(document).filter(([, entries]) => !(Array.isArray(entries) && entries.length === 0)));
}

export interface LineChanges {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** Whole lines, with their line breaks, that are not in both texts; the fewest possible. */
export function changedLines(before: string, after: string): LineChanges {
  const a = before.split(/(?<=\n)/);
  const b = after.split(/(?<=\n)/);
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return longest(a.slice(start, a.length - end), b.slice(start, b.length - end));
}

function longest(a: readonly string[], b: readonly string[]): LineChanges {
  const common = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) (common[i] as Uint32Array)[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const removed: string[] = [];
  const added: string[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) i++, j++;
    else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) removed.push(a[i++] ?? '');
    else added.push(b[j++] ?? '');
  }
  return { removed, added };
}
