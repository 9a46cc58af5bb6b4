/** A name changed where it is declared and everywhere that it is meant. */
import { fail, ok, type Result } from '../../base/result.ts';
import { nameFault } from '../config/entries.ts';
import { parseToml } from '../config/parse.ts';
import { quote } from '../config/problems.ts';
import type { Position, SourceRange } from '../source.ts';
import { readDocument } from './document.ts';
import type { FileEdit, LanguageFile, LanguageFiles } from './model.ts';
import { isBuiltin, type Meaning, namesOf, type NameKind, type PlacedName, readMeanings, sameName } from './names.ts';
import { innerOf, placedNameAt, usesOf } from './navigation.ts';
import { quoted } from './quoting.ts';

/** What would be renamed, or one sentence why it cannot be. */
export function prepareRename(file: LanguageFile, position: Position, files: LanguageFiles): Result<{ readonly range: SourceRange; readonly name: string }, string> {
  const placed = placedNameAt(file, position);
  if (!placed) return fail('Only the names of model servers, delegators and your own LLM tools can be renamed');
  const { use } = placed;
  if (isBuiltin(use.kind, use.name) && !use.isDeclaration) return fail(`${use.name} is builtin and cannot be renamed`);
  const meaning = readMeanings(files).of(file, use);
  if (meaning.type === 'nothing') return fail(`No ${nouns[use.kind]} is named ${quote(use.name)}, so there is nothing to rename`);
  return ok({ range: readDocument(file.text).lines.rangeOf(innerOf(use.text)), name: use.name });
}

/** The edits of all files, or one sentence why there are none. Afterwards every reference means what it meant before. */
export function rename(file: LanguageFile, position: Position, to: string, files: LanguageFiles): Result<readonly FileEdit[], string> {
  const prepared = prepareRename(file, position, files);
  const placed = placedNameAt(file, position);
  if (!prepared.ok) return prepared;
  if (!placed || to === placed.use.name) return ok([]);
  const { kind } = placed.use;
  const fault = nameFault(to);
  if (fault !== undefined) return fail(`${quote(to)} cannot be the name of a ${nouns[kind]}: ${fault}`);
  if (isBuiltin(kind, to)) return fail(`${to} is the name of a builtin ${nouns[kind]}`);
  const meanings = readMeanings(files);
  const uses = usesOf(placed, files, meanings);
  const declared = uses.find(({ use }) => use.isDeclaration);
  const taken = declared && namesOf(readDocument(declared.file.text)).some((use) => use.isDeclaration && use.kind === kind && use.name === to);
  if (taken) return fail(`${declared.file.file} already has a ${nouns[kind]} ${quote(to)}`);
  const broken = uses.find(({ file: { text } }) => !parseToml(text).ok);
  if (broken) return fail(`${broken.file.file} is not valid TOML; mend it first`);
  const confused = changedMeaning(files, uses, to);
  if (confused) return fail(`A reference to ${quote(confused.use.name)} in ${confused.file.file} would mean another ${nouns[kind]} then`);
  return ok(uses.map(({ file: { file: path, text }, use }) => ({ file: path, range: readDocument(text).lines.rangeOf(use.text), newText: quoted(to, use.text) })));
}

/** A reference that would lead elsewhere than before. */
function changedMeaning(files: LanguageFiles, uses: readonly PlacedName[], to: string): PlacedName | undefined {
  const renamed = new Map(files.map((file) => [file, new Set(uses.filter((placed) => placed.file === file).map(({ use }) => use))]));
  const before = readMeanings(files);
  const after = readMeanings(files, (file, use) => (renamed.get(file)?.has(use) ? to : use.name));
  for (const file of files) {
    for (const use of namesOf(readDocument(file.text))) {
      if (!use.isDeclaration && !isSameMeaning(before.of(file, use), after.of(file, use))) return { file, use };
    }
  }
  return undefined;
}

function isSameMeaning(a: Meaning, b: Meaning): boolean {
  return a.type === 'declared' && b.type === 'declared' ? sameName(a.at, b.at) : a.type === b.type;
}

const nouns: Readonly<Record<NameKind, string>> = { model_server: 'model server', delegator: 'delegator', llm_tool: 'LLM tool' };
