/** A log in a private file that cannot grow for ever: when it is full it becomes `<name>.1`, in place of the one before. */
import { appendFileSync, chmodSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const maxBytes = 1024 * 1024;

/** @returns appends a line; a log that cannot be written to stops nobody's work */
export function createLogFile(file: string): (line: string) => void {
  let size = sizeOf(file);
  if (size === undefined) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return (line) => {
    try {
      if ((size ?? 0) + line.length > maxBytes) {
        renameSync(file, `${file}.1`);
        size = undefined;
      }
      appendFileSync(file, line, { mode: 0o600 });
      if (size === undefined) chmodSync(file, 0o600); // whatever the umask says
      size = (size ?? 0) + line.length;
    } catch {
      // A full disk: there is nowhere to tell.
    }
  };
}

function sizeOf(file: string): number | undefined {
  try {
    return statSync(file).size;
  } catch {
    return undefined; // not there yet
  }
}
