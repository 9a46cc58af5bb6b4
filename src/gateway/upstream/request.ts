/** The HTTP request to a model server: address, credentials at the last moment, headers, timeouts. */
import type { UpstreamTarget } from '../../core/gateway/model.ts';
import type { Protocol } from '../../core/protocol.ts';
import { apiUrl } from '../../core/servers/address.ts';
import { authorize } from '../../core/servers/credentials.ts';
import type { Pieces } from '../pieces.ts';
import { timeoutsOf } from './timeouts.ts';
import type { UpstreamRequest } from './transport.ts';

export interface UpstreamRequestOptions {
  readonly target: UpstreamTarget;
  readonly protocol: Protocol;
  /** Below the API root, with query. */
  readonly path: string;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string | Pieces;
}

/** The key goes to this server's own address and nowhere else: redirects are never followed. */
export function buildUpstreamRequest({ target, protocol, path, key, headers, body }: UpstreamRequestOptions): UpstreamRequest {
  const { server } = target;
  const authorized = authorize(server, key, apiUrl(server, protocol, path));
  // A client's own API version and betas count more than our default; the entry's headers and the key beat everything.
  const { 'anthropic-version': version, ...added } = authorized.headers;
  return {
    url: new URL(authorized.url),
    method: 'POST',
    headers: { ...(version === undefined ? {} : { 'anthropic-version': version }), ...headers, 'content-type': 'application/json', ...added },
    body,
    timeouts: timeoutsOf(server),
    proxy: server.proxy,
    key,
  };
}
