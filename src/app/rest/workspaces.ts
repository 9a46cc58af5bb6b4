/** An Operator for each workspace that REST is asked about, with what its files say now. */
import { type Disposable, toDisposable } from '../../base/disposable.ts';
import type { ConfigLayer } from '../../core/config/model.ts';
import { maxConfigBytes } from '../../core/config/find.ts';
import { OperatorError } from '../../core/errors.ts';
import type { Operator } from '../../core/operator.ts';
import { type Clock, FileError, type FileSystem } from '../../core/ports.ts';
import type { HandedKeys } from '../../core/gateway/rest.ts';
import type { Scope } from '../../api/backend.ts';

export interface WorkspacesOptions {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly keys: HandedKeys;
  /** Undefined: the user's file alone. */
  readonly create: (workspace: Workspace | undefined) => Operator;
  /** Of a request that names none. */
  readonly standard: Workspace | undefined;
}

export interface Workspace {
  readonly root: string;
  /** Where its operator.toml is not the one in the root. */
  readonly file?: string;
}

export interface Workspaces extends Disposable {
  open(scope: Scope): Promise<Operator>;
  /** As long as it is held it stays the one that `open` gives. */
  hold(operator: Operator): Disposable;
}

/** Nobody works on more at once, and each one watches its files. */
const maxOpen = 16;

interface Opened {
  readonly operator: Operator;
  keysVersion: number;
  holders: number;
}

export function createWorkspaces({ files, keys, create, standard }: WorkspacesOptions): Workspaces {
  /** By root, '' for the user's file alone; the last used is the last. */
  const opened = new Map<string, Opened>();

  async function workspaceOf({ workspace, userOnly }: Scope): Promise<Workspace | undefined> {
    if (userOnly) return undefined;
    if (workspace === undefined) return standard;
    if (/[\u0000-\u001f]/.test(workspace) || !isAbsolute(files, workspace)) throw new OperatorError('usage', 'The workspace is not named by an absolute path', { hint: 'Such as /home/me/project' });
    const root = files.resolve(workspace, '.');
    if (!(await files.isDirectory(root))) throw new OperatorError('usage', `The workspace ${root} is no folder`, { hint: 'Name the folder that operator.toml is in, or shall be in' });
    return root === standard?.root ? standard : { root };
  }

  function find(workspace: Workspace | undefined): Opened {
    const key = workspace?.root ?? '';
    const known = opened.get(key) ?? { operator: create(workspace), keysVersion: -1, holders: 0 };
    opened.delete(key);
    opened.set(key, known);
    for (const [other, { operator, holders }] of opened) {
      if (opened.size <= maxOpen) break;
      if (holders > 0 || other === key) continue;
      opened.delete(other);
      operator.dispose();
    }
    return known;
  }

  return {
    async open(scope) {
      const entry = find(await workspaceOf(scope));
      const { operator } = entry;
      entry.holders++;
      try {
        const { loaded, configuration } = operator.snapshot;
        if (!loaded || entry.keysVersion !== keys.version || (await anyChanged(configuration.layers, files))) {
          entry.keysVersion = keys.version;
          await operator.reload();
        }
        return operator;
      } finally {
        entry.holders--;
      }
    },
    hold(operator) {
      const entry = [...opened.values()].find((each) => each.operator === operator);
      if (!entry) return toDisposable(() => {});
      entry.holders++;
      return toDisposable(() => entry.holders--);
    },
    ...toDisposable(() => {
      for (const { operator } of opened.values()) operator.dispose();
      opened.clear();
    }),
  };
}

function isAbsolute({ resolve }: FileSystem, path: string): boolean {
  return !path.startsWith('~') && resolve('/somewhere', path) === resolve('/elsewhere', path);
}

async function anyChanged(layers: readonly ConfigLayer[], files: FileSystem): Promise<boolean> {
  const changed = await Promise.all(layers.map((layer) => hasChanged(layer, files)));
  return changed.includes(true);
}

/** What could not be read is tried again each time. */
async function hasChanged({ file, state }: ConfigLayer, files: FileSystem): Promise<boolean> {
  const known = state.type === 'absent' ? undefined : state.hash;
  if (state.type === 'broken' && known === undefined) return true;
  try {
    return (await files.read(file, { maxBytes: maxConfigBytes })).hash !== known;
  } catch (error) {
    return !(error instanceof FileError && error.problem === 'not-found' && state.type === 'absent');
  }
}
