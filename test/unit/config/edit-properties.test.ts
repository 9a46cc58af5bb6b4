/**
 * Any file × any change: the edited text says exactly what the change means, and every line that the change is not about
 * is the same byte for byte.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { applyEdit, type EditChange, type EntryTable, type TomlValue } from '../../../src/core/config/edit.ts';
import { isOperatorError } from '../../../src/core/errors.ts';
import { type Document, document, parses, type Piece, textOf } from './arbitrary-toml.ts';
import { changedLines, documentOf, meant, said, type Table, withoutEmptyTables } from './edit-oracle.ts';

const value: fc.Arbitrary<TomlValue> = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 6 }).filter((text) => text.isWellFormed()), fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }), fc.constant({ a: 'b', 'c d': [1, 'x'], e: { f: true } }), fc.constant({}), fc.constant('one\ntwo'));
const values = fc.dictionary(fc.constantFrom('kind', 'model', 'base_url', 'api_key', 'auth', 'x', 'odd key', 'literal', 'display_name', 'models', 'headers'), value, { maxKeys: 4 });
const launch = fc.option(fc.dictionary(fc.constantFrom('yolo', 'flags', 'env', 'cwd', 'odd key'), value, { maxKeys: 3 }), { nil: undefined });
const unset = fc.subarray(['kind', 'model', 'base_url', 'launch_config', 'extra', 'display_name', 'x', 'headers', 'tags']);
const path = fc.constantFrom(['headers', 'a'], ['headers', 'X-New'], ['headers', 'b'], ['launch_config', 'yolo'], ['launch_config', 'flags'], ['launch_config', 'env', 'A'], ['launch_config', 'env', 'odd name'], ['tags', 'a'], ['tags', 'b c', 'd'], ['extra', 'yolo'], ['x', 'a'], ['x', 'a', 'c'], ['model'], ['display_name'], ['apart1', 'far'], ['apart5', 'new', 'deep']) as fc.Arbitrary<[string, ...string[]]>;
const table = fc.constantFrom('model_servers' as const, 'delegators' as const);

type Intent =
  | { readonly type: 'add'; readonly table: EntryTable; readonly values: Record<string, TomlValue>; readonly launch: Record<string, TomlValue> | undefined }
  | { readonly type: 'add-all'; readonly values: Record<string, TomlValue>; readonly count: number }
  | { readonly type: 'set'; readonly at: number; readonly values: Record<string, TomlValue>; readonly unset: readonly string[]; readonly launch: Record<string, TomlValue> | undefined }
  | { readonly type: 'set-in'; readonly at: number; readonly path: readonly [string, ...string[]]; readonly value: TomlValue | undefined }
  | { readonly type: 'rename' | 'remove' | 'duplicate'; readonly at: number }
  | { readonly type: 'move'; readonly at: number; readonly other: number; readonly before: boolean }
  | { readonly type: 'repoint'; readonly from: string }
  | { readonly type: 'set-default'; readonly model: string | undefined };

const intent: fc.Arbitrary<Intent> = fc.oneof(
  fc.record({ type: fc.constant('add' as const), table, values, launch }),
  fc.record({ type: fc.constant('add-all' as const), values, count: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ type: fc.constant('set' as const), at: fc.nat(), values, unset, launch }),
  { weight: 3, arbitrary: fc.record({ type: fc.constant('set-in' as const), at: fc.nat(), path, value: fc.option(value, { nil: undefined }) }) },
  fc.record({ type: fc.constantFrom('rename' as const, 'remove' as const, 'duplicate' as const), at: fc.nat() }),
  { weight: 2, arbitrary: fc.record({ type: fc.constant('move' as const), at: fc.nat(), other: fc.nat(), before: fc.boolean() }) },
  fc.record({ type: fc.constant('repoint' as const), from: fc.constantFrom('e0', 'e4', 'none') }),
  fc.record({ type: fc.constant('set-default' as const), model: fc.option(fc.constant('opus'), { nil: undefined }) }),
);

interface Named {
  readonly table: EntryTable;
  readonly name: string;
}

/** The change, made for one of the entries that there are; undefined where it cannot be meant. */
function changeOf(what: Intent, entries: readonly Named[], says: Table): { readonly change: EditChange; readonly target?: Named } | undefined {
  switch (what.type) {
    case 'set-default':
      return { change: { type: 'set-default', tool: 'codex', ...(what.model !== undefined && { model: what.model }) } };
    case 'repoint':
      return { change: { type: 'repoint', from: what.from, to: 'brand-new' } };
    case 'add':
      return { change: { type: 'add', table: what.table, entry: { ...what.values, ...(what.launch && { launch_config: what.launch }), name: 'brand-new' } } };
    case 'add-all': {
      const entry = (index: number) => ({ ...what.values, name: `brand-new-${index}` });
      const lists = ['model_servers', 'model_list', 'delegators', 'model_servers'] as const;
      return { change: { type: 'add-all', entries: lists.slice(0, what.count).map((list, index) => (list === 'model_list' ? { table: list, entry: { ...what.values, model_name: 'pool' } } : { table: list, entry: entry(index) })) } };
    }
  }
  const target = entries[what.at % Math.max(1, entries.length)];
  if (!target) return undefined;
  switch (what.type) {
    case 'rename':
      return { change: { type: 'rename', ...target, to: 'brand-new' }, target };
    case 'duplicate':
      return { change: { type: 'duplicate', ...target, as: 'brand-new' }, target };
    case 'remove':
      return { change: { type: 'remove', ...target }, target };
    case 'move': {
      const others = entries.filter((entry) => entry.table === target.table);
      const { name } = others[what.other % others.length] ?? target;
      return { change: { type: 'move', ...target, to: what.before ? { before: name } : { after: name } }, target };
    }
    case 'set':
      return { change: { type: 'set', ...target, values: { ...Object.fromEntries(what.unset.map((name) => [name, undefined])), ...what.values, ...(what.launch && { launch_config: what.launch }) } }, target };
    case 'set-in': {
      let inner: unknown = (says[target.table] as Table[]).find(({ name }) => name === target.name);
      for (const key of what.path.slice(0, -1)) {
        if (inner === undefined) break;
        inner = (inner as Table)[key];
        if (inner === undefined) break;
        if (typeof inner !== 'object' || Array.isArray(inner)) return undefined;
      }
      return { change: { type: 'set-in', ...target, path: what.path, value: what.value }, target };
    }
  }
}

