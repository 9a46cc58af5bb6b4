/**
 * Where keys and values stand in the text. Two ways, one answer: `indexNames` finds the entries of an ordinary file by their
 * headers in a millisecond; `parseRanges` knows the place of everything and costs twenty times as much, so it is asked
 * only when there is a problem to show (its parser is a lazily loaded chunk).
 */
import type { AST } from 'toml-eslint-parser';
import type { SourceRange } from '../source.ts';
import { type TomlDocument, withoutBom } from './parse.ts';

/** Keys and list indexes from the top of the document, such as `['model_servers', 0, 'base_url']`. */
export type DocumentPath = readonly (string | number)[];

/** `value` of a whole entry is its name. */
export type Part = 'key' | 'value';

/** The range of a part, or undefined when this locator does not know it. */
export type Locator = (path: DocumentPath, part: Part) => SourceRange | undefined;

/** Beyond this, exact ranges would cost more than they tell; problems then point at their entry. */
export const maxExactRangesLength = 1024 * 1024;

const headerOrName = /^[ \t]*(?:\[\[[ \t]*(model_servers|delegators|llm_tools[ \t]*\.[ \t]*custom)[ \t]*\]\]|(\[)|name[ \t]*=[ \t]*("[^"\\\n]*"|'[^'\n]*'))/gm;

/**
 * Places of the `[[…]]` entries: of the value of `name`, or of the header where there is none. What it finds is compared with
 * the parsed document; where they differ (inline lists, quoted keys, text that looks like a header) it knows nothing of that table.
 */
export function indexNames(text: string, document: TomlDocument): Locator {
  const source = withoutBom(text);
  const toRange = rangesOf(source);
  const found = new Map<string, { range: SourceRange; name?: string }[]>();
  let current: { range: SourceRange; name?: string } | undefined;
  for (const match of source.matchAll(headerOrName)) {
    const [whole, table, otherHeader, literal] = match;
    const end = match.index + whole.length;
    if (table !== undefined) {
      current = { range: toRange(match.index + whole.indexOf('['), end) };
      const key = table.replaceAll(/[ \t]/g, '');
      const entries = found.get(key);
      if (entries) entries.push(current);
      else found.set(key, [current]);
    } else if (otherHeader !== undefined) {
      current = undefined;
    } else if (current && literal !== undefined && current.name === undefined) {
      current.name = literal.slice(1, -1);
      current.range = toRange(end - literal.length, end);
    }
  }
  for (const [key, entries] of found) if (!agrees(entries, valueAt(document, key.split('.')))) found.delete(key);
  return (path) => {
    const index = path.at(-1);
    return typeof index === 'number' ? found.get(path.slice(0, -1).join('.'))?.[index]?.range : undefined;
  };
}

function agrees(entries: readonly { readonly name?: string }[], values: unknown): boolean {
  if (!Array.isArray(values) || values.length !== entries.length) return false;
  return entries.every(({ name }, index) => {
    const value: unknown = values[index];
    return isTable(value) && (typeof value.name === 'string' ? value.name === name : name === undefined);
  });
}

function valueAt(document: TomlDocument, keys: readonly string[]): unknown {
  let value: unknown = document;
  for (const key of keys) value = isTable(value) ? value[key] : undefined;
  return value;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Offsets → lines and columns; asked in ascending order it is linear. */
function rangesOf(source: string): (start: number, end: number) => SourceRange {
  let line = 0;
  let lineStart = 0;
  return (start, end) => {
    for (let next = source.indexOf('\n', lineStart); next >= 0 && next < start; next = source.indexOf('\n', lineStart)) {
      line++;
      lineStart = next + 1;
    }
    return { start: { line, column: start - lineStart }, end: { line, column: end - lineStart } };
  };
}

/** Places of everything. Undefined when the parser with ranges does not take what the other one took, or the text is too long. */
export async function parseRanges(text: string): Promise<Locator | undefined> {
  if (text.length > maxExactRangesLength) return undefined;
  const { parseTOML } = await import('toml-eslint-parser');
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(withoutBom(text));
  } catch {
    return undefined; // the two parsers disagree about a detail of the grammar; entries still have their place
  }
  const ranges = new Map<string, { readonly key: SourceRange; readonly value: SourceRange }>();
  collect(program.body[0].body, [], ranges);
  return (path, part) => {
    const own = ranges.get(pathKey(path));
    if (part === 'key') return own?.key;
    const name = typeof path.at(-1) === 'number' ? ranges.get(pathKey([...path, 'name'])) : undefined;
    return name?.value ?? own?.value;
  };
}

type Ranges = Map<string, { readonly key: SourceRange; readonly value: SourceRange }>;

function pathKey(path: DocumentPath): string {
  return JSON.stringify(path);
}

function collect(nodes: readonly (AST.TOMLKeyValue | AST.TOMLTable)[], base: DocumentPath, ranges: Ranges): void {
  for (const node of nodes) {
    const keys = node.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
    if (node.type === 'TOMLTable') {
      const range = toSourceRange(node.key.loc);
      for (let length = 1; length <= node.resolvedKey.length; length++) keepFirst(ranges, node.resolvedKey.slice(0, length), range, range);
      collect(node.body, node.resolvedKey, ranges);
      continue;
    }
    const path = [...base, ...keys];
    keys.slice(0, -1).forEach((_, index) => {
      const key = node.key.keys[index];
      if (key) keepFirst(ranges, path.slice(0, base.length + index + 1), toSourceRange(key.loc), toSourceRange(node.value.loc));
    });
    const last = node.key.keys.at(-1);
    if (last) keepFirst(ranges, path, toSourceRange(last.loc), toSourceRange(node.value.loc));
    collectValue(node.value, path, ranges);
  }
}

function collectValue(node: AST.TOMLContentNode, path: DocumentPath, ranges: Ranges): void {
  if (node.type === 'TOMLInlineTable') collect(node.body, path, ranges);
  if (node.type !== 'TOMLArray') return;
  node.elements.forEach((element, index) => {
    const range = toSourceRange(element.loc);
    keepFirst(ranges, [...path, index], range, range);
    collectValue(element, [...path, index], ranges);
  });
}

/** A table may be opened in several places (`a.b = 1`, `a.c = 2`); the first one is where it is shown. */
function keepFirst(ranges: Ranges, path: DocumentPath, key: SourceRange, value: SourceRange): void {
  const at = pathKey(path);
  if (!ranges.has(at)) ranges.set(at, { key, value });
}

function toSourceRange({ start, end }: AST.TOMLNode['loc']): SourceRange {
  return { start: { line: start.line - 1, column: start.column }, end: { line: end.line - 1, column: end.column } };
}
