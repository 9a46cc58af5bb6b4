/** What people call a model, and what the server calls it. */
import { closest, listOf } from '../../../base/text.ts';
import { OperatorError } from '../../errors.ts';

/** The hint names no more than this many. */
const maxListed = 8;

/** @throws OperatorError 'not-found' that says what there is */
export function requireModel(names: readonly string[], wanted: string, serverName: string): string {
  const found = findModel(names, wanted);
  if (found !== undefined) return found;
  throw new OperatorError('not-found', `${serverName} has no model ${JSON.stringify(wanted)}`, { hint: whatThereIs(names, wanted) });
}

/** The exact name, or the one that the server would understand by it: case does not count, and no tag means `:latest`. */
export function findModel(names: readonly string[], wanted: string): string | undefined {
  const lower = wanted.toLowerCase();
  return names.find((name) => name === wanted) ?? names.find((name) => [lower, `${lower}:latest`].includes(name.toLowerCase()) || (lower.endsWith(':latest') && name.toLowerCase() === lower.slice(0, -':latest'.length)));
}

function whatThereIs(names: readonly string[], wanted: string): string {
  if (names.length === 0) return 'It has none at all';
  const near = nearest(names, wanted);
  if (near !== undefined) return `Did you mean ${near}?`;
  const listed = names.length > maxListed ? [...names.slice(0, maxListed), `${names.length - maxListed} more`] : names;
  return `It has ${listOf(listed)}`;
}

/** Nearly the same, the same without publisher and tag, or the only one that holds what was typed. */
export function nearest(names: readonly string[], wanted: string): string | undefined {
  const near = closest(wanted, names);
  if (near !== undefined) return near;
  const bare = bareName(wanted);
  const byName = names.filter((name) => bareName(name) === bare);
  const holding = names.filter((name) => name.toLowerCase().includes(wanted.toLowerCase()));
  return byName[0] ?? (holding.length === 1 ? holding[0] : undefined);
}

function bareName(name: string): string {
  return (name.split('/').at(-1) ?? name).replace(/[:@].*$/, '').toLowerCase();
}
