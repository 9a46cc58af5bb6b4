/** Which operator.toml files count, and where the workspace begins. */
import type { Env, FileSystem } from '../ports.ts';

export const configFileName = 'operator.toml';

/** Far more than a person writes; a file this long would only hold up the editor. */
export const maxConfigBytes = 5 * 1024 * 1024;

/** A file to look at; it need not exist. */
export interface LayerFile {
  readonly layer: 'workspace' | 'user';
  /** The workspace root; absent for the user layer. */
  readonly root?: string;
  /** Absolute. */
  readonly file: string;
}

/**
 * The workspace file of every root, then the user's. An explicit file (`--config PATH`, absolute) replaces the workspace's,
 * and its folder is the root. A root that is the user's own folder adds nothing: its file is the user's.
 */
export function findConfigFiles(input: { readonly roots: readonly string[]; readonly explicitFile?: string; readonly env: Env; readonly files: FileSystem }): readonly LayerFile[] {
  const { roots, explicitFile, env, files } = input;
  const user: LayerFile = { layer: 'user', file: userConfigFile(env, files) };
  const workspace: readonly LayerFile[] =
    explicitFile !== undefined
      ? [{ layer: 'workspace', root: files.dirname(explicitFile), file: explicitFile }]
      : roots.map((root) => ({ layer: 'workspace', root, file: files.join(root, configFileName) }));
  const seen = new Set([user.file]);
  return [...workspace.filter(({ file }) => !seen.has(file) && seen.add(file)), user];
}

/** `~/.operator/operator.toml`, or below `OPERATOR_HOME`. */
export function userConfigFile(env: Env, files: FileSystem): string {
  return files.join(env.operatorHome, configFileName);
}

/** The nearest folder from `cwd` (absolute) upward that has an operator.toml, or undefined. The user's own folder is no workspace. */
export async function findWorkspaceRoot(cwd: string, files: FileSystem, env: Env): Promise<string | undefined> {
  const user = userConfigFile(env, files);
  let folder = cwd;
  for (;;) {
    const file = files.join(folder, configFileName);
    if (file !== user && (await files.exists(file))) return folder;
    const parent = files.dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}
