/** `set NAME KEY VALUE…` and `set NAME --unset KEY`, of servers and delegators. */
import type { EditChange, EntryTable, TomlValue } from '../../core/config/edit.ts';
import { type KeyPath, parseKeyPath, parseKeyValue, type ValueFault } from '../../core/config/edit-value.ts';
import { OperatorError } from '../../core/errors.ts';
import type { Result } from '../../base/result.ts';
import type { Session } from '../session.ts';
import { applyEdit, type EditOptions, fileOf, nouns, requireEntry } from './apply.ts';

export interface Assignment {
  readonly table: EntryTable;
  readonly name: string;
  readonly key: string | undefined;
  readonly values: readonly string[];
}

export async function setKey(session: Session, { table, name, key, values }: Assignment, options: EditOptions & { readonly unset?: string }): Promise<number> {
  if ((key === undefined) === (options.unset === undefined)) {
    throw new OperatorError('usage', key === undefined ? 'Nothing is set' : 'One key is set or unset at a time', { hint: `Write KEY VALUE, or --unset KEY` });
  }
  const path = orThrow(parseKeyPath(table, options.unset ?? key ?? ''));
  if (path[0] === 'name') throw new OperatorError('usage', 'The name is not set: what refers to it would be lost', { hint: `Use 'operator ${table === 'delegators' ? 'delegator' : 'server'} rename ${name} NEW'` });
  const value = options.unset === undefined ? orThrow(parseKeyValue(table, path, values)) : undefined;
  const { operator } = await session.open(options);
  requireEntry(operator, table, name, options);
  const words = path.join('.');
  return applyEdit(session, operator, {
    change: changeOf(table, name, path, value),
    file: fileOf(operator, options),
    options,
    done: `${value === undefined ? 'Unset' : 'Set'} ${words} of ${nouns[table]} ${name}`,
    entry: { table, name },
  });
}

/** Where a key is named, it is named once. */
function changeOf(table: EntryTable, name: string, path: KeyPath, value: TomlValue | undefined): EditChange {
  const other = { api_key: 'api_key_env', api_key_env: 'api_key' }[path[0]];
  if (table === 'model_servers' && other !== undefined && value !== undefined) return { type: 'set', table, name, values: { [path[0]]: value, [other]: undefined } };
  return { type: 'set-in', table, name, path, value };
}

function orThrow<T>(result: Result<T, ValueFault>): T {
  if (result.ok) return result.value;
  throw new OperatorError('usage', result.error.message, result.error.hint === undefined ? {} : { hint: result.error.hint });
}
