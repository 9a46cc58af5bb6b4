/** `operator gateway logs`: the end of the gateway's log, and with `--follow` what is added to it. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { OperatorError } from '../../core/errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { harmless } from '../output/terminal.ts';
import type { GlobalOptions, Session } from '../session.ts';

export interface LogOptions extends GlobalOptions {
  readonly follow?: boolean;
  readonly lines?: string;
}

/** More than a log ever holds. */
const maxBytes = 2 * 1024 * 1024;
const lookEveryMs = 250;
const lineFeed = 0x0a;

export async function gatewayLogs(session: Session, { follow, lines = '100', ...options }: LogOptions): Promise<number> {
  if (!/^\d{1,6}$/.test(lines)) throw new OperatorError('usage', `--lines takes a number, not ${JSON.stringify(lines)}`, { hint: 'Such as --lines 100' });
  const { operator } = await session.open(options);
  const file = operator.gatewayLog;
  const next = createTail(file);
  const first = next();
  if (first.length === 0 && !follow) session.stderr.line(`There is no log yet; it will be ${harmless(file)}`);
  const print = (line: string): void => session.stdout.line(harmless(line));
  first.slice(Math.max(0, first.length - Number(lines))).forEach(print);
  while (follow) {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    next().forEach(print);
  }
  return exitCodes.done;
}

/** @returns the whole lines that came since the last call. Each call @throws OperatorError 'io' */
function createTail(file: string): () => readonly string[] {
  let identity: string | undefined;
  let offset = 0;

  function readOn(path: string): string[] {
    const piece = read(path, (found) => (found === identity ? offset : 0));
    if (!piece) return [];
    // Half a line waits for its other half.
    const end = piece.bytes.lastIndexOf(lineFeed) + 1;
    identity = piece.identity;
    offset = piece.start + end;
    return piece.bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  }

  return () => {
    // A log that is full has another name from then on, and its last lines are there.
    const isFull = identity !== undefined && identityOf(file) !== identity && identityOf(`${file}.1`) === identity;
    return isFull ? [...readOn(`${file}.1`), ...readOn(file)] : readOn(file);
  };
}

interface Piece {
  readonly identity: string;
  /** Where in the file the bytes begin. */
  readonly start: number;
  readonly bytes: Buffer;
}

function identityOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && identify(stats);
}

function identify({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${dev}:${ino}`;
}

/** What is behind `offset`, all of it when the file is shorter. Undefined: there is no file. */
function read(path: string, offsetOf: (identity: string) => number): Piece | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const stats = fstatSync(descriptor);
    const { size } = stats;
    const identity = identify(stats);
    const offset = offsetOf(identity);
    const start = Math.max(offset <= size ? offset : 0, size - maxBytes);
    const bytes = Buffer.alloc(size - start);
    return { identity, start, bytes: bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, start)) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new OperatorError('io', `The log ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
