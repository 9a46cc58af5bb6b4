import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { splitArguments } from '../../../src/vscode/words.ts';

function split(line: string): readonly string[] {
  const result = splitArguments(line);
  assert.ok(result.ok, `not read: ${line}`);
  return result.value;
}

describe('splitting flags', () => {
  for (const [line, expected] of [
    ['', []],
    ['   ', []],
    ['--verbose', ['--verbose']],
    ['--a  b\t--c', ['--a', 'b', '--c']],
    [`--text "two words" 'and more'`, ['--text', 'two words', 'and more']],
    [`--empty ""`, ['--empty', '']],
    [`a"b c"d`, ['ab cd']],
    [`"say \\"hi\\""`, ['say "hi"']],
    [`'single \\ keeps'`, ['single \\ keeps']],
    ['a\\ b', ['a b']],
    ['C:\\folder\\file', ['C:\\folder\\file']],
    ['$HOME `id` $(id) ; rm', ['$HOME', '`id`', '$(id)', ';', 'rm']],
  ] as const) {
    it(`reads ${JSON.stringify(line)}`, () => assert.deepEqual(split(line), expected));
  }

  it('names the quote that is not closed', () => {
    for (const quote of ['"', "'"]) assert.deepEqual(splitArguments(`--a ${quote}b`), { ok: false, error: `the quote ${quote} is not closed` });
  });

  it('gives back any arguments that were quoted', () => {
    const quoteArgument = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
    fc.assert(fc.property(fc.array(fc.string()), (args) => assert.deepEqual(split(args.map(quoteArgument).join(' ')), args)));
  });
});
