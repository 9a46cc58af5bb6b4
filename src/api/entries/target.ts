/** Which entry and which file a request means. */
import type { EntryTable } from '../../core/config/edit.ts';
import { type ConfigLayer, type Configuration, type Delegator, lookup, type ModelServer } from '../../core/config/model.ts';
import { documentOfLayer, writtenEntry, type WrittenTable } from '../../core/config/written-entry.ts';
import { closest } from '../../base/text.ts';
import type { Operator } from '../../core/operator.ts';
import type { Call } from '../operation.ts';
import type { Layer } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';

export const nouns: Readonly<Record<EntryTable, string>> = { model_servers: 'model server', delegators: 'delegator' };

export interface Target<T extends ModelServer | Delegator> {
  readonly entity: T;
  /** Undefined for what is builtin. */
  readonly file: string | undefined;
  /** As it stands in the file. */
  readonly written: WrittenTable | undefined;
}

/** What a request sees: with `layer=user` the user's file alone, which a workspace may hide. */
export function openFor({ backend, scope, query }: Call): Promise<Operator> {
  return backend.open(query.layer === 'user' ? { userOnly: true } : scope);
}

/** @throws ApiProblem 404 with the nearest name */
export function findTarget<T extends ModelServer | Delegator>(entities: readonly T[], table: EntryTable, name: string, configuration: Configuration, layer: Layer | undefined): Target<T> {
  const inLayer = layer === undefined ? entities : entities.filter(({ origin }) => origin.layer === layer);
  const entity = lookup(inLayer, name);
  if (!entity) {
    const near = closest(name.slice(0, 200), inLayer.map((each) => each.name));
    throw new ApiProblem(404, 'not-found', `There is no ${nouns[table]} ${JSON.stringify(name.slice(0, 100).toWellFormed())}${layer === undefined ? '' : ` in the ${layer}’s operator.toml`}`, { hint: near === undefined ? undefined : `Did you mean ${near}?` });
  }
  return describeTarget(entity, table, configuration);
}

export function describeTarget<T extends ModelServer | Delegator>(entity: T, table: EntryTable, { layers }: Configuration): Target<T> {
  const { origin, name } = entity;
  const layer = origin.layer === 'builtin' ? undefined : layers.find(({ file }) => file === origin.file);
  return { entity, file: layer?.file, written: layer && writtenEntry(documentOfLayer(layer), table, name) };
}

/** Where something new goes. @throws ApiProblem 400 */
export function fileForNew({ layers }: Configuration, layer: Layer | undefined): string {
  const of = (wanted: Layer): ConfigLayer | undefined => layers.find((each) => each.layer === wanted);
  const found = layer === undefined ? (of('workspace') ?? of('user')) : of(layer);
  if (!found) throw new ApiProblem(400, 'no-workspace', 'No workspace is named, so that there is no file of one', { hint: 'Name its folder with ?workspace=/absolute/path' });
  return found.file;
}

export function layerOf({ query }: Call): Layer | undefined {
  return query.layer as Layer | undefined;
}
