/** The command line as users get it: bundled, once for all tests of this process. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '..', '..');
let building: Promise<string> | undefined;

/**
 * Bundles into a folder of this process's own, so that nothing races: not tests in parallel, not a build of `dist/`.
 * It lies below node_modules, where optional packages are found as they are beside `dist/`, and goes with the process.
 * @returns the path of cli.js
 */
export function buildCli(): Promise<string> {
  return (building ??= build());
}

async function build(): Promise<string> {
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  removeLeftovers(cache);
  const folder = mkdtempSync(join(cache, 'operator-build-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const outdir = join(folder, 'dist');
  await promisify(execFile)(process.execPath, ['esbuild.mjs', `--outdir=${outdir}`], { cwd: root });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return join(outdir, 'cli.js');
}

/** What processes left that were killed: no test runs for an hour. */
function removeLeftovers(cache: string): void {
  for (const name of readdirSync(cache)) {
    const folder = join(cache, name);
    const age = Date.now() - (statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (name.startsWith('operator-build-') && age > 60 * 60 * 1000) rmSync(folder, { recursive: true, force: true });
  }
}
