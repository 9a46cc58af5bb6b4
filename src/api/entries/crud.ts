/** Reading and writing the entries of one table: the same five verbs for model servers and delegators. */
import type * as z from 'zod';
import type { EntryTable, TomlValue } from '../../core/config/edit.ts';
import { sameValue } from '../../core/config/edit-intent.ts';
import type { ConfigProblem, Configuration, Delegator, ModelServer } from '../../core/config/model.ts';
import { documentOfText, maskEntry, unmaskEntry, writtenEntry, type WrittenTable } from '../../core/config/written-entry.ts';
import { isOperatorError } from '../../core/errors.ts';
import { hidden } from '../../core/launch/mask.ts';
import { isBuiltinName } from '../../core/servers/builtin.ts';
import { entityTag, matches } from '../etag.ts';
import type { AnswerSpec, Call, Operation, Reply } from '../operation.ts';
import { ifMatchParameter, layerParameter, nameParameter, workspaceParameters } from '../parameters.ts';
import { ApiProblem, problemSchema } from '../problem.ts';
import { invalid } from './body.ts';
import { describeTarget, fileForNew, findTarget, layerOf, nouns, openFor, type Target } from './target.ts';
import { writeInTurn } from './write.ts';

export interface EntryKind<T extends ModelServer | Delegator> {
  readonly table: EntryTable;
  /** Below `/api/v1`. */
  readonly path: string;
  readonly tag: string;
  /** For operation ids: `ModelServer`. */
  readonly id: string;
  readonly entitiesOf: (configuration: Configuration) => readonly T[];
  readonly effectiveOf: (entity: T) => object;
  /** Names that mean something else in a path. */
  readonly reserved: readonly string[];
  readonly schemas: { readonly one: z.ZodType; readonly list: z.ZodType; readonly entry: z.ZodType; readonly update: z.ZodType };
  readonly examples: { readonly one: object; readonly entry: { readonly name: string } & Readonly<Record<string, unknown>> };
}

export function entryOperations<T extends ModelServer | Delegator>(kind: EntryKind<T>): readonly Operation[] {
  const { table, path, tag, id, schemas, examples } = kind;
  const noun = nouns[table];
  const one = `${path}/{name}`;
  const parameters = [nameParameter(noun, examples.entry.name), layerParameter, ...workspaceParameters];
  const answer: AnswerSpec = { description: `The ${noun}`, schema: schemas.one, headers: ['ETag'], example: examples.one };
  const problem = (description: string): AnswerSpec => ({ description, schema: problemSchema });
  const notFound = problem(`There is no ${noun} of this name`);
  const conflict = problem('The name is taken, or the entry is builtin, or operator.toml is broken');
  const stale = problem('It is another one than If-Match says: read it again');
  return [
    { method: 'get', path, id: `list${id}s`, tag, summary: table === 'model_servers' ? 'The model servers, declared and builtin' : 'The delegators', parameters: [...workspaceParameters], answers: { 200: { description: 'All of them', schema: schemas.list, headers: ['ETag'], example: { [table]: [examples.one] } } }, handle: (call) => list(kind, call) },
    {
      method: 'post',
      path,
      id: `create${id}`,
      tag,
      summary: `Adds a ${noun} to operator.toml`,
      description: 'Comments, order and line endings of the file stay as they are.',
      parameters: [layerParameter, ...workspaceParameters],
      body: { schema: schemas.entry, example: examples.entry },
      answers: { 201: { ...answer, description: `The new ${noun}`, headers: ['ETag', 'Location'] }, 409: conflict },
      handle: (call) => create(kind, call),
    },
    { method: 'get', path: one, id: `get${id}`, tag, summary: `One ${noun}`, parameters, answers: { 200: answer, 404: notFound }, handle: (call) => read(kind, call) },
    {
      method: 'put',
      path: one,
      id: `update${id}`,
      tag,
      summary: `Replaces the entry of a ${noun}`,
      description: 'Keys that the body leaves out are taken out of the file; what stays the same is not touched. It is renamed by the command line and the editor, which change what refers to it too.',
      parameters: [...parameters, ifMatchParameter],
      body: { schema: schemas.update, example: examples.entry },
      answers: { 200: answer, 404: notFound, 409: conflict, 412: stale },
      handle: (call) => update(kind, call),
    },
    {
      method: 'delete',
      path: one,
      id: `delete${id}`,
      tag,
      summary: `Takes a ${noun} out of operator.toml`,
      description: 'What refers to it stays, and is a problem then.',
      parameters: [...parameters, ifMatchParameter],
      answers: { 204: { description: 'It is gone' }, 404: notFound, 409: conflict, 412: stale },
      handle: (call) => remove(kind, call),
    },
  ];
}

