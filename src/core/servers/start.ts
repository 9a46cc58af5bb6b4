/** What starts a server of this machine that does not run. */
import type { ServerStatus } from '../operator.ts';
import { serverKind } from './kinds.ts';

/** A shell command; undefined where the server runs, is elsewhere, or would listen somewhere else than its address says. */
export function startCommandOf({ server, health }: Pick<ServerStatus, 'server' | 'health'>): string | undefined {
  const { startCommand, usualPort } = serverKind(server.kind);
  if (health.state !== 'offline' || server.placement !== 'local') return undefined;
  return new URL(server.baseUrl).port === String(usualPort) ? startCommand : undefined;
}
