/** Names that entries declare and refer to, and what a reference means across the files. */
import { isBuiltinName } from '../servers/builtin.ts';
import { catalogueTools } from '../tools/catalogue/index.ts';
import { type LanguageDocument, readDocument } from './document.ts';
import { type EntryList, textNode } from './entries.ts';
import type { LanguageFile, LanguageFiles } from './model.ts';
import type { StringNode } from './syntax.ts';
import { nodeAt } from './tree.ts';

export type NameKind = 'model_server' | 'delegator' | 'llm_tool';

/** A place where a name stands. */
export interface NameUse {
  readonly kind: NameKind;
  readonly name: string;
  readonly isDeclaration: boolean;
  /** The text in its quotes. */
  readonly text: StringNode;
}

/** What the keys of an entry refer to. A list that refers to others is one more row here. */
const references: readonly { readonly list: EntryList; readonly key: string; readonly kind: NameKind }[] = [
  { list: 'delegators', key: 'llm_tool', kind: 'llm_tool' },
  { list: 'delegators', key: 'model_server', kind: 'model_server' },
];

export const kindOfList: Readonly<Record<EntryList, NameKind>> = { model_servers: 'model_server', delegators: 'delegator', 'llm_tools.custom': 'llm_tool' };

const known = new WeakMap<LanguageDocument, readonly NameUse[]>();

/** In the order of the text. */
export function namesOf(document: LanguageDocument): readonly NameUse[] {
  let names = known.get(document);
  if (!names) known.set(document, (names = readNames(document)));
  return names;
}

function readNames({ entries, tree }: LanguageDocument): readonly NameUse[] {
  const names: NameUse[] = [];
  const add = (kind: NameKind, text: StringNode | undefined, isDeclaration: boolean): void => {
    if (text) names.push({ kind, name: text.value, isDeclaration, text });
  };
  for (const { list, node } of entries) {
    add(kindOfList[list], textNode(node, 'name'), true);
    for (const reference of references) if (reference.list === list) add(reference.kind, textNode(node, reference.key), false);
  }
  // Entries of model_list have no name of their own that anybody refers to yet.
  for (const item of nodeAt(tree.root, ['model_list'])?.children ?? []) add('model_server', textNode(item, 'model_server'), false);
  const llmTools = nodeAt(tree.root, ['llm_tools']);
  add('llm_tool', llmTools && textNode(llmTools, 'default_tool'), false);
  return names.sort((a, b) => a.text.start - b.text.start);
}

/** The name at an offset, its quotes included. */
export function nameAt(document: LanguageDocument, offset: number): NameUse | undefined {
  return namesOf(document).find(({ text }) => text.start <= offset && offset <= text.end);
}

/** A name in a file. */
export interface PlacedName {
  readonly file: LanguageFile;
  readonly use: NameUse;
}

export type Meaning =
  | { readonly type: 'declared'; readonly at: PlacedName }
  /** A builtin server, a tool of the catalogue. */
  | { readonly type: 'builtin' }
  | { readonly type: 'nothing' };

/** What names mean: asked for every name of every file, so the declarations are looked up once. */
export interface Meanings {
  /** The declaration that a name means where it stands. One that declares is its own meaning, also where another one of that name counts. */
  of(file: LanguageFile, use: NameUse): Meaning;
  /** What `name` would mean as a reference in `file`. */
  lookup(file: LanguageFile, kind: NameKind, name: string): Meaning;
}

/** Of each kind, the first use that declares a name. */
type Declarations = Readonly<Record<NameKind, ReadonlyMap<string, NameUse>>>;

/** @param rename the text of a name as it shall be taken; for what a rename would lead to */
export function readMeanings(files: LanguageFiles, rename?: (file: LanguageFile, use: NameUse) => string): Meanings {
  const declarations = new Map(files.map((file) => [file, rename ? readDeclarations(file, rename) : declarationsOf(file)]));
  const lookup = (file: LanguageFile, kind: NameKind, name: string): Meaning => {
    if (isBuiltin(kind, name)) return { type: 'builtin' };
    for (const candidate of visibleFrom(file, kind, files)) {
      const use = declarations.get(candidate)?.[kind].get(name);
      if (use) return { type: 'declared', at: { file: candidate, use } };
    }
    return { type: 'nothing' };
  };
  return { lookup, of: (file, use) => (use.isDeclaration ? { type: 'declared', at: { file, use } } : lookup(file, use.kind, rename ? rename(file, use) : use.name)) };
}

const declared = new WeakMap<LanguageDocument, Declarations>();

function declarationsOf(file: LanguageFile): Declarations {
  const document = readDocument(file.text);
  let known = declared.get(document);
  if (!known) declared.set(document, (known = readDeclarations(file, (_, use) => use.name)));
  return known;
}

function readDeclarations(file: LanguageFile, nameOf: (file: LanguageFile, use: NameUse) => string): Declarations {
  const found = { model_server: new Map<string, NameUse>(), delegator: new Map<string, NameUse>(), llm_tool: new Map<string, NameUse>() };
  for (const use of namesOf(readDocument(file.text))) {
    if (!use.isDeclaration) continue;
    const name = nameOf(file, use);
    if (!found[use.kind].has(name)) found[use.kind].set(name, use);
  }
  return found;
}

export function isBuiltin(kind: NameKind, name: string): boolean {
  if (kind === 'model_server') return isBuiltinName(name);
  return kind === 'llm_tool' && catalogueTools().some(({ record }) => record.name === name);
}

/** Files that a name of `file` may mean something in, nearest first. Tools are one list for all folders; servers are each folder's, then the user's. */
function visibleFrom(file: LanguageFile, kind: NameKind, files: LanguageFiles): LanguageFiles {
  if (kind === 'llm_tool') return files;
  const user = files.filter(({ layer }) => layer === 'user');
  return file.layer === 'user' ? user : [file, ...user];
}

export function sameName(a: PlacedName, b: PlacedName): boolean {
  return a.file.file === b.file.file && a.use.text.start === b.use.text.start && a.use.kind === b.use.kind;
}
