/** A declared model server for tests, as the configuration would have it. */
import type { ModelServer } from '../../src/core/config/model.ts';
import { parseBaseUrl } from '../../src/core/servers/address.ts';
import { serverKind, type ServerKindId } from '../../src/core/servers/kinds.ts';
import { inferPlacement } from '../../src/core/servers/placement.ts';

export function serverAt(kindId: ServerKindId, address: string, changes: Partial<ModelServer> = {}): ModelServer {
  const kind = serverKind(kindId);
  const parsed = parseBaseUrl(address);
  if (!parsed.ok) throw new Error(`${address} ${parsed.error.message}`);
  const { baseUrl, openaiPath } = parsed.value;
  return {
    name: `my-${kindId}`,
    displayName: kind.displayName,
    origin: { layer: 'user', file: '/home/user/.operator/operator.toml' },
    kind: kindId,
    baseUrl,
    openaiPath,
    protocols: kind.protocols,
    placement: inferPlacement(baseUrl),
    placementDeclared: false,
    auth: kind.auth,
    headers: {},
    extraEnv: {},
    requestTimeoutMs: 120_000,
    models: [],
    ...changes,
  };
}