function isList(value: unknown): boolean {
  return value === undefined || Array.isArray(value);
}

/** Lines of the entry, also those of its tables that stand apart and what is between them; a value on several lines is one. */
function linesOf({ pieces }: Document, target: Named): readonly string[] {
  const own: Piece[] = [];
  let current: Piece | undefined;
  /** Gaps since the last part of the entry, while nothing else came. */
  let gaps: Piece[] | undefined;
  for (const piece of pieces) {
    if (piece.table === target.table) current = piece;
    const isOwn = current?.name === target.name && (piece === current || piece.partOf === target.table);
    if (isOwn) {
      own.push(...(gaps ?? []), piece);
      gaps = [];
    } else if (piece.lines.some((line) => /^\s*\[/.test(line))) gaps = undefined;
    else gaps?.push(piece);
  }
  return own.flatMap(({ lines }) => lines);
}

/** Lines that a change of this key may take: rows of it, and a table of its name with what is below. */
function linesOfKey(lines: readonly string[], key: string): readonly string[] {
  const found: string[] = [];
  let heading: string[] = [];
  let isInTable = false;
  let isInRow = false;
  for (const line of lines) {
    const header = /^\s*\[\[?[\w ]+\.([^\]]*)\]/.exec(line);
    if (/^\s*\[+\w/.test(line)) {
      isInTable = header?.[1]?.split('.')[0]?.replaceAll('"', '') === key;
      isInRow = false;
      if (isInTable) found.push(...heading);
    } else if (/^\s*["']?[\w ]+["']?\s*[.=]/.test(line) && !isInTable) isInRow = new RegExp(`^\\s*["']?${key}["']?\\s*[.=]`).test(line);
    heading = /^\s*#/.test(line) ? [...heading, line] : [];
    if (isInTable || isInRow) found.push(...line.split('\n'));
  }
  return found;
}

const bare = (line: string): string => line.replace(/\r?\n?$/, '');
const filled = (lines: readonly string[]): string[] => lines.map(bare).filter((line) => line.trim() !== '');

describe('any change of any file', () => {
  it('says what is meant and leaves every other line as it is', async function () {
    this.timeout(3_600_000);
    const tried = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(document, intent, async (made, what) => {
        const text = textOf(made);
        fc.pre(parses(text));
        const says = documentOf(text);
        fc.pre(isList(says.model_servers) && isList(says.delegators) && isList(says.model_list));
        const entries = made.pieces.flatMap((piece) => (piece.table !== undefined && piece.name !== undefined ? [{ table: piece.table, name: piece.name }] : []));
        const wanted = changeOf(what, entries, says);
        fc.pre(wanted !== undefined);
        if (!wanted) return;
        const { change, target } = wanted;
        tried.set(change.type, (tried.get(change.type) ?? 0) + 1);
        const result = await applyEdit(text, change);

        const isUnset = change.type === 'set-in' && change.value === undefined;
        assert.deepEqual(isUnset ? withoutEmptyTables(said(result)) : said(result), isUnset ? withoutEmptyTables(meant(text, change)) : meant(text, change));
        if (made.bom !== '' || text === '') assert.equal(result.startsWith('\uFEFF'), made.bom !== '');
        // A line ending is only ever the file's own (text in values excepted, which has none of its own here).
        if (made.eol === '\r\n' && text.includes('\r\n')) assert.doesNotMatch(result, /(?<!\r)\n/);

        const { removed, added } = changedLines(text, result);
        // The last line may get a line break, or lose one with what is below it.
        const open = [text, result].flatMap((whole) => (whole.endsWith('\n') ? [] : [bare(whole.slice(whole.lastIndexOf('\n') + 1))]));
        const gone = filled(removed).filter((line) => !(open.includes(line) && filled(added).includes(line)));
        const rows = target ? linesOf(made, target) : [];
        const own = rows.flatMap((line) => line.split('\n'));
        switch (change.type) {
          case 'add':
          case 'add-all':
          case 'duplicate':
            assert.deepEqual(gone, []);
            break;
          case 'remove':
            assert.deepEqual(gone.filter((line) => !own.includes(line)), []);
            break;
          case 'move':
            assert.deepEqual(gone.filter((line) => !own.includes(line) && !filled(added).includes(line)), []);
            assert.deepEqual(filled(result.split('\n')).toSorted(), filled(text.split('\n')).toSorted());
            break;
          case 'rename':
          case 'repoint':
            assert.deepEqual(gone.filter((line) => !/\b(?:name|model_server)["']?\s*=/.test(line)), []);
            assert.equal(removed.length, added.length);
            break;
          case 'set-default':
            assert.deepEqual(gone.filter((line) => !/^default_/.test(line)), []);
            break;
          case 'set':
          case 'set-in': {
            const keys = change.type === 'set' ? Object.keys(change.values) : [change.path[0]];
            const allowed = keys.flatMap((key) => linesOfKey(rows, key));
            assert.deepEqual(gone.filter((line) => !allowed.includes(line)), []);
          }
        }
      }),
      { numRuns: Number(process.env.EDIT_RUNS ?? 600) },
    );
    for (const type of ['add', 'add-all', 'set', 'set-in', 'rename', 'repoint', 'remove', 'duplicate', 'move', 'set-default']) assert.ok((tried.get(type) ?? 0) > 5, `${type} was tried ${tried.get(type)} times`);
  });

  it('works in lists that are written inline, and keeps their comments', async function () {
    this.timeout(3_600_000);
    const element = fc.tuple(fc.constantFrom('{ name = "NAME" }', "{name='NAME',x=1}", '{ name = "NAME", model_server = "e1", launch_config = { yolo = true } }', '{ name = "NAME", kind = "b", flags = [ "c", ] }', '{\n    name = "NAME", # inner NAME\n    headers = { a = "1" },\n  }'), fc.constantFrom('', ' ', '\n  ', ' # note NAME\n  ', '\n  # about NEXT\n  '), fc.constantFrom('', '', ' # comma of NAME\n'));
    const list = (name: string) =>
      fc.tuple(fc.array(element, { maxLength: 3 }), fc.constantFrom('', ' # first\n')).map(([items, first]) => `${name} = [${first}${items.map(([text, end, gap], index) => `${text}${index < items.length - 1 || end.includes('\n') ? `${gap},` : ''}${end}`.replaceAll('NAME', `e${index}`).replaceAll('NEXT', `e${index + 1}`)).join('')}] # end\n`);
    await fc.assert(
      fc.asyncProperty(list('model_servers'), list('delegators'), fc.constantFrom('', '# between\n\n'), fc.constantFrom('\n', '\r\n'), intent, async (servers, delegators, between, eol, what) => {
        const text = `${servers}${between}${delegators}tail = 1 # t\n`.replaceAll('\n', eol);
        fc.pre(parses(text));
        const says = documentOf(text);
        const entries = (['model_servers', 'delegators'] as const).flatMap((name) => (says[name] as Table[]).map((entry) => ({ table: name, name: String(entry.name) })));
        const wanted = changeOf(what, entries, says);
        fc.pre(wanted !== undefined);
        if (!wanted) return;
        const { change } = wanted;
        const result = await applyEdit(text, change);
        const isUnset = change.type === 'set-in' && change.value === undefined;
        assert.deepEqual(isUnset ? withoutEmptyTables(said(result)) : said(result), isUnset ? withoutEmptyTables(meant(text, change)) : meant(text, change));
        assert.ok(result.includes(`tail = 1 # t${eol}`));
        if (eol === '\r\n') assert.doesNotMatch(result, /(?<!\r)\n/);
        const comments = (whole: string): string[] => (whole.match(/# [a-z0-9 ]+/g) ?? []).toSorted();
        if (['rename', 'repoint', 'move', 'add', 'add-all'].includes(change.type) || (change.type === 'set-in' && change.value !== undefined)) assert.deepEqual(comments(result), comments(text));
        if (change.type === 'remove') assert.ok(comments(text).filter((comment) => !comment.includes(change.name)).every((comment) => comments(result).includes(comment)));
      }),
      { numRuns: Number(process.env.EDIT_RUNS ?? 400) },
    );
  });

  it('is taken or refused with a reason, whatever stands in the file', async function () {
    this.timeout(3_600_000);
    const noise = fc.oneof(fc.constantFrom('"', "'", '[', ']', '{', '}', '=', '.', '#', '\n', '\r\n', ',', '[[', '"""', "'''", '\\', '\u0000', '\uFEFF', '[[delegators]]\n', 'name = "e0"\n', '[delegators]\n', '😀'), fc.string({ maxLength: 4 }));
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 5 }), noise), { maxLength: 3 });
    const known = new Set(['config', 'refused', 'not-found']);
    await fc.assert(
      fc.asyncProperty(document, damage, intent, async (made, damages, what) => {
        let text = textOf(made);
        for (const [at, length, insert] of damages) text = text.slice(0, at % (text.length + 1)) + insert + text.slice((at % (text.length + 1)) + length);
        const wanted = changeOf(what, [{ table: 'delegators', name: 'e0' }, { table: 'model_servers', name: 'e0' }, { table: 'delegators', name: 'odd1x' }], { delegators: [], model_servers: [] });
        if (!wanted) return;
        try {
          const result = await applyEdit(text, wanted.change);
          parse(result.replace(/^\uFEFF/, ''));
        } catch (error) {
          assert.ok(isOperatorError(error) && known.has(error.code), String(error));
        }
      }),
      { numRuns: Number(process.env.EDIT_RUNS ?? 400) },
    );
  });
});
