/** Edits of operator.toml as intents: what changes, not how the text looks afterwards. */

export type TomlValue = string | number | boolean | readonly TomlValue[] | { readonly [key: string]: TomlValue };

export type EntryTable = 'model_servers' | 'delegators';

export type EditChange =
  | { readonly type: 'add'; readonly table: EntryTable; readonly entry: Readonly<Record<string, TomlValue>> & { readonly name: string } }
  /** Replaces whole keys; `undefined` unsets one. References do not follow a changed `name`: that is `rename`. */
  | { readonly type: 'set'; readonly table: EntryTable; readonly name: string; readonly values: Readonly<Record<string, TomlValue | undefined>> }
  /** References in the same file follow. */
  | { readonly type: 'rename'; readonly table: EntryTable; readonly name: string; readonly to: string }
  /** References stay: what they dangle from is told when the file is loaded. */
  | { readonly type: 'remove'; readonly table: EntryTable; readonly name: string }
  /** The copy comes right after the original, with its comments and without its `display_name`, so that the two can be told apart. */
  | { readonly type: 'duplicate'; readonly table: EntryTable; readonly name: string; readonly as: string }
  /** Without `model` the default model goes when the tool changes: it belongs to the tool that it was written for. */
  | { readonly type: 'set-default'; readonly tool: string; readonly model?: string };
