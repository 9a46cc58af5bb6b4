import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseToml } from '../../../src/core/config/parse.ts';
import { type DocumentPath, indexNames, maxExactRangesLength, parseRanges } from '../../../src/core/config/ranges.ts';
import type { SourceRange } from '../../../src/core/source.ts';
import { document, parses, textOf } from './arbitrary-toml.ts';
import { textAt } from './support.ts';

async function exactAt(text: string, path: DocumentPath, part: 'key' | 'value' = 'value'): Promise<string | undefined> {
  const locate = await parseRanges(text);
  return textAt(text, locate?.(path, part));
}

describe('exact ranges', () => {
  const text = `\uFEFFtop.dotted = 1 # 😀\r\n[[model_servers]] # s\r\n  "name" = 'a'\r\n  headers = { "X-A" = "😀", b.c = [ 1, { d = 2 } ] }\r\n[model_servers.extra_env]\r\nA = """\r\nx"""\r\n[[model_servers]]\r\nkind = "k"\r\n[llm_tools]\r\n[[llm_tools.custom]]\r\nname = "t"\r\n`;

  for (const [path, key, value] of [
    [['top'], 'top', '1'],
    [['top', 'dotted'], 'dotted', '1'],
    [['model_servers'], 'model_servers', 'model_servers'],
    [['model_servers', 0], 'model_servers', "'a'"],
    [['model_servers', 0, 'name'], '"name"', "'a'"],
    [['model_servers', 0, 'headers', 'X-A'], '"X-A"', '"😀"'],
    [['model_servers', 0, 'headers', 'b', 'c', 1, 'd'], 'd', '2'],
    [['model_servers', 0, 'headers', 'b', 'c', 0], '1', '1'],
    [['model_servers', 0, 'extra_env'], 'model_servers.extra_env', 'model_servers.extra_env'],
    [['model_servers', 0, 'extra_env', 'A'], 'A', '"""\nx"""'],
    [['model_servers', 1], 'model_servers', 'model_servers'],
    [['model_servers', 1, 'kind'], 'kind', '"k"'],
    [['llm_tools', 'custom', 0], 'llm_tools.custom', '"t"'],
    [['model_servers', 2], undefined, undefined],
    [['__proto__'], undefined, undefined],
  ] as const) {
    it(`finds ${path.join('.')}`, async () => {
      assert.equal(await exactAt(text, path, 'key'), key);
      assert.equal(await exactAt(text, path, 'value'), value);
    });
  }

  it('are not asked of a text that is too long for them', async () => {
    assert.equal(await parseRanges(`# ${'x'.repeat(maxExactRangesLength)}`), undefined);
  });
});

describe('the index of names', () => {
  const names = (text: string): (string | undefined)[] => {
    const parsed = parseToml(text);
    assert.ok(parsed.ok);
    const locate = indexNames(text, parsed.value);
    const list: unknown = parsed.value.model_servers;
    return Array.isArray(list) ? list.map((_, index) => textAt(text, locate(['model_servers', index], 'value'))) : [];
  };

  it('finds the names of ordinary entries, and the header of one without', () => {
    assert.deepEqual(names('[[model_servers]]\nname = "a"\n\n[[model_servers]]\nkind = "x"\nname=\'b\' # c\n[[ model_servers ]]\n'), ['"a"', "'b'", '[[ model_servers ]]']);
  });

  it('does not take the name of a sub-table or of text for the name of the entry', () => {
    assert.deepEqual(names('[[model_servers]]\nname = "a"\n[model_servers.headers]\nname = "b"\n'), ['"a"']);
    assert.deepEqual(names('[[model_servers]]\n[model_servers.headers]\nname = "b"\n'), ['[[model_servers]]']);
    assert.deepEqual(names('[[model_servers]]\nx = """\nname = "fake"\n"""\nname = "a"\n'), [undefined]);
  });

  it('says nothing of a table that it has not understood', () => {
    for (const text of ['model_servers = [{ name = "a" }]\n', '[["model_servers"]]\nname = "a"\n', '[[model_servers]]\n"name" = "a"\n', '[[model_servers]]\nname = "\\u0061"\n', 'x = """\n[[model_servers]]\nname = "a"\n"""\n[[model_servers]]\nname = "a"\n', '[[model_servers]]\nname = """a"""\n']) {
      assert.deepEqual(names(text), [undefined], text);
    }
  });

  it('agrees with the parser that knows every place, in any file', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(document, async (made) => {
        const text = textOf(made);
        fc.pre(parses(text));
        const parsed = parseToml(text);
        if (!parsed.ok) return;
        const [quick, exact] = [indexNames(text, parsed.value), await parseRanges(text)];
        assert.ok(exact, 'both parsers take the same files');
        for (const table of ['model_servers', 'delegators']) {
          const list: unknown = parsed.value[table];
          if (!Array.isArray(list)) continue;
          for (const [index, entry] of (list as { name: string }[]).entries()) {
            const range: SourceRange | undefined = exact([table, index], 'value');
            assert.equal(textAt(text, range)?.slice(1, -1), entry.name);
            const guess = quick([table, index], 'value');
            if (!guess) continue;
            found++;
            assert.deepEqual(guess, range);
          }
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(found > 100, 'the index is of use');
  });
});
