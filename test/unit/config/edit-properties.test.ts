/**
 * Any file × any change: the edited text says exactly what the change means, and what stands before and behind the entry
 * that it is about is the same byte for byte.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { applyEdit, type EditChange, type EntryTable, type TomlValue } from '../../../src/core/config/edit.ts';
import { type Document, document, parses, textOf } from './arbitrary-toml.ts';

type Table = Record<string, unknown>;

const value: fc.Arbitrary<TomlValue> = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 6 }).filter((text) => text.isWellFormed()), fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }), fc.constant({ a: 'b', 'c d': [1, 'x'], e: { f: true } }), fc.constant({}), fc.constant('one\ntwo'));
const values = fc.dictionary(fc.constantFrom('kind', 'model', 'base_url', 'api_key', 'auth', 'x', 'odd key', 'literal', 'display_name', 'models'), value, { maxKeys: 4 });
const launch = fc.option(fc.dictionary(fc.constantFrom('yolo', 'flags', 'env', 'cwd', 'odd key'), value, { maxKeys: 3 }), { nil: undefined });
const unset = fc.subarray(['kind', 'model', 'base_url', 'launch_config', 'extra', 'display_name', 'x']);

type Intent =
  | { readonly type: 'add'; readonly table: EntryTable; readonly values: Record<string, TomlValue>; readonly launch: Record<string, TomlValue> | undefined }
  | { readonly type: 'set'; readonly at: number; readonly values: Record<string, TomlValue>; readonly unset: readonly string[]; readonly launch: Record<string, TomlValue> | undefined }
  | { readonly type: 'rename'; readonly at: number }
  | { readonly type: 'remove'; readonly at: number }
  | { readonly type: 'duplicate'; readonly at: number }
  | { readonly type: 'set-default'; readonly model: string | undefined };

const intent: fc.Arbitrary<Intent> = fc.oneof(
  fc.record({ type: fc.constant('add' as const), table: fc.constantFrom('model_servers' as const, 'delegators' as const), values, launch }),
  fc.record({ type: fc.constant('set' as const), at: fc.nat(), values, unset, launch }),
  fc.record({ type: fc.constant('rename' as const), at: fc.nat() }),
  fc.record({ type: fc.constant('remove' as const), at: fc.nat() }),
  fc.record({ type: fc.constant('duplicate' as const), at: fc.nat() }),
  fc.record({ type: fc.constant('set-default' as const), model: fc.option(fc.constant('opus'), { nil: undefined }) }),
);

/** The change, and which piece it is about; undefined where the document has no entry to change. */
function changeOf(what: Intent, { pieces }: Document): { readonly change: EditChange; readonly target?: number } | undefined {
  if (what.type === 'set-default') return { change: { type: 'set-default', tool: 'codex', model: what.model } };
  if (what.type === 'add') return { change: { type: 'add', table: what.table, entry: { ...what.values, ...(what.launch && { launch_config: what.launch }), name: 'brand-new' } } };
  const entries = pieces.flatMap(({ name }, index) => (name === undefined ? [] : [index]));
  const target = entries[what.at % Math.max(1, entries.length)];
  const piece = target === undefined ? undefined : pieces[target];
  if (target === undefined || piece?.table === undefined || piece.name === undefined) return undefined;
  const common = { table: piece.table, name: piece.name };
  if (what.type === 'rename') return { change: { type: 'rename', ...common, to: 'brand-new' }, target };
  if (what.type === 'duplicate') return { change: { type: 'duplicate', ...common, as: 'brand-new' }, target };
  if (what.type === 'remove') return { change: { type: 'remove', ...common }, target };
  const unsets = Object.fromEntries(what.unset.map((name) => [name, undefined]));
  return { change: { type: 'set', ...common, values: { ...unsets, ...what.values, ...(what.launch && { launch_config: what.launch }) } }, target };
}

/** What the change means, said as simply as possible and without any code of the editor. */
function meant(text: string, change: EditChange): unknown {
  const result = plain(parse(text)) as Table;
  if (change.type === 'set-default') {
    const tools = { ...(result.llm_tools as Table | undefined) };
    if (change.model !== undefined) tools.default_model = change.model;
    else if (tools.default_tool !== change.tool) delete tools.default_model;
    return { ...result, llm_tools: { ...tools, default_tool: change.tool } };
  }
  const list = [...((result[change.table] as Table[] | undefined) ?? [])];
  const at = 'name' in change ? list.findIndex(({ name }) => name === change.name) : -1;
  const current = { ...list[at] };
  if (change.type === 'add') list.push(plain(change.entry) as Table);
  else if (change.type === 'remove') list.splice(at, 1);
  else if (change.type === 'rename') {
    list[at] = { ...current, name: change.to };
    const follow = (delegator: Table): Table => (delegator.model_server === change.name ? { ...delegator, model_server: change.to } : delegator);
    if (change.table === 'model_servers' && Array.isArray(result.delegators)) result.delegators = result.delegators.map(follow);
  }
  else if (change.type === 'duplicate') {
    delete current.display_name;
    list.splice(at + 1, 0, { ...current, name: change.as });
  } else {
    for (const [name, to] of Object.entries(change.values)) {
      if (to === undefined) delete current[name];
      else current[name] = plain(to);
    }
    list[at] = current;
  }
  const { [change.table]: _, ...others } = result;
  return { ...others, ...(list.length > 0 && { [change.table]: list }) };
}

