/** Which delegators run on a server. */
import { readDocument } from './document.ts';
import { textOf } from './entries.ts';
import { idOf } from './ids.ts';
import type { Meanings } from './names.ts';
import { prefixedModelOf, type Scope } from './scope.ts';

/** Names of the delegators that run on the server that the scope's file declares under this name: by their `model_server`, or the prefix of their model. */
export function usersOf(scope: Scope, name: string): readonly string[] {
  return userIndex(scope).get(idOf(scope.file, name)) ?? [];
}

const indexes = new WeakMap<Meanings, ReadonlyMap<string, readonly string[]>>();

/** Of every server at once: each of thousands of entries asks. */
function userIndex(scope: Scope): ReadonlyMap<string, readonly string[]> {
  const { files, meanings, facts } = scope;
  const known = indexes.get(meanings);
  if (known) return known;
  const index = new Map<string, string[]>();
  for (const file of files) {
    for (const entry of readDocument(file.text).entries) {
      if (entry.list !== 'delegators') continue;
      const server = textOf(entry, 'model_server');
      const meaning = server === undefined ? undefined : meanings.lookup(file, 'model_server', server);
      const id = server === undefined ? prefixedModelOf({ file, facts }, entry)?.status?.id : meaning?.type === 'declared' ? idOf(meaning.at.file, server) : undefined;
      if (id === undefined) continue;
      const names = index.get(id);
      if (names) names.push(entry.name ?? '');
      else index.set(id, [entry.name ?? '']);
    }
  }
  indexes.set(meanings, index);
  return index;
}
