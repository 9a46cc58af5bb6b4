/** Whether a file that holds a key keeps it. */
import type { FileSystem } from '../ports.ts';
import type { CredentialRef } from './auth.ts';

/** What to know about the file of a `file:` reference that others may read, with the command that mends it; nothing for all else. */
export async function keyFileWarnings(ref: CredentialRef | undefined, files: Pick<FileSystem, 'othersWhoMayRead'>): Promise<readonly string[]> {
  if (ref?.store !== 'file') return [];
  const others = await files.othersWhoMayRead(ref.name);
  if (others === 'nobody') return [];
  const who = others === 'group' ? 'its group' : 'everybody on this machine';
  return [`The key file ${ref.name} may be read by ${who}; keep it to yourself with: chmod 600 ${shellWord(ref.name)}`];
}

/** As a POSIX shell takes it for one word; files with such rights are on no other system. */
function shellWord(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
