/** The ids of entries as the rest of Operator knows them. */
import { entityId, type Origin } from '../config/model.ts';
import type { LanguageFile } from './model.ts';

export function originOf({ layer, root, file }: LanguageFile): Origin {
  return layer === 'workspace' ? { layer, root: root ?? '', file } : { layer, file };
}

export function idOf(file: LanguageFile, name: string): string {
  return entityId({ name, origin: originOf(file) });
}
