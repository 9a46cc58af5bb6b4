/** Edits of operator.toml as intents: what changes, not how the text looks afterwards. */

export type TomlValue = string | number | boolean | readonly TomlValue[] | { readonly [key: string]: TomlValue };

/** Lists of entries with names of their own. */
export type EntryTable = 'model_servers' | 'delegators';

/** An entry that is not there yet. Those of `model_list` have no name that is theirs alone. */
export type NewEntry =
  | { readonly table: EntryTable; readonly entry: Readonly<Record<string, TomlValue>> & { readonly name: string } }
  | { readonly table: 'model_list'; readonly entry: Readonly<Record<string, TomlValue>> };

export type EditChange =
  | { readonly type: 'add'; readonly table: EntryTable; readonly entry: Readonly<Record<string, TomlValue>> & { readonly name: string } }
  /** Several at once, each behind the others of its list. */
  | { readonly type: 'add-all'; readonly entries: readonly NewEntry[] }
  /** Replaces whole keys; `undefined` unsets one. References do not follow a changed `name`: that is `rename`. */
  | { readonly type: 'set'; readonly table: EntryTable; readonly name: string; readonly values: Readonly<Record<string, TomlValue | undefined>> }
  /**
   * Sets one key inside tables of the entry (`launch_config`, `yolo`), making those that are not there; the rest of them stays.
   * `undefined` unsets it; a table that is empty then goes too, unless it has a header.
   */
  | { readonly type: 'set-in'; readonly table: EntryTable; readonly name: string; readonly path: readonly [string, ...string[]]; readonly value: TomlValue | undefined }
  /** References in the same file follow; `edit-rename.ts` has those of other files. */
  | { readonly type: 'rename'; readonly table: EntryTable; readonly name: string; readonly to: string }
  /** What refers to the model server `from` refers to `to`; neither need be declared in this file. */
  | { readonly type: 'repoint'; readonly from: string; readonly to: string }
  /** References stay: what they dangle from is told when the file is loaded. */
  | { readonly type: 'remove'; readonly table: EntryTable; readonly name: string }
  /** The copy comes right after the original, with its comments and without its `display_name`, so that the two can be told apart. */
  | { readonly type: 'duplicate'; readonly table: EntryTable; readonly name: string; readonly as: string }
  /** Next to another entry of the list, with its comments and sub-tables. */
  | { readonly type: 'move'; readonly table: EntryTable; readonly name: string; readonly to: { readonly before: string } | { readonly after: string } }
  /** Without `model` the default model goes when the tool changes: it belongs to the tool that it was written for. */
  | { readonly type: 'set-default'; readonly tool: string; readonly model?: string };