function represent<T extends ModelServer | Delegator>({ effectiveOf }: EntryKind<T>, { entity, file, written }: Target<T>): object {
  return { name: entity.name, layer: entity.origin.layer, file: file ?? null, problem: entity.unusable?.message ?? null, entry: written ? maskEntry(written) : null, effective: effectiveOf(entity) };
}

/** Also of what is hidden in the representation: a key that was changed by hand makes another version. */
function tagOf(body: object, { written }: Target<ModelServer | Delegator>): Promise<string> {
  return entityTag([body, written]);
}

async function list<T extends ModelServer | Delegator>(kind: EntryKind<T>, call: Call): Promise<Reply> {
  const { configuration } = (await call.backend.open(call.scope)).snapshot;
  const entities = kind.entitiesOf(configuration).map((entity) => represent(kind, describeTarget(entity, kind.table, configuration)));
  return { status: 200, body: { [kind.table]: entities } };
}

async function read<T extends ModelServer | Delegator>(kind: EntryKind<T>, call: Call): Promise<Reply> {
  const { configuration } = (await openFor(call)).snapshot;
  return replyWith(kind, findTarget(kind.entitiesOf(configuration), kind.table, call.path.name ?? '', configuration, layerOf(call)));
}

async function replyWith<T extends ModelServer | Delegator>(kind: EntryKind<T>, target: Target<T>, status = 200, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  const body = represent(kind, target);
  return { status, body, etag: await tagOf(body, target), headers };
}

async function create<T extends ModelServer | Delegator>(kind: EntryKind<T>, call: Call): Promise<Reply> {
  const { table, path, reserved, entitiesOf } = kind;
  const entry = call.body as Readonly<Record<string, TomlValue>> & { readonly name: string };
  const { name } = entry;
  if (table === 'model_servers' && isBuiltinName(name)) throw new ApiProblem(409, 'builtin', `${name} is the name of a builtin server`, { hint: `Choose another name, such as my-${name}` });
  if (reserved.includes(name)) throw invalid([{ code: 'invalid-name', message: `${name} means something else in the paths of this API`, hint: 'Choose another name', pointer: '/name' }]);
  if (JSON.stringify(entry).includes(hidden)) throw hiddenValue();
  const layer = layerOf(call);
  const file = fileForNew((await openFor(call)).snapshot.configuration, layer);
  const duplicate = (): ApiProblem => new ApiProblem(409, 'duplicate', `${file} already has a ${nouns[table]} ${name}`, { hint: `Change it with PUT ${path}/${name}, or choose another name` });
  await writeInTurn(file, async () => {
    const operator = await openFor(call);
    if (writtenIn(operator.snapshot.configuration, file, table, name)) throw duplicate();
    return { operator, change: { type: 'add', table, entry }, file, isCurrent: (text) => !writtenEntry(documentOfText(text), table, name), concerns: concernsOf(table, name) };
  }).catch((error: unknown) => {
    // Another process was quicker. Builtin and invalid names were found before.
    throw isOperatorError(error) && error.code === 'refused' ? duplicate() : error;
  });
  const { configuration } = (await openFor(call)).snapshot;
  const entity = entitiesOf(configuration).find((each) => each.name === name && each.origin.layer !== 'builtin' && each.origin.file === file);
  // Somebody took it out again at once.
  if (!entity) throw new ApiProblem(409, 'config-changed', `${name} was added and is gone again`);
  return replyWith(kind, describeTarget(entity, table, configuration), 201, { location: `/api/v1${path}/${encodeURIComponent(name)}${layer === undefined ? '' : `?layer=${layer}`}` });
}

