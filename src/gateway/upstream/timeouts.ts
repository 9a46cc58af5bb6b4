/** How long a server may take. */
import type { ModelServer } from '../../core/config/model.ts';

export interface UpstreamTimeouts {
  /** TCP and TLS. */
  readonly connectMs: number;
  /** Until the response headers: a local model may load for minutes. */
  readonly firstByteMs: number;
  /** Between two chunks of the body. */
  readonly idleMs: number;
}

export const defaultTimeouts: UpstreamTimeouts = { connectMs: 10_000, firstByteMs: 600_000, idleMs: 300_000 };

/** `request_timeout` is meant for short requests; a longer one is a wish to wait longer here, too. */
export function timeoutsOf({ timeouts = {}, requestTimeoutMs }: Pick<ModelServer, 'timeouts' | 'requestTimeoutMs'>): UpstreamTimeouts {
  return {
    connectMs: timeouts.connectMs ?? defaultTimeouts.connectMs,
    firstByteMs: timeouts.firstByteMs ?? Math.max(requestTimeoutMs, defaultTimeouts.firstByteMs),
    idleMs: timeouts.idleMs ?? defaultTimeouts.idleMs,
  };
}
