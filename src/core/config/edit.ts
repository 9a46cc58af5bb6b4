/** Edits of operator.toml as intents. The engine turns (text, change) into text. */

export type TomlValue = string | number | boolean | readonly TomlValue[] | { readonly [key: string]: TomlValue };

export type EntryTable = 'model_servers' | 'delegators';

export type EditChange =
  | { readonly type: 'add'; readonly table: EntryTable; readonly entry: Readonly<Record<string, TomlValue>> & { readonly name: string } }
  /** `undefined` unsets a key. */
  | { readonly type: 'set'; readonly table: EntryTable; readonly name: string; readonly values: Readonly<Record<string, TomlValue | undefined>> }
  /** References in the same file follow. */
  | { readonly type: 'rename'; readonly table: EntryTable; readonly name: string; readonly to: string }
  | { readonly type: 'remove'; readonly table: EntryTable; readonly name: string }
  | { readonly type: 'duplicate'; readonly table: EntryTable; readonly name: string; readonly as: string }
  | { readonly type: 'set-default'; readonly tool: string; readonly model?: string };
