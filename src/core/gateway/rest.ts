/** What the REST API is given by the gateway that it runs in. */
import type { GatewayStatus, SessionKeys, SessionSpec } from './model.ts';

/** Keys that callers handed over, in memory only: the gateway's own environment has none. */
export interface HandedKeys {
  get(store: 'env' | 'secret', name: string): string | undefined;
  /** Counts how often keys were handed over. */
  readonly version: number;
}

export interface RestHost {
  status(): GatewayStatus;
  /** @returns the token of the session */
  createSession(spec: SessionSpec, keys: SessionKeys): Promise<string>;
  /** @returns whether there was one */
  endSession(id: string): boolean;
  readonly keys: HandedKeys;
}

/** The paths below `/api/v1` that are not REST's but of the control API between Operator's own processes. */
export function isControlPath(path: string): boolean {
  return path === '/gateway' || path.startsWith('/gateway/');
}
