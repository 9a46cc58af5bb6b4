/** Keys of entries and what they may be set to, from the schema that validates the file. */
import type { EntryTable } from '../../core/config/edit.ts';
import { type KeyInfo, keysAt, typeAt } from '../../core/language/schema-keys.ts';

/** Also those of the tables in it, dotted. The name is not among them: it is renamed. */
export function keysOfEntries(table: EntryTable): readonly string[] {
  const dotted = (keys: readonly KeyInfo[], before: string): readonly string[] => keys.flatMap(({ name, type }) => (type.type === 'table' ? dotted(type.keys, `${before}${name}.`) : type.type === 'map' ? [`${before}${name}.`] : [before + name]));
  return dotted(keysAt([table]) ?? [], '').filter((key) => key !== 'name');
}

export function valuesOfKey(table: EntryTable, key: string): readonly string[] {
  const type = typeAt([table, ...key.split('.')]);
  const item = type?.type === 'list' ? type.item : type;
  if (item?.type === 'boolean') return ['true', 'false'];
  return item?.type === 'choice' ? item.values : [];
}
