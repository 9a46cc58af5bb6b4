/** The entries of a document: what has a name of its own. */
import type { Span, StringNode } from './syntax.ts';
import { nodeAt, type TreeNode } from './tree.ts';

/** Lists of entries, by their path in the document. */
export const entryLists = ['model_servers', 'delegators', 'llm_tools.custom'] as const;
export type EntryList = (typeof entryLists)[number];

export interface Entry {
  readonly list: EntryList;
  readonly index: number;
  readonly node: TreeNode;
  /** Undefined while it has none. */
  readonly name: string | undefined;
  /** The same in its quotes. */
  readonly nameText: StringNode | undefined;
  /** Of the name, quotes included; of the header or the whole entry where there is none. */
  readonly place: Span;
  /** Of its header; written inline, of the entry itself. */
  readonly start: number;
}

export function readEntries(root: TreeNode): readonly Entry[] {
  const entries: Entry[] = [];
  for (const list of entryLists) {
    for (const item of nodeAt(root, list.split('.'))?.children ?? []) if (typeof item.name === 'number' && isTableNode(item)) entries.push(toEntry(list, item.name, item));
  }
  return entries;
}

function isTableNode({ literal }: TreeNode): boolean {
  return literal === undefined || literal.type === 'table';
}

function toEntry(list: EntryList, index: number, node: TreeNode): Entry {
  const nameText = textNode(node, 'name');
  const header = node.tables[0]?.header;
  const place = nameText ?? header ?? node.value ?? { start: 0, end: 0 };
  return { list, index, node, name: nameText?.value, nameText, place, start: (node.literal ?? header ?? place).start };
}

/** From the header to the last row, tables below it included. Written inline it is the entry itself. */
export function spanOf({ node, place, start }: Entry): Span {
  if (node.literal) return node.literal;
  const own = node.tables[0];
  if (!own?.header) return place;
  const { end } = own.rows.at(-1) ?? own.header;
  return { start, end: node.children.reduce(endBelow, end) };
}

function endBelow(end: number, { literal, tables, children }: TreeNode): number {
  if (literal) return end;
  const own = tables.reduce((furthest, table) => Math.max(furthest, (table.rows.at(-1) ?? table.header)?.end ?? 0), end);
  return children.reduce(endBelow, own);
}

/** The text that a key of an entry holds, with its place. */
export function textNode(node: TreeNode | undefined, key: string): StringNode | undefined {
  const literal = node?.literalAt(key);
  return literal?.type === 'string' ? literal : undefined;
}

export function textOf(entry: Entry, key: string): string | undefined {
  return textNode(entry.node, key)?.value;
}
