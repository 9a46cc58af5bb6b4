/** The key of a server: where it is named, and whether it can be had. */
import type { ModelServer } from '../config/model.ts';
import type { CredentialRef } from './auth.ts';
import { type CredentialPorts, resolveCredential } from './credentials.ts';
import { serverKind } from './kinds.ts';
import type { ProbeKey } from './probe.ts';

/** A builtin server names none; there the vendor's own variable counts. */
export function keyRefOf({ credential, origin, kind }: Pick<ModelServer, 'credential' | 'origin' | 'kind'>): CredentialRef | undefined {
  const variable = serverKind(kind).defaultApiKeyEnv;
  return credential ?? (origin.layer === 'builtin' && variable !== undefined ? { store: 'env', name: variable } : undefined);
}

export async function resolveServerKey(server: ModelServer, ports: CredentialPorts): Promise<ProbeKey> {
  const ref = keyRefOf(server);
  if (!ref) return { state: 'none' };
  const resolved = await resolveCredential(ref, ports);
  return resolved.ok ? { state: 'set', value: resolved.value } : { state: 'unset', message: resolved.error.message };
}
