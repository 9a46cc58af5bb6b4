/** Every kind of edit of every entry of files as people have them: the meaning is right, and other lines are the same byte for byte. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyEdit, type EditChange, type EntryTable } from '../../../src/core/config/edit.ts';
import { changedLines, documentOf, meant, said, type Table, withoutEmptyTables } from './edit-oracle.ts';

const folder = join(import.meta.dirname, '../../fixtures/toml/real-world');
const names = readdirSync(folder).filter((name) => name.endsWith('.toml'));

interface Case {
  readonly change: EditChange;
  /** Whether a line may go; none, unless said. */
  readonly mayGo?: (line: string) => boolean;
}

function casesOf(text: string): readonly Case[] {
  const document = documentOf(text);
  const everywhere: readonly Case[] = [
    { change: { type: 'add', table: 'model_servers', entry: { name: 'brand-new', kind: 'ollama', headers: { A: 'b' } } } },
    { change: { type: 'add', table: 'delegators', entry: { name: 'brand-new', llm_tool: 'chat', model: 'm', launch_config: { yolo: true } } } },
    { change: { type: 'add-all', entries: [{ table: 'model_list', entry: { model_name: 'p', model: 'm' } }, { table: 'model_servers', entry: { name: 'brand-new', kind: 'vllm' } }] } },
    { change: { type: 'set-default', tool: 'gemini', model: 'pro' }, mayGo: (line) => line.includes('default_') },
  ];
  return [...everywhere, ...(['model_servers', 'delegators'] as const).flatMap((table) => entriesOf(document, table).flatMap((entry) => casesOfEntry(table, entry, entriesOf(document, table))))];
}

function entriesOf(document: Table, table: EntryTable): readonly Table[] {
  return (document[table] as readonly Table[] | undefined) ?? [];
}

function casesOfEntry(table: EntryTable, entry: Table, entries: readonly Table[]): readonly Case[] {
  const name = String(entry.name);
  const whole = JSON.stringify(entry);
  const reference = (line: string): boolean => line.includes(name) && /name|model_server/.test(line);
  /** A line with a part of the value, or only with its quotes or brackets. */
  const ofValue = (value: unknown) => (line: string): boolean => /^\s*(?:"""|'''|[\]}],?)$/.test(line) || partsOf(value).some((part) => part !== '' && line.includes(part));
  const known = (['headers', 'launch_config', 'model_properties', 'extra_env'] as const).flatMap((key) => Object.entries((entry[key] as Table | undefined) ?? {}).map(([inner, value]) => ({ path: [key, inner] as [string, string], value })));
  return [
    { change: { type: 'rename', table, name, to: 'brand-new' }, mayGo: reference },
    { change: { type: 'duplicate', table, name, as: 'brand-new' }, mayGo: (line) => line.includes('} }]') },
    { change: { type: 'remove', table, name }, mayGo: () => true },
    { change: { type: 'set', table, name, values: { display_name: 'Shown', base_url: 'http://new.example' } }, mayGo: (line) => /display_name|base_url/.test(line) || line.includes(`"${name}"`) || line.includes(`'${name}'`) },
    { change: { type: 'set', table, name, values: { model: 'other' } }, mayGo: (line) => /model/.test(line) || line.includes(name) },
    ...known.map(({ path, value }): Case => ({ change: { type: 'set-in', table, name, path, value: typeof value === 'boolean' ? !value : 'new' }, mayGo: (line) => path.some((key) => line.includes(key)) || ofValue(value)(line) })),
    // A comment above what goes is about it.
    ...known.map(({ path, value }): Case => ({ change: { type: 'set-in', table, name, path, value: undefined }, mayGo: (line) => path.some((key) => line.includes(key)) || ofValue(value)(line) || /^ *#/.test(line) })),
    { change: { type: 'set-in', table, name, path: ['headers', 'X.New'], value: 'added' }, mayGo: (line) => /headers|X-|"|}/.test(line) && whole.includes('headers') || line.includes(name) },
    { change: { type: 'set-in', table, name, path: ['launch_config', 'env', 'NEW'], value: 'added' }, mayGo: (line) => /env|launch_config/.test(line) || line.includes(name) },
    ...entries.flatMap((other): readonly Case[] => [
      { change: { type: 'move', table, name, to: { before: String(other.name) } }, mayGo: () => true },
      { change: { type: 'move', table, name, to: { after: String(other.name) } }, mayGo: () => true },
    ]),
  ];
}

/** Every text that stands in a value, line by line, and every key. */
function partsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(partsOf);
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, inner]) => [key, ...partsOf(inner)]);
  return String(value).split(/\r?\n/);
}

describe('the corpus of files as people have them', () => {
  it('is there', () => assert.ok(names.length >= 10));

  for (const file of names) {
    const text = readFileSync(join(folder, file), 'utf8');
    it(`${file} takes every edit`, async () => {
      for (const { change, mayGo = () => false } of casesOf(text)) {
        const what = `${file}: ${JSON.stringify(change)}`;
        const result = await applyEdit(text, change);
        assert.deepEqual(withoutEmptyTables(said(result)), withoutEmptyTables(meant(text, change)), what);
        const { removed, added } = changedLines(text, result);
        const bare = (lines: readonly string[]): string[] => lines.map((line) => line.trimEnd()).filter((line) => line !== '');
        // A last line without its line break may get one, and a list in one line is one line.
        const open = text.endsWith('\n') ? undefined : text.slice(text.lastIndexOf('\n') + 1);
        assert.deepEqual(bare(removed).filter((line) => !mayGo(line) && line !== open && !/^\w+ = \[.*\]$|^ {2}\{.*\}/.test(line)), [], what);
        if (change.type === 'move' && file !== 'inline.toml') assert.deepEqual(bare(result.split('\n')).map((line) => line.replace(/,(?= *(?:#|$))/, '')).toSorted(), bare(text.split('\n')).map((line) => line.replace(/,(?= *(?:#|$))/, '')).toSorted(), what);
        assert.equal(result.startsWith('\uFEFF'), text.startsWith('\uFEFF'), what);
        if (!/(?<!\r)\n/.test(text)) assert.doesNotMatch(result, /(?<!\r)\n/, what);
        if (change.type !== 'remove') assert.ok(bare(added).length > 0 || result === text || change.type === 'set-in', what);
      }
    });

    it(`${file} is the same again after an edit and its opposite`, async () => {
      for (const table of ['model_servers', 'delegators'] as const) {
        const entry = entriesOf(documentOf(text), table)[0];
        if (!entry) continue;
        const name = String(entry.name);
        const renamed = await applyEdit(text, { type: 'rename', table, name, to: 'brand-new' });
        assert.equal(await applyEdit(renamed, { type: 'rename', table, name: 'brand-new', to: name }), text);
        const added = await applyEdit(text, { type: 'set-in', table, name, path: ['extra', 'new'], value: [1, 'a'] });
        assert.equal(await applyEdit(added, { type: 'set', table, name, values: { extra: undefined } }), text);
      }
    });
  }
});
