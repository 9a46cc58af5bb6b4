/** Sessions on disk, so that agents go on after a crash: hashes of tokens and what is no secret. One writer, the gateway that holds the lock. */
import { promises as fs } from 'node:fs';
import * as z from 'zod';
import { type Disposable, toDisposable } from '../base/disposable.ts';
import { sessionRequestSchema } from '../core/gateway/control.ts';
import type { Clock } from '../core/ports.ts';
import type { StoredSession } from './sessions.ts';

const storedSchema = z.object({
  port: z.int().min(1).max(65_535),
  sessions: z.array(
    z.object({
      tokenHash: z.string(),
      spec: sessionRequestSchema.shape.spec,
      since: z.number(),
      pid: z.int().positive().optional(),
      complete: z.boolean(),
    }),
  ),
});

export interface StoredSessions {
  /** Where their agents look for the gateway. */
  readonly port: number;
  readonly sessions: readonly StoredSession[];
}

export interface SessionStore extends Disposable {
  /** Writes soon, many changes together. */
  changed(): void;
  /** Writes what is left to write. */
  flush(): Promise<void>;
  /** Nothing shall be found by the next gateway. */
  clear(): Promise<void>;
}

const writeAfterMs = 100;

/** Undefined: nothing there, or nothing that can be read, which is the same to agents. */
export async function readStoredSessions(file: string): Promise<StoredSessions | undefined> {
  try {
    return storedSchema.safeParse(JSON.parse(await fs.readFile(file, 'utf8'))).data as StoredSessions | undefined;
  } catch {
    return undefined;
  }
}

export function createSessionStore(file: string, read: () => StoredSessions, options: { readonly clock: Clock; readonly onError: (error: unknown) => void }): SessionStore {
  let timer: Disposable | undefined;
  let writing: Promise<void> = Promise.resolve();
  let closed = false;

  function write(): void {
    timer?.dispose();
    timer = undefined;
    writing = writing.then(async () => {
      if (closed) return;
      const draft = `${file}.new`;
      await fs.writeFile(draft, JSON.stringify(read()), { mode: 0o600 });
      await fs.rename(draft, file);
    }).catch(options.onError);
  }

  return {
    changed() {
      if (!closed) timer ??= options.clock.after(writeAfterMs, write);
    },
    async flush() {
      if (timer) write();
      await writing;
    },
    async clear() {
      timer?.dispose();
      closed = true;
      await writing;
      await fs.rm(file, { force: true });
    },
    ...toDisposable(() => {
      timer?.dispose();
      closed = true;
    }),
  };
}
