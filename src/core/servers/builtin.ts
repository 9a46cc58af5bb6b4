/** Servers that no file declares: the vendors' own, and an address that is only looked at. */
import type { ModelServer } from '../config/model.ts';
import { OperatorError } from '../errors.ts';
import { parseServerAddress } from './address.ts';
import type { AuthScheme, CredentialRef } from './auth.ts';
import { allServerKinds, type ServerKind, serverKind, type ServerKindId } from './kinds.ts';
import { inferPlacement } from './placement.ts';

/** `request_timeout` where none is declared. */
export const defaultRequestTimeoutMs = 120_000;

/**
 * `anthropic-api`, `openai-api` and `google-api`. They have no key reference: a tool on them is launched with the login
 * that the user gave it, and only a probe looks at the vendor's own variable (`ServerKind.defaultApiKeyEnv`).
 */
export function builtinServers(): readonly ModelServer[] {
  return allServerKinds().flatMap((kind) =>
    kind.builtin !== undefined && kind.defaultBaseUrl !== undefined ? [{ ...undeclared(kind, kind.defaultBaseUrl), name: kind.builtin, displayName: kind.displayName }] : [],
  );
}

/** Is the name taken by a builtin server, so that no entry may declare it? */
export function isBuiltinName(name: string): boolean {
  return allServerKinds().some((kind) => kind.builtin === name);
}

/**
 * A server that is not declared (yet), for the wizard and discovery to probe. Its origin is `builtin`, since no file has it.
 * @throws OperatorError 'config' when `baseUrl` is not an address
 */
export function adHocServer(kindId: ServerKindId, baseUrl: string, credential?: CredentialRef): ModelServer {
  const kind = serverKind(kindId);
  const server = undeclared(kind, baseUrl);
  return credential ? { ...server, credential, auth: authWithKey(kind.auth) } : server;
}

/** Kinds that need no key may be given one all the same (a proxy in front of them asks for it); then it is sent as most servers take it. */
export function authWithKey(auth: AuthScheme): AuthScheme {
  return auth.type === 'none' ? { type: 'bearer' } : auth;
}

function undeclared(kind: ServerKind, text: string): ModelServer {
  const address = parseServerAddress(text, kind.id);
  if (!address.ok) throw new OperatorError('config', `The address ${address.error.message}`, { hint: address.error.hint });
  const { baseUrl, openaiPath } = address.value;
  return {
    name: kind.id,
    displayName: kind.displayName,
    origin: { layer: 'builtin' },
    kind: kind.id,
    baseUrl,
    openaiPath,
    protocols: kind.protocols,
    placement: inferPlacement(baseUrl),
    placementDeclared: false,
    auth: kind.auth,
    headers: {},
    extraEnv: {},
    requestTimeoutMs: defaultRequestTimeoutMs,
    models: [],
  };
}
