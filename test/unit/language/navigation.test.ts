/** From names to declarations and back, and renaming them, in one file and across both layers. */
import '../../support/properties.ts';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseToml } from '../../../src/core/config/parse.ts';
import { definitionAt, referencesAt } from '../../../src/core/language/navigation.ts';
import { prepareRename, rename } from '../../../src/core/language/rename.ts';
import { readDocument } from '../../../src/core/language/document.ts';
import type { FileEdit, LanguageFile, LanguageFiles } from '../../../src/core/language/model.ts';
import { namesOf } from '../../../src/core/language/names.ts';
import { applyTextEdits } from '../../../src/core/language/text-edits.ts';
import type { Position, SourceLocation } from '../../../src/core/source.ts';
import { document, parses, textOf } from '../config/arbitrary-toml.ts';
import { textAt } from '../config/support.ts';
import { user, userFile, withCursor, workspace, workspaceFile } from './support.ts';

const server = (name: string): string => `[[model_servers]]\nname = "${name}"\nkind = "ollama"\n`;
const delegator = (name: string, modelServer: string, tool = 'claude'): string => `[[delegators]]\nname = "${name}"\nllm_tool = "${tool}"\nmodel = "m"\nmodel_server = "${modelServer}"\n`;
const tool = (name: string): string => `[[llm_tools.custom]]\nname = "${name}"\ncommand = "x"\nprotocol = "openai-chat"\n`;

/** The last place of a text in a file: in its quotes. */
function at(file: LanguageFile, text: string): Position {
  const { source, lines } = readDocument(file.text);
  const offset = source.lastIndexOf(text);
  assert.ok(offset >= 0, text);
  return lines.positionAt(offset + 1);
}

const anyFile = document.map(textOf).filter(parses);

const lineOf = (location: SourceLocation | undefined): string => (location ? `${location.file}:${(location.range?.start.line ?? -1) + 1}` : 'nothing');

function renamed(files: LanguageFiles, file: LanguageFile, text: string, to: string): readonly string[] | string {
  const result = rename(file, at(file, text), to, files);
  if (!result.ok) return result.error;
  return files.map((each) => applyTextEdits(each.text, result.value.filter((edit) => edit.file === each.file)));
}

describe('going to the definition', () => {
  it('finds the server of a delegator in its own file first, then in the user\'s', () => {
    const mine = user(server('a') + server('b'));
    const file = workspace(server('a') + delegator('d', 'a') + delegator('e', 'b'));
    assert.equal(lineOf(definitionAt(file, at(file, '"a"'), [file, mine])), `${workspaceFile}:2`);
    assert.equal(lineOf(definitionAt(file, at(file, '"b"'), [file, mine])), `${userFile}:5`);
  });

  it('does not lead from the user\'s file into a workspace, nor from one root into another', () => {
    const theirs = workspace(server('a'), '/x/operator.toml');
    const file = workspace(delegator('d', 'a'));
    const mine = user(delegator('d', 'a'));
    assert.equal(definitionAt(file, at(file, '"a"'), [file, theirs, mine]), undefined);
    assert.equal(definitionAt(mine, at(mine, '"a"'), [file, theirs, mine]), undefined);
  });

  it('finds tools of one\'s own, in delegators and in the defaults', () => {
    const file = workspace(`${delegator('d', 's', 'mine')}[llm_tools]\ndefault_tool = "mine"\n${tool('mine')}`);
    assert.equal(lineOf(definitionAt(file, { line: 2, column: 13 }, [file])), `${workspaceFile}:9`);
    assert.equal(lineOf(definitionAt(file, { line: 6, column: 18 }, [file])), `${workspaceFile}:9`);
  });

  it('says nothing for builtin names and for text that is no name', () => {
    const file = workspace(delegator('d', 'anthropic-api'));
    assert.equal(definitionAt(file, at(file, '"anthropic-api"'), [file]), undefined);
    assert.equal(definitionAt(file, at(file, '"m"'), [file]), undefined);
    assert.equal(definitionAt(file, { line: 99, column: 0 }, [file]), undefined);
  });

  it('covers the name without its quotes', () => {
    const { text, position } = withCursor(`${server('lab')}${delegator('d', 'l|ab')}`);
    const file = workspace(text);
    assert.equal(textAt(text, definitionAt(file, position, [file])?.range), 'lab');
  });
});

