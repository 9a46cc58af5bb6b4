/** The keys that a configuration names, for a gateway that acts for this process: its own environment has none. */
import type { HandedKeysRequest } from '../../core/gateway/control.ts';
import type { Snapshot } from '../../core/operator.ts';
import { type CredentialPorts, resolveCredential } from '../../core/servers/credentials.ts';
import { keyRefOf } from '../../core/servers/server-key.ts';

/** What is in files the gateway reads itself; what cannot be read here it cannot use either, and says so. */
export async function namedKeys({ configuration }: Snapshot, ports: CredentialPorts): Promise<HandedKeysRequest> {
  const servers = [...configuration.modelServers, ...(configuration.implied ?? [])].filter(({ unusable }) => unusable === undefined);
  const refs = new Map(servers.flatMap((server) => keyRefOf(server) ?? []).map((ref) => [`${ref.store}:${ref.name}`, ref]));
  const keys = { env: {} as Record<string, string>, secret: {} as Record<string, string> };
  await Promise.all(
    [...refs.values()].map(async (ref) => {
      if (ref.store === 'file') return;
      const resolved = await resolveCredential(ref, ports);
      if (resolved.ok) keys[ref.store][ref.name] = resolved.value;
    }),
  );
  return keys;
}
