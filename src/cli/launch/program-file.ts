/** Whether the kernel itself can run a file. A script without `#!` is run by shells, and by `spawn`, but not by `execve`. */
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';

/** The first bytes of ELF, and of Mach-O in both byte orders and as a universal file. */
const binaries = ['7f454c46', 'feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe'];

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    const head = readHead(file);
    if (binaries.includes(head.subarray(0, 4).toString('hex'))) return true;
    const interpreter = /^#![ \t]*(\/[^\s\0]*)/.exec(head.toString('latin1'))?.[1];
    if (interpreter === undefined) return false;
    accessSync(interpreter, constants.X_OK);
    return true;
  } catch {
    return false; // the other way of starting it says what is wrong
  }
}

function readHead(file: string): Buffer {
  const head = Buffer.alloc(256);
  const descriptor = openSync(file, 'r');
  try {
    return head.subarray(0, readSync(descriptor, head, 0, head.length, 0));
  } finally {
    closeSync(descriptor);
  }
}
