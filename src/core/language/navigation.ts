/** From a name to where it is declared, and to everything that refers to it, across the files. */
import type { Position, SourceLocation } from '../source.ts';
import { readDocument } from './document.ts';
import type { LanguageFile, LanguageFiles } from './model.ts';
import { nameAt, namesOf, type Meanings, type PlacedName, readMeanings, sameName } from './names.ts';
import type { Span, StringNode } from './syntax.ts';

/** The declaration that a reference means. Undefined for what is no name, means nothing or is builtin. */
export function definitionAt(file: LanguageFile, position: Position, files: LanguageFiles): SourceLocation | undefined {
  const placed = placedNameAt(file, position);
  const meaning = placed && readMeanings(files).of(file, placed.use);
  return meaning?.type === 'declared' ? locationOf(meaning.at) : undefined;
}

/** Every place with the name at this position, its declaration included where asked for. A builtin name has no declaration. */
export function referencesAt(file: LanguageFile, position: Position, files: LanguageFiles, options: { readonly withDeclaration: boolean }): readonly SourceLocation[] {
  const placed = placedNameAt(file, position);
  if (!placed) return [];
  return usesOf(placed, files, readMeanings(files))
    .filter(({ use }) => options.withDeclaration || !use.isDeclaration)
    .map(locationOf);
}

export function placedNameAt(file: LanguageFile, position: Position): PlacedName | undefined {
  const document = readDocument(file.text);
  const use = nameAt(document, document.lines.offsetAt(position));
  return use && { file, use };
}

/** All names that mean the same as this one, in the order of the files. */
export function usesOf(placed: PlacedName, files: LanguageFiles, meanings: Meanings): readonly PlacedName[] {
  const meaning = meanings.of(placed.file, placed.use);
  const { kind, name } = placed.use;
  const found: PlacedName[] = [];
  for (const file of files) {
    for (const use of namesOf(readDocument(file.text))) {
      if (use.kind !== kind || use.name !== name) continue;
      const other = meanings.of(file, use);
      const isSame = meaning.type === 'declared' && other.type === 'declared' ? sameName(meaning.at, other.at) : meaning.type === other.type && !use.isDeclaration;
      if (isSame) found.push({ file, use });
    }
  }
  return found;
}

export function locationOf({ file, use }: PlacedName): SourceLocation {
  return { file: file.file, range: readDocument(file.text).lines.rangeOf(innerOf(use.text)) };
}

/** The text without its quotes. */
export function innerOf({ start, end, quote, closed }: StringNode): Span {
  return { start: start + quote.length, end: closed ? end - quote.length : end };
}
