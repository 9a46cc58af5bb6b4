/** Which headers cross the gateway when a body passes through. Everything end-to-end does, known or not, but for credentials. */

export type HeaderMap = Readonly<Record<string, string | string[] | undefined>>;

/** RFC 9110 §7.6.1, and what the connection to the upstream decides for itself. */
const hopByHop = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'host', 'content-length', 'expect']);

/** The session token is for us alone; cookies and browser marks have no business here. */
const notForUpstream = new Set(['authorization', 'x-api-key', 'x-goog-api-key', 'api-key', 'cookie', 'origin', 'referer', 'accept-encoding', 'forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto']);

/** What belongs to the upstream's own origin: cookies, browser policies, advertised protocols. `access-control-*` is dropped by prefix. */
const notForClient = new Set(['set-cookie', 'alt-svc', 'strict-transport-security', 'content-security-policy', 'nel', 'report-to', 'clear-site-data', 'refresh', 'location']);

/** Client → upstream. The answer is asked for uncompressed, so that it can be read while it passes. */
export function requestHeaders(headers: HeaderMap): Record<string, string> {
  const result: Record<string, string> = {};
  const named = connectionNames(headers);
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || hopByHop.has(name) || notForUpstream.has(name) || named.has(name)) continue;
    result[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  result['accept-encoding'] = 'identity';
  return result;
}

/** A rate limit without a time: some clients give up at once unless they are told how long to wait, others wait for minutes. */
const defaultRetryAfterSeconds = '5';

/** Upstream → client. Content-Length stays where the body stays as it is. */
export function responseHeaders(headers: HeaderMap, status?: number): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  const named = connectionNames(headers);
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || notForClient.has(name) || named.has(name) || name.startsWith('access-control-')) continue;
    if (hopByHop.has(name) && name !== 'content-length') continue;
    result[name] = value;
  }
  if (status === 429) result['retry-after'] ??= defaultRetryAfterSeconds;
  return result;
}

const nothingNamed: ReadonlySet<string> = new Set();

/** Headers that the sender declares to be for this hop only. */
function connectionNames(headers: HeaderMap): ReadonlySet<string> {
  const value = headers.connection;
  if (typeof value !== 'string' || value === 'keep-alive' || value === 'close') return nothingNamed;
  return new Set(value.split(',').map((name) => name.trim().toLowerCase()));
}
