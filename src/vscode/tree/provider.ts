/** Serves the rows of the last status tree from memory; fires only for what changed. */
import * as vscode from 'vscode';
import type { NodeSubject, StatusNode, StatusTree } from '../../core/status/node.ts';
import { changedRows, tooltipText } from './diff.ts';
import { type Row, toTreeItem } from './item.ts';

/** A redraw follows a change within milliseconds; what has not come by then does not. */
const redrawWithinMs = 2_000;

interface Entry {
  readonly row: Row;
  readonly node: StatusNode;
  readonly parent: Row | undefined;
}

export class StatusTreeProvider implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  #changed = new vscode.EventEmitter<Row[] | undefined>();
  #updated = new vscode.EventEmitter<void>();
  #entries = new Map<string, Entry>();
  #tooltips = new Map<string, string>();
  #tree: StatusTree | undefined;
  #first = Promise.withResolvers<void>();

  readonly onDidChangeTreeData = this.#changed.event;

  get tree(): StatusTree | undefined {
    return this.#tree;
  }

  /** Shows another tree; `undefined` goes back to waiting for one. */
  update(tree: StatusTree | undefined): void {
    const before = this.#tree;
    this.#tree = tree;
    if (!tree) {
      this.#entries.clear();
      this.#tooltips.clear();
      this.#first.resolve();
      this.#first = Promise.withResolvers();
      this.#changed.fire(undefined);
      return;
    }
    this.#index(tree);
    this.#redraw(before, tree);
    this.#updated.fire();
  }

  #redraw(before: StatusTree | undefined, tree: StatusTree): void {
    if (!before) {
      // VS Code waits for this one already; to tell it as well would make it ask for rows that it just dropped.
      this.#first.resolve();
      return;
    }
    const change = changedRows(before, tree, this.#tooltips);
    if (change === 'all') {
      this.#tooltips.clear();
      this.#changed.fire(undefined);
    } else if (change.length > 0) {
      const rows = change.flatMap((id) => this.row(id) ?? []);
      for (const { id } of rows) this.#tooltips.delete(id);
      this.#changed.fire(rows);
    }
  }

  row(id: string): Row | undefined {
    return this.#entries.get(id)?.row;
  }

  node(row: Row): StatusNode | undefined {
    return this.#entries.get(row.id)?.node;
  }

  /** What a row stands for now; undefined when it is gone. */
  subject(row: Row): NodeSubject | undefined {
    return this.node(row)?.subject;
  }

  /** The row of a subject, waiting for the next redraw if it is not there yet; undefined when it does not come. */
  async rowOf(matches: (subject: NodeSubject) => boolean): Promise<Row | undefined> {
    const find = (): Row | undefined => [...this.#entries.values()].find(({ node }) => matches(node.subject))?.row;
    const now = find();
    if (now) return now;
    return new Promise((resolve) => {
      const settle = (row: Row | undefined): void => {
        clearTimeout(timer);
        listener.dispose();
        resolve(row);
      };
      const timer = setTimeout(() => settle(undefined), redrawWithinMs);
      const listener = this.#updated.event(() => {
        const row = find();
        if (row) settle(row);
      });
    });
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const node = this.node(row);
    // A row can vanish between VS Code asking for the children and for the item; an empty item is gone with the next redraw.
    return node ? toTreeItem(node, row) : new vscode.TreeItem('');
  }

  /** Before the first tree is there, the answer waits for it: VS Code shows its own progress meanwhile. */
  getChildren(row?: Row): Row[] | Promise<Row[]> {
    if (row) return this.#rows(this.node(row)?.children ?? []);
    return this.#tree ? this.#roots() : this.#first.promise.then(() => this.#roots());
  }

  getParent(row: Row): Row | undefined {
    return this.#entries.get(row.id)?.parent;
  }

  resolveTreeItem(item: vscode.TreeItem, row: Row): vscode.TreeItem {
    const node = this.node(row);
    if (!node) return item;
    const text = tooltipText(node);
    this.#tooltips.set(row.id, text);
    // A row without a tooltip of its own shows its whole label, which a narrow sidebar cuts.
    item.tooltip = text === '' ? [node.label, node.description].filter(Boolean).join(' · ') : new vscode.MarkdownString(text);
    return item;
  }

  dispose(): void {
    this.#first.resolve();
    this.#changed.dispose();
    this.#updated.dispose();
  }

  #roots(): Row[] {
    return this.#tree && !this.#tree.empty ? this.#rows(this.#tree.sections) : [];
  }

  #rows(nodes: readonly StatusNode[]): Row[] {
    return nodes.flatMap((node) => this.row(node.id) ?? []);
  }

  #index(tree: StatusTree): void {
    const before = this.#entries;
    const entries = new Map<string, Entry>();
    const add = (nodes: readonly StatusNode[], parent: Row | undefined): void => {
      for (const node of nodes) {
        const row = before.get(node.id)?.row ?? { id: node.id };
        entries.set(node.id, { row, node, parent });
        add(node.children, row);
      }
    };
    add(tree.sections, undefined);
    for (const id of this.#tooltips.keys()) if (!entries.has(id)) this.#tooltips.delete(id);
    this.#entries = entries;
  }
}
