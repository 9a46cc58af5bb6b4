/**
 * How a gateway proves that it is the one of the lock file before anybody shows it a token or a key: after a crash its port is
 * free, and another user of the machine could listen there. HMAC-SHA-256 (RFC 2104) over the caller's nonce and the port, with the
 * admin token as its key; the port keeps a proof from being passed on from elsewhere.
 */

/** 128 bits or more, in hexadecimal digits. */
export const noncePattern = /^[0-9a-f]{32,128}$/;

export async function proofOf(adminToken: string, nonce: string, port: number): Promise<string> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', encoder.encode(adminToken), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', key, encoder.encode(`operator-gateway:${port}:${nonce}`));
  return [...new Uint8Array(signature)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function newNonce(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
