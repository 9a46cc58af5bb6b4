/** Changes of operator.toml: where they go, what they would write, and the writing itself. */
import type { EditChange } from '../core/config/edit.ts';
import { maxConfigBytes } from '../core/config/find.ts';
import { type ConfigLayer, type Configuration, lookup } from '../core/config/model.ts';
import { notEditable } from '../core/config/not-editable.ts';
import { isOperatorError, OperatorError } from '../core/errors.ts';
import type { ConfigWriter, EditOutcome, EditPlan } from '../core/operator.ts';
import { FileError, type Ports } from '../core/ports.ts';
import { catalogueTools } from '../core/tools/catalogue/index.ts';

export interface Editor {
  plan(change: EditChange, file?: string): Promise<EditPlan>;
  /** The change is made for the newest text: a file that somebody writes meanwhile is read again. */
  apply(change: EditChange, file?: string, check?: (text: string) => void): Promise<EditOutcome>;
}

/** Whenever it has to be read again, somebody else has made a change: so many do not come at once. */
const maxAttempts = 25;

/** @param configuration what is in force now */
export function createEditor(ports: Pick<Ports, 'files' | 'env'>, writer: ConfigWriter | undefined, configuration: () => Configuration): Editor {
  const write: ConfigWriter = writer ?? { write: (outcome) => writeFile(ports, outcome) };

  async function outcomesOf(change: EditChange, file: string, check?: (text: string) => void): Promise<readonly [EditOutcome, ...EditOutcome[]]> {
    const own = await read(ports, write, file);
    check?.(own.before);
    const { applyEdit } = await import('../core/config/edit.ts');
    if (change.type !== 'rename' || change.table !== 'model_servers') return [{ ...own, after: await applyEdit(own.before, change) }];
    const { editsOfRename } = await import('../core/config/edit-rename.ts');
    const { layers } = configuration();
    const others = layers.filter((layer) => layer.file !== file && layer.state.type !== 'absent');
    const texts = new Map([own, ...(await Promise.all(others.map((layer) => read(ports, write, layer.file))))].map((text) => [text.file, text]));
    const changes = await editsOfRename([...texts.values()].map(({ file: path, before }) => ({ layer: layers.find((layer) => layer.file === path)?.layer ?? 'workspace', file: path, text: before })), file, change);
    const [first = { ...own, after: own.before }, ...rest] = changes.map(({ file: path, after }) => ({ ...(texts.get(path) ?? own), after }));
    return [first, ...rest];
  }

  async function tryApply(change: EditChange, file: string, check: ((text: string) => void) | undefined): Promise<EditOutcome> {
    const [own, ...others] = await outcomesOf(change, file, check);
    const done: EditOutcome[] = [];
    try {
      for (const outcome of [own, ...others]) {
        if (outcome.after === outcome.before) continue;
        await write.write(outcome);
        done.push(outcome);
      }
    } catch (error) {
      for (const outcome of done) await takeBack(outcome);
      throw error;
    }
    return { ...own, ...(others.length > 0 && { others }) };
  }

  /** Half a rename is worse than none. */
  async function takeBack({ file, before, after }: EditOutcome): Promise<void> {
    const now = await read(ports, write, file);
    if (now.before === after) await write.write({ ...now, after: before });
  }

  return {
    async plan(change, file = fileFor(change, configuration())) {
      const outcomes = await outcomesOf(change, file);
      const { problemsOfEdit } = await import('../core/config/edit-check.ts');
      const problems = problemsOfEdit(configuration(), new Map(outcomes.map((outcome) => [outcome.file, outcome.after])), {
        toolNames: catalogueTools().map(({ record }) => record.name),
        variable: (name) => ports.env.get(name),
        resolvePath: (from, path) => ports.files.resolve(ports.files.dirname(from), path),
      });
      return { outcomes, problems };
    },
    async apply(change, file = fileFor(change, configuration()), check) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await tryApply(change, file, check);
        } catch (error) {
          // In an editor with unsaved text the change may have arrived already; whoever has it open decides.
          if (attempt === maxAttempts || !isOperatorError(error) || error.code !== 'config-changed' || write.unsaved?.(file) !== undefined) throw error;
        }
      }
    },
  };
}

/** The file of the entry that changes; for new entries the workspace's file, else the user's. */
function fileFor(change: EditChange, { layers, modelServers, delegators }: Configuration): string {
  if ('table' in change && change.type !== 'add') {
    const entity = lookup([...(change.table === 'model_servers' ? modelServers : delegators)], change.name);
    if (entity?.origin.layer === 'builtin') throw notEditable(entity, entity.origin);
    if (entity) return entity.origin.file;
  }
  const of = (wanted: ConfigLayer['layer']): ConfigLayer | undefined => layers.find(({ layer }) => layer === wanted);
  const layer = of('workspace') ?? of('user');
  if (!layer) throw new OperatorError('not-found', 'There is no operator.toml to write to');
  return layer.file;
}

async function read({ files }: Pick<Ports, 'files'>, writer: ConfigWriter, file: string): Promise<Omit<EditOutcome, 'after' | 'others'>> {
  const unsaved = writer.unsaved?.(file);
  if (unsaved !== undefined) return { file, before: unsaved };
  try {
    const { text, hash } = await files.read(file, { maxBytes: maxConfigBytes });
    return { file, before: text, hash };
  } catch (error) {
    if (error instanceof FileError && error.problem === 'not-found') return { file, before: '' };
    throw error;
  }
}

async function writeFile({ files }: Pick<Ports, 'files'>, { file, after, hash }: EditOutcome): Promise<void> {
  try {
    await files.write(file, after, { expected: hash ?? 'new' });
  } catch (error) {
    if (error instanceof FileError && error.problem === 'changed') throw new OperatorError('config-changed', `${file} changed since it was read`, { hint: 'Nothing was written; try again', cause: error });
    throw error;
  }
}
