/** The entries of a document: what has a name of its own. */
import type { Span, StringNode, ValueNode } from './syntax.ts';
import { childOf, type TreeNode } from './tree.ts';

/** Lists of entries, by their path in the document. */
export const entryLists = ['model_servers', 'delegators', 'llm_tools.custom'] as const;
export type EntryList = (typeof entryLists)[number];

export interface Entry {
  readonly list: EntryList;
  readonly index: number;
  readonly node: TreeNode;
  /** Undefined while it has none. */
  readonly name: string | undefined;
  /** Of the name, quotes included; of the header or the whole entry where there is none. */
  readonly place: Span;
  /** From the header to the last row, tables below it included. Written inline it is the entry itself. */
  readonly span: Span;
}

export function readEntries(root: TreeNode): readonly Entry[] {
  return entryLists.flatMap((list) => {
    let node: TreeNode | undefined = root;
    for (const part of list.split('.')) node = node && childOf(node, part);
    return (node?.children ?? []).flatMap((item) => (typeof item.name === 'number' && isTableNode(item) ? [toEntry(list, item.name, item)] : []));
  });
}

function isTableNode({ literal }: TreeNode): boolean {
  return literal === undefined || literal.type === 'table';
}

function toEntry(list: EntryList, index: number, node: TreeNode): Entry {
  const name = textNode(node, 'name');
  const header = node.tables[0]?.header;
  const place = name ?? header ?? node.value ?? { start: 0, end: 0 };
  return { list, index, node, name: name?.value, place, span: node.literal ?? spanOf(node) ?? place };
}

/** Everything with a header at or below the node. Tables of one entry may stand apart; then it ends with the first stretch. */
function spanOf(node: TreeNode): Span | undefined {
  const own = node.tables[0];
  if (!own?.header) return undefined;
  const { end } = own.rows.at(-1) ?? own.header;
  return { start: own.header.start, end: node.children.reduce(endBelow, end) };
}

function endBelow(end: number, { literal, tables, children }: TreeNode): number {
  if (literal) return end;
  const own = tables.reduce((furthest, table) => Math.max(furthest, (table.rows.at(-1) ?? table.header)?.end ?? 0), end);
  return children.reduce(endBelow, own);
}

/** The text that a key of the entry holds, with its place. */
export function textNode(node: TreeNode, ...path: readonly (string | number)[]): StringNode | undefined {
  const literal = valueNode(node, ...path);
  return literal?.type === 'string' ? literal : undefined;
}

export function valueNode(node: TreeNode, ...path: readonly (string | number)[]): ValueNode | undefined {
  let current: TreeNode | undefined = node;
  for (const part of path) current = current && childOf(current, part);
  return current?.literal;
}

export function textOf(entry: Entry, key: string): string | undefined {
  return textNode(entry.node, key)?.value;
}
