/** Where `operator serve` listens, and under which names it may be called there. */
import { hostname, networkInterfaces } from 'node:os';
import { isIP, isIPv6 } from 'node:net';

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Every interface. */
function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** What may stand in a request's `Host` besides loopback names: the given host, and this machine's names and addresses. */
export function allowedHosts(host: string): readonly string[] {
  if (isLoopback(host)) return [];
  const name = hostname().toLowerCase();
  const names = [host.toLowerCase(), name, ...(name.includes('.') ? [name.split('.')[0] ?? ''] : [`${name}.local`]), ...ownAddresses()];
  return [...new Set(names.filter((each) => each !== '' && !isWildcard(each)).map(inUrl))];
}

/** The addresses to tell people, the nearest first. `address` is what the gateway says, such as `http://0.0.0.0:4141`. */
export function reachableAt(address: string): readonly string[] {
  const { hostname: host, port } = new URL(address);
  const bare = host.replace(/^\[|\]$/g, '');
  if (!isWildcard(bare)) return [address];
  const own = ownAddresses().filter((each) => bare === '::' || !isIPv6(each));
  return ['127.0.0.1', ...own].map((each) => `http://${inUrl(each)}:${port}`);
}

/** Addresses that other machines may use; link-local ones need a zone, which no client sends. */
function ownAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((interfaces) => interfaces ?? []);
  return all.filter(({ internal, address }) => !internal && !/^fe80:/i.test(address)).map(({ address }) => address.toLowerCase());
}

function inUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
