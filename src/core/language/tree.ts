/** What is at which path of the document, and where: tables, dotted keys and inline tables of one path are one node. */
import type { DocumentPath, Locator } from '../config/ranges.ts';
import type { Lines } from './lines.ts';
import type { HeaderNode, RowNode, Span, SyntaxTree, TableNode, ValueNode } from './syntax.ts';

type Name = string | number;

export interface Tree {
  readonly root: TreeNode;
  /** The node that has the header of one of the text's tables. @param index of the table */
  nodeOf(index: number): TreeNode | undefined;
}

export function buildTree({ tables }: SyntaxTree): Tree {
  const root = new TreeNode('', undefined);
  const placements = tables.map((table): Placement => ({ table, depth: -1, node: root }));
  for (const placement of placements) root.take(placement);
  const nodeOf = (index: number): TreeNode | undefined => {
    const placement = placements[index];
    while (placement && placement.depth < partsOf(placement.table).length) placement.node.read();
    return placement?.node;
  };
  return { root, nodeOf };
}

/** How far a table has sunk towards the node that its header names. */
interface Placement {
  readonly table: TableNode;
  /** Parts of the header that lead to `node`. */
  depth: number;
  node: TreeNode;
}

const none: readonly never[] = [];

/**
 * Made when its parent's children are first asked for: of the thousands of entries in a large file most questions concern few.
 * Each node takes what is at or below it in the order of the text, whenever that is, so that when makes no difference.
 */
export class TreeNode {
  /** The last part of its path; '' for the document itself. */
  readonly name: Name;
  readonly parent: TreeNode | undefined;
  /** Of the first place that names it: a table may be opened in several (`a.b = 1`, `a.c = 2`). */
  key: Span | undefined = undefined;
  value: Span | undefined = undefined;
  /** What is written at exactly this path; absent for tables with a header and those that dotted keys imply. */
  literal: ValueNode | undefined = undefined;
  /** The row that `literal` is the value of; absent for items of lists. */
  row: RowNode | undefined = undefined;
  /** An array of tables with headers. */
  isList = false;
  /** Headers of exactly this path with their rows. */
  tables: readonly TableNode[] = none;
  #children: readonly TreeNode[] = none;
  /** Of the children, once they are many. */
  #index: Map<Name, TreeNode> | undefined = undefined;
  /** Tables at or below it that its children have not been made of yet. */
  #unread: readonly Placement[] = none;

  constructor(name: Name, parent: TreeNode | undefined) {
    this.name = name;
    this.parent = parent;
  }

  /** In the order of the text. */
  get children(): readonly TreeNode[] {
    if (this.#unread.length > 0) this.read();
    return this.#children;
  }

  /** Lets what is below it sink one level. */
  read(): void {
    const unread = this.#unread;
    this.#unread = none;
    for (const placement of unread) this.#place(placement);
  }

  child(name: Name): TreeNode | undefined {
    const { children } = this;
    // Items come one after the other, so that none has a number beyond its place.
    if (typeof name === 'number' && (name >= children.length || children[name]?.name === name)) return children[name];
    if (children.length < manyChildren) return children.find((child) => child.name === name);
    this.#index ??= new Map(children.map((child) => [child.name, child]));
    return this.#index.get(name);
  }

  /** What is written at a key, for which the children need not be made. */
  literalAt(name: string): ValueNode | undefined {
    if (this.#unread.length === 0) return this.child(name)?.literal;
    const known = this.#children.find((child) => child.name === name)?.literal;
    if (known) return known;
    for (const { table, depth } of this.#unread) {
      if (depth < partsOf(table).length) continue;
      for (const { keys, value } of table.rows) if (value && keys.length === 1 && keys[0]?.name === name) return value;
    }
    return undefined;
  }

  /** A table at or below it, of which it makes something when it is looked at. */
  take(placement: Placement): void {
    placement.node = this;
    placement.depth++;
    if (placement.depth === partsOf(placement.table).length && placement.table.header) this.tables = added(this.tables, placement.table);
    this.#unread = added(this.#unread, placement);
  }

  #place(placement: Placement): void {
    const { table, depth } = placement;
    const parts = partsOf(table);
    const part = parts[depth];
    if (!part) return this.#addRows(table.rows);
    const isLast = depth === parts.length - 1;
    const place = placeOf(parts);
    let node = this.#open(part.name, place, place);
    if (isLast && table.header?.isList) {
      node.isList = true;
      node = node.#open(node.children.length, place, place);
    } else if (node.isList) node = node.#open(Math.max(0, node.children.length - 1));
    node.take(placement);
  }

  #addRows(rows: readonly RowNode[]): void {
    for (const row of rows) {
      const value = row.value ?? { start: row.end, end: row.end };
      let node: TreeNode = this;
      for (const part of row.keys) node = node.#open(part.name, part, value);
      if (node === this || node.literal) continue; // without a key, or a second time: the first one counts
      node.row ??= row;
      if (row.value) node.#addLiteral(row.value);
    }
  }

  #addLiteral(value: ValueNode): void {
    this.literal ??= value;
    if (value.type === 'table') this.#addRows(value.rows);
    if (value.type === 'array') value.items.forEach((item, index) => this.#open(index, item, item).#addLiteral(item));
  }

  /** The child of that name, made where it is not there yet. */
  #open(name: Name, key?: Span, value?: Span): TreeNode {
    let child = this.child(name);
    if (!child) {
      child = new TreeNode(name, this);
      this.#children = added(this.#children, child);
      this.#index?.set(name, child);
    }
    child.key ??= key;
    child.value ??= value;
    return child;
  }
}

const manyChildren = 24;

/** A list that this file made is added to; most stay at one item, for which one that can grow takes four times the memory. */
function added<T>(list: readonly T[], item: T): readonly T[] {
  if (list.length === 0) return [item];
  (list as T[]).push(item);
  return list;
}

function partsOf({ header }: TableNode): HeaderNode['keys'] {
  return header?.keys ?? none;
}

function placeOf(parts: HeaderNode['keys']): Span | undefined {
  const first = parts[0];
  const last = parts.at(-1);
  return first === last || !first || !last ? first : { start: first.start, end: last.end };
}

export function nodeAt(root: TreeNode, path: DocumentPath): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const part of path) node = node?.child(part);
  return node;
}

export function pathOf(node: TreeNode): DocumentPath {
  const path: Name[] = [];
  for (let current = node; current.parent; current = current.parent) path.unshift(current.name);
  return path;
}

/** Places as problems are told them: the value of an entry is its name. */
export function createLocator(root: TreeNode, lines: Lines): Locator {
  return (path, part) => {
    const node = nodeAt(root, path);
    if (!node || node === root) return undefined;
    const name = typeof path.at(-1) === 'number' ? (node.literalAt('name') ?? node.child('name')?.value) : undefined;
    const span = part === 'key' ? node.key : (name ?? node.value);
    return span && lines.rangeOf(span);
  };
}
