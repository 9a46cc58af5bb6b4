/**
 * One writer of a file at a time, also among processes: between looking whether a file is unchanged and replacing it, another
 * one would be overwritten unseen. A lock is a file beside it that is there for milliseconds.
 */
import { open, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { errorCode } from './files-read.ts';

/** A lock that is older was left behind by a process that died. */
const staleAfterMs = 5_000;
/** Waiting ends in any case, also where the clock of a shared folder is wrong. */
const patienceMs = 10_000;
const retryEveryMs = 15;

/** Runs `work` while nobody else does for this file. Where no lock can be made beside it, as in a folder that is read-only, it runs without one. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = join(dirname(file), `.${basename(file)}.lock`);
  const locked = await acquire(lock);
  try {
    return await work();
  } finally {
    if (locked) await rm(lock, { force: true });
  }
}

async function acquire(lock: string): Promise<boolean> {
  const began = performance.now();
  for (;;) {
    try {
      await (await open(lock, 'wx')).close();
      return true;
    } catch (error) {
      // Windows answers so while a lock is being removed.
      if (errorCode(error) !== 'EEXIST' && !(process.platform === 'win32' && errorCode(error) === 'EPERM' && (await ageOf(lock)) !== undefined)) return false;
    }
    const age = await ageOf(lock);
    if (age !== undefined && (age > staleAfterMs || performance.now() - began > patienceMs)) await rm(lock, { force: true });
    else if (age !== undefined) await wait(retryEveryMs);
  }
}

/** Milliseconds since it was made; undefined when it is gone. */
async function ageOf(path: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return undefined; // its owner is done
  }
}