async function update<T extends ModelServer | Delegator>(kind: EntryKind<T>, call: Call): Promise<Reply> {
  const { table } = kind;
  const name = call.path.name ?? '';
  const given = call.body as WrittenTable;
  if (given.name !== undefined && given.name !== name) throw invalid([{ code: 'invalid-name', message: 'name is not that of the path', hint: `Rename it with: operator ${table === 'delegators' ? 'delegator' : 'server'} rename`, pointer: '/name' }]);
  const first = await changeable(kind, call);
  await writeInTurn(first.file, async () => {
    const { operator, file, written } = await changeable(kind, call);
    const wanted = unmaskEntry(given, written);
    if (!wanted) throw hiddenValue();
    const values: Record<string, TomlValue | undefined> = Object.create(null);
    for (const key of Object.keys(written)) if (key !== 'name' && !Object.hasOwn(wanted, key)) values[key] = undefined;
    for (const [key, value] of Object.entries(wanted)) if (key !== 'name' && !(Object.hasOwn(written, key) && sameValue(written[key], value))) values[key] = value as TomlValue;
    if (Object.keys(values).length === 0) return undefined;
    return { operator, change: { type: 'set', table, name, values }, file, isCurrent: isStill(table, name, written), concerns: concernsOf(table, name) };
  });
  return read(kind, call);
}

async function remove<T extends ModelServer | Delegator>(kind: EntryKind<T>, call: Call): Promise<Reply> {
  const { table } = kind;
  const name = call.path.name ?? '';
  const first = await changeable(kind, call);
  await writeInTurn(first.file, async () => {
    const { operator, file, written } = await changeable(kind, call);
    return { operator, change: { type: 'remove', table, name }, file, isCurrent: isStill(table, name, written), concerns: () => false };
  });
  return { status: 204 };
}

/** The entry as it is now. @throws ApiProblem 404, 409 for what is builtin, 412 */
async function changeable<T extends ModelServer | Delegator>(kind: EntryKind<T>, call: Call) {
  const operator = await openFor(call);
  const { configuration } = operator.snapshot;
  const target = findTarget(kind.entitiesOf(configuration), kind.table, call.path.name ?? '', configuration, layerOf(call));
  const { file, written, entity } = target;
  if (entity.origin.layer === 'builtin') throw new ApiProblem(409, 'builtin', `${entity.name} is builtin and cannot be changed`, { hint: 'Declare a server of your own with another name' });
  if (file === undefined || !written) throw new ApiProblem(409, 'config', `operator.toml is broken where ${entity.name} stands`, { hint: 'Mend it first: see /api/v1/config/problems' });
  if (call.ifMatch !== undefined && !matches(call.ifMatch, await tagOf(represent(kind, target), target))) {
    throw new ApiProblem(412, 'stale', `${entity.name} was changed since it was read`, { hint: 'Read it again, and make the change on what it is now' });
  }
  return { operator, file, written };
}

function writtenIn({ layers }: Configuration, file: string, table: EntryTable, name: string): boolean {
  const state = layers.find((layer) => layer.file === file)?.state;
  return state?.type === 'loaded' && writtenEntry(documentOfText(state.text), table, name) !== undefined;
}

function isStill(table: EntryTable, name: string, seen: WrittenTable): (text: string) => boolean {
  return (text) => sameValue(writtenEntry(documentOfText(text), table, name), seen);
}

function concernsOf(table: EntryTable, name: string): (problem: ConfigProblem) => boolean {
  return ({ subject }) => subject.type === (table === 'model_servers' ? 'model_server' : 'delegator') && subject.name === name;
}

function hiddenValue(): ApiProblem {
  return invalid([{ code: 'invalid-value', message: `The body has the sign ${hidden}, which stands for nothing here`, hint: 'Send the value that is meant; a key is named as env:NAME, secret:NAME or file:PATH' }]);
}
