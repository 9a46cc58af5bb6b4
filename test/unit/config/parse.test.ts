import assert from 'node:assert/strict';
import { parseToml } from '../../../src/core/config/parse.ts';
import { textAt } from './support.ts';

/** Text, what is said, what is underlined. */
const table: readonly (readonly [text: string, message: RegExp, underlined: string])[] = [
  ['a = 1\nname = "abc\nb = 1', /not closed with a quote/, 'c'],
  ['name =\nb = 1', /value is missing/, '='],
  ['kind = ollama', /text without quotes/, 'ollama'],
  ['kind: "ollama"', /cannot stand in a key; write key = value/, ':'],
  ['[[model_servers]\nname = "x"', /not closed with \]\]/, ']'],
  ['a = 1\na = 2', /already defined/, 'a'],
  ['[x]\n[x]', /already defined/, 'x]'],
  ['a = [1,\n2\nb = 1', /comma or a closing bracket/, 'b'],
  ['a = """\nx', /never closed/, '"""'],
  ['a = "x" b = "y"', /line of its own/, 'b'],
  ['path = "C:\\Programs"', /single quotes/, 'Programs"'],
  ['a = 01', /not a number/, '01'],
  ['a = 99999999999999999999', /too large/, '99999999999999999999'],
  ['a', /not complete/, 'a'],
  ['= 1', /not complete/, '='],
];

describe('parseToml', () => {
  for (const [text, message, underlined] of table) {
    it(`says what is wrong with ${JSON.stringify(text)}`, () => {
      for (const variant of [text, `\uFEFF${text}`, text.replaceAll('\n', '\r\n'), `# 😀 é\n${text}`]) {
        const parsed = parseToml(variant);
        assert.ok(!parsed.ok);
        assert.match(parsed.error.message, message);
        assert.ok(textAt(variant, parsed.error.range)?.startsWith(underlined.slice(0, 1)), `${JSON.stringify(textAt(variant, parsed.error.range))} in ${JSON.stringify(variant)}`);
      }
      const parsed = parseToml(text);
      assert.equal(!parsed.ok && textAt(text, parsed.error.range), underlined);
    });
  }

  it('counts columns as editors do: a letter outside the basic plane is two', () => {
    const parsed = parseToml('a = "😀" b');
    assert.ok(!parsed.ok);
    assert.deepEqual(parsed.error.range, { start: { line: 0, column: 9 }, end: { line: 0, column: 10 } });
  });

  it('stops at nesting that only serves to exhaust the stack', () => {
    for (const text of [`a = ${'['.repeat(50_000)}`, `a = ${'{b='.repeat(50_000)}`, `${'a.'.repeat(50_000)}b = 1`, `[${'a.'.repeat(50_000)}b]`, `a = ${'['.repeat(200)}${']'.repeat(200)}`]) {
      const parsed = parseToml(text);
      assert.match(parsed.ok ? '' : parsed.error.message, /nested too deeply|never closed/, text.slice(0, 10));
    }
  });
});
