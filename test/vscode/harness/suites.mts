/** Which suites there are and in which window each runs: `<subject>.test.ts` in `single`, `<subject>.<window>.test.ts` in that window. */
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from './paths.mts';
import { type WindowName, windowNames } from './windows.mts';

/** Absolute paths by window; OPERATOR_TEST_WINDOWS narrows them down. @throws Error for a file that names an unknown window, or when nothing is left */
export function findSuites(): ReadonlyMap<WindowName, readonly string[]> {
  const wanted = process.env['OPERATOR_TEST_WINDOWS']?.split(',').map((name) => name.trim());
  const suites = new Map<WindowName, string[]>();
  for (const path of globSync('test/vscode/suite/*.test.ts', { cwd: root }).sort()) {
    const window = windowOf(basename(path, '.test.ts'));
    if (wanted && !wanted.includes(window)) continue;
    suites.set(window, [...(suites.get(window) ?? []), join(root, path)]);
  }
  if (suites.size === 0) throw new Error('no suites to run in test/vscode/suite');
  return suites;
}

function windowOf(subject: string): WindowName {
  const suffix = subject.includes('.') ? subject.slice(subject.indexOf('.') + 1) : 'single';
  const window = windowNames.find((name) => name === suffix);
  if (!window) throw new Error(`test/vscode/suite/${subject}.test.ts names the window "${suffix}"; there are ${windowNames.join(', ')}`);
  return window;
}
