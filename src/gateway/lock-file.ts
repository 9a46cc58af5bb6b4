/**
 * The lock of the one gateway of a user: a file that exists exactly as long as its gateway lives, or was left behind by one that
 * was killed. It is made by linking a complete file to its name, which only one of several processes can do, and is never seen
 * half-written.
 */
import { randomUUID } from 'node:crypto';
import { constants, promises as fs } from 'node:fs';
import { dirname, join } from 'node:path';
import { gatewayLockSchema } from '../core/gateway/control.ts';
import type { GatewayLock } from '../core/gateway/model.ts';

export type Claim =
  | { readonly type: 'ours' }
  /** Another gateway lives. */
  | { readonly type: 'taken' };

/** @param isAlive whether the gateway of a lock that is found still answers */
export async function claimLock(file: string, lock: GatewayLock, isAlive: (lock: GatewayLock) => Promise<boolean>): Promise<Claim> {
  await fs.mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = join(dirname(file), `.gateway-${randomUUID()}`);
  await fs.writeFile(draft, JSON.stringify(lock), { mode: 0o600, flag: 'wx' });
  try {
    for (;;) {
      if (await linkOnce(draft, file)) return { type: 'ours' };
      const found = await readLock(file);
      if (found === 'gone') continue;
      if (found !== 'broken' && (await isAlive(found))) return { type: 'taken' };
      await removeStale(file, found);
    }
  } finally {
    await fs.rm(draft, { force: true });
  }
}

/** Removes our own lock, and no other's. */
export async function releaseLock(file: string, own: GatewayLock): Promise<void> {
  const found = await readLock(file);
  if (found !== 'gone' && found !== 'broken' && found.adminToken === own.adminToken) await fs.rm(file, { force: true });
}

/** What a gateway that was killed left behind; undefined when there is nothing, or nothing whole. */
export async function readStaleLock(file: string): Promise<GatewayLock | undefined> {
  const found = await readLock(file);
  return found === 'gone' || found === 'broken' ? undefined : found;
}

/** @returns false when the name is taken */
async function linkOnce(draft: string, file: string): Promise<boolean> {
  try {
    await fs.link(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // Some network and container file systems have no links. Their copy is exclusive too, only not in one step.
    return copyOnce(draft, file);
  }
}

async function copyOnce(draft: string, file: string): Promise<boolean> {
  try {
    await fs.copyFile(draft, file, constants.COPYFILE_EXCL);
    await fs.chmod(file, 0o600);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function readLock(file: string): Promise<GatewayLock | 'gone' | 'broken'> {
  try {
    return gatewayLockSchema.safeParse(JSON.parse(await fs.readFile(file, 'utf8'))).data ?? 'broken';
  } catch (error) {
    return codeOf(error) === 'ENOENT' && !(await isThere(file)) ? 'gone' : 'broken';
  }
}

/** A link that leads nowhere is there too. */
async function isThere(file: string): Promise<boolean> {
  return fs.lstat(file).then(() => true, () => false);
}

/**
 * Takes a dead lock out of the way. Another starter may have done so already and put its own lock there: what turns out
 * not to be the one that was found dead is put back.
 */
async function removeStale(file: string, stale: GatewayLock | 'broken'): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await fs.rename(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = await readLock(aside);
  const isTheDeadOne = moved === 'broken' ? stale === 'broken' : moved !== 'gone' && stale !== 'broken' && moved.adminToken === stale.adminToken;
  if (!isTheDeadOne) await linkOnce(aside, file);
  await fs.rm(aside, { force: true, recursive: true });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
