/** Writing a text file so that nobody ever sees half of it and nobody's change is lost. */
import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { chmod, chown, copyFile, link, lstat, mkdir, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FileError, type FileSystem } from '../core/ports.ts';
import { withLock } from './files-lock.ts';
import { errorCode, hashOf, readBytes, toFileError } from './files-read.ts';

type Write = FileSystem['write'];
type WriteOptions = Parameters<Write>[2];

/** Far above every limit of {@link FileSystem.read}; what is replaced has been read by the caller. */
const maxBytes = 256 * 1024 * 1024;

export function createWriter(): Write {
  // Two writers of this process that both read the same version must not both pass the check.
  const queue = new Map<string, Promise<unknown>>();
  return async (path, text, options) => {
    const target = await resolveLinks(path);
    const turn = (queue.get(target) ?? Promise.resolve()).catch(() => undefined).then(() => writeText(target, text, options));
    queue.set(target, turn);
    try {
      return await turn;
    } catch (error) {
      throw toFileError(error, path);
    } finally {
      if (queue.get(target) === turn) queue.delete(target);
    }
  };
}

/** The file that a link leads to in the end, also where that does not exist (yet). */
async function resolveLinks(path: string, depth = 0): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || depth > 40) return path;
    const stats = await lstat(path).catch(() => undefined);
    return stats?.isSymbolicLink() ? resolveLinks(resolve(dirname(path), await readlink(path)), depth + 1) : path;
  }
}

async function writeText(target: string, text: string, { expected, mode }: WriteOptions): Promise<string> {
  const bytes = Buffer.from(text, 'utf8');
  if (expected === 'new') await mkdir(dirname(target), { recursive: true });
  return withLock(target, () => writeLocked(target, bytes, { expected, mode }));
}

async function writeLocked(target: string, bytes: Uint8Array, { expected, mode }: WriteOptions): Promise<string> {
  const current = await checkUnchanged(target, expected);
  if (current) await backUp(target);
  // A new file under this name would part the content from its other names.
  const hasOtherNames = current !== undefined && current.nlink > 1;
  const replaced = !hasOtherNames && (await replaceFile(target, bytes, { expected, current, mode }));
  if (!replaced) await writeInPlace(target, bytes, { expected, mode });
  return hashOf(bytes);
}

/** @returns what is there, if anything. @throws FileError 'changed' */
async function checkUnchanged(target: string, expected: string): Promise<Stats | undefined> {
  const actual = await currentHash(target);
  if (actual === (expected === 'new' ? undefined : expected)) return actual === undefined ? undefined : stat(target);
  const what = actual === undefined ? 'was deleted' : expected === 'new' ? 'was created' : 'was changed';
  throw new FileError('changed', target, `${target} ${what} in the meantime`);
}

async function currentHash(target: string): Promise<string | undefined> {
  try {
    return hashOf(await readBytes(target, maxBytes));
  } catch (error) {
    if (error instanceof FileError && error.problem === 'not-found') return undefined;
    throw error;
  }
}

/** One copy of what was there before. Made beside and put in place, so that a link of that name is replaced and not followed. */
async function backUp(target: string): Promise<void> {
  const temporary = temporaryBeside(target);
  try {
    await copyFile(target, temporary, constants.COPYFILE_EXCL);
    await rename(temporary, `${target}.bak`);
  } catch {
    // A folder in which nothing new may be made, or a full disk: the write itself will tell, or does not need it.
    await rm(temporary, { force: true });
  }
}

function temporaryBeside(target: string): string {
  return join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
}

/**
 * Codes with which a folder or a file refuses to have a file replaced, though it may well be written to. Shared folders answer
 * with the last ones: Windows' view of a WSL disk (UNKNOWN), network and FUSE file systems.
 */
const refusals: ReadonlySet<string | undefined> = new Set(['EPERM', 'EACCES', 'EBUSY', 'EXDEV', 'EROFS', 'EINVAL', 'ENOTSUP', 'EEXIST', 'ENOSYS', 'UNKNOWN']);

/** @returns false when that is refused and nothing was changed. @throws FileError 'changed' */
async function replaceFile(target: string, bytes: Uint8Array, { expected, current, mode }: { readonly expected: string; readonly current: Stats | undefined; readonly mode: number | undefined }): Promise<boolean> {
  const temporary = temporaryBeside(target);
  try {
    await writeNew(temporary, bytes, current?.mode ?? mode);
    if (current) {
      await lookLike(temporary, current);
      await checkUnchanged(target, expected);
      await rename(temporary, target);
    } else {
      await putNew(temporary, target);
    }
    await syncFolder(dirname(target));
    return true;
  } catch (error) {
    if (refusals.has(errorCode(error))) return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Owner, group and mode of the file that is replaced; EPERM where that is not ours to give. */
async function lookLike(path: string, { uid, gid, mode }: Stats): Promise<void> {
  if (process.platform === 'win32') return;
  const made = await stat(path);
  if (made.uid !== uid || made.gid !== gid) await chown(path, uid, gid);
  await chmod(path, mode & 0o7777); // the umask took bits away that the file had
}

async function writeNew(path: string, bytes: Uint8Array, mode: number | undefined): Promise<void> {
  const handle = await open(path, 'wx', mode === undefined ? 0o666 : mode & 0o7777);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A link fails where a name is taken; a rename would take it over. */
async function putNew(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw new FileError('changed', target, `${target} was created in the meantime`, { cause: error });
    await checkUnchanged(target, 'new'); // no links on this file system: the next best
    await rename(temporary, target);
  }
}

/** So that the new name survives a power cut. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Not every file system can; the content itself is safe.
  }
}

/** The last resort: not atomic. What was there is put back when the disk is full in the middle of it. */
async function writeInPlace(target: string, bytes: Uint8Array, { expected, mode }: WriteOptions): Promise<void> {
  if (expected === 'new') return writeNew(target, bytes, mode);
  await checkUnchanged(target, expected);
  const before = await readBytes(target, maxBytes);
  const handle = await open(target, 'r+');
  try {
    await overwrite(handle, bytes);
  } catch (error) {
    await overwrite(handle, before);
    throw error;
  } finally {
    await handle.close();
  }
}

/** Cut only when all is written, so that the space for what was there is not given away before. */
async function overwrite(handle: Awaited<ReturnType<typeof open>>, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) written += (await handle.write(bytes, written, bytes.length - written, written)).bytesWritten;
  await handle.truncate(bytes.length);
  await handle.sync();
}
