/** operator.toml as an editor needs it: every part with its place, read anew only when the text is another one. */
import { withoutBom } from '../config/parse.ts';
import { type Entry, readEntries } from './entries.ts';
import { indexLines, lineBreakOf, type Lines } from './lines.ts';
import { scan } from './scan.ts';
import type { SyntaxTree } from './syntax.ts';
import { buildTree, type Tree } from './tree.ts';

export interface LanguageDocument {
  /** The text without its byte order mark, which editors do not count either. All offsets are in it. */
  readonly source: string;
  readonly syntax: SyntaxTree;
  readonly tree: Tree;
  readonly lines: Lines;
  /** Of most lines. */
  readonly eol: string;
  /** In the order of the text, list by list. */
  readonly entries: readonly Entry[];
}

/** Several features ask about the same text one after the other, and about those of other layers in between. */
const kept = new Map<string, LanguageDocument>();
const maxKept = 16;
/** Characters of all of them: what was read of a text takes many times its length. */
const maxKeptLength = 2_000_000;

/** Never fails: a text that is not TOML yet is read as far as it goes. */
export function readDocument(text: string): LanguageDocument {
  const known = kept.get(text);
  const document = known ?? parseDocument(withoutBom(text));
  kept.delete(text);
  kept.set(text, document);
  forgetOldest(text);
  return document;
}

/** The newest is always kept. */
function forgetOldest(newest: string): void {
  let length = 0;
  for (const text of kept.keys()) length += text.length;
  for (const text of kept.keys()) {
    if (text === newest || (kept.size <= maxKept && length <= maxKeptLength)) return;
    kept.delete(text);
    length -= text.length;
  }
}

function parseDocument(source: string): LanguageDocument {
  const syntax = scan(source);
  const tree = buildTree(syntax);
  return {
    source,
    syntax,
    tree,
    lines: indexLines(source),
    get eol() {
      return lineBreakOf(source);
    },
    entries: readEntries(tree.root),
  };
}
