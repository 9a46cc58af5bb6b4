/** A change of the document → replaced stretches of its text. Loaded only when something is edited: its parsers are large. */
import type { EditChange, EntryTable } from './edit-change.ts';
import { entryIndex } from './edit-intent.ts';
import { blocksOf, isBlank, type Layout, lineBreakOf, lineStart, parseLayout, withBlankLines } from './edit-layout.ts';
import { changeValue, exactRow, type RowStyle, rewriteRow } from './edit-rows.ts';
import { isTable } from './entries.ts';
import type { TomlDocument } from './parse.ts';
import type { DocumentPath } from './ranges.ts';
import { applySplices, type Splice } from './splices.ts';
import { renderEntry, renderSection } from './toml-text.ts';

export interface TextEdit {
  readonly source: string;
  /** What `source` says. */
  readonly before: TomlDocument;
  /** What the result must say. */
  readonly after: TomlDocument;
  readonly change: EditChange;
  readonly style: RowStyle;
}

/** @returns the edited text; the caller checks that it says what was meant */
export function editText(edit: TextEdit): string {
  // A last line without its line break is edited like any other and gets none.
  const open = edit.source !== '' && !edit.source.endsWith('\n');
  const layout = parseLayout(open ? edit.source + lineBreakOf(edit.source) : edit.source);
  const result = applySplices(layout.source, planSplices(layout, edit));
  return open ? result.replace(/\r?\n$/, '') : result;
}

function planSplices(layout: Layout, { before, after, change, style }: TextEdit): readonly Splice[] {
  if (change.type === 'set-default') {
    const tools = after.llm_tools;
    if (before.llm_tools !== undefined || !isTable(tools)) return changeValue(layout, ['llm_tools'], before.llm_tools, tools, style);
    return [insertBlock(layout, layout.source.length, renderSection(['llm_tools'], tools, layout.eol))];
  }
  const { table } = change;
  // `delegators = [ {…} ]`: the whole list is one value.
  const list = exactRow(layout, [table]);
  if (list) return [rewriteRow(layout, list, after[table], style), ...changedReferences(layout, { before, after, change, style })];
  const entries = listOf(before, table);
  switch (change.type) {
    case 'add':
      return [insertBlock(layout, endOfTable(layout, table, entries.length), renderEntry(table, change.entry, layout.eol))];
    case 'remove':
      return blocksOf(layout, [table, entryIndex(entries, change.name)]).map((block) => ({ ...withBlankLines(layout.source, block), text: '' }));
    case 'duplicate':
      return [duplicateBlock(layout, [table, entryIndex(entries, change.name)], entries[entryIndex(entries, change.name)], change.as, style)];
    case 'set':
    case 'rename': {
      const index = entryIndex(entries, change.name);
      return [...changeValue(layout, [table, index], entries[index], listOf(after, table)[index], style), ...changedReferences(layout, { before, after, change, style })];
    }
  }
}

function listOf(document: TomlDocument, table: EntryTable): readonly unknown[] {
  const list: unknown = document[table];
  return Array.isArray(list) ? list : [];
}

/** The delegators that a renamed server takes along. */
function changedReferences(layout: Layout, { before, after, change, style }: Omit<TextEdit, 'source'>): readonly Splice[] {
  if (change.type !== 'rename' || change.table !== 'model_servers') return [];
  const list = exactRow(layout, ['delegators']);
  if (list) return [rewriteRow(layout, list, after.delegators, style)];
  const renamed = listOf(after, 'delegators');
  return listOf(before, 'delegators').flatMap((delegator, index) => changeValue(layout, ['delegators', index], delegator, renamed[index], style));
}

function endOfTable(layout: Layout, table: EntryTable, count: number): number {
  const last = count === 0 ? undefined : blocksOf(layout, [table, count - 1]).at(-1);
  return last?.end ?? layout.source.length;
}

/** With one blank line above and below, where something is there. */
function insertBlock({ source, eol }: Layout, at: number, text: string): Splice {
  const needsAbove = at > 0 && !isBlank(source, lineStart(source, at - 1));
  const needsBelow = at < source.length && !isBlank(source, at);
  return { start: at, end: at, text: `${needsAbove ? eol : ''}${text}${needsBelow ? eol : ''}` };
}

function duplicateBlock(layout: Layout, path: DocumentPath, entry: unknown, as: string, style: RowStyle): Splice {
  const blocks = blocksOf(layout, path);
  const values = isTable(entry) ? entry : {};
  const splices = [
    ...changeValue(layout, [...path, 'name'], values.name, as, style),
    ...changeValue(layout, [...path, 'display_name'], values.display_name, undefined, style),
  ];
  const text = blocks
    .map(({ start, end }) => {
      const own = splices.filter((splice) => splice.start >= start && splice.end <= end);
      return applySplices(layout.source.slice(start, end), own.map((splice) => ({ ...splice, start: splice.start - start, end: splice.end - start })));
    })
    .join('');
  return insertBlock(layout, blocks.at(-1)?.end ?? layout.source.length, text);
}
