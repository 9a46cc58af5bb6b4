/** What is at which path of the document, and where: tables, dotted keys and inline tables of one path are one node. */
import type { DocumentPath, Locator } from '../config/ranges.ts';
import type { Lines } from './lines.ts';
import type { RowNode, Span, SyntaxTree, TableNode, ValueNode } from './syntax.ts';

export interface TreeNode {
  /** The last part of its path; '' for the document itself. */
  readonly name: string | number;
  readonly parent: TreeNode | undefined;
  /** Of the first place that names it: a table may be opened in several (`a.b = 1`, `a.c = 2`). */
  key: Span | undefined;
  value: Span | undefined;
  /** What is written at exactly this path; absent for tables with a header and those that dotted keys imply. */
  literal: ValueNode | undefined;
  /** The row that `literal` is the value of; absent for items of lists. */
  row: RowNode | undefined;
  /** An array of tables with headers. */
  isList: boolean;
  /** In the order of the text. */
  children: readonly TreeNode[];
  /** Headers of exactly this path with their rows. */
  tables: readonly TableNode[];
  /** Of the children, once they are many. */
  index: Map<string | number, TreeNode> | undefined;
}

const none: readonly never[] = [];

/** A large file has tens of thousands of them, hence the one shape for all and no map for the few children that most have. */
function createNode(name: string | number, parent: TreeNode | undefined): TreeNode {
  return { name, parent, key: undefined, value: undefined, literal: undefined, row: undefined, isList: false, children: none, tables: none, index: undefined };
}

export interface Tree {
  readonly root: TreeNode;
  /** The node of each of the text's tables, in the same order. */
  readonly nodes: readonly TreeNode[];
}

export function buildTree({ tables }: SyntaxTree): Tree {
  const root = createNode('', undefined);
  const nodes = tables.map((table) => {
    const node = table.header ? openTable(root, table) : root;
    addRows(node, table.rows);
    return node;
  });
  return { root, nodes };
}

function openTable(root: TreeNode, table: TableNode): TreeNode {
  const { keys = [], isList = false } = table.header ?? {};
  const first = keys[0];
  const last = keys.at(-1);
  const place = first && last ? { start: first.start, end: last.end } : table.header;
  let node = root;
  keys.forEach((part, index) => {
    node = mark(child(node, part.name), place, place);
    const isLast = index === keys.length - 1;
    if (isLast && isList) {
      node.isList = true;
      node = mark(child(node, node.children.length), place, place);
    } else if (node.isList) node = child(node, Math.max(0, node.children.length - 1));
  });
  push(node, 'tables', table);
  return node;
}

function addRows(base: TreeNode, rows: readonly RowNode[]): void {
  for (const row of rows) {
    const value = row.value ?? { start: row.end, end: row.end };
    let node = base;
    for (const part of row.keys) {
      node = child(node, part.name);
      mark(node, part, value);
    }
    if (node === base || node.literal) continue; // without a key, or a second time: the first one counts
    node.row ??= row;
    if (row.value) addLiteral(node, row.value);
  }
}

function addLiteral(node: TreeNode, value: ValueNode): void {
  node.literal ??= value;
  if (value.type === 'table') addRows(node, value.rows);
  if (value.type === 'array') value.items.forEach((item, index) => addLiteral(mark(child(node, index), item, item), item));
}

function child(node: TreeNode, name: string | number): TreeNode {
  const known = childOf(node, name);
  if (known) return known;
  const created = createNode(name, node);
  push(node, 'children', created);
  node.index?.set(name, created);
  return created;
}

/** The lists are this file's own until the tree is handed out. */
function push<K extends 'children' | 'tables'>(node: TreeNode, list: K, item: TreeNode[K][number]): void {
  if (node[list].length === 0) node[list] = [item] as unknown as TreeNode[K];
  else (node[list] as unknown as (typeof item)[]).push(item);
}

const manyChildren = 24;

export function childOf(node: TreeNode, name: string | number): TreeNode | undefined {
  const { children } = node;
  if (typeof name === 'number' && children[name]?.name === name) return children[name];
  if (children.length < manyChildren) return children.find((child) => child.name === name);
  node.index ??= new Map(children.map((child) => [child.name, child]));
  return node.index.get(name);
}

function mark(node: TreeNode, key: Span | undefined, value: Span | undefined): TreeNode {
  node.key ??= key;
  node.value ??= value;
  return node;
}

export function nodeAt(root: TreeNode, path: DocumentPath): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const part of path) node = node && childOf(node, part);
  return node;
}

export function pathOf(node: TreeNode): DocumentPath {
  const path: (string | number)[] = [];
  for (let current = node; current.parent; current = current.parent) path.unshift(current.name);
  return path;
}

/** Places as problems are told them: the value of an entry is its name. */
export function createLocator(root: TreeNode, lines: Lines): Locator {
  return (path, part) => {
    const node = nodeAt(root, path);
    if (!node || node === root) return undefined;
    const name = typeof path.at(-1) === 'number' ? childOf(node, 'name') : undefined;
    const span = part === 'key' ? node.key : (name?.value ?? node.value);
    return span && lines.rangeOf(span);
  };
}
