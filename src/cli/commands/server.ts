/** `operator server add|set|remove|rename`: model servers of operator.toml. */
import { closest, listOf, plural } from '../../base/text.ts';
import { lookup } from '../../core/config/model.ts';
import { OperatorError } from '../../core/errors.ts';
import { maskText } from '../../core/launch/mask.ts';
import type { EditPlan, Operator } from '../../core/operator.ts';
import { parseCredentialRef } from '../../core/servers/auth.ts';
import { kindAliases, serverKindIds } from '../../core/servers/kinds.ts';
import { applyEdit, type EditOptions, fileOf, literalKey, requireEntry } from '../edit/apply.ts';
import { setKey } from '../edit/set-key.ts';
import type { Session } from '../session.ts';

export interface ServerAddOptions extends EditOptions {
  readonly kind: string;
  readonly baseUrl?: string;
  readonly apiKey?: string;
  readonly displayName?: string;
}

export async function serverAdd(session: Session, name: string, options: ServerAddOptions): Promise<number> {
  const { baseUrl, apiKey, displayName } = options;
  // First of all: nothing else may be said about a key.
  if (apiKey !== undefined) checkReference(apiKey);
  const kind = kindOf(options.kind);
  const { operator } = await session.open(options);
  const entry = { name, kind, ...(baseUrl !== undefined && { base_url: baseUrl }), ...(displayName !== undefined && { display_name: displayName }), ...(apiKey !== undefined && { api_key: apiKey.trim() }) };
  return applyEdit(session, operator, { change: { type: 'add', table: 'model_servers', entry }, file: fileOf(operator, options), options, done: `Added model server ${name}`, entry: { table: 'model_servers', name } });
}

export function serverSet(session: Session, name: string, key: string | undefined, values: readonly string[], options: EditOptions & { readonly unset?: string }): Promise<number> {
  return setKey(session, { table: 'model_servers', name, key, values }, options);
}

export async function serverRemove(session: Session, name: string, options: EditOptions & { readonly yes?: boolean }): Promise<number> {
  const { operator } = await session.open(options);
  requireEntry(operator, 'model_servers', name, options);
  return applyEdit(session, operator, {
    change: { type: 'remove', table: 'model_servers', name },
    file: fileOf(operator, options),
    options,
    done: `Removed model server ${name}`,
    beforehand: (plan) => ({ lines: consequences(operator, plan, name), question: `Remove model server ${name}?` }),
    ...(options.yes && { yes: true }),
  });
}

export async function serverRename(session: Session, name: string, to: string, options: EditOptions): Promise<number> {
  const { operator } = await session.open(options);
  requireEntry(operator, 'model_servers', name, options);
  return applyEdit(session, operator, { change: { type: 'rename', table: 'model_servers', name, to }, file: fileOf(operator, options), options, done: `Renamed model server ${name} to ${to}` });
}

/** @throws OperatorError that holds nothing of the text */
function checkReference(text: string): void {
  const reference = parseCredentialRef(text);
  if (reference.ok) return;
  const { code, message, hint } = reference.error;
  throw code === 'literal-key' ? literalKey('--api-key holds a key itself, not where it is; nothing was written') : new OperatorError('usage', `--api-key ${message}`, { hint: hint.replaceAll(/api_key = "|"/g, '') });
}

function kindOf(text: string): string {
  const known = serverKindIds.find((id) => id === text) ?? Object.entries(kindAliases).find(([alias]) => alias === text.toLowerCase())?.[1];
  if (known !== undefined) return known;
  const near = closest(text, [...serverKindIds, ...Object.keys(kindAliases)]);
  throw new OperatorError('usage', `${maskText(JSON.stringify(text))} is not a kind of model server`, { hint: near === undefined ? `There are ${listOf(serverKindIds)}` : `Did you mean ${near}?` });
}

/** Which delegators would be left without a server, or with another one. */
function consequences(operator: Operator, { outcomes: [{ file }], problems }: EditPlan, name: string): readonly string[] {
  const { delegators, modelServers } = operator.snapshot.configuration;
  const users = delegators.filter(({ modelServer, origin }) => {
    const meant = modelServer === name ? lookup(modelServers, name, origin) : undefined;
    return meant !== undefined && meant.origin.layer !== 'builtin' && meant.origin.file === file;
  });
  const left = new Set(problems.flatMap(({ code, subject }) => (code === 'unknown-server' && subject.type === 'delegator' ? [subject.name] : [])));
  const dangling = users.filter((delegator) => left.has(delegator.name)).map((delegator) => delegator.name);
  const turned = users.filter((delegator) => !left.has(delegator.name)).map((delegator) => delegator.name);
  return [
    ...(dangling.length > 0 ? [`${plural(dangling.length, 'delegator')} would have no model server: ${listOf(dangling)}`] : []),
    ...(turned.length > 0 ? [`${plural(turned.length, 'delegator')} would use another model server of that name: ${listOf(turned)}`] : []),
  ];
}
