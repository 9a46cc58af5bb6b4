/** Which rows a new tree must redraw. Pure, so that it is tested without VS Code. */
import type { StatusNode, StatusTree } from '../../core/status/node.ts';

/** 'all' where the top level itself changed; else the ids of the topmost changed rows (a redrawn row redraws what is below it). */
export type TreeChange = 'all' | readonly string[];

/**
 * `tooltips` holds the tooltip text of rows that were hovered: VS Code keeps those until the row is redrawn,
 * and only for them the new text is worth building.
 */
export function changedRows(before: StatusTree | undefined, after: StatusTree, tooltips: ReadonlyMap<string, string> = new Map()): TreeChange {
  if (!before || before.empty !== after.empty || !sameIds(before.sections, after.sections)) return 'all';
  const changed: string[] = [];
  collect(before.sections, after.sections, tooltips, changed);
  return changed;
}

function collect(before: readonly StatusNode[], after: readonly StatusNode[], tooltips: ReadonlyMap<string, string>, changed: string[]): void {
  for (const [index, node] of after.entries()) {
    const old = before[index];
    if (old === node) continue;
    if (!old || !sameRow(old, node) || !sameIds(old.children, node.children) || staleTooltip(node, tooltips)) changed.push(node.id);
    else collect(old.children, node.children, tooltips, changed);
  }
}

function sameIds(before: readonly StatusNode[], after: readonly StatusNode[]): boolean {
  return before.length === after.length && before.every((node, index) => node.id === after[index]?.id);
}

function sameRow(before: StatusNode, after: StatusNode): boolean {
  return (
    before.label === after.label &&
    before.description === after.description &&
    before.icon === after.icon &&
    before.tone === after.tone &&
    before.accessibilityLabel === after.accessibilityLabel &&
    before.tags.join() === after.tags.join() &&
    JSON.stringify(before.action) === JSON.stringify(after.action)
  );
}

function staleTooltip(node: StatusNode, tooltips: ReadonlyMap<string, string>): boolean {
  const shown = tooltips.get(node.id);
  return shown !== undefined && shown !== tooltipText(node);
}

/** The Markdown of a row's tooltip; paragraphs, except that list items stay together. */
export function tooltipText(node: StatusNode): string {
  return node.tooltip().reduce((text, line) => (text === '' ? line : `${text}${line.startsWith('- ') ? '\n' : '\n\n'}${line}`), '');
}
