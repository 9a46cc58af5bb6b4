/** Reading text files of unknown make: bounded, strict about UTF-8, with one clear error for each way it can fail. */
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { type FileContent, FileError, type FileProblem } from '../core/ports.ts';

/** @throws FileError */
export async function readText(path: string, { maxBytes, signal }: { readonly maxBytes: number; readonly signal?: AbortSignal }): Promise<FileContent> {
  const bytes = await readBytes(path, maxBytes, signal);
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), hash: hashOf(bytes) };
  } catch (cause) {
    throw new FileError('not-utf8', path, `${path} is not UTF-8 text`, { cause });
  }
}

/** @throws FileError */
export async function readBytes(path: string, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array> {
  signal?.throwIfAborted();
  try {
    // Looked at before it is opened: to open a pipe is to wait for somebody to write into it.
    const stats = await stat(path);
    if (stats.isDirectory()) throw new FileError('is-directory', path, `${path} is a folder, not a file`);
    if (!stats.isFile()) throw new FileError('unreadable', path, `${path} is not an ordinary file`);
    if (stats.size > maxBytes) throw tooLarge(path, maxBytes);
    const handle = await open(path, 'r');
    try {
      return await readAtMost(handle, path, Math.max(stats.size, 4096), maxBytes, signal);
    } finally {
      await handle.close();
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw toFileError(error, path);
  }
}

type Handle = Awaited<ReturnType<typeof open>>;

/** The size is only a hint: the file may grow while it is read, and some (in /proc) tell none. */
async function readAtMost(handle: Handle, path: string, expected: number, maxBytes: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead, buffer } = await handle.read(new Uint8Array(Math.min(expected + 1, maxBytes + 1)));
    if (bytesRead === 0) return Buffer.concat(chunks, length);
    length += bytesRead;
    if (length > maxBytes) throw tooLarge(path, maxBytes);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function tooLarge(path: string, maxBytes: number): FileError {
  return new FileError('too-large', path, `${path} is larger than ${maxBytes} bytes`);
}

const problems: Readonly<Record<string, readonly [FileProblem, string]>> = {
  ENOENT: ['not-found', 'does not exist'],
  ENOTDIR: ['not-found', 'does not exist'],
  EISDIR: ['is-directory', 'is a folder, not a file'],
  EACCES: ['denied', 'may not be accessed: permission denied'],
  EPERM: ['denied', 'may not be accessed: operation not permitted'],
  EROFS: ['denied', 'cannot be written: the file system is read-only'],
};

/** Any error of the file system as the port's own. */
export function toFileError(error: unknown, path: string): FileError {
  if (error instanceof FileError) return error;
  const [problem, text] = problems[errorCode(error) ?? ''] ?? ['unreadable', describe(error)];
  return new FileError(problem, path, `${path} ${text}`, { cause: error });
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function describe(error: unknown): string {
  switch (errorCode(error)) {
    case 'ELOOP':
      return 'is a link that leads back to itself';
    case 'ENAMETOOLONG':
      return 'has a name that is too long';
    case 'ENOSPC':
      return 'cannot be written: the disk is full';
    case 'EIO':
      return 'cannot be read: the disk reports an error';
    default:
      return `cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}
