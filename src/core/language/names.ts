/** Names that entries declare and refer to, and what a reference means across the files. */
import { isBuiltinName } from '../servers/builtin.ts';
import { catalogueTools } from '../tools/catalogue/index.ts';
import { type LanguageDocument, readDocument } from './document.ts';
import { type EntryList, textNode } from './entries.ts';
import type { LanguageFile, LanguageFiles } from './model.ts';
import type { StringNode } from './syntax.ts';

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

/** In the order of the text. */
export const namesOf = oncePerDocument((document): readonly NameUse[] => {
  const { entries, tree } = document;
  const names = [...declaredNames(document)];
  const refer = (kind: NameKind, text: StringNode | undefined): void => {
    if (text) names.push({ kind, name: text.value, isDeclaration: false, text });
  };
  for (const { list, node } of entries) {
    for (const reference of references) if (reference.list === list) refer(reference.kind, textNode(node, reference.key));
  }
  // Entries of model_list have no name of their own that anybody refers to yet.
  for (const item of tree.root.child('model_list')?.children ?? []) refer('model_server', textNode(item, 'model_server'));
  refer('llm_tool', textNode(tree.root.child('llm_tools'), 'default_tool'));
  return names.sort((a, b) => a.text.start - b.text.start);
});

/** List by list, each in the order of the text. */
const declaredNames = oncePerDocument(({ entries }): readonly NameUse[] => {
  const names: NameUse[] = [];
  for (const { list, nameText: text } of entries) {
    if (text) names.push({ kind: kindOfList[list], name: text.value, isDeclaration: true, text });
  }
  return names;
});

function oncePerDocument<T extends object>(read: (document: LanguageDocument) => T): (document: LanguageDocument) => T {
  const known = new WeakMap<LanguageDocument, T>();
  return (document) => {
    let found = known.get(document);
    if (!found) known.set(document, (found = read(document)));
    return found;
  };
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
  /** Declared names that a reference in `file` may be, in the order of the files. */
  reachable(file: LanguageFile, kind: NameKind): readonly string[];
}

/** Of each kind, the first use that declares a name. */
type Declarations = Readonly<Record<NameKind, ReadonlyMap<string, NameUse>>>;

/** @param rename the text of a name as it shall be taken; for what a rename would lead to */
export function readMeanings(files: LanguageFiles, rename?: (file: LanguageFile, use: NameUse) => string): Meanings {
  const declarations = new Map(files.map((file) => [file, rename ? readDeclarations(readDocument(file.text), (use) => rename(file, use)) : declarationsOf(readDocument(file.text))]));
  const lookup = (file: LanguageFile, kind: NameKind, name: string): Meaning => {
    if (isBuiltin(kind, name)) return { type: 'builtin' };
    for (const candidate of visibleFrom(file, kind, files)) {
      const use = declarations.get(candidate)?.[kind].get(name);
      if (use) return { type: 'declared', at: { file: candidate, use } };
    }
    return { type: 'nothing' };
  };
  const reachable = (file: LanguageFile, kind: NameKind): readonly string[] => {
    const visible = visibleFrom(file, kind, files);
    const names = files.filter((candidate) => visible.includes(candidate)).flatMap((candidate) => [...(declarations.get(candidate)?.[kind].keys() ?? [])]);
    return [...new Set(names)].filter((name) => name !== '' && !isBuiltin(kind, name));
  };
  return { lookup, reachable, of: (file, use) => (use.isDeclaration ? { type: 'declared', at: { file, use } } : lookup(file, use.kind, rename ? rename(file, use) : use.name)) };
}

const declarationsOf = oncePerDocument((document) => readDeclarations(document, (use) => use.name));

function readDeclarations(document: LanguageDocument, nameOf: (use: NameUse) => string): Declarations {
  const found = { model_server: new Map<string, NameUse>(), delegator: new Map<string, NameUse>(), llm_tool: new Map<string, NameUse>() };
  for (const use of declaredNames(document)) {
    const name = nameOf(use);
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
