/** Where the parts of a TOML text begin and end, with the comments that belong to them. Offsets count UTF-16 units. */
import { scan } from '../language/scan.ts';
import type { HeaderNode, RowNode, Span } from '../language/syntax.ts';
import type { DocumentPath } from './ranges.ts';

export type { Span };

/** A `[table]` or `[[table]]` with its keys; the first one of a text, with the keys above all headers, has no header. */
export interface PlacedTable extends Span {
  /** As it is in the document: list indexes included. */
  readonly path: DocumentPath;
  readonly header?: HeaderNode;
  readonly rows: readonly RowNode[];
}

export interface Layout {
  readonly source: string;
  /** `\r\n` or `\n`, as most of the text has it. */
  readonly eol: string;
  /** In the order of the text. */
  readonly tables: readonly PlacedTable[];
  /** The table whose header names exactly this path. */
  tableAt(path: DocumentPath): PlacedTable | undefined;
  /** Positions in `tables` of everything at or below the path. */
  tablesBelow(path: DocumentPath): readonly number[];
}

/** @param source TOML without a byte order mark */
export function parseLayout(source: string): Layout {
  const tables = placeTables(source);
  const byPath = new Map<string, PlacedTable>();
  // An entry of thousands is asked for by its list and index: those are found without looking at the others.
  const byEntry = new Map<string, number[]>();
  tables.forEach((table, index) => {
    const key = pathKey(table.path);
    if (!byPath.has(key)) byPath.set(key, table);
    const entry = pathKey(table.path.slice(0, 2));
    const known = byEntry.get(entry);
    if (known) known.push(index);
    else byEntry.set(entry, [index]);
  });
  const everywhere = tables.map((_, index) => index);
  return {
    source,
    eol: lineBreakOf(source),
    tables,
    tableAt: (path) => byPath.get(pathKey(path)),
    tablesBelow: (path) => (path.length < 2 ? everywhere : (byEntry.get(pathKey(path.slice(0, 2))) ?? [])).filter((index) => isBelow(tables[index], path)),
  };
}

function placeTables(source: string): readonly PlacedTable[] {
  /** How many entries each list of tables has so far. */
  const lists = new Map<string, number>();
  return scan(source).tables.map(({ header, rows }) => {
    const start = header?.start ?? rows[0]?.start ?? 0;
    const place = { rows, start, end: rows.at(-1)?.end ?? header?.end ?? start };
    return header ? { ...place, header, path: resolve(header, lists) } : { ...place, path: [] };
  });
}

/** `[a.b]` below the third `[[a]]` is `a`, 2, `b`. */
function resolve({ keys, isList }: HeaderNode, lists: Map<string, number>): DocumentPath {
  const path: (string | number)[] = [];
  keys.forEach(({ name }, index) => {
    path.push(name);
    const list = pathKey(path);
    const count = lists.get(list);
    if (isList && index === keys.length - 1) {
      lists.set(list, (count ?? 0) + 1);
      path.push(count ?? 0);
    } else if (count !== undefined) path.push(count - 1);
  });
  return path;
}

function pathKey(path: DocumentPath): string {
  return JSON.stringify(path);
}

export function startsWith(path: DocumentPath, prefix: DocumentPath): boolean {
  return prefix.every((part, index) => path[index] === part);
}

/** The line break that most lines have. */
export function lineBreakOf(source: string): string {
  return source.split('\r\n').length - 1 > (source.split('\n').length - 1) / 2 ? '\r\n' : '\n';
}

/**
 * The lines of everything below `path`: header, keys, sub-tables, with the comment block directly above (heading) and the one
 * directly below the last key (such as keys that are commented out). Several spans where other tables stand in between.
 */
export function blocksOf(layout: Layout, path: DocumentPath): readonly Span[] {
  const { source, tables } = layout;
  const blocks: Span[] = [];
  const indexes = layout.tablesBelow(path);
  for (let at = 0; at < indexes.length; at++) {
    const first = indexes[at] ?? 0;
    let last = first;
    while (indexes[at + 1] === last + 1) {
      last++;
      at++;
    }
    const above = tables[first - 1];
    const floor = above === undefined || above.start === above.end ? 0 : lineEnd(source, above.end);
    const next = tables[last + 1];
    const ceiling = next ? lineStart(source, next.start) : source.length;
    blocks.push({ start: withHeading(source, lineStart(source, tables[first]?.start ?? 0), floor), end: withTrailing(source, lineEnd(source, tables[last]?.end ?? 0), ceiling) });
  }
  return blocks;
}

function isBelow(table: PlacedTable | undefined, path: DocumentPath): boolean {
  return table?.header !== undefined && startsWith(table.path, path);
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
  return /^[ \t]*/.exec(source.slice(lineStart(source, at), at))?.[0] ?? '';
}
