/** A log in a private file that cannot grow for ever: when it is full it becomes `<name>.1`, in place of the one before. */
import { appendFileSync, chmodSync, closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const maxBytes = 1024 * 1024;

/** @returns appends a line; a log that cannot be written to stops nobody's work */
export function createLogFile(file: string): (line: string) => void {
  let size: number | undefined;
  return (line) => {
    try {
      const length = Buffer.byteLength(line);
      // Others may write to it too, or have begun a new one: its size is looked up before anything is moved.
      if (size === undefined || size + length > maxBytes) size = prepare(file, length);
      appendFileSync(file, line, { mode: 0o600 });
      size += length;
    } catch {
      size = undefined; // A full disk, or no folder to write to: there is nowhere to tell.
    }
  };
}

/** @returns the bytes in the file, which is there and private afterwards */
function prepare(file: string, needed: number): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  let size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > 0 && size + needed > maxBytes) {
    renameSync(file, `${file}.1`);
    size = 0;
  }
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600); // whatever the umask or an earlier version said
  return size;
}
