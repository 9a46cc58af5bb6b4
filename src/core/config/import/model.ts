/** What reading a file of another program gives, and what its readers write into. */
import type { EntryTable, NewEntry, TomlValue } from '../edit-change.ts';
import type { KeyBook, KeyToSet } from './keys.ts';
import type { ServerBook } from './server-book.ts';

export interface ImportPlan {
  /** What is not in operator.toml yet: servers first, then delegators, then the list. */
  readonly entries: readonly NewEntry[];
  /** What was found there already. */
  readonly alreadyThere: number;
  readonly keys: readonly KeyToSet[];
  /** What was left out or changed, one sentence each. Nothing in it is secret. */
  readonly notes: readonly string[];
}

export interface ImportInput {
  /** The file as JSON. */
  readonly json: unknown;
  /** Text of the operator.toml that the entries go into. */
  readonly target: string;
  /** Absolute form of a path that counts from the imported file. */
  resolvePath(path: string): string;
  /** Whether another file that counts has an entry of this name: it would be hidden. */
  isTaken(table: EntryTable, name: string): boolean;
}

export interface ImportContext {
  readonly servers: ServerBook;
  readonly keys: KeyBook;
  addModel(entry: Readonly<Record<string, TomlValue>>): void;
  /** Under this name, or the next one that is free. */
  addDelegator(entry: Readonly<Record<string, TomlValue>> & { readonly name: string }): void;
  note(text: string): void;
}
