/**
 * Remembers what programs said about their version. Some agents need two seconds for that, and say the same until their
 * file changes.
 */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { Clock, FileSystem, ProcessResult, ProcessRunner } from '../core/ports.ts';

/** Version managers put a program of their own in front, whose file stays the same when the agent behind it changes. */
const maxAgeMs = 24 * 60 * 60 * 1000;
const maxBytes = 1024 * 1024;

interface Entry {
  /** Which files were run: their places, sizes and times. */
  readonly fingerprint: string;
  /** Epoch ms. */
  readonly at: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface MemoryOptions {
  readonly files: Pick<FileSystem, 'read' | 'writePrivate'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Private, absolute. */
  readonly file: string;
  /** `refresh` asks every program anew and remembers what it says. */
  readonly mode: 'use' | 'refresh';
}

/** Runs that ended well are answered from `file` for a day, unless a program among `argv` was replaced. */
export function rememberRuns(processes: ProcessRunner, { files, clock, file, mode }: MemoryOptions): ProcessRunner {
  let loading: Promise<Map<string, Entry>> | undefined;
  let running = 0;
  let changed = false;

  async function save(entries: ReadonlyMap<string, Entry>): Promise<void> {
    changed = false;
    const fresh = [...entries].filter(([, { at }]) => isFresh(at));
    // A home that cannot be written to costs time at the next start and nothing else.
    await files.writePrivate(file, JSON.stringify(Object.fromEntries(fresh))).catch(() => undefined);
  }

  function isFresh(at: number): boolean {
    const age = clock.now() - at;
    return age >= 0 && age < maxAgeMs;
  }

  async function run(argv: readonly string[], options: Parameters<ProcessRunner['run']>[1]): Promise<ProcessResult> {
    const [entries, fingerprint] = await Promise.all([(loading ??= load(files, file)), fingerprintOf(argv)]);
    const key = JSON.stringify(argv);
    const known = entries.get(key);
    if (mode === 'use' && known && fingerprint !== undefined && known.fingerprint === fingerprint && isFresh(known.at)) return { code: 0, stdout: known.stdout, stderr: known.stderr };
    running++;
    try {
      const result = await processes.run(argv, options);
      if (result.code === 0 && fingerprint !== undefined) {
        entries.set(key, { fingerprint, at: clock.now(), stdout: result.stdout, stderr: result.stderr });
        changed = true;
      }
      return result;
    } finally {
      running--;
      if (running === 0 && changed) await save(entries);
    }
  }

  return {
    run,
    start: (argv, options) => processes.start(argv, options),
    which: (command) => processes.which(command),
    ...(processes.startWith && { startWith: processes.startWith }),
  };
}

async function load(files: Pick<FileSystem, 'read'>, file: string): Promise<Map<string, Entry>> {
  try {
    const { text } = await files.read(file, { maxBytes });
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return new Map();
    return new Map(Object.entries(value).filter((entry): entry is [string, Entry] => isEntry(entry[1])));
  } catch {
    return new Map(); // not there yet, or damaged: asked anew
  }
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const { fingerprint, at, stdout, stderr } = value as Partial<Record<keyof Entry, unknown>>;
  return typeof fingerprint === 'string' && typeof at === 'number' && typeof stdout === 'string' && typeof stderr === 'string';
}

/** npm gives the files of a package the same old time of change, so that the inode and the time of its own change count too. */
async function fingerprintOf(argv: readonly string[]): Promise<string | undefined> {
  try {
    const parts = await Promise.all(
      argv.filter((argument) => isAbsolute(argument)).map(async (path) => {
        const [real, { size, ino, mtimeMs, ctimeMs }] = await Promise.all([realpath(path), stat(path)]);
        return `${real} ${size} ${ino} ${mtimeMs} ${ctimeMs}`;
      }),
    );
    return parts.length === 0 ? undefined : parts.join('\n');
  } catch {
    return undefined; // gone: the run itself will say so
  }
}
