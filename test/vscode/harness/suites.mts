/** Which suites there are and in which window each runs: `<subject>.test.ts` in `single`, `<subject>.<window>.test.ts` in that window. */
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from './paths.mts';
import { type WindowName, windowNames } from './windows.mts';

export interface Suite {
  /** Name of the file without its ending, such as `trust.untrusted`. */
  readonly name: string;
  readonly window: WindowName;
  /** Absolute. */
  readonly file: string;
}

/**
 * One per file, each for a window of its own, so that no suite sees what another left. OPERATOR_TEST_WINDOWS and OPERATOR_TEST_SUITES
 * narrow them down. @throws Error for a file that names an unknown window, or when nothing is left
 */
export function findSuites(): readonly Suite[] {
  const windows = listed('OPERATOR_TEST_WINDOWS');
  const names = listed('OPERATOR_TEST_SUITES');
  const suites = globSync('test/vscode/suite/*.test.ts', { cwd: root })
    .sort()
    .map((path): Suite => ({ name: basename(path, '.test.ts'), window: windowOf(basename(path, '.test.ts')), file: join(root, path) }))
    .filter(({ name, window }) => (!windows || windows.includes(window)) && (!names || names.includes(name)));
  if (suites.length === 0) throw new Error('no suites to run in test/vscode/suite');
  return suites;
}

function listed(variable: string): readonly string[] | undefined {
  return process.env[variable]?.split(',').map((name) => name.trim());
}

function windowOf(subject: string): WindowName {
  const suffix = subject.includes('.') ? subject.slice(subject.indexOf('.') + 1) : 'single';
  const window = windowNames.find((name) => name === suffix);
  if (!window) throw new Error(`test/vscode/suite/${subject}.test.ts names the window "${suffix}"; there are ${windowNames.join(', ')}`);
  return window;
}
