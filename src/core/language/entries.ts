/** The entries of a document: what has a name of its own. */
import type { Span, StringNode, ValueNode } from './syntax.ts';
import type { TreeNode } from './tree.ts';

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
    for (const part of list.split('.')) node = node?.children?.get(part);
    return [...(node?.children ?? [])].flatMap(([index, item]) => (typeof index === 'number' && isTableNode(item) ? [toEntry(list, index, item)] : []));
  });
}

function isTableNode({ literal }: TreeNode): boolean {
  return literal === undefined || literal.type === 'table';
}

function toEntry(list: EntryList, index: number, node: TreeNode): Entry {
  const name = textNode(node, 'name');
  const header = node.tables?.[0]?.header;
  const place = name ?? header ?? node.value ?? { start: 0, end: 0 };
  return { list, index, node, name: name?.value, place, span: node.literal ?? spanOf(node) ?? place };
}

/** Everything with a header at or below the node. Tables of one entry may stand apart; then it ends with the first stretch. */
function spanOf(node: TreeNode): Span | undefined {
  const own = node.tables?.[0];
  if (!own?.header) return undefined;
  let { end } = own.rows.at(-1) ?? own.header;
  const visit = (current: TreeNode): void => {
    for (const table of current.tables ?? []) end = Math.max(end, (table.rows.at(-1) ?? table.header)?.end ?? 0);
    for (const next of current.children?.values() ?? []) if (!next.literal) visit(next);
  };
  for (const next of node.children?.values() ?? []) if (!next.literal) visit(next);
  return { start: own.header.start, end };
}

/** The text that a key of the entry holds, with its place. */
export function textNode(node: TreeNode, ...path: readonly (string | number)[]): StringNode | undefined {
  const literal = valueNode(node, ...path);
  return literal?.type === 'string' ? literal : undefined;
}

export function valueNode(node: TreeNode, ...path: readonly (string | number)[]): ValueNode | undefined {
  let current: TreeNode | undefined = node;
  for (const part of path) current = current?.children?.get(part);
  return current?.literal;
}

export function textOf(entry: Entry, key: string): string | undefined {
  return textNode(entry.node, key)?.value;
}
