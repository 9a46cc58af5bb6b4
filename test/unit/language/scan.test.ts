/** Of a text that is TOML the scanner finds exactly what the parsers find; of any other text, what can be made out of it. */
import '../../support/properties.ts';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseToml } from '../../../src/core/config/parse.ts';
import { readDocument } from '../../../src/core/language/document.ts';
import { createLocator, type TreeNode } from '../../../src/core/language/tree.ts';
import { scan } from '../../../src/core/language/scan.ts';
import { parseRanges } from '../../support/toml-places.ts';
import { document, parses, textOf } from '../config/arbitrary-toml.ts';
import { damaged, fixtures } from './support.ts';

/** What a node says, as far as the scanner tells: texts as they are, every other value by the kind of value that it is. */
function plain(node: TreeNode): unknown {
  if (node.literal?.type === 'string') return node.literal.value;
  if (node.literal?.type === 'bare') return bareKind(node.literal.text);
  if (node.literal?.type === 'array' || node.isList) return node.children.map(plain);
  return Object.fromEntries(node.children.map((child) => [child.name, plain(child)]));
}

function bareKind(text: string): string {
  if (text === 'true' || text === 'false') return 'boolean';
  return /^\d{4}-|^\d\d:/.test(text) ? 'date' : 'number';
}

function kinds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(kinds);
  if (value instanceof Date) return 'date';
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, kinds(item)]));
  return typeof value === 'string' ? value : typeof value;
}

function agreesWithParser(text: string): void {
  const parsed = parseToml(text);
  assert.ok(parsed.ok);
  // Line breaks inside a text are the parser's own business.
  const normal = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll('\\r\\n', '\\n')) as unknown;
  assert.deepEqual(normal(plain(readDocument(text).tree.root)), normal(kinds(parsed.value)));
}

function paths(value: unknown, base: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => [[...base, index], ...paths(item, [...base, index])]);
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.entries(value).flatMap(([key, item]) => [[...base, key], ...paths(item, [...base, key])]);
}

function agreesWithRanges(text: string): void {
  const exact = parseRanges(text);
  const parsed = parseToml(text);
  if (!exact || !parsed.ok) return; // the parser with places knows an older TOML
  const read = readDocument(text);
  const locate = createLocator(read.tree.root, read.lines);
  for (const path of paths(parsed.value)) {
    for (const part of ['key', 'value'] as const) assert.deepEqual(locate(path, part), exact(path, part), `${part} of ${path.join('.')} in ${JSON.stringify(text)}`);
  }
}

const valid = [
  'a = { b = 1,\n c = 2 }', 'a = { b = 1, }', 'a = {\n# c\n}', 'a."b".c = 1', 'a = """x""""', 'a = """x"""""', "a = ''''x''''", '[ a . "b" ]\nc = 1',
  '[[a]]\n[a.b]\n[[a.b.c]]\nx = 1\n[[a]]\nb.c = 1', 'a = 1979-05-27 07:32:00 # x\n', 'a = [1979-05-27 07:32:00, 2]', 'a = [ 1 , # c ] \n 2]', '"" = 1', 'a = "\\e \\x41 \\u00e9 \\U0001F600 \\\\ \\""',
  'a = """\\\n   b\\"""" # c', "a = '''\n\n'''", 'a = [[true], [inf], [nan],\n[false]]', 'a = [\n  [1],\n  ["b = 1"],\n  "[[c]]",\n]', 'a = [ { b = 1,\nc = 2 } ]', '\uFEFFa = 1', 'a = ""', "a = ''", 'a = """"""', "''.'' = 1", '__proto__ = 1', 'a = [\n{ x = 1 },\n]\nb=2',
  '[a]\r\nb = "c" # d\r\n\r\n[[e]]\r\n', 'a = """\r\nb\r\n"""',
];

