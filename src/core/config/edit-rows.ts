/** Changes of single keys inside entries: replaced where they stand, removed with their line, or added in the usual order. */
import { patch } from '@decimalturn/toml-patch';
import type { AST } from 'toml-eslint-parser';
import { sameValue } from './edit-intent.ts';
import { blocksOf, indentAt, type Layout, lineEnd, lineStart, withBlankLines } from './edit-layout.ts';
import { isTable } from './entries.ts';
import { parseToml } from './parse.ts';
import type { DocumentPath } from './ranges.ts';
import type { Splice } from './splices.ts';
import { inOrder, isSection, keysBefore, renderKey, renderRow, renderSection, renderValue } from './toml-text.ts';

/** `keep`: quotes, line breaks and comments inside a value survive. `rewrite`: the value is written anew on one line. */
export type RowStyle = 'keep' | 'rewrite';

/** A `key = value` with the path it has in the document. */
export interface Row {
  readonly path: DocumentPath;
  readonly node: AST.TOMLKeyValue;
}

function rowsOf({ nodes }: Layout): readonly Row[] {
  const toRow = (node: AST.TOMLKeyValue, base: DocumentPath): Row => ({ path: [...base, ...keysOf(node)], node });
  return nodes.flatMap((node) => (node.type === 'TOMLKeyValue' ? [toRow(node, [])] : node.body.map((row) => toRow(row, node.resolvedKey))));
}

function keysOf(node: AST.TOMLKeyValue): readonly string[] {
  return node.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
}

function startsWith(path: DocumentPath, prefix: DocumentPath): boolean {
  return prefix.every((part, index) => path[index] === part);
}

/** The row whose value is exactly what is at `path`; undefined where that is spread over a table or dotted keys. */
export function exactRow(layout: Layout, path: DocumentPath): Row | undefined {
  return rowsOf(layout).find((row) => row.path.length === path.length && startsWith(row.path, path));
}

/** Makes what is at `path` say `after` instead of `before`; either may be undefined for "not there". */
export function changeValue(layout: Layout, path: DocumentPath, before: unknown, after: unknown, style: RowStyle): readonly Splice[] {
  if (sameValue(before, after)) return [];
  const row = exactRow(layout, path);
  if (row) return [after === undefined ? removeRow(layout, row) : rewriteRow(layout, row, after, style)];
  if (before === undefined) return [insertValue(layout, path, after)];
  if (isTable(before) && isTable(after)) {
    const isSpread = headerOf(layout, path) === undefined;
    // Without a header of its own a table is there only as long as one of its keys is.
    if (!isSpread || Object.keys(before).some((key) => after[key] !== undefined)) return changeTable(layout, path, before, after, style);
  }
  const removed = removeTable(layout, path);
  return after === undefined ? removed : [...removed, insertValue(layout, path, after)];
}

function changeTable(layout: Layout, path: DocumentPath, before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>, style: RowStyle): readonly Splice[] {
  const keys = inOrder(tableName(path), { ...before, ...after }).map(([key]) => key);
  const change = (key: string): readonly Splice[] => changeValue(layout, [...path, key], before[key], after[key], style);
  if (headerOf(layout, path) || dottedRowOf(layout, path)) {
    // Below the header of a sub-table a key would be the sub-table's: those come last.
    return [...keys.filter((key) => !isSection(key, after[key])), ...keys.filter((key) => isSection(key, after[key]))].flatMap(change);
  }
  // A table that only its sub-tables imply has no place for keys yet: all new ones go into one.
  const added = keys.filter((key) => before[key] === undefined);
  const staysTable = (key: string): boolean => isTable(before[key]) && isTable(after[key]) && headerOf(layout, [...path, key]) !== undefined;
  const inPlace = keys.every((key) => added.includes(key) || after[key] === undefined || sameValue(before[key], after[key]) || staysTable(key));
  if (!inPlace) return [...removeTable(layout, path), insertValue(layout, path, after)];
  const section = added.length > 0 ? [insertSection(layout, path, Object.fromEntries(added.map((key) => [key, after[key]])))] : [];
  return [...keys.filter((key) => !added.includes(key)).flatMap(change), ...section];
}

/** `delegators` for an entry of it, else the last key: what the order of keys is kept under. */
function tableName(path: DocumentPath): string {
  return String(path.findLast((part) => typeof part === 'string') ?? '');
}

export function rewriteRow({ source }: Layout, { node }: Row, value: unknown, style: RowStyle): Splice {
  const [start, end] = node.range;
  const kept = style === 'keep' ? patchRow(source.slice(start, end), keysOf(node), node, value) : undefined;
  return { start, end, text: kept ?? source.slice(start, node.value.range[0]) + renderValue(value) };
}

