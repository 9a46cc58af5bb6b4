/** The file system of this machine behind the port. */
import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { FileSystem } from '../core/ports.ts';
import { readText } from './files-read.ts';
import { watchFile } from './files-watch.ts';
import { createWriter } from './files-write.ts';

/** @param env where `~` is */
export function createFileSystem(env: { readonly homeDir: string }): FileSystem {
  return {
    read: readText,
    write: createWriter(),
    writePrivate,
    async exists(path) {
      return (await statOrUndefined(path)) !== undefined;
    },
    async isDirectory(path) {
      return (await statOrUndefined(path))?.isDirectory() ?? false;
    },
    async othersWhoMayRead(path) {
      // Windows has access lists, of which the mode says nothing.
      const mode = process.platform === 'win32' ? 0 : ((await statOrUndefined(path))?.mode ?? 0);
      return (mode & 0o004) !== 0 ? 'everybody' : (mode & 0o040) !== 0 ? 'group' : 'nobody';
    },
    async remove(path) {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    },
    removeOlder,
    watch: watchFile,
    join,
    resolve(base, path) {
      return /^~(?:[/\\]|$)/.test(path) ? join(env.homeDir, path.slice(1)) : resolve(base, path);
    },
    dirname,
    basename,
  };
}

async function removeOlder(folder: string, at: number, { keep = Number.POSITIVE_INFINITY }: { readonly keep?: number } = {}): Promise<void> {
  const names = await readdir(folder).catch((): readonly string[] => []); // nothing there, nothing to remove
  const entries: { readonly path: string; readonly mtimeMs: number }[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const stats = await lstat(path).catch(() => undefined);
    // Another process may have removed or renamed it since.
    if (stats) entries.push({ path, mtimeMs: stats.mtimeMs });
  }
  entries.sort((a, b) => b.mtimeMs - a.mtimeMs);
  for (const [index, { path, mtimeMs }] of entries.entries()) if (mtimeMs < at || index >= keep) await rm(path, { recursive: true, force: true });
}

/** What cannot be looked at counts as not there. */
async function statOrUndefined(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch {
    return undefined; // missing, forbidden or a dangling link: all the same to the one who asks
  }
}

/** Through a new file, so that whatever was there, a link to elsewhere included, is replaced and never written into. */
async function writePrivate(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (((await stat(folder)).mode & 0o077) !== 0) await chmod(folder, 0o700);
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
