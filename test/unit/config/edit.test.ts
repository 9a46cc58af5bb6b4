import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyEdit, type EditChange, type NewEntry, type TomlValue } from '../../../src/core/config/edit.ts';
import { isOperatorError, type OperatorErrorCode } from '../../../src/core/errors.ts';

const good = readFileSync(join(import.meta.dirname, '../../fixtures/toml/good.toml'), 'utf8');

/** Removed lines with `-`, added ones with `+`, in place; the shortest such list. */
function diff(before: string, after: string): string[] {
  const a = before.split('\n');
  const b = after.split('\n');
  const common = new Map<string, number>();
  const at = (i: number, j: number): number => common.get(`${i},${j}`) ?? 0;
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) common.set(`${i},${j}`, a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1)));
  const result: string[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) i++, j++;
    else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) result.push(`-${a[i++]}`);
    else result.push(`+${b[j++]}`);
  }
  return result;
}

async function changed(text: string, change: EditChange): Promise<string[]> {
  return diff(text, await applyEdit(text, change));
}

function fails(code: OperatorErrorCode, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isOperatorError(error), String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /\.$|\n/);
    return true;
  };
}

const commented = `# The team's models

# The box in the cellar.
# It is loud.
[[model_servers]]   # first
  name   = 'cellar'        # its name
  kind = "ollama"
  # base_url = "http://cellar:11434"

# nobody's comment

# In the cloud
[[model_servers]]
name = "cloud"
kind = "openrouter"
"api_key_env"="X" # mine
headers = { "X-Team" = "a",   B='c' } # h
models = [
  "a", # first
  "b",
]

[[delegators]]
name = "one"
llm_tool = "codex"
model = "m"
model_server = "cellar" # near
# about launching
[delegators.launch_config]
yolo = false # no
env.FOO = "1"

[[delegators]]
name = "two"
llm_tool = "codex"
model = """
m"""
model_server = 'cellar'
[unknown]
cellar = "cellar"
`;