/** Undefined when the library's answer is not what was asked for. */
function patchRow(text: string, keys: readonly string[], node: AST.TOMLKeyValue, value: unknown): string | undefined {
  const wasParagraph = node.value.type === 'TOMLValue' && node.value.kind === 'string' && node.value.multiline;
  if (wasParagraph && !(typeof value === 'string' && value.includes('\n'))) return undefined;
  const wanted = keys.reduceRight<unknown>((inner, key) => Object.assign(Object.create(null) as object, { [key]: inner }), value);
  try {
    const patched = patch(text, wanted).replace(/\r?\n$/, '');
    // A line break inside a text is part of the value: an editor that makes all of them the same would change it.
    if (hasBareBreak(patched) && (text.includes('\r\n') || !text.includes('\n'))) return undefined;
    const parsed = parseToml(patched);
    return parsed.ok && sameValue(parsed.value, wanted) ? patched : undefined;
  } catch {
    return undefined; // the library cannot do it: the value is written anew
  }
}

function hasBareBreak(text: string): boolean {
  return /(?<!\r)\n/.test(text);
}

function removeRow({ source }: Layout, { node }: Row): Splice {
  return { start: lineStart(source, node.range[0]), end: lineEnd(source, node.range[1]), text: '' };
}

/** Everything that a table at `path` is spread over: `[a.b]` with what is below it, and dotted keys. */
function removeTable(layout: Layout, path: DocumentPath): readonly Splice[] {
  const blocks = blocksOf(layout, path).map((block) => ({ ...withBlankLines(layout.source, block), text: '' }));
  const isInBlock = ({ node }: Row): boolean => blocks.some(({ start, end }) => node.range[0] >= start && node.range[1] <= end);
  const dotted = rowsOf(layout).filter((row) => startsWith(row.path, path) && !isInBlock(row));
  return [...blocks, ...dotted.map((row) => removeRow(layout, row))];
}

function insertValue(layout: Layout, path: DocumentPath, value: unknown): Splice {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1));
  const header = headerOf(layout, parent);
  if (header) {
    return isSection(key, value) ? insertSection(layout, path, value) : insertRow(layout, header, tableName(parent), key, value);
  }
  const sibling = dottedRowOf(layout, parent);
  return sibling ? insertDotted(layout, sibling, path, value) : insertSection(layout, parent, { [key]: value });
}

function headerOf({ nodes }: Layout, path: DocumentPath): AST.TOMLTable | undefined {
  return nodes.find((node): node is AST.TOMLTable => node.type === 'TOMLTable' && node.resolvedKey.length === path.length && startsWith(node.resolvedKey, path));
}

/** The last `a.b = …` that says what `a` is. */
function dottedRowOf(layout: Layout, path: DocumentPath): Row | undefined {
  return rowsOf(layout).findLast((row) => startsWith(row.path, path) && row.path.length - row.node.key.keys.length < path.length);
}

/** A key of the documentation behind the nearest one that stands before it there; any other at the end. */
function insertRow(layout: Layout, header: AST.TOMLTable, table: string, key: string, value: unknown): Splice {
  const before = keysBefore(table, key);
  const anchor = before ? before.map((name) => header.body.findLast((row) => keysOf(row)[0] === name)).find((row) => row !== undefined) : header.body.at(-1);
  const at = lineEnd(layout.source, anchor?.range[1] ?? header.key.range[1]);
  const indent = indentAt(layout.source, (anchor ?? header.body[0] ?? header).range[0]);
  return { start: at, end: at, text: `${indent}${renderRow(key, value)}${layout.eol}` };
}

/** `a.b = 1` gets a neighbour `a.c = 2`. */
function insertDotted(layout: Layout, sibling: Row, path: DocumentPath, value: unknown): Splice {
  const base = sibling.path.length - sibling.node.key.keys.length;
  const at = lineEnd(layout.source, sibling.node.range[1]);
  const keys = path.slice(base).map((key) => renderKey(String(key)));
  return { start: at, end: at, text: `${indentAt(layout.source, sibling.node.range[0])}${keys.join('.')} = ${renderValue(value)}${layout.eol}` };
}

/** A `[a.b]` of its own: in an entry behind what it has, at the top before what is below it. */
function insertSection(layout: Layout, path: DocumentPath, value: Readonly<Record<string, unknown>>): Splice {
  const isInEntry = path.some((part) => typeof part === 'number');
  const blocks = blocksOf(layout, isInEntry ? path.slice(0, 2) : path);
  const at = isInEntry ? blocks[0]?.end : blocks[0]?.start;
  const header = path.filter((part) => typeof part === 'string');
  const place = at ?? layout.source.length;
  return { start: place, end: place, text: `${renderSection(header, value, layout.eol)}${isInEntry ? '' : layout.eol}` };
}
