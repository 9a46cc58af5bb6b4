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

/** Agents ask for the same few paths over and over. */
const known = new WeakMap<UpstreamTarget['server'], Map<string, URL>>();
const maxKnown = 50;

function urlOf(server: UpstreamTarget['server'], text: string): URL {
  const ofServer = known.get(server) ?? new Map<string, URL>();
  const url = ofServer.get(text) ?? new URL(text);
  if (ofServer.size < maxKnown) known.set(server, ofServer.set(text, url));
  return url;
}

/** The key goes to this server's own address and nowhere else: redirects are never followed. */
export function buildUpstreamRequest({ target, protocol, path, key, headers, body }: UpstreamRequestOptions): UpstreamRequest {
  const { server } = target;
  const authorized = authorize(server, key, apiUrl(server, protocol, path));
  // A client's own API version and betas count more than our default; the entry's headers and the key beat everything.
  const { 'anthropic-version': version, ...added } = authorized.headers;
  return {
    url: urlOf(server, authorized.url),
    method: 'POST',
    headers: { ...(version === undefined ? {} : { 'anthropic-version': version }), ...headers, 'content-type': 'application/json', ...added },
    body,
    timeouts: timeoutsOf(server),
    proxy: server.proxy,
    key,
  };
}
