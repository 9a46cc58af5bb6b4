/**
 * Every fixture says itself what is wrong with it: a comment `# ! severity code text` at the end of a line expects a problem
 * whose range covers exactly that text on that line. Nothing else may be reported.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProblemCode } from '../../../src/core/config/model.ts';
import { loadText, textAt } from './support.ts';

const folder = join(import.meta.dirname, '../../fixtures/toml');
const names = readdirSync(folder).filter((name) => name.endsWith('.toml'));

function expectedOf(text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const marks = / # ! (.*)$/.exec(line)?.[1]?.split('; ') ?? [];
    return marks.map((mark) => `${index + 1}: ${mark}`);
  });
}

async function reportedOf(text: string): Promise<string[]> {
  const { problems } = await loadText(text);
  return problems.map(({ where, severity, code }) => `${(where.range?.start.line ?? -1) + 1}: ${severity} ${code} ${textAt(text, where.range)}`);
}

describe('fixtures', () => {
  for (const name of names.filter((name) => name !== 'syntax.toml')) {
    const text = readFileSync(join(folder, name), 'utf8');
    it(`${name} has exactly the problems that it says`, async () => {
      assert.deepEqual((await reportedOf(text)).toSorted(), expectedOf(text).toSorted());
    });

    it(`${name} has them at the same places with Windows line endings, a byte order mark and everything indented`, async () => {
      const indented = text.replaceAll(/^(?=[^\s"}\]])/gm, '  ');
      const windows = `\uFEFF${indented.replaceAll('\n', '\r\n')}`;
      assert.deepEqual((await reportedOf(windows)).toSorted(), expectedOf(indented).toSorted());
    });

    it(`${name} shows no secret in its problems, and keeps none`, async () => {
      const { layers: _, ...configuration } = await loadText(text);
      assert.doesNotMatch(JSON.stringify(configuration), /s3cret/);
    });
  }

  it('syntax.toml stops at the line of the error and shows nothing of it', async () => {
    const { problems } = await loadText(readFileSync(join(folder, 'syntax.toml'), 'utf8'));
    assert.deepEqual(problems.map(({ code, where }) => [code, where.range?.start.line]), [['syntax', 5]]);
    assert.doesNotMatch(JSON.stringify(problems), /s3cret/);
  });

  it('has a fixture for every kind of problem that stands in a file', () => {
    const elsewhere: readonly ProblemCode[] = ['unreadable'];
    const codes = new Set(names.flatMap((name) => expectedOf(readFileSync(join(folder, name), 'utf8')).map((mark) => mark.split(' ')[2])));
    const all: Record<ProblemCode, true> = {
      syntax: true, unreadable: true, 'invalid-value': true, 'missing-key': true, 'unknown-key': true, 'not-used-yet': true, 'duplicate-name': true, 'invalid-name': true, 'unknown-kind': true, 'unknown-tool': true, 'unknown-server': true,
      'shadows-builtin': true, 'bad-url': true, 'url-credentials': true, 'literal-key': true, 'unset-api-key-env': true, 'bad-reference': true, 'conflicting-keys': true,
    };
    assert.deepEqual(Object.keys(all).filter((code) => !codes.has(code) && code !== 'syntax' && !(elsewhere as readonly string[]).includes(code)), []);
  });
});
