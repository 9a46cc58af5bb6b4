/** Which proxy stands between this machine and a server: the one of its entry, else the one of the environment. */
import { HttpFailure } from '../core/ports.ts';

export interface Proxy {
  /** http, https or socks5; may hold a user and password. */
  readonly url: URL;
  /** Begins a sentence: "The proxy host:port", "The proxy host:port of HTTPS_PROXY". */
  readonly name: string;
}

/**
 * @param declared the entry's own proxy; it is used for every target, loopback too, since somebody wrote it down for this server
 * @throws HttpFailure 'proxy' when the address cannot be one
 */
export function proxyFor(target: URL, declared: string | undefined, env: Readonly<Record<string, string | undefined>>): Proxy | undefined {
  if (declared !== undefined) {
    const url = parseProxy(declared, 'The proxy');
    return { url, name: `The proxy ${url.host}` };
  }
  if (isLoopback(target.hostname)) return undefined;
  // Lower case first, and for https the proxy of http as a last resort: as undici and most command line tools read them.
  const names = target.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'] : ['http_proxy', 'HTTP_PROXY'];
  const variable = names.find((name) => env[name]);
  if (variable === undefined || isExcepted(target, env['no_proxy'] ?? env['NO_PROXY'] ?? '')) return undefined;
  const url = parseProxy(env[variable] ?? '', `The proxy of ${variable}`);
  return { url, name: `The proxy ${url.host} of ${variable}` };
}

/** `socks5h` and `socks` mean socks5 here: names are always resolved by the proxy. */
function parseProxy(text: string, subject: string): URL {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text.trim()) ?? [undefined, 'http', text.trim()];
  const known = { http: 'http', https: 'https', socks5: 'socks5', socks5h: 'socks5', socks: 'socks5' }[scheme?.toLowerCase() ?? ''];
  if (known === undefined) throw new HttpFailure('proxy', `${subject} must be an http, https or socks5 address`);
  try {
    const url = new URL(`${known}://${rest}`);
    // Percent signs that are no encoding would only be found out while connecting.
    decodeURIComponent(url.username + url.password);
    if (url.hostname !== '') return url;
  } catch {
    // The parser's message would quote the address with its password.
  }
  throw new HttpFailure('proxy', `${subject} has an address that is not a URL`);
}

/** NO_PROXY: hosts separated by commas or spaces, each with its subdomains, `*.host` for the subdomains alone, `host:port`, `*` for all. */
function isExcepted(target: URL, list: string): boolean {
  const host = bare(target.hostname);
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  return list.split(/[,\s]+/).some((entry) => {
    if (entry === '') return false;
    const [, name = entry, entryPort] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
    if (entryPort !== undefined && entryPort !== port) return false;
    if (name === '*') return true;
    const wanted = bare(name.replace(/^\*?\./, ''));
    return host.endsWith(`.${wanted}`) || (host === wanted && !name.startsWith('*'));
  });
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/(.)\.$/, '$1').toLowerCase();
}

function isLoopback(hostname: string): boolean {
  const host = bare(hostname);
  return host === 'localhost' || host.endsWith('.localhost') || /^127\.\d+\.\d+\.\d+$/.test(host) || host === '0.0.0.0' || host === '::1' || host === '::' || /^::ffff:7f[0-9a-f]{2}:[0-9a-f]+$/.test(host);
}
