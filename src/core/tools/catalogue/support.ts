/** What the records of the catalogue share: how keys, headers and settings are written into a plan. */
import type { ModelServer } from '../../config/model.ts';
import type { EnvValue, UnsetVariable } from '../../launch/model.ts';
import type { RecipeInput, RecipeRefusal } from '../model.ts';

/** Variable that carries the key to tools that take the name of a variable. */
export const keyVariable = 'OPERATOR_API_KEY';

/** Handed to tools that insist on a key where the server asks for none. Not a secret. */
export const noKeyNeeded = 'no-key-needed';

export function literal(value: string): EnvValue {
  return { type: 'literal', value };
}

/** The key, or a placeholder where there is none. */
export function keyOrPlaceholder(key: EnvValue | undefined): EnvValue {
  return key ?? literal(noKeyNeeded);
}

export function unset(reason: string, ...names: readonly string[]): readonly UnsetVariable[] {
  return names.map((name) => ({ name, reason }));
}

/** How the key travels, seen from tools that have one place for a bearer token, one for `x-api-key`, and a list of headers. */
export type KeyPlace = { readonly type: 'none' } | { readonly type: 'bearer' } | { readonly type: 'x-api-key' } | { readonly type: 'header'; readonly name: string } | { readonly type: 'query'; readonly name: string };

/** `header:authorization` is no scheme of its own; a server without a key reference gets none. */
export function keyPlace({ key, server: { auth } }: RecipeInput): KeyPlace {
  if (!key) return { type: 'none' };
  if (auth.type === 'header' && auth.name.toLowerCase() === 'x-api-key') return { type: 'x-api-key' };
  return auth;
}

/** Id of our provider in a tool's own configuration, where a table of the same id in the user's file would be mixed with ours. */
export function providerId(server: ModelServer): string {
  return `operator-${server.name.replaceAll(/[^A-Za-z0-9_-]/g, '-')}`;
}

export function queryRefusal(tool: string, name: string): RecipeRefusal {
  return {
    code: 'needs-gateway',
    refusal: `${tool} cannot send a key in the query parameter "${name}"`,
    hint: 'If the server also takes the key as a header, set auth = "bearer" or auth = "header:NAME"',
  };
}

/**
 * The server's headers, and the key where it has a header of its own, as `Name: value` joined by `separator`.
 * The key comes last, by reference.
 */
export function headerList(headers: Readonly<Record<string, string>>, separator: string, keyHeader?: { readonly name: string; readonly key: EnvValue }): EnvValue | undefined {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  if (!keyHeader) return lines.length > 0 ? literal(lines.join(separator)) : undefined;
  const { name, key } = keyHeader;
  const before = [...lines, `${name}: `].join(separator);
  return key.type === 'literal' ? literal(before + key.value) : { ...key, before: before + (key.before ?? '') };
}

/** A variable per header, named after it, so that a plan that is shown can tell which of them are secret. */
export function headerVariables(headers: Readonly<Record<string, string>>): readonly { readonly name: string; readonly value: string; readonly variable: string }[] {
  const taken = new Set<string>();
  return Object.entries(headers).map(([name, value]) => {
    const base = `OPERATOR_HEADER_${name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}`;
    let variable = base;
    for (let count = 2; taken.has(variable); count++) variable = `${base.replace(/^OPERATOR_HEADER_/, `OPERATOR_HEADER_${count}_`)}`;
    taken.add(variable);
    return { name, value, variable };
  });
}

/** Leaves out what is undefined: `env({ A: literal('1'), B: undefined })`. */
export function env(variables: Readonly<Record<string, EnvValue | undefined>>): Readonly<Record<string, EnvValue>> {
  return Object.fromEntries(Object.entries(variables).filter((entry): entry is [string, EnvValue] => entry[1] !== undefined));
}

/** A value of `model_properties` as text. */
export function property(input: RecipeInput, name: string): string | undefined {
  const value = input.delegator?.modelProperties[name];
  return value === undefined ? undefined : String(value);
}

/**
 * The session's id, unless the user's flags choose another session: tools refuse an id for a session that they go on with.
 * @param name such as `--session-id`; the value is an argument of its own
 */
export function sessionArgs(input: RecipeInput, name: string): readonly string[] {
  const chosen = input.flags.some((flag) => /^(?:-c|-r|-s|--continue|--resume|--session|--session-id|--connect)(?:=|$)/.test(flag));
  return chosen ? [] : [name, input.sessionId];
}

/** `condition && [...]` for argument lists. */
export function when(condition: boolean, ...items: readonly string[]): readonly string[] {
  return condition ? items : [];
}
