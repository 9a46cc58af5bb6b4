/** Whatever stands in a file, and wherever the cursor is: an answer comes, and every place in it lies within the text. */
import '../../support/properties.ts';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { completionAt } from '../../../src/core/language/completion.ts';
import { fixesFor } from '../../../src/core/language/fixes.ts';
import { foldingOf } from '../../../src/core/language/folding.ts';
import { hoverAt } from '../../../src/core/language/hover.ts';
import { lensesOf } from '../../../src/core/language/lenses.ts';
import { linksOf } from '../../../src/core/language/links.ts';
import { definitionAt, referencesAt } from '../../../src/core/language/navigation.ts';
import { prepareRename, rename } from '../../../src/core/language/rename.ts';
import { symbolsOf } from '../../../src/core/language/symbols.ts';
import { tokensOf } from '../../../src/core/language/tokens.ts';
import type { SourceRange } from '../../../src/core/source.ts';
import { damaged, diagnoseFiles, facts, fixtures, status, user, workspace } from './support.ts';

const known = facts({ servers: [status('ollama-local', { models: [{ id: 'qwen2.5-coder' }] })], describePlan: () => ({ route: 'direct', lines: ['line'] }) });
const place = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 40 }), fc.nat({ max: 3 }));

/** All ranges of an answer. */
function* rangesIn(value: unknown): Generator<SourceRange> {
  if (Array.isArray(value)) for (const item of value) yield* rangesIn(item);
  else if (typeof value === 'object' && value !== null) {
    if ('start' in value && 'end' in value) yield value as SourceRange;
    else for (const item of Object.values(value)) yield* rangesIn(item);
  }
}

describe('any text', () => {
  it('gets an answer from every feature at every place, within the text', () => {
    fc.assert(
      fc.property(damaged, fc.constantFrom(...fixtures), fc.array(place, { minLength: 1, maxLength: 4 }), (text, other, places) => {
        const file = workspace(text);
        const files = [file, user(other)];
        const lines = text.replace(/^\uFEFF/, '').split('\n');
        const check = (answer: unknown): void => {
          for (const { start, end } of rangesIn(answer)) {
            for (const { line, column } of [start, end]) assert.ok(line >= 0 && column >= 0 && line < lines.length && column <= (lines[line]?.length ?? 0), `${line}:${column} in ${JSON.stringify(text)}`);
            assert.ok(start.line < end.line || (start.line === end.line && start.column <= end.column));
          }
        };
        check(lensesOf(file, files, known));
        check(symbolsOf(text));
        check(linksOf(text));
        check(tokensOf(text));
        for (const { startLine, endLine } of foldingOf(text)) assert.ok(0 <= startLine && startLine < endLine && endLine < lines.length);
        const { diagnostics } = diagnoseFiles(files, known);
        const own = diagnostics.filter((diagnostic) => diagnostic.file === file.file);
        check(own.map(({ range }) => range));
        for (const diagnostic of own) check(fixesFor(file, diagnostic, files, known));
        for (const [where, column, beyond] of places) {
          const position = { line: Math.floor(where * lines.length) + (beyond === 3 ? 2 : 0), column };
          check(completionAt(file, position, files, known));
          check(hoverAt(file, position, files, known));
          definitionAt(file, position, files); // may lie in the other file
          referencesAt(file, position, files, { withDeclaration: true });
          const prepared = prepareRename(file, position, files);
          if (prepared.ok) check(prepared.value);
          const renamed = rename(file, position, 'renamed', files);
          if (renamed.ok) check(renamed.value.filter((edit) => edit.file === file.file));
        }
      }),
      { numRuns: 500 },
    );
  });
});
