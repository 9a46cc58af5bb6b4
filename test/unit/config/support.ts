/** What the tests of the configuration share: files in memory, and a file's text at a place. */
import { findConfigFiles } from '../../../src/core/config/find.ts';
import { loadConfiguration, type LoadInput } from '../../../src/core/config/load.ts';
import type { Configuration } from '../../../src/core/config/model.ts';
import type { Env } from '../../../src/core/ports.ts';
import type { SourceRange } from '../../../src/core/source.ts';
import { FakeFiles } from '../fakes.ts';

export const workspaceFile = '/w/operator.toml';
export const userFile = '/home/user/.operator/operator.toml';

export const env: Env = {
  get: (name) => ({ SET_KEY: 'a key', EMPTY_KEY: '' })[name],
  all: () => ({}),
  platform: 'linux',
  homeDir: '/home/user',
  operatorHome: '/home/user/.operator',
};

/** Loads files by path; the root is /w unless others are given. */
export async function load(contents: Readonly<Record<string, string>> | FakeFiles, options: { readonly roots?: readonly string[]; readonly previous?: Configuration } & Partial<LoadInput> = {}): Promise<Configuration> {
  const files = contents instanceof FakeFiles ? contents : new FakeFiles(contents);
  const { roots = ['/w'], ...rest } = options;
  return loadConfiguration({ layers: findConfigFiles({ roots, env, files }), files, env, toolNames: ['claude', 'codex', 'gemini', 'chat'], ...rest });
}

/** Loads one workspace file. */
export function loadText(text: string, options: Partial<LoadInput> = {}): Promise<Configuration> {
  return load({ [workspaceFile]: text }, options);
}

/** The text that a range covers, as an editor would select it. */
export function textAt(text: string, range: SourceRange | undefined): string | undefined {
  if (!range) return undefined;
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (range.start.line !== range.end.line) return [lines[range.start.line]?.slice(range.start.column), ...lines.slice(range.start.line + 1, range.end.line), lines[range.end.line]?.slice(0, range.end.column)].join('\n');
  return lines[range.start.line]?.slice(range.start.column, range.end.column);
}
