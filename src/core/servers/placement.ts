/** Where a server runs, judged by its address alone. A declared `placement` beats it. */
import type { Placement } from '../protocol.ts';

/** @param baseUrl an absolute http(s) URL; anything else is taken for third-party, the careful answer. */
export function inferPlacement(baseUrl: string): Placement {
  try {
    return placementOfHost(new URL(baseUrl).hostname);
  } catch {
    return 'third-party'; // no address: nothing speaks for it being ours
  }
}

/** @param hostname as `URL.hostname` gives it: lower case, IPv6 in brackets, IPv4 in dotted decimal. */
export function placementOfHost(hostname: string): Placement {
  const host = hostname.replace(/\.$/, '').toLowerCase();
  if (host.startsWith('[')) return placementOfIpv6(host.slice(1, -1));
  const ipv4 = parseIpv4(host);
  if (ipv4) return placementOfIpv4(ipv4);
  if (host === 'localhost' || host.endsWith('.localhost')) return 'local';
  if (host !== '' && !host.includes('.')) return 'self-hosted'; // a name that only the own network knows
  return privateDomains.some((domain) => host.endsWith(domain)) ? 'self-hosted' : 'third-party';
}

/**
 * Domains that are never in the public DNS: special-use names (RFC 6762, 6761, 8375), ICANN's `.internal`,
 * what home routers hand out, and names inside a tailnet or cluster.
 */
const privateDomains = ['.local', '.internal', '.lan', '.home.arpa', '.home', '.localdomain', '.intranet', '.corp', '.test', '.svc', '.ts.net'];

function parseIpv4(host: string): readonly number[] | undefined {
  const parts = host.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256) ? parts.map(Number) : undefined;
}

function placementOfIpv4([a = 0, b = 0]: readonly number[]): Placement {
  if (a === 127 || a === 0) return 'local'; // 0.0.0.0 reaches this machine
  const isPrivate =
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) || // link-local
    (a === 100 && b >= 64 && b < 128); // shared address space, RFC 6598: carrier NAT and tailnets
  return isPrivate ? 'self-hosted' : 'third-party';
}

function placementOfIpv6(address: string): Placement {
  if (address === '::1' || address === '::') return 'local';
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (mapped) {
    const high = Number.parseInt(mapped[1] ?? '', 16);
    return placementOfIpv4([high >> 8, high & 255]);
  }
  const first = Number.parseInt(address.split(':')[0] || '0', 16);
  const isUniqueLocal = (first & 0xfe00) === 0xfc00;
  const isLinkLocal = (first & 0xffc0) === 0xfe80;
  return isUniqueLocal || isLinkLocal ? 'self-hosted' : 'third-party';
}