describe('finding references', () => {
  it('finds everything that means the same server, in both layers, and not what hides it', () => {
    const file = workspace(delegator('d', 'a') + delegator('e', 'a'));
    const hiding = workspace(server('a') + delegator('f', 'a'), '/x/operator.toml');
    const mine = user(server('a') + delegator('g', 'a'));
    const files = [file, hiding, mine];
    assert.deepEqual(referencesAt(mine, at(mine, '"a"'), files, { withDeclaration: true }).map(lineOf), [`${workspaceFile}:5`, `${workspaceFile}:10`, `${userFile}:2`, `${userFile}:8`]);
    assert.deepEqual(referencesAt(hiding, at(hiding, '"a"'), files, { withDeclaration: false }).map(lineOf), ['/x/operator.toml:8']);
  });

  it('finds who uses a builtin server', () => {
    const file = workspace(delegator('d', 'openai-api') + delegator('e', 'openai-api'));
    assert.equal(referencesAt(file, at(file, '"openai-api"'), [file], { withDeclaration: true }).length, 2);
  });

  it('finds what leads nowhere together', () => {
    const file = workspace(delegator('d', 'gone') + delegator('e', 'gone'));
    assert.equal(referencesAt(file, at(file, '"gone"'), [file], { withDeclaration: true }).length, 2);
  });
});

