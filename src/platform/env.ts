/** The process environment as the core sees it. */
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import type { Env } from '../core/ports.ts';

/** An {@link Env} that learns folders of the PATH which this process was started without. */
export interface ProcessEnv extends Env {
  /** Appends folders to the PATH that agents inherit, each once. */
  appendPath(folders: readonly string[]): void;
}

export interface EnvOptions {
  readonly variables?: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
  readonly homeDir?: string;
}

/** Reads the variables anew at every call, since VS Code changes them while it runs. */
export function createEnv({ variables = process.env, platform = process.platform, homeDir = homedir() }: EnvOptions = {}): ProcessEnv {
  const appended: string[] = [];
  const isWindows = platform === 'win32';
  const pathName = (): string => (isWindows ? (Object.keys(variables).find((name) => name.toLowerCase() === 'path') ?? 'Path') : 'PATH');
  const get = (name: string): string | undefined => {
    // Windows ignores case in names; a plain object given by a test does not.
    const key = isWindows && variables[name] === undefined ? Object.keys(variables).find((known) => known.toLowerCase() === name.toLowerCase()) : name;
    const value = key === undefined ? undefined : variables[key];
    return key !== undefined && key === pathName() ? withAppended(value) : value;
  };
  const withAppended = (path: string | undefined): string | undefined => {
    if (appended.length === 0) return path;
    const folders = (path ?? '').split(delimiter).filter((folder) => folder !== '');
    return [...folders, ...appended.filter((folder) => !folders.includes(folder))].join(delimiter);
  };
  return {
    platform: platform === 'linux' || platform === 'darwin' || platform === 'win32' ? platform : 'other',
    homeDir,
    get,
    all() {
      const all: Record<string, string> = {};
      for (const [name, value] of Object.entries(variables)) if (value !== undefined) all[name] = value;
      const path = withAppended(all[pathName()]);
      if (path !== undefined) all[pathName()] = path;
      return all;
    },
    get operatorHome() {
      const home = get('OPERATOR_HOME');
      return home === undefined || home.trim() === '' ? join(homeDir, '.operator') : resolve(homeDir, home.replace(/^~(?=$|[\\/])/, homeDir));
    },
    appendPath(folders) {
      for (const folder of folders) if (folder !== '' && !appended.includes(folder)) appended.push(folder);
    },
  };
}
