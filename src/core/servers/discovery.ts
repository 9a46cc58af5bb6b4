/** Looks for model servers on their usual loopback ports, told apart by fingerprint and not by port alone. */
import type { ServerKindId } from './kinds.ts';

/** A server found running that nobody declared. */
export interface FoundServer {
  readonly kind: ServerKindId;
  readonly baseUrl: string;
  readonly version?: string;
  readonly modelCount: number;
}
