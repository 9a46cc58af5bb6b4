/** A server that nobody declared (yet): for the wizard, discovery and one-off probes. */
import type { ModelServer } from '../config/model.ts';
import { OperatorError } from '../errors.ts';
import { parseBaseUrl } from './address.ts';
import type { CredentialRef } from './auth.ts';
import { type ServerKindId, serverKind } from './kinds.ts';
import { inferPlacement } from './placement.ts';

/** @throws OperatorError 'usage' for an address that cannot be one */
export function adHocServer(kindId: ServerKindId, address: string, credential?: CredentialRef): ModelServer {
  const kind = serverKind(kindId);
  const parsed = parseBaseUrl(address);
  if (!parsed.ok) throw new OperatorError('usage', parsed.error.message, { hint: parsed.error.hint });
  const { baseUrl, openaiPath } = parsed.value;
  return {
    name: kindId,
    displayName: kind.displayName,
    origin: { layer: 'user', file: '' },
    kind: kindId,
    baseUrl,
    openaiPath,
    protocols: kind.protocols,
    placement: inferPlacement(baseUrl),
    placementDeclared: false,
    auth: kind.auth.type === 'none' && credential ? { type: 'bearer' } : kind.auth,
    credential,
    headers: {},
    extraEnv: {},
    requestTimeoutMs: 120_000,
    models: [],
  };
}
