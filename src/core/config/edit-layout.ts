/** Where the parts of a TOML text begin and end, with the comments that belong to them. Offsets count UTF-16 units. */
import { type AST, parseTOML } from 'toml-eslint-parser';
import { OperatorError } from '../errors.ts';
import type { DocumentPath } from './ranges.ts';

export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface Layout {
  readonly source: string;
  /** `\r\n` or `\n`, as most of the text has it. */
  readonly eol: string;
  readonly nodes: readonly (AST.TOMLKeyValue | AST.TOMLTable)[];
}

/** @throws OperatorError 'internal' when the parser with places refuses what the other one took */
export function parseLayout(source: string): Layout {
  try {
    return { source, eol: lineBreakOf(source), nodes: parseTOML(source).body[0].body };
  } catch (cause) {
    throw new OperatorError('internal', 'This operator.toml cannot be edited by Operator', { hint: 'Make the change by hand', cause });
  }
}

/** The line break that most lines have. */
export function lineBreakOf(source: string): string {
  return source.split('\r\n').length - 1 > (source.split('\n').length - 1) / 2 ? '\r\n' : '\n';
}

/**
 * The lines of everything below `path`: header, keys, sub-tables, with the comment block directly above (heading) and the one
 * directly below the last key (such as keys that are commented out). Several spans where other tables stand in between.
 */
export function blocksOf({ source, nodes }: Layout, path: DocumentPath): readonly Span[] {
  const blocks: Span[] = [];
  for (let index = 0; index < nodes.length; index++) {
    if (!isBelow(nodes[index], path)) continue;
    const first = index;
    while (isBelow(nodes[index + 1], path)) index++;
    const floor = first === 0 ? 0 : lineEnd(source, endOf(nodes[first - 1]));
    const next = nodes[index + 1];
    const ceiling = next ? lineStart(source, next.range[0]) : source.length;
    blocks.push({ start: withHeading(source, lineStart(source, startOf(nodes[first])), floor), end: withTrailing(source, lineEnd(source, endOf(nodes[index])), ceiling) });
  }
  return blocks;
}

function isBelow(node: AST.TOMLKeyValue | AST.TOMLTable | undefined, path: DocumentPath): boolean {
  return node?.type === 'TOMLTable' && path.every((part, index) => node.resolvedKey[index] === part);
}

function startOf(node: AST.TOMLKeyValue | AST.TOMLTable | undefined): number {
  return node?.range[0] ?? 0;
}

function endOf(node: AST.TOMLKeyValue | AST.TOMLTable | undefined): number {
  return node?.range[1] ?? 0;
}

/** Moves up over comment lines, not above `floor`. */
function withHeading(source: string, start: number, floor: number): number {
  let top = start;
  while (top > floor) {
    const above = lineStart(source, top - 1);
    if (above < floor || !isComment(source, above)) break;
    top = above;
  }
  return top;
}

/** Moves down over comment lines, unless they reach `ceiling`: then they are the heading of what begins there. */
function withTrailing(source: string, end: number, ceiling: number): number {
  let bottom = end;
  while (bottom < ceiling && isComment(source, bottom)) bottom = lineEnd(source, bottom);
  return bottom === ceiling && ceiling < source.length ? end : bottom;
}

function isComment(source: string, at: number): boolean {
  return /^[ \t]*#/.test(source.slice(at, lineEnd(source, at)));
}

/** The block with the blank lines that set it apart from what follows, or at the end of the text from what is above: what goes when it is removed. */
export function withBlankLines(source: string, block: Span): Span {
  let { start, end } = block;
  const blankAbove = start === 0 || isBlank(source, lineStart(source, start - 1));
  let below = end;
  while (isBlank(source, below)) below = lineEnd(source, below);
  if (blankAbove) end = below;
  if (below === source.length) {
    end = below;
    while (start > 0 && isBlank(source, lineStart(source, start - 1))) start = lineStart(source, start - 1);
  }
  return { start, end };
}

/** Is the line at `at` (its start) empty? */
export function isBlank(source: string, at: number): boolean {
  return at < source.length && source.slice(at, lineEnd(source, at)).trim() === '';
}

export function lineStart(source: string, at: number): number {
  // lastIndexOf takes a negative position for 0 and would look at the first character.
  return at <= 0 ? 0 : source.lastIndexOf('\n', at - 1) + 1;
}

/** Behind the line's own line break. */
export function lineEnd(source: string, at: number): number {
  const end = source.indexOf('\n', at);
  return end < 0 ? source.length : end + 1;
}

/** White space before the first character of the line. */
export function indentAt(source: string, at: number): string {
  return /^[ \t]*/.exec(source.slice(lineStart(source, at)))?.[0] ?? '';
}
