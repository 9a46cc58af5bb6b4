/**
 * What keeps web pages away from a server on loopback: a page can make a browser send requests to 127.0.0.1, directly
 * (it then says its `Origin`) or under a name of its own that resolves there (then `Host` says the name). No answer ever
 * carries CORS headers. Pure, so that every rule is a table row in a test.
 */

export type Refused = { readonly status: 400 | 403 | 415 | 421; readonly message: string };

export interface GuardOptions {
  /** Host names by which this server may be called besides loopback ones, lower case, without port. */
  readonly hosts: ReadonlySet<string>;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Undefined: nothing speaks against it.
 * @param rawHeaders names and values as they came, one after the other; parsers keep only one of several
 */
export function refuse(method: string, headers: Headers, options: GuardOptions, rawHeaders: readonly string[] = []): Refused | undefined {
  if (countHosts(rawHeaders) > 1) return { status: 400, message: 'There must be one Host header' };
  const { host } = headers;
  if (typeof host !== 'string' || !isAllowedHost(host, options.hosts)) return { status: 421, message: 'This server answers only under a loopback name such as 127.0.0.1 or localhost' };
  if (headers.origin !== undefined) return { status: 403, message: 'Requests from web pages are not served' };
  if (method === 'POST' || method === 'PUT' || method === 'PATCH') {
    if (!isJson(headers['content-type'])) return { status: 415, message: 'The body must be JSON: send content-type application/json' };
    const { 'content-encoding': coding = 'identity' } = headers;
    if (coding !== 'identity') return { status: 415, message: 'The body must not be compressed: send it without content-encoding' };
  }
  return undefined;
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) if (rawHeaders[index]?.length === 4 && rawHeaders[index]?.toLowerCase() === 'host') count++;
  return count;
}

function isAllowedHost(host: string, hosts: ReadonlySet<string>): boolean {
  const name = /^(\[[0-9a-f:.]+\]|[^:]+)(?::\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase();
  if (name === undefined) return false;
  return name === 'localhost' || name === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name) || hosts.has(name);
}

/** Anything a page may send without asking first (text/plain, forms) is not JSON. */
function isJson(type: string | string[] | undefined): boolean {
  return typeof type === 'string' && /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type);
}
