/** `operator delegator add|set|remove|rename|duplicate`: delegators of operator.toml. */
import { applyEdit, type EditOptions, fileOf, requireEntry } from '../edit/apply.ts';
import { setKey } from '../edit/set-key.ts';
import type { Session } from '../session.ts';

export interface DelegatorAddOptions extends EditOptions {
  readonly llmTool: string;
  readonly model: string;
  readonly modelServer?: string;
  readonly displayName?: string;
}

export async function delegatorAdd(session: Session, name: string, options: DelegatorAddOptions): Promise<number> {
  const { llmTool, model, modelServer, displayName } = options;
  const { operator } = await session.open(options);
  const entry = { name, llm_tool: llmTool, model, ...(modelServer !== undefined && { model_server: modelServer }), ...(displayName !== undefined && { display_name: displayName }) };
  return applyEdit(session, operator, { change: { type: 'add', table: 'delegators', entry }, file: fileOf(operator, options), options, done: `Added delegator ${name}`, entry: { table: 'delegators', name } });
}

export function delegatorSet(session: Session, name: string, key: string | undefined, values: readonly string[], options: EditOptions & { readonly unset?: string }): Promise<number> {
  return setKey(session, { table: 'delegators', name, key, values }, options);
}

export async function delegatorRemove(session: Session, name: string, options: EditOptions & { readonly yes?: boolean }): Promise<number> {
  const { operator } = await session.open(options);
  requireEntry(operator, 'delegators', name, options);
  return applyEdit(session, operator, {
    change: { type: 'remove', table: 'delegators', name },
    file: fileOf(operator, options),
    options,
    done: `Removed delegator ${name}`,
    beforehand: () => ({ lines: [], question: `Remove delegator ${name}?` }),
    ...(options.yes && { yes: true }),
  });
}

export async function delegatorRename(session: Session, name: string, to: string, options: EditOptions): Promise<number> {
  const { operator } = await session.open(options);
  requireEntry(operator, 'delegators', name, options);
  return applyEdit(session, operator, { change: { type: 'rename', table: 'delegators', name, to }, file: fileOf(operator, options), options, done: `Renamed delegator ${name} to ${to}` });
}

export async function delegatorDuplicate(session: Session, name: string, as: string, options: EditOptions): Promise<number> {
  const { operator } = await session.open(options);
  requireEntry(operator, 'delegators', name, options);
  return applyEdit(session, operator, { change: { type: 'duplicate', table: 'delegators', name, as }, file: fileOf(operator, options), options, done: `Duplicated delegator ${name} as ${as}` });
}