describe('renaming', () => {
  it('takes along every reference of both layers, comments and quotes as they are', () => {
    const file = workspace(`# lab\n${delegator('d', 'lab')}`.replace('"lab"', "'lab' # lab"));
    const mine = user(server('lab') + delegator('e', 'lab'));
    const files = [file, mine];
    const expected = [`# lab\n${delegator('d', 'gpu')}`.replace('"gpu"', "'gpu' # lab"), server('gpu') + delegator('e', 'gpu')];
    assert.deepEqual(renamed(files, mine, '"lab"', 'gpu'), expected);
    assert.deepEqual(renamed(files, file, "'lab'", 'gpu'), expected);
  });

  it('leaves a server of the same name in another place alone', () => {
    const file = workspace(server('lab') + delegator('d', 'lab'));
    const mine = user(server('lab') + delegator('e', 'lab'));
    assert.deepEqual(renamed([file, mine], file, '"lab"', 'gpu'), [server('gpu') + delegator('d', 'gpu'), mine.text]);
    assert.deepEqual(renamed([file, mine], mine, '"lab"', 'gpu'), [file.text, server('gpu') + delegator('e', 'gpu')]);
  });

  it('renames a delegator alone, also where a server has its name', () => {
    const file = workspace(server('x') + delegator('x', 'x'));
    assert.deepEqual(renamed([file], file, '"x"\nllm_tool', 'y'), [server('x') + delegator('y', 'x')]);
  });

  it('takes the entries of model_list along', () => {
    const file = workspace(`${server('lab')}\n[[model_list]]\nmodel_name = "m"\nmodel = "m"\nmodel_server = "lab"\n`);
    assert.deepEqual(renamed([file], file, '"lab"', 'gpu'), [file.text.replaceAll('"lab"', '"gpu"')]);
  });

  it('renames a tool in every file', () => {
    const file = workspace(delegator('d', 's', 'mine'));
    const mine = user(`${tool('mine')}[llm_tools]\ndefault_tool = "mine"\n`.replace('[llm_tools]\ndefault_tool = "mine"\n', '') + delegator('e', 's', 'mine'));
    assert.deepEqual(renamed([file, mine], file, '"mine"', 'ours'), [file.text.replace('mine', 'ours'), mine.text.replaceAll('mine', 'ours')]);
  });

  it('tells the second one of two duplicates apart', () => {
    const file = workspace(server('a') + server('a') + delegator('d', 'a'));
    const result = rename(file, { line: 4, column: 9 }, 'b', [file]);
    assert.ok(result.ok);
    assert.equal(applyTextEdits(file.text, result.value), server('a') + server('b') + delegator('d', 'a'));
  });

  it('refuses names that cannot be, that are taken, and that are builtin', () => {
    const file = workspace(server('a') + server('b') + delegator('d', 'a'));
    const refused = (to: string): string => String(renamed([file], file, '"a"', to));
    assert.match(refused('my server'), /spaces/);
    assert.match(refused(''), /empty/);
    assert.match(refused('b'), /already has a model server "b"/);
    assert.match(refused('openai-api'), /builtin/);
    assert.deepEqual(renamed([file], file, '"a"', 'a'), [file.text]);
  });

  it('refuses what would make a reference mean something else', () => {
    const file = workspace(server('own') + delegator('d', 'mine') + delegator('e', 'own'));
    const mine = user(server('mine'));
    assert.match(String(renamed([file, mine], mine, '"mine"', 'own')), /would mean another model server/);
    assert.match(String(renamed([file, mine], file, '"own"', 'mine')), /would mean another model server/);
  });

  it('refuses builtin names, names that lead nowhere, text that is no name, and files that are broken', () => {
    const file = workspace(delegator('d', 'anthropic-api') + delegator('e', 'gone'));
    const cannot = (text: string): string => {
      const result = prepareRename(file, at(file, text), [file]);
      return result.ok ? 'can' : result.error;
    };
    assert.match(cannot('"anthropic-api"'), /builtin/);
    assert.match(cannot('"gone"'), /nothing to rename/);
    assert.match(cannot('"m"'), /Only the names/);
    const broken = workspace(`${server('a')}x = \n`);
    assert.match(String(renamed([broken], broken, '"a"', 'b')), /not valid TOML/);
  });

  it('says exactly what is renamed', () => {
    const file = workspace(server('lab'));
    const result = prepareRename(file, { line: 1, column: 7 }, [file]);
    assert.deepEqual(result.ok && [textAt(file.text, result.value.range), result.value.name], ['lab', 'lab']);
  });

  it('gives exactly the renamed configuration, in any file', () => {
    let count = 0;
    fc.assert(
      fc.property(anyFile, anyFile, fc.nat(), fc.constantFrom('renamed', 'e0', 'odd1x', 'a.b_c-1'), (text, other, which, to) => {
        const files = [workspace(text), user(other)];
        const [file] = files;
        const names = file ? namesOf(readDocument(text)) : [];
        const use = names[which % Math.max(1, names.length)];
        if (!file || !use) return;
        const result = rename(file, readDocument(text).lines.positionAt(use.text.start + 1), to, files);
        if (!result.ok) return;
        count++;
        for (const each of files) {
          const edits: readonly FileEdit[] = result.value.filter((edit) => edit.file === each.file);
          const after = parseToml(applyTextEdits(each.text, edits));
          const before = parseToml(each.text);
          assert.ok(after.ok && before.ok);
          // As many values changed as there are edits, each from the old name to the new one.
          assert.deepEqual(differences(before.value, after.value), edits.map((): [unknown, unknown] => [use.name, to]));
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(count > 50, `only ${count} names were renamed`);
  });
});

function differences(before: unknown, after: unknown): [unknown, unknown][] {
  if (typeof before !== 'object' || before === null || before instanceof Date) return before === after || (before instanceof Date && after instanceof Date) || Number.isNaN(before) ? [] : [[before, after]];
  assert.deepEqual(Object.keys(before), Object.keys(after as object));
  return Object.entries(before).flatMap(([key, value]) => differences(value, (after as Record<string, unknown>)[key]));
}
