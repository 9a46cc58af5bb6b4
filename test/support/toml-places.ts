/** Where everything stands in a TOML text, as somebody else's parser sees it. */
import { type AST, parseTOML } from 'toml-eslint-parser';
import { withoutBom } from '../../src/core/config/parse.ts';
import type { DocumentPath, Locator } from '../../src/core/config/ranges.ts';
import type { SourceRange } from '../../src/core/source.ts';

/** Undefined when this parser does not take what the other one took. */
export function parseRanges(text: string): Locator | undefined {
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(withoutBom(text));
  } catch {
    return undefined; // the two parsers disagree about a detail of the grammar
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
