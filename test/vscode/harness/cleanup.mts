/** What was started is also ended, and what was created removed, when this process fails or is told to stop. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const pending = new Set<() => void>();
let listening = false;

/**
 * Registers work for the end of the process; it must be synchronous.
 * @returns a function that does it now instead; calling it again does nothing
 */
export function onExit(cleanUp: () => void): () => void {
  if (!listening) {
    listening = true;
    process.once('exit', () => {
      for (const run of [...pending].reverse()) run();
    });
    // 128 + number of the signal, as shells report it.
    for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]] as const) process.once(signal, () => process.exit(128 + number));
  }
  const run = (): void => {
    if (!pending.delete(run)) return;
    cleanUp();
  };
  pending.add(run);
  return run;
}

export interface ScratchFolder {
  readonly path: string;
  remove(): void;
}

/** A private folder that is gone at the end, unless OPERATOR_TEST_KEEP asks to look at it. */
export function createScratchFolder(): ScratchFolder {
  // Short, because sockets in it must fit into 103 characters on macOS.
  const path = mkdtempSync(join(tmpdir(), 'operator-'));
  const remove = onExit(() => {
    if (process.env['OPERATOR_TEST_KEEP']) console.error(`kept ${path}`);
    else rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  return { path, remove };
}
