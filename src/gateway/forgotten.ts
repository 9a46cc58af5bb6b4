/** Sessions that nobody ended: their agent is gone, or their launcher never told. */
import type { Log } from '../core/ports.ts';
import { isRunning } from './other-gateway.ts';
import type { Sessions } from './sessions.ts';

/** A session without a process is one of somebody who never told; it ends when nothing was asked for this long. */
const forgetAfterMs = 24 * 60 * 60_000;

export interface ForgottenOptions {
  /** A gateway of one command ends with that command, and so do its sessions, however long nothing is asked. */
  readonly mode: 'shared' | 'foreground';
  /** Epoch ms. */
  readonly now: number;
  readonly log: Log;
}

export function removeForgotten(sessions: Sessions, { mode, now, log }: ForgottenOptions): void {
  for (const { id, pid } of sessions.processes()) {
    if (isRunning(pid)) continue;
    log.info(`the agent of session ${id} is gone`);
    sessions.remove(id);
  }
  if (mode === 'foreground') return;
  for (const id of sessions.idleSince(now - forgetAfterMs)) sessions.remove(id);
}
