/** Turns a change of the document into stretches of its text. Loaded only when something is edited. */
import type { ArrayNode } from '../language/syntax.ts';
import type { EditChange, EntryTable } from './edit-change.ts';
import { entryIndex, orderAfterMove, unsetIn } from './edit-intent.ts';
import { changeItems, type Slot } from './edit-items.ts';
import { blocksOf, isBlank, type Layout, lineBreakOf, lineStart, parseLayout, withBlankLines } from './edit-layout.ts';
import { changeValue, exactRow, hasHeader } from './edit-rows.ts';
import { changeNode, type ValueStyle } from './edit-values.ts';
import { isTable } from './entries.ts';
import type { TomlDocument } from './parse.ts';
import type { DocumentPath } from './ranges.ts';
import { applySplices, type Splice } from './splices.ts';
import { renderEntry, renderSection, renderValue } from './toml-text.ts';

export interface TextEdit {
  readonly source: string;
  /** What `source` says. */
  readonly before: TomlDocument;
  /** What the result must say. */
  readonly after: TomlDocument;
  readonly change: EditChange;
  readonly style: ValueStyle;
}

type Context = Omit<TextEdit, 'source'>;

/** @returns the edited text; the caller checks that it says what was meant */
export function editText(edit: TextEdit): string {
  // A last line without its line break is edited like any other and gets none.
  const open = edit.source !== '' && !edit.source.endsWith('\n');
  const layout = parseLayout(open ? edit.source + lineBreakOf(edit.source) : edit.source);
  const result = applySplices(layout.source, planSplices(layout, edit));
  return open ? result.replace(/\r?\n$/, '') : result;
}

function planSplices(layout: Layout, context: Context): readonly Splice[] {
  const { before, after, change, style } = context;
  switch (change.type) {
    case 'set-default':
      if (before.llm_tools === undefined && isTable(after.llm_tools)) return [insertBlock(layout, layout.source.length, renderSection(['llm_tools'], after.llm_tools, layout.eol))];
      return changeValue(layout, ['llm_tools'], before.llm_tools, after.llm_tools, style);
    case 'repoint':
      return changedReferences(layout, context);
    case 'add-all':
      return [...Map.groupBy(change.entries, ({ table }) => table)].flatMap(([table, added]) => addEntries(layout, context, table, added.map(({ entry }) => entry)));
    case 'add':
      return addEntries(layout, context, change.table, [change.entry]);
    case 'rename':
      return [...changeEntry(layout, context, change), ...(change.table === 'model_servers' ? changedReferences(layout, context) : [])];
    default:
      return changeEntry(layout, context, change);
  }
}

/** `delegators = [ {…} ]`: the whole list is one value. */
function inlineList(layout: Layout, table: string): ArrayNode | undefined {
  const value = exactRow(layout, [table])?.value;
  return value?.type === 'array' ? value : undefined;
}

function listOf(document: TomlDocument, table: string): readonly unknown[] {
  const list: unknown = document[table];
  return Array.isArray(list) ? list : [];
}

function addEntries(layout: Layout, { before }: Context, table: EntryTable | 'model_list', added: readonly Readonly<Record<string, unknown>>[]): readonly Splice[] {
  const inline = inlineList(layout, table);
  if (inline) return changeItems(layout, { container: inline, items: inline.items }, [...inline.items.map((_, kept): Slot => ({ kept, splices: [] })), ...added.map((entry) => ({ text: renderValue(entry) }))]);
  const at = endOfTable(layout, table, listOf(before, table).length);
  return [insertBlock(layout, at, added.map((entry) => renderEntry(table, entry, layout.eol)).join(layout.eol))];
}

function changeEntry(layout: Layout, { before, after, style }: Context, change: Exclude<EditChange, { readonly type: 'set-default' | 'repoint' | 'add' | 'add-all' }>): readonly Splice[] {
  const { table } = change;
  const entries = listOf(before, table);
  const index = entryIndex(entries, change.name);
  const inline = inlineList(layout, table);
  if (inline) return changeItems(layout, { container: inline, items: inline.items }, slotsOfEntries(layout, inline, { entries, after: listOf(after, table), index, style, change }));
  const path = [table, index];
  const blocks = (): readonly Splice[] => blocksOf(layout, path).map((block) => ({ ...withBlankLines(layout.source, block), text: '' }));
  switch (change.type) {
    case 'remove':
      return blocks();
    case 'duplicate':
      return [insertBlock(layout, endOfBlocks(layout, path), copyOf(layout, path, [...renamed(layout, path, entries[index], change.as, style)]))];
    case 'move':
      return [...blocks(), moveTo(layout, table, entryIndex(entries, 'before' in change.to ? change.to.before : change.to.after), 'before' in change.to, copyOf(layout, path, []))];
    case 'set-in': {
      // A table with a header keeps it, with the comments below it, also when its last key goes.
      const keeps = (place: readonly string[]): boolean => hasHeader(layout, [...path, ...place]);
      const wanted = change.value === undefined ? unsetIn(entries[index], change.path, keeps) : listOf(after, table)[index];
      return changeValue(layout, path, entries[index], wanted, style);
    }
    case 'set':
    case 'rename':
      return changeValue(layout, path, entries[index], listOf(after, table)[index], style);
  }
}