describe('scanning', () => {
  for (const text of valid) it(`finds in ${JSON.stringify(text)} what the parser finds`, () => agreesWithParser(text));

  it('finds in every fixture what the parsers find', () => {
    for (const text of fixtures.filter(parses)) {
      agreesWithParser(text);
      agreesWithRanges(text);
    }
  });

  it('finds in any TOML what the parsers find', () => {
    fc.assert(
      fc.property(document.map(textOf).filter(parses), (text) => {
        agreesWithParser(text);
        agreesWithRanges(text);
      }),
    );
  });

  it('takes any text, and every part of it lies within the text and within what it is part of', () => {
    fc.assert(
      fc.property(damaged, (text) => {
        const { tables, comments } = scan(text);
        const check = (value: unknown, start: number, end: number): void => {
          if (Array.isArray(value)) return value.forEach((item) => check(item, start, end));
          if (typeof value !== 'object' || value === null) return;
          const span = value as { readonly start?: number; readonly end?: number };
          if (span.start !== undefined && span.end !== undefined) {
            assert.ok(start <= span.start && span.start <= span.end && span.end <= end, `${span.start}-${span.end} in ${start}-${end} of ${JSON.stringify(text)}`);
          }
          for (const item of Object.values(value)) check(item, span.start ?? start, span.end ?? end);
        };
        check(tables, 0, text.length);
        check(comments, 0, text.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('is not slowed down by hostile texts', () => {
    const hostile = ['['.repeat(200_000), 'a = '.repeat(50_000), 'a = [' + '1,'.repeat(200_000), '"""\\'.repeat(50_000), 'a = {'.repeat(50_000), '#'.repeat(200_000), 'a.'.repeat(100_000), "'".repeat(200_001), '\n= "'.repeat(50_000), 'a = [\n'.repeat(50_000), 'a="""\n'.repeat(50_001), "a='''\nb=\"\"\"\n".repeat(30_001)];
    for (const text of hostile) {
      const started = performance.now();
      scan(text);
      const took = performance.now() - started;
      assert.ok(took < 1_500, `${JSON.stringify(text.slice(0, 12))} took ${Math.round(took)} ms`);
    }
  });
});

describe('scanning a text that is being typed', () => {
  const rowsOf = (text: string): unknown => scan(text).tables.map(({ header, rows }) => [header?.keys.map(({ name }) => name).join('.') ?? '', rows.map(({ keys, value }) => [keys.map(({ name }) => name).join('.'), value && text.slice(value.start, value.end)])]);

  const cases: readonly (readonly [string, unknown])[] = [
    ['[[model_servers]]\nkind = \nname = "a"', [['', []], ['model_servers', [['kind', undefined], ['name', '"a"']]]]],
    ['[[model_servers]]\nki\nname = "a"', [['', []], ['model_servers', [['ki', undefined], ['name', '"a"']]]]],
    ['kind = "ol\nname = "a"', [['', [['kind', '"ol'], ['name', '"a"']]]]],
    ['models = ["a", "b\n[[delegators]]\nname = "a"', [['', [['models', '["a", "b']]], ['delegators', [['name', '"a"']]]]],
    ['models = ["a",\nname = "a"', [['', [['models', '["a",'], ['name', '"a"']]]]],
    ['headers = { a = "b"\nname = "a"', [['', [['headers', '{ a = "b"'], ['name', '"a"']]]]],
    ['a = { b = 1,\n[[delegators]]', [['', [['a', '{ b = 1,']]], ['delegators', []]]],
    ['[[dele\nname = "a"', [['', []], ['dele', [['name', '"a"']]]]],
    ['[]\nname = "a"', [['', []], ['', [['name', '"a"']]]]],
    ['prompt = """\nname = "a"\n', [['', [['prompt', '"""'], ['name', '"a"']]]]],
    ['launch_config.\nname = "a"', [['', [['launch_config.', undefined], ['name', '"a"']]]]],
    ['name = My tool # x', [['', [['name', 'My tool']]]]],
    ['= 3\nname = "a"', [['', [['', '3'], ['name', '"a"']]]]],
  ];
  for (const [text, expected] of cases) it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(rowsOf(text), expected));
});
