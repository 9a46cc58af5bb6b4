/** Names of entries, for highlighting them where they are declared and where they are meant. */
import { readDocument } from './document.ts';
import type { NameToken } from './model.ts';
import { namesOf } from './names.ts';
import { innerOf } from './navigation.ts';

/** In the order of the text. Names over several lines, which are none, are left out. */
export function tokensOf(text: string): readonly NameToken[] {
  const document = readDocument(text);
  return namesOf(document).flatMap(({ kind, isDeclaration, text: node }) => {
    const range = document.lines.rangeOf(innerOf(node));
    return range.start.line === range.end.line && range.start.column < range.end.column ? [{ range, kind, isDeclaration }] : [];
  });
}
