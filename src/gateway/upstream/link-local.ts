/**
 * Addresses that no model server has and that give secrets away: link-local ones, where clouds serve a machine's credentials to
 * whoever asks. What counts is the address that a connection is made to, not how it was written or which name led there.
 */
import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const refused = new BlockList();
// IPv6 notations of IPv4 addresses are covered by the IPv4 rules.
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
// The same service where it is not link-local: AWS over IPv6, Alibaba, Azure, Oracle.
refused.addAddress('fd00:ec2::254', 'ipv6');
for (const address of ['100.100.100.200', '168.63.129.16', '192.0.0.192']) refused.addAddress(address, 'ipv4');
// Translated by a NAT64 gateway: 64:ff9b::/96 before the IPv4 address.
refused.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');

export const linkLocalCode = 'OPERATOR_LINK_LOCAL';

/** @param host a name, or an address with or without brackets; a name is never link-local, what it resolves to may be */
export function isLinkLocal(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  const family = isIP(address);
  return family !== 0 && refused.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** For `net.connect`: resolves like `lookup`, and fails when one of the addresses is link-local. */
export function refusingLookup(lookup: LookupFunction = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const addresses = error ? [] : typeof address === 'string' ? [address] : address.map((entry) => entry.address);
      if (addresses.some(isLinkLocal)) callback(Object.assign(new Error('link-local'), { code: linkLocalCode }), '');
      else callback(error, address, family);
    });
  };
}