/** Ordinary objects, dates as text, -0 as 0: for deepEqual. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return `date ${value.toISOString()}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'number') return value + 0;
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)])) : value;
}

/** What of the file stands before and behind the piece. */
function around({ pieces, eol, bom, endsOpen }: Document, target: number): readonly [before: string, after: string] {
  return [textOf({ pieces: pieces.slice(0, target), eol, bom, endsOpen: false }), textOf({ pieces: pieces.slice(target + 1), eol, bom: '', endsOpen })];
}

describe('any change of any file', () => {
  it('says what is meant and leaves everything else as it is', async function () {
    this.timeout(600_000);
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(document, intent, async (made, what) => {
        const text = textOf(made);
        const wanted = changeOf(what, made);
        fc.pre(wanted !== undefined && parses(text));
        if (!wanted) return;
        tried++;
        const { change, target } = wanted;
        const result = await applyEdit(text, change);

        assert.deepEqual(plain(parse(result)), meant(text, change));
        if (made.bom !== '' || text === '') assert.equal(result.startsWith('\uFEFF'), made.bom !== '');
        // A line ending is only ever the file's own (text in values excepted, which has none of its own here).
        if (made.eol === '\r\n' && text.includes('\r\n')) assert.doesNotMatch(result, /(?<!\r)\n/);
        // Where a last row goes, a blank line above it may become the end.
        if (made.endsOpen && /\S$/.test(text) && !change.type.startsWith('set')) assert.doesNotMatch(result, /\n$/);

        if (target === undefined) return;
        const [before, after] = around(made, target);
        const removesTable = change.type === 'set' && (Object.values(change.values).includes(undefined) || 'launch_config' in change.values);
        if (change.type === 'remove' || removesTable) {
          // Blank lines next to a table may go with it.
          assert.ok(result.startsWith(before.trimEnd()), 'the text before stays');
          assert.ok(result.trimEnd().endsWith(after.trimStart().trimEnd()), 'the text behind stays');
        } else if (change.type !== 'rename') {
          assert.ok(result.startsWith(before), 'the text before stays');
          assert.ok(result.endsWith(after), 'the text behind stays');
        }
      }),
      { numRuns: Number(process.env.EDIT_RUNS ?? 300) },
    );
    assert.ok(tried > 100);
  });

  it('works in lists that are written inline', async function () {
    this.timeout(600_000);
    const element = fc.tuple(fc.constantFrom('{ name = "NAME" }', "{name='NAME',x=1}", '{ name = "NAME", model_server = "e1", launch_config = { yolo = true } }', '{ name = "NAME", kind = "b", flags = [ "c", ] }'), fc.constantFrom('', ' ', '\n  ', ' # note\n  ', '\n  # about the next\n  '));
    const list = (table: string) =>
      fc.array(element, { maxLength: 3 }).map((items) => `${table} = [${items.map(([text, end], index) => `${text.replace('NAME', `e${index}`)}${index < items.length - 1 || end.includes('\n') ? ',' : ''}${end}`).join('')}] # end\n`);
    await fc.assert(
      fc.asyncProperty(list('model_servers'), list('delegators'), fc.constantFrom('', '# between\n\n'), intent, fc.nat({ max: 2 }), fc.constantFrom('model_servers' as const, 'delegators' as const), async (servers, delegators, between, what, index, table) => {
        const text = `${servers}${between}${delegators}tail = 1 # t\n`;
        fc.pre(parses(text) && (!('at' in what) || (parse(text)[table] as Table[]).some(({ name }) => name === `e${index}`)));
        const wanted = changeOf(what, { pieces: [{ table, name: `e${index}`, lines: [] }], eol: '\n', bom: '', endsOpen: false });
        if (!wanted) return;
        const result = await applyEdit(text, wanted.change);
        assert.deepEqual(withoutEmptyLists(plain(parse(result))), withoutEmptyLists(meant(text, wanted.change)));
        assert.match(result, /\n?tail = 1 # t\n/);
      }),
      { numRuns: Number(process.env.EDIT_RUNS ?? 200) },
    );
  });
});

/** An empty list of entries says the same as none. */
function withoutEmptyLists(value: unknown): unknown {
  return Object.fromEntries(Object.entries(value as Table).filter(([, list]) => !(Array.isArray(list) && list.length === 0)));
}
