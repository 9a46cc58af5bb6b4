/** Files as people write them, and worse: comments, blank lines, odd spacing, every kind of value, tables in every form and order, all line endings. */
import fc from 'fast-check';
import { parse } from 'smol-toml';
import type { EntryTable } from '../../../src/core/config/edit.ts';

/** Some lines that belong together: an entry, another table, a gap. */
export interface Piece {
  readonly table?: EntryTable;
  readonly name?: string;
  /** A sub-table of the last entry of this list, apart from it. */
  readonly partOf?: EntryTable;
  readonly lines: readonly string[];
}

export interface Document {
  readonly pieces: readonly Piece[];
  /** Of every line; `mixed`: now one, now the other. */
  readonly eol: '\n' | '\r\n' | 'mixed';
  readonly bom: string;
  readonly endsOpen: boolean;
}

const comment = fc.stringMatching(/^[ \t]{0,2}# ?[a-zA-Z =\[\]"'äß😀#]{0,12}$/u);
const blank = fc.constantFrom('', '  ', '\t');
const key = fc.constantFrom('headers', 'headers', 'kind', 'llm_tool', 'model', 'model_server', 'base_url', 'display_name', 'auth', 'x', '"odd key"', "'literal'");
const scalar = fc.constantFrom('"a"', "'b'", '"esc \\" \\u00e9 # no"', '"""\nmany\n  lines"""', "'''\n[[delegators]]\nname = \"fake\"\n'''", '""', '1', '-0x1F'.replace('-', ''), '1.50', '1e3', 'true', '1979-05-27', '1979-05-27T07:32:00Z', 'inf');
const compound = fc.constantFrom('{\n  a = 1, # one\n  # two\n  "b" = "x",\n}', '{ a.b = 1, a.c = 2 }', '[\n  "a"\n  , "b" # last\n]', '[]', '["a", "b"]', '[ 1,2 ,3 ]', '[\n  "a", # first\n  # between\n  "b",\n]', '{}', '{ a = "b", "c d" = [1] }', "{a='b'}", '[[1], ["x"]]', '[ { a = 1 }, { b = 2 } ]');
const tail = fc.constantFrom('', ' # note', '   #x', '\t');
const equals = fc.constantFrom(' = ', '=', '  =  ', '\t=');
const indent = fc.constantFrom('', '', '  ', '\t');

const row = fc.tuple(indent, key, equals, fc.oneof(scalar, compound), tail).map(([space, name, sign, value, end]) => ({ key: name, text: `${space}${name}${sign}${value}${end}` }));
const rows = fc.uniqueArray(fc.oneof({ weight: 4, arbitrary: row.map((item) => [item.key, item.text] as const) }, { weight: 1, arbitrary: fc.constantFrom(['model_server', 'model_server = "e0"'] as const, ['model_server', " model_server='e4' # near"] as const) }, { weight: 1, arbitrary: fc.constantFrom(['tags', 'tags.a = 1'] as const, ['tags', 'tags . a = "x" # t\ntags."b c".d = [1]'] as const) }, { weight: 1, arbitrary: fc.tuple(fc.constant(''), comment) }, { weight: 1, arbitrary: fc.tuple(fc.constant(''), blank) }), {
  maxLength: 6,
  // Comments and blank lines may repeat, keys may not.
  comparator: ([a], [b]) => a !== '' && a === b,
});

const launchRow = fc.constantFrom('yolo = true', 'flags = ["-x"] # f', "cwd='a'", '# env = {}', '', 'env.A = "1"', 'env = { A = "1", B = "2" }');
const subTable = (table: EntryTable) =>
  fc.tuple(fc.array(comment, { maxLength: 2 }), indent, fc.constantFrom('launch_config', 'extra', '"q r"', 'launch_config.env'), fc.uniqueArray(launchRow, { maxLength: 3, selector: (line) => line.split(/[ .=]/)[0] })).map(([heading, space, sub, lines]) => [...heading, `${space}[${table}.${sub}]`, ...(sub.endsWith('env') ? ['A = "1"'] : lines)]);

const entry = (table: EntryTable) =>
  fc.tuple(fc.array(comment, { maxLength: 2 }), indent, tail, rows, fc.boolean(), fc.option(subTable(table))).map(([heading, space, end, body, nameLast, sub]) => (name: string): Piece => {
    const header = `${space}[[${table}]]${end}`;
    const nameRow = `${space}name = ${name.length % 2 === 0 ? `"${name}"` : `'${name}'`}${end}`;
    const inner = body.map(([, text]) => text);
    return { table, name, lines: [...heading, header, ...(nameLast ? [...inner, nameRow] : [nameRow, ...inner]), ...(sub ?? [])] };
  }).map((make) => Object.assign(make, { entry: true }));

const foreign = fc.tuple(fc.array(comment, { maxLength: 2 }), fc.nat({ max: 99 }), rows).map(([heading, number, body]) => (index: number): Piece => ({ lines: [...heading, `[other${number}x${index}]`, ...body.map(([, text]) => text)] }));
const otherList = fc.tuple(fc.array(comment, { maxLength: 1 }), fc.constantFrom('e0', 'e4', 'gone'), fc.boolean()).map(([heading, server, sub]) => (_index: number): Piece => ({
  lines: [...heading, '[[model_list]]', 'model_name = "pool"', `model_server = "${server}" # of the pool`, ...(sub ? ['[model_list.extra_body]', 'a = 1', '[[model_list.more]]', 'b = 2'] : [])],
}));
/** A sub-table of an entry that stands somewhere below it. */
const apart = fc.tuple(fc.constantFrom('model_servers' as const, 'delegators' as const), fc.array(comment, { maxLength: 1 })).map(([table, heading]) => (index: number): Piece => ({ partOf: table, lines: [...heading, `[${table}.apart${index}]`, 'far = "away" # c'] }));
/** A comment without a blank line between belongs to its neighbour, so gaps begin and end with one. */
const gap: fc.Arbitrary<Piece> = fc.oneof(
  blank.map((line) => ({ lines: [line] })),
  fc.tuple(blank, fc.array(fc.oneof({ weight: 2, arbitrary: blank }, { weight: 1, arbitrary: comment }), { maxLength: 3 }), blank).map(([first, lines, last]) => ({ lines: [first, ...lines, last] })),
);

export const document: fc.Arbitrary<Document> = fc
  .record({
    top: fc.array(fc.oneof(comment, blank, fc.constantFrom('top = 1', 'intro = """\n[[delegators]]\nname = "fake"\n"""')), { maxLength: 3 }),
    body: fc.array(fc.tuple(fc.oneof({ weight: 2, arbitrary: entry('model_servers') }, { weight: 2, arbitrary: entry('delegators') }, { weight: 1, arbitrary: foreign }, { weight: 1, arbitrary: otherList }, { weight: 1, arbitrary: apart }), gap), { maxLength: 6 }),
    llmTools: fc.constantFrom([], [], ['[llm_tools]', 'default_tool = "claude" # t', ''], ['[[llm_tools.custom]]', 'name = "t"']),
    eol: fc.constantFrom('\n', '\r\n', 'mixed'),
    bom: fc.constantFrom('', '', '\uFEFF'),
    endsOpen: fc.boolean(),
  })
  .map(({ top, body, llmTools, ...rest }) => ({
    ...rest,
    pieces: [{ lines: [...new Set(top), ''] }, ...body.flatMap(([make, space], index) => [isEntry(make) ? make(nameOf(index)) : make(index), space]), { lines: llmTools }],
  }));

function isEntry(make: ((name: string) => Piece) | ((index: number) => Piece)): make is (name: string) => Piece {
  return 'entry' in make;
}

/** Names of even and odd length, so that both kinds of quotes occur. */
function nameOf(index: number): string {
  return index % 2 === 0 ? `e${index}` : `odd${index}x`.slice(0, 5);
}

export function textOf({ pieces, eol, bom, endsOpen }: Document): string {
  const text = pieces
    .flatMap(({ lines }) => lines)
    .flatMap((line) => line.split('\n'))
    .map((line) => line + (eol === 'mixed' ? (line.length % 2 === 0 ? '\n' : '\r\n') : eol))
    .join('');
  return bom + (endsOpen ? text.replace(/(?:\r?\n)+$/, '') : text);
}

/** Not every file that is put together is TOML. */
export function parses(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false; // such as a key that a sub-table defines again
  }
}