interface ListChange {
  readonly entries: readonly unknown[];
  readonly after: readonly unknown[];
  readonly index: number;
  readonly style: ValueStyle;
  readonly change: Parameters<typeof changeEntry>[2];
}

function slotsOfEntries(layout: Layout, { items }: ArrayNode, { entries, after, index, style, change }: ListChange): readonly Slot[] {
  const slots = items.map((_, kept): Slot => ({ kept, splices: [] }));
  const item = items[index];
  const changed = (to: unknown): readonly Splice[] => (item ? changeNode(layout, item, entries[index], to, style) : []);
  switch (change.type) {
    case 'remove':
      return slots.toSpliced(index, 1);
    case 'duplicate': {
      const { start, end } = item ?? { start: 0, end: 0 };
      return slots.toSpliced(index + 1, 0, { text: applySplices(layout.source.slice(start, end), within({ start, end }, changed(after[index + 1]))) });
    }
    case 'move':
      return orderAfterMove(entries, index, change.to, (name) => entryIndex(entries, name)).map((kept) => ({ kept, splices: [] }));
    case 'set':
    case 'set-in':
    case 'rename':
      return slots.toSpliced(index, 1, { kept: index, splices: changed(after[index]) });
  }
}

/** What a renamed server takes along. */
function changedReferences(layout: Layout, { before, after, style }: Context): readonly Splice[] {
  return ['delegators', 'model_list'].flatMap((table) => {
    const renamed = listOf(after, table);
    const inline = inlineList(layout, table);
    if (inline) return changeNode(layout, inline, before[table], renamed, style);
    return listOf(before, table).flatMap((entry, index) => changeValue(layout, [table, index], entry, renamed[index], style));
  });
}

function endOfTable(layout: Layout, table: string, count: number): number {
  return count === 0 ? layout.source.length : endOfBlocks(layout, [table, count - 1]);
}

function endOfBlocks(layout: Layout, path: DocumentPath): number {
  return blocksOf(layout, path).at(-1)?.end ?? layout.source.length;
}

/** With one blank line above and below, where something is there. */
function insertBlock({ source, eol }: Layout, at: number, text: string): Splice {
  const needsAbove = at > 0 && !isBlank(source, lineStart(source, at - 1));
  const needsBelow = at < source.length && !isBlank(source, at);
  return { start: at, end: at, text: `${needsAbove ? eol : ''}${text}${needsBelow ? eol : ''}` };
}

function moveTo(layout: Layout, table: EntryTable, target: number, before: boolean, text: string): Splice {
  const blocks = blocksOf(layout, [table, target]);
  return insertBlock(layout, (before ? blocks[0]?.start : blocks.at(-1)?.end) ?? layout.source.length, text);
}

function renamed(layout: Layout, path: DocumentPath, entry: unknown, as: string, style: ValueStyle): readonly Splice[] {
  const values = isTable(entry) ? entry : {};
  return [...changeValue(layout, [...path, 'name'], values.name, as, style), ...changeValue(layout, [...path, 'display_name'], values.display_name, undefined, style)];
}

/** The lines of an entry, its sub-tables included, in one piece. */
function copyOf(layout: Layout, path: DocumentPath, splices: readonly Splice[]): string {
  return blocksOf(layout, path)
    .map((block) => applySplices(layout.source.slice(block.start, block.end), within(block, splices)))
    .join('');
}

/** The splices that lie in a stretch, as places in its own text. */
function within({ start, end }: { readonly start: number; readonly end: number }, splices: readonly Splice[]): readonly Splice[] {
  return splices.filter((splice) => splice.start >= start && splice.end <= end).map((splice) => ({ ...splice, start: splice.start - start, end: splice.end - start }));
}
