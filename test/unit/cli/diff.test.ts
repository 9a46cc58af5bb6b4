import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compare, diffLines } from '../../../src/cli/output/diff.ts';

const numbered = (...lines: readonly (string | number)[]): string => lines.map((line) => `${line}\n`).join('');

describe('a difference', () => {
  it('shows what changes with three lines around it', () => {
    assert.deepEqual(diffLines('f', numbered(1, 2, 3, 4, 5, 6, 7, 8, 9), numbered(1, 2, 3, 4, 'new', 6, 7, 8, 9)), ['--- f', '+++ f', '@@ -2,7 +2,7 @@', ' 2', ' 3', ' 4', '-5', '+new', ' 6', ' 7', ' 8']);
    assert.deepEqual(diffLines('f', '', 'a\n'), ['--- /dev/null', '+++ f', '@@ -0,0 +1,1 @@', '+a']);
    assert.deepEqual(diffLines('f', 'a\n', ''), ['--- f', '+++ f', '@@ -1,1 +0,0 @@', '-a']);
    assert.deepEqual(diffLines('f', 'a\r\n', 'a\r\n'), []);
    const far = Array.from({ length: 20 }, (_, index) => index);
    assert.equal(diffLines('f', numbered(...far), numbered('x', ...far, 'y')).filter((line) => line.startsWith('@@')).length, 2);
  });

  it('says every line of both texts, the fewest as changed', () => {
    const line = fc.constantFrom('a', 'b', 'c', '');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.array(line, { maxLength: 8 }), (a, b) => {
        const lines = compare(a, b);
        assert.deepEqual(lines.filter(({ type }) => type !== 'added').map(({ text }) => text), a);
        assert.deepEqual(lines.filter(({ type }) => type !== 'removed').map(({ text }) => text), b);
        if (JSON.stringify(a) === JSON.stringify(b)) assert.ok(lines.every(({ type }) => type === 'kept'));
      }),
    );
  });

  it('hides a key that stands in the file, and shows where a key is', () => {
    const before = ['api_key = "s3cret-plain"', "headers = { Authorization = 's3cret', \"X-Team\" = \"a\" }", 'api_key = "env:NAME" # "secret:NAME"', 'flags = ["sk-s3cretABCDEFGH0123456789"]', 'api_key = "file:/k"', 'env = { OPENAI_API_KEY = "{api_key}" }'].join('\n');
    const shown = diffLines('f', before, `${before}\nx = 1\n`).join('\n') + diffLines('f', '', before).join('\n');
    assert.doesNotMatch(shown, /s3cret(?!:)/);
    for (const kept of ['api_key = "env:NAME" # "secret:NAME"', 'api_key = "file:/k"', '"X-Team" = "a"', '"{api_key}"']) assert.ok(shown.includes(kept), kept);
  });

  it('takes a large file in no time', () => {
    const a = Array.from({ length: 50_000 }, (_, index) => `line ${index}`);
    const b = a.map((text, index) => (index % 2 === 0 ? text : `other ${index}`));
    const started = performance.now();
    assert.ok(compare(a, b).length >= 50_000);
    assert.ok(performance.now() - started < 2_000);
  });
});
