/** The real agents of `test/clis`, installed when a test needs them. */
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ensureInstalled } from './ensure-installed.ts';

const folder = resolve(import.meta.dirname, '..', 'clis');

/**
 * npm runs no install scripts there, since those of indirect dependencies compile for minutes; this one only puts the program of the
 * platform's package in its place.
 */
const script = join('@anthropic-ai', 'claude-code', 'install.cjs');

/** Installs all of them once. @returns what gives the program of a tool */
export async function installAgents(): Promise<(tool: string) => string> {
  await ensureInstalled(folder);
  const modules = join(folder, 'node_modules');
  const stamp = join(modules, '.scripts-run');
  if (!existsSync(stamp)) {
    await promisify(execFile)(process.execPath, [join(modules, script)], { cwd: join(modules, script, '..') });
    writeFileSync(stamp, '');
  }
  return (tool) => join(modules, '.bin', tool);
}
