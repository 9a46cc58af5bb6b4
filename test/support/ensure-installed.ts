/**
 * Installs a folder that is an npm project of its own (the VS Code host, the real CLIs) when it is needed and missing or stale,
 * so that `npm ci` at the root stays small and `npm test` needs no further command.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** What decides whether an installation is current. */
const inputs = ['package.json', 'package-lock.json', '.npmrc'];

/** A cold install of the largest folder takes under two minutes; a registry that hangs must not hang the tests. */
const installLimitMs = 600_000;

/**
 * Runs `npm ci` in `folder` unless its `node_modules` already came from the same package files.
 * Several processes may call it at once: one installs, the others wait.
 * @throws Error with npm's output when the installation fails
 */
export async function ensureInstalled(folder: string, log: (line: string) => void = (line) => console.error(line)): Promise<void> {
  const stamp = join(folder, 'node_modules', '.installed-from');
  const wanted = fingerprint(folder);
  const isCurrent = (): boolean => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (isCurrent()) return;

  const unlock = await lock(join(folder, '.install-lock'));
  try {
    if (isCurrent()) return; // another process was first
    log(`Installing ${basename(dirname(folder))}/${basename(folder)} (once) …`);
    const started = performance.now();
    await npmCi(folder);
    writeFileSync(stamp, wanted);
    log(`Installed in ${Math.round((performance.now() - started) / 1000)} s`);
  } finally {
    unlock();
  }
}

function fingerprint(folder: string): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const name of inputs) {
    const file = join(folder, name);
    hash.update(`\0${name}\0`).update(existsSync(file) ? readFileSync(file) : '');
  }
  return hash.digest('hex');
}

async function npmCi(folder: string): Promise<void> {
  // Under `npm run` the variable names npm's own entry; elsewhere npm is on PATH.
  const npm = process.env['npm_execpath'];
  const [command, ...prefix] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter) };
  // An outer npm describes its own project in these; the registry, proxy and cache of the user stay.
  for (const name of Object.keys(env)) if (/^npm_(package_|lifecycle_|config_(local_)?prefix$)/.test(name)) delete env[name];

  const child = spawn(command ?? 'npm', [...prefix, 'ci', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', folder], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32' && prefix.length === 0, // npm is npm.cmd there
    timeout: installLimitMs,
  });
  const kill = (): void => void child.kill();
  process.once('exit', kill);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve)).finally(() => process.off('exit', kill));
  if (code !== 0) throw new Error(`npm ci failed in ${folder} (exit code ${code})\n${output.trim()}`);
}

/** A file that names the process that installs; one left by a process that is gone is taken over. */
async function lock(file: string): Promise<() => void> {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = readOwner(file);
    if (owner !== undefined && !isAlive(owner)) {
      // Renaming is atomic, so that of several waiting processes only one removes the dead owner's lock.
      const aside = `${file}.${process.pid}`;
      try {
        renameSync(file, aside);
        if (readOwner(aside) === owner) rmSync(aside, { force: true });
        else renameSync(aside, file); // it was already somebody else's
      } catch {
        // another process took it away first
      }
      continue;
    }
    await delay(200);
  }
}

/** The process id in a lock file; undefined while it is being written or when it is gone; 0, which is nobody, when it stays empty. */
function readOwner(file: string): number | undefined {
  try {
    const owner = Number(readFileSync(file, 'utf8'));
    if (owner > 0) return owner;
    return Date.now() - statSync(file).mtimeMs > 10_000 ? 0 : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
