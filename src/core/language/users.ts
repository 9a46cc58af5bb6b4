/** Which delegators run on a server. */
import { readDocument } from './document.ts';
import { textOf } from './entries.ts';
import type { LanguageFile, LanguageFiles } from './model.ts';
import type { Meanings } from './names.ts';

/** Names of the delegators whose `model_server` means the server that `file` declares under this name. */
export function usersOf(files: LanguageFiles, meanings: Meanings, file: LanguageFile, name: string): readonly string[] {
  return userIndex(files, meanings).get(file)?.get(name) ?? [];
}

const indexes = new WeakMap<Meanings, ReadonlyMap<LanguageFile, ReadonlyMap<string, readonly string[]>>>();

/** Of every server at once: each of thousands of entries asks. */
function userIndex(files: LanguageFiles, meanings: Meanings): ReadonlyMap<LanguageFile, ReadonlyMap<string, readonly string[]>> {
  const known = indexes.get(meanings);
  if (known) return known;
  const index = new Map(files.map((file) => [file, new Map<string, string[]>()]));
  for (const user of files) {
    for (const entry of readDocument(user.text).entries) {
      const server = entry.list === 'delegators' ? textOf(entry, 'model_server') : undefined;
      const meaning = server === undefined ? undefined : meanings.lookup(user, 'model_server', server);
      if (server === undefined || meaning?.type !== 'declared') continue;
      const users = index.get(meaning.at.file);
      const names = users?.get(server);
      if (names) names.push(entry.name ?? '');
      else users?.set(server, [entry.name ?? '']);
    }
  }
  indexes.set(meanings, index);
  return index;
}