describe('adding an entry', () => {
  it('puts it after the last one of its table, keys in the usual order, launch_config as a table', async () => {
    const entry = { launch_config: { env: { A: 'b' }, yolo: true }, model: 'm', model_properties: { reasoning_effort: 'high', n: 1.5 }, name: 'new', x_more: [1, 'a'], llm_tool: 'codex' };
    assert.deepEqual(await changed(commented, { type: 'add', table: 'delegators', entry }), [
      '+', '+[[delegators]]', '+name = "new"', '+llm_tool = "codex"', '+model = "m"', '+model_properties = { reasoning_effort = "high", n = 1.5 }', '+x_more = [1, "a"]', '+[delegators.launch_config]', '+yolo = true', '+env = { A = "b" }', '+',
    ]);
  });

  it('keeps the comment below the last entry with it', async () => {
    const text = '[[model_servers]]\nname = "a"\nkind = "ollama"\n# base_url = "x"\n\n# about delegators\n[[delegators]]\nname = "d"\n';
    assert.equal(await applyEdit(text, { type: 'add', table: 'model_servers', entry: { name: 'b', kind: 'vllm' } }), '[[model_servers]]\nname = "a"\nkind = "ollama"\n# base_url = "x"\n\n[[model_servers]]\nname = "b"\nkind = "vllm"\n\n# about delegators\n[[delegators]]\nname = "d"\n');
  });

  it('makes a file that is not there yet, with a heading', async () => {
    const text = await applyEdit('', { type: 'add', table: 'model_servers', entry: { name: 'a', kind: 'ollama' } });
    assert.match(text, /^# .*\n\n\[\[model_servers\]\]\nname = "a"\nkind = "ollama"\n$/);
  });

  it('goes to the end of a file that has none, after one blank line', async () => {
    const entry = { name: 'a', kind: 'ollama' };
    const block = '[[model_servers]]\nname = "a"\nkind = "ollama"\n';
    for (const [text, expected] of [
      ['# hello\n', `# hello\n\n${block}`],
      ['# hello', `# hello\n\n${block.trimEnd()}`],
      ['x = 1\n\n', `x = 1\n\n${block}`],
      ['[x]\ny = 1\r\n', `[x]\ny = 1\r\n\n${block}`],
      ['\r\n', `\r\n${block.replaceAll('\n', '\r\n')}`],
      ['\uFEFF# hello\r\n', `\uFEFF# hello\r\n\r\n${block.replaceAll('\n', '\r\n')}`],
    ] as const) {
      assert.equal(await applyEdit(text, { type: 'add', table: 'model_servers', entry }), expected);
    }
  });

  it('extends a list that is written inline', async () => {
    const text = 'delegators = [ {name = "a", model="x"}, # c\n  { name = "b" } ]\nx = 1\n';
    const result = await applyEdit(text, { type: 'add', table: 'delegators', entry: { name: 'c', model: 'm' } });
    assert.match(result, /^delegators = \[ \{name = "a", model="x"\}, # c\n {2}\{ name = "b" \},\n {2}\{ ?name = "c", model = "m" ?\} \]\nx = 1\n$/);
  });

  it('writes any text so that it is read again', async () => {
    for (const value of ['', '"', "'", '\\', 'a\nb\tc\r\n', '\u0000\u001b\u007f\u0085', '😀', 'ſ', '"""', "'''", '\u2028']) {
      const text = await applyEdit('', { type: 'add', table: 'delegators', entry: { name: 'a', prompt: value, [value || 'k']: 1 } });
      assert.match(text, /name = "a"/);
    }
    await assert.rejects(applyEdit('', { type: 'add', table: 'delegators', entry: { name: 'a', prompt: '\ud800' } }), fails('refused', /half a character/));
  });
});

describe('setting keys', () => {
  it('changes a value where it stands, in its quotes and with its comment', async () => {
    assert.deepEqual(await changed(commented, { type: 'set', table: 'model_servers', name: 'cellar', values: { name: 'attic', kind: 'vllm' } }), ["-  name   = 'cellar'        # its name", '-  kind = "ollama"', "+  name   = 'attic'        # its name", '+  kind = "vllm"']);
    assert.deepEqual(await changed(commented, { type: 'set', table: 'model_servers', name: 'cloud', values: { api_key_env: 'Y' } }), ['-"api_key_env"="X" # mine', '+"api_key_env"="Y" # mine']);
  });

  it('adds a key in the usual order, indented as its neighbours', async () => {
    assert.deepEqual(await changed(commented, { type: 'set', table: 'model_servers', name: 'cellar', values: { auth: 'none', base_url: 'http://cellar:1', display_name: 'Cellar' } }), ['+  base_url = "http://cellar:1"', '+  display_name = "Cellar"', '+  auth = "none"']);
    const text = await applyEdit(commented, { type: 'set', table: 'model_servers', name: 'cellar', values: { base_url: 'http://cellar:1' } });
    assert.match(text, /kind = "ollama"\n {2}base_url = "http:\/\/cellar:1"\n {2}# base_url/);
  });

  it('removes a key with its line', async () => {
    assert.deepEqual(await changed(commented, { type: 'set', table: 'model_servers', name: 'cloud', values: { api_key_env: undefined, headers: undefined } }), ['-"api_key_env"="X" # mine', `-headers = { "X-Team" = "a",   B='c' } # h`]);
  });

  it('swaps one key for another in its place', async () => {
    assert.deepEqual(await changed(commented, { type: 'set', table: 'model_servers', name: 'cloud', values: { api_key_env: undefined, api_key: 'secret:x' } }), ['-"api_key_env"="X" # mine', '+api_key = "secret:x"']);
  });

  it('extends a list on many lines without losing its comments', async () => {
    assert.deepEqual(await changed(commented, { type: 'set', table: 'model_servers', name: 'cloud', values: { models: ['a', 'b', 'c'] } }), ['+  "c",']);
  });

  it('changes only the keys of a sub-table that differ', async () => {
    assert.deepEqual(await changed(commented, { type: 'set', table: 'delegators', name: 'one', values: { launch_config: { yolo: false, env: { FOO: '2', BAR: '3' }, flags: ['-x'] } } }), ['-env.FOO = "1"', '+flags = ["-x"]', '+env.FOO = "2"', '+env.BAR = "3"']);
  });

  it('removes a sub-table with its comments', async () => {
    assert.deepEqual(await changed(commented, { type: 'set', table: 'delegators', name: 'one', values: { launch_config: undefined } }), ['-# about launching', '-[delegators.launch_config]', '-yolo = false # no', '-env.FOO = "1"']);
  });

  it('adds a sub-table to its own entry', async () => {
    const text = await applyEdit(commented, { type: 'set', table: 'delegators', name: 'two', values: { launch_config: { yolo: true } } });
    assert.match(text, /model_server = 'cellar'\n\[delegators\.launch_config\]\nyolo = true\n\[unknown\]/);
  });

  it('writes a paragraph that becomes one line as one line', async () => {
    assert.deepEqual(await changed(commented, { type: 'set', table: 'delegators', name: 'two', values: { model: 'x' } }), ['-model = """', '-m"""', '+model = "x"']);
  });

  for (const [written, value, expected] of [
    ["'a'", 'b', "'b'"],
    ["'a'", "it's", '"it\'s"'],
    ["'a'", 'tab\t', "'tab\t'"],
    ["'a'", 'bell\u0007', '"bell\\u0007"'],
    ['"a"', 'C:\\x', '"C:\\\\x"'],
    ['"""a"""', 'one\ntwo', '"""one\ntwo"""'],
    ['"""\na\nb"""', 'say "hi"\n', '"""\nsay \\"hi\\"\n"""'],
    ['"""\na\nb"""', 'a "b" c\n', '"""\na "b" c\n"""'],
    ['"""\na\nb"""', '""\n"', '"""\n\\"\\"\n\\""""'],
    ['"""a"""', '\na\\b', '"""\n\na\\\\b"""'],
    ["'''\na'''", 'one\n\\two', "'''\none\n\\two'''"],
    ["'''\na'''", "one\n'''", '"one\\n\'\'\'"'],
    ['"""\na"""', 'one\r\ntwo', '"one\\r\\ntwo"'],
    ['"""\na"""', 'one', '"one"'],
    ["'''a'''", 'x\ny\u0000', '"x\\ny\\u0000"'],
  ] as const) {
    it(`writes ${JSON.stringify(value)} in place of ${JSON.stringify(written)}`, async () => {
      const text = (what: string): string => `[[delegators]]\nname = "d"\nx = ${what} # c\n`;
      assert.equal(await applyEdit(text(written), { type: 'set', table: 'delegators', name: 'd', values: { x: value } }), text(expected));
    });
  }

  it('writes line breaks of a value only where they are those of the file', async () => {
    const text = '[[delegators]]\r\nname = "d"\r\nx = """\r\na\r\n"""\r\n';
    const set = (x: string): Promise<string> => applyEdit(text, { type: 'set', table: 'delegators', name: 'd', values: { x } });
    assert.equal(await set('b\r\nc'), text.replace('a\r\n"""', 'b\r\nc"""'));
    assert.equal(await set('b\nc'), text.replace('"""\r\na\r\n"""', '"b\\nc"'));
  });

  it('returns the very same text when nothing changes', async () => {
    for (const text of [commented, good, `\uFEFF${good.replaceAll('\n', '\r\n')}`]) {
      assert.equal(await applyEdit(text, { type: 'set', table: 'delegators', name: text === commented ? 'one' : 'opus', values: { model: text === commented ? 'm' : 'opus', nothing: undefined } }), text);
    }
  });

  it('reaches a sub-table that stands apart from its entry', async () => {
    const text = '[[delegators]]\nname = "a"\n\n[other]\nx = 1\n\n# apart\n[delegators.launch_config]\nyolo = true\n\n[last]\n';
    assert.deepEqual(await changed(text, { type: 'set', table: 'delegators', name: 'a', values: { launch_config: { yolo: false }, model: 'm' } }), ['+model = "m"', '-yolo = true', '+yolo = false']);
    assert.equal(await applyEdit(text, { type: 'remove', table: 'delegators', name: 'a' }), '[other]\nx = 1\n\n[last]\n');
    assert.match(await applyEdit(text, { type: 'duplicate', table: 'delegators', name: 'a', as: 'b' }), /\[delegators\.launch_config\]\nyolo = true\n\n\[\[delegators\]\]\nname = "b"\n# apart\n\[delegators\.launch_config\]\nyolo = true\n\n\[last\]\n$/);
  });
});

describe('renaming', () => {
  it('takes along the delegators that refer to the server, and nothing else', async () => {
    assert.deepEqual(await changed(commented, { type: 'rename', table: 'model_servers', name: 'cellar', to: 'attic' }), [
      "-  name   = 'cellar'        # its name",
      "+  name   = 'attic'        # its name",
      '-model_server = "cellar" # near',
      '+model_server = "attic" # near',
      "-model_server = 'cellar'",
      "+model_server = 'attic'",
    ]);
  });

  it('works in inline lists', async () => {
    const text = 'delegators = [{ name = "d", model_server = "s" }, { name = "e" }]\nmodel_servers = [\n  # the one\n  { name = "s" },\n]\n';
    assert.equal(await applyEdit(text, { type: 'rename', table: 'model_servers', name: 's', to: 't' }), text.replaceAll('"s"', '"t"'));
  });

  it('mends a name that is not allowed', async () => {
    assert.deepEqual(await changed('[[model_servers]]\nname = "my server"\n', { type: 'rename', table: 'model_servers', name: 'my server', to: 'my-server' }), ['-name = "my server"', '+name = "my-server"']);
  });
});

describe('removing', () => {
  it('takes along the comments that belong to the entry and leaves all others', async () => {
    assert.deepEqual(await changed(commented, { type: 'remove', table: 'model_servers', name: 'cellar' }), [
      '-# The box in the cellar.', '-# It is loud.', '-[[model_servers]]   # first', "-  name   = 'cellar'        # its name", '-  kind = "ollama"', '-  # base_url = "http://cellar:11434"', '-',
    ]);
  });

  it('leaves no gap and no dangling blank lines', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => `[[model_servers]]\nname = "${name}"\n`);
    const text = `${a}\n${b}\n${c}`;
    assert.equal(await applyEdit(text, { type: 'remove', table: 'model_servers', name: 'a' }), `${b}\n${c}`);
    assert.equal(await applyEdit(text, { type: 'remove', table: 'model_servers', name: 'b' }), `${a}\n${c}`);
    assert.equal(await applyEdit(text, { type: 'remove', table: 'model_servers', name: 'c' }), `${a}\n${b}`);
    assert.equal(await applyEdit(`${a}`, { type: 'remove', table: 'model_servers', name: 'a' }), '');
    assert.equal(await applyEdit(`${a}${b}`, { type: 'remove', table: 'model_servers', name: 'a' }), b);
    assert.equal(await applyEdit(`# hello\n\n${a}`, { type: 'remove', table: 'model_servers', name: 'a' }), '# hello\n');
    assert.equal(await applyEdit(text.trimEnd(), { type: 'remove', table: 'model_servers', name: 'c' }), `${a}\n${b}`.trimEnd());
  });

  it('takes one element out of an inline list', async () => {
    assert.match(await applyEdit('delegators = [{ name = "a" }, { name = "b" }]\n', { type: 'remove', table: 'delegators', name: 'a' }), /^delegators = \[ ?\{ name = "b" \} ?\]\n$/);
    assert.match(await applyEdit('delegators = [{ name = "a" }]\n', { type: 'remove', table: 'delegators', name: 'a' }), /^delegators = \[\s*\]\n$/);
  });

  it('takes the first of two entries of one name: the one that counts', async () => {
    const text = '[[delegators]]\nname = "a"\nmodel = "1"\n\n[[delegators]]\nname = "a"\nmodel = "2"\n';
    assert.equal(await applyEdit(text, { type: 'remove', table: 'delegators', name: 'a' }), '[[delegators]]\nname = "a"\nmodel = "2"\n');
  });
});

describe('duplicating', () => {
  it('copies the entry with its comments right behind it, under the new name and without the old title', async () => {
    const text = `${commented}`.replace('  kind = "ollama"', '  kind = "ollama"\n  display_name = "Cellar" # title');
    const copy = '\n# The box in the cellar.\n# It is loud.\n[[model_servers]]   # first\n  name   = \'cellar-2\'        # its name\n  kind = "ollama"\n  # base_url = "http://cellar:11434"\n';
    const [above, below] = text.split("\n# nobody's comment");
    assert.equal(await applyEdit(text, { type: 'duplicate', table: 'model_servers', name: 'cellar', as: 'cellar-2' }), `${above}${copy}\n# nobody's comment${below}`);
  });

  it('copies sub-tables too', async () => {
    const start = commented.indexOf('[[delegators]]');
    const end = commented.indexOf('\n[[delegators]]', start);
    const original = commented.slice(start, end);
    assert.equal(await applyEdit(commented, { type: 'duplicate', table: 'delegators', name: 'one', as: 'uno' }), `${commented.slice(0, end)}\n${original.replace('"one"', '"uno"')}${commented.slice(end)}`);
  });
});

describe('setting a key inside a table', () => {
  const entry = (rows: string): string => `[[delegators]]\nname = "d"\n${rows}\n[last]\n`;
  const set = (path: readonly [string, ...string[]], value: TomlValue | undefined): EditChange => ({ type: 'set-in', table: 'delegators', name: 'd', path, value });

  for (const [what, rows, path, value, expected] of [
    ['a table of its own', '[delegators.launch_config] # l\nyolo = false # y\n# env = {}\n', ['launch_config', 'yolo'], true, ['-yolo = false # y', '+yolo = true # y']],
    ['a table of its own that lacks the key', '[delegators.launch_config]\nyolo = false\n# more\n', ['launch_config', 'cwd'], 'x', ['+cwd = "x"']],
    ['a table below a table', '[delegators.launch_config.env]\nA = "1"\n', ['launch_config', 'env', 'A'], '2', ['-A = "1"', '+A = "2"']],
    ['an inline table', "model_properties = { a = 'x',   reasoning_effort = 'low' } # p\n", ['model_properties', 'reasoning_effort'], 'high', ["-model_properties = { a = 'x',   reasoning_effort = 'low' } # p", "+model_properties = { a = 'x',   reasoning_effort = 'high' } # p"]],
    ['an inline table that lacks the key', 'launch_config = { yolo = true }\n', ['launch_config', 'env', 'A B'], 'x', ['-launch_config = { yolo = true }', '+launch_config = { yolo = true, env = { "A B" = "x" } }']],
    ['an inline table on many lines', 'headers = {\n  A = "1", # one\n  # two\n  B = "2" # no comma\n}\n', ['headers', 'C'], '3', ['-  B = "2" # no comma', '+  B = "2", # no comma', '+  C = "3"']],
    ['dotted keys', 'launch_config.yolo = true # y\nlaunch_config.env.A = "1"\n', ['launch_config', 'env', 'B'], '2', ['+launch_config.env.B = "2"']],
    ['dotted keys inside an inline table', 'launch_config = { env.A = "1", yolo = true }\n', ['launch_config', 'env', 'A'], '2', ['-launch_config = { env.A = "1", yolo = true }', '+launch_config = { env.A = "2", yolo = true }']],
    ['nothing yet', 'model = "m"\n', ['launch_config', 'yolo'], true, ['+[delegators.launch_config]', '+yolo = true']],
    ['nothing yet, of an ordinary key', 'model = "m"\n', ['model_properties', 'reasoning_effort'], 'high', ['+model_properties = { reasoning_effort = "high" }']],
  ] as const) {
    it(`touches nothing else in ${what}`, async () => {
      assert.deepEqual((await changed(entry(rows), set([...path], value))).filter((line) => line !== '-' && line !== '+'), expected);
    });
  }

  for (const [what, rows, path, expected] of [
    ['an inline table', 'headers = { A = "1", B = "2" }\n', ['headers', 'A'], ['-headers = { A = "1", B = "2" }', '+headers = { B = "2" }']],
    ['an inline table that it is the last of', 'headers = { A = "1" } # h\n', ['headers', 'A'], ['-headers = { A = "1" } # h']],
    ['dotted keys that it is the last of', 'headers.A = "1"\n', ['headers', 'A'], ['-headers.A = "1"']],
    ['a table of its own, whose comments stay', '# about it\n[delegators.launch_config]\nyolo = true\n# env = {}\n', ['launch_config', 'yolo'], ['-yolo = true']],
    ['many lines', 'headers = {\n  A = "1", # one\n  # two\n  B = "2", # zwei\n}\n', ['headers', 'A'], ['-  A = "1", # one']],
  ] as const) {
    it(`unsets it in ${what}`, async () => {
      assert.deepEqual(await changed(entry(rows), set([...path], undefined)), expected);
    });
  }

  it('returns the very same text where nothing is to be unset', async () => {
    const text = entry('headers = {}\n');
    assert.equal(await applyEdit(text, set(['headers', 'A'], undefined)), text);
    assert.equal(await applyEdit(text, set(['no', 'such', 'key'], undefined)), text);
  });

  it('is refused where a value stands in the way', async () => {
    await assert.rejects(applyEdit(entry('launch_config = 1\n'), set(['launch_config', 'yolo'], true)), fails('refused', /launch_config is not a table/));
  });
});

describe('moving', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => `# about ${name}\n[[model_servers]]\nname = "${name}" # ${name}\n[model_servers.headers]\nX = "${name}"\n# below ${name}\n`);
  const text = `# head\n\n${a}\n${b}\n${c}`;
  const move = (name: string, to: { readonly before: string } | { readonly after: string }): Promise<string> => applyEdit(text, { type: 'move', table: 'model_servers', name, to });

  it('takes comments and sub-tables along and leaves the gaps as they were', async () => {
    assert.equal(await move('c', { before: 'a' }), `# head\n\n${c}\n${a}\n${b}`);
    assert.equal(await move('a', { after: 'c' }), `# head\n\n${b}\n${c}\n${a}`);
    assert.equal(await move('a', { after: 'b' }), `# head\n\n${b}\n${a}\n${c}`);
    assert.equal(await move('b', { before: 'a' }), `# head\n\n${b}\n${a}\n${c}`);
  });

  it('leaves an entry where it is already', async () => {
    for (const [name, to] of [['a', { before: 'b' }], ['b', { after: 'a' }], ['b', { before: 'b' }], ['b', { after: 'b' }]] as const) assert.equal(await move(name, to), text);
  });

  it('works in a list that is written inline, comments included', async () => {
    const list = 'delegators = [\n  # about a\n  { name = "a" }, # a\n  { name = "b" }, # b\n  { name = "c" } # c\n] # end\n';
    assert.equal(await applyEdit(list, { type: 'move', table: 'delegators', name: 'c', to: { before: 'a' } }), 'delegators = [\n  { name = "c" }, # c\n  # about a\n  { name = "a" }, # a\n  { name = "b" } # b\n] # end\n');
    const line = 'delegators = [{ name = "a" }, { name = "b" }]\n';
    assert.equal(await applyEdit(line, { type: 'move', table: 'delegators', name: 'b', to: { before: 'a' } }), 'delegators = [{ name = "b" }, { name = "a" }]\n');
  });

  it('needs an entry to go to', async () => {
    await assert.rejects(move('a', { after: 'd' }), fails('not-found', /no model server "d"/));
  });
});

describe('adding several at once', () => {
  it('puts each behind the others of its list, in the order that is given', async () => {
    const entries: readonly NewEntry[] = [
      { table: 'model_servers', entry: { name: 'x', kind: 'ollama' } },
      { table: 'model_list', entry: { rpm: 5, model_server: 'x', model: 'm', model_name: 'p' } },
      { table: 'model_servers', entry: { name: 'y', kind: 'vllm' } },
      { table: 'model_list', entry: { model_name: 'p', model: 'n', extra_body: { a: [1] } } },
    ];
    assert.equal(await applyEdit('[[model_servers]]\nname = "a"\n\n[[delegators]]\nname = "d"\n', { type: 'add-all', entries }), '[[model_servers]]\nname = "a"\n\n[[model_servers]]\nname = "x"\nkind = "ollama"\n\n[[model_servers]]\nname = "y"\nkind = "vllm"\n\n[[delegators]]\nname = "d"\n\n[[model_list]]\nmodel_name = "p"\nmodel = "m"\nmodel_server = "x"\nrpm = 5\n\n[[model_list]]\nmodel_name = "p"\nmodel = "n"\nextra_body = { a = [1] }\n');
  });

  it('refuses all of them where one cannot be', async () => {
    const twice: NewEntry = { table: 'model_servers', entry: { name: 'x', kind: 'ollama' } };
    await assert.rejects(applyEdit('', { type: 'add-all', entries: [twice, twice] }), fails('refused', /already has a model server "x"/));
    assert.equal(await applyEdit('x = 1\n', { type: 'add-all', entries: [] }), 'x = 1\n');
  });
});

describe('setting the default', () => {
  const set: EditChange = { type: 'set-default', tool: 'codex', model: 'gpt' };
  it('changes the table that is there', async () => {
    assert.deepEqual(await changed(good, set), ['-default_tool = "claude"', '-default_model = "opus"', '+default_tool = "codex"', '+default_model = "gpt"']);
  });

  it('drops the model of another tool, and keeps the one of the same', async () => {
    assert.deepEqual(await changed(good, { type: 'set-default', tool: 'codex' }), ['-default_tool = "claude"', '-default_model = "opus"', '+default_tool = "codex"']);
    assert.equal(await applyEdit(good, { type: 'set-default', tool: 'claude' }), good);
  });

  it('adds the table where there is none', async () => {
    const table = '[llm_tools]\ndefault_tool = "codex"\ndefault_model = "gpt"\n';
    assert.equal(await applyEdit('x = 1\n', set), `x = 1\n\n${table}`);
    assert.equal(await applyEdit('[[llm_tools.custom]]\nname = "t"\n', set), `${table}\n[[llm_tools.custom]]\nname = "t"\n`);
  });

  it('changes it however it is written', async () => {
    assert.equal(await applyEdit('llm_tools = { default_tool = "x" }\n', set), 'llm_tools = { default_tool = "codex", default_model = "gpt" }\n');
    assert.equal(await applyEdit('llm_tools.default_tool = "x"\ny = 1\n', set), 'llm_tools.default_tool = "codex"\nllm_tools.default_model = "gpt"\ny = 1\n');
  });
});

describe('what is refused', () => {
  it('a file that does not parse is never written to', async () => {
    await assert.rejects(applyEdit('a = 1\nb = "s3cret\n', { type: 'remove', table: 'delegators', name: 'x' }), (error) => fails('config', /line 2, column \d+: /)(error) && !/s3cret/.test(String(error)));
  });

  for (const [change, code, message] of [
    [{ type: 'add', table: 'model_servers', entry: { name: 'cellar' } }, 'refused', /already has a model server "cellar"/],
    [{ type: 'add', table: 'model_servers', entry: { name: 'openai-api' } }, 'refused', /builtin/],
    [{ type: 'add', table: 'model_servers', entry: { name: 'a b' } }, 'refused', /must not contain spaces/],
    [{ type: 'add', table: 'delegators', entry: { name: 'a\nb' } }, 'refused', /line breaks/],
    [{ type: 'add', table: 'delegators', entry: { name: '' } }, 'refused', /empty/],
    [{ type: 'rename', table: 'delegators', name: 'one', to: 'two' }, 'refused', /already has a delegator "two"/],
    [{ type: 'rename', table: 'model_servers', name: 'cellar', to: 'google-api' }, 'refused', /builtin/],
    [{ type: 'duplicate', table: 'delegators', name: 'one', as: 'one' }, 'refused', /already has/],
    [{ type: 'set', table: 'delegators', name: 'one', values: { name: 'two' } }, 'refused', /already has/],
    [{ type: 'set', table: 'delegators', name: 'one', values: { name: undefined } }, 'refused', /missing/],
    [{ type: 'remove', table: 'model_servers', name: 'anthropic-api' }, 'refused', /builtin/],
    [{ type: 'remove', table: 'model_servers', name: 'celar' }, 'not-found', /no model server "celar"/],
    [{ type: 'set', table: 'delegators', name: 'three', values: {} }, 'not-found', /no delegator "three"/],
  ] as const satisfies readonly (readonly [EditChange, OperatorErrorCode, RegExp])[]) {
    it(JSON.stringify(change), async () => {
      await assert.rejects(applyEdit(commented, change), fails(code, message));
    });
  }

  it('a delegator may have the name of a builtin server', async () => {
    assert.match(await applyEdit('', { type: 'add', table: 'delegators', entry: { name: 'openai-api' } }), /name = "openai-api"/);
  });

  it('tables that are not what they should be are left alone', async () => {
    await assert.rejects(applyEdit('[model_servers]\nname = "x"\n', { type: 'add', table: 'model_servers', entry: { name: 'a' } }), fails('config', /not a list of tables/));
    await assert.rejects(applyEdit('llm_tools = 1\n', { type: 'set-default', tool: 'x' }), fails('config', /not a table/));
  });
});
