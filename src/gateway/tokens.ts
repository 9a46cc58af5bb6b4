/**
 * Tokens by their hash: the gateway never writes a token itself nor keeps one for longer than the connection that it came on,
 * and looking one up takes the same time whether it is nearly right or quite wrong, because what is compared is SHA-256 of it.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits, in characters that are safe in headers, URLs and shells. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

export function hashToken(token: string): string {
  return hash('sha256', token, 'base64url');
}

/**
 * Hashes tokens, and knows the hash of the last one on a connection: a client sends the same with every request, and hashing it
 * is a tenth of what a short request costs.
 */
export function createTokenHashes(): (token: string, connection: object) => string {
  const last = new WeakMap<object, { readonly token: string; readonly hash: string }>();
  return (token, connection) => {
    const known = last.get(connection);
    if (known && isSameText(token, known.token)) return known.hash;
    const hashed = hashToken(token);
    last.set(connection, { token, hash: hashed });
    return hashed;
  };
}

/** As long for texts that differ at their beginning as for those that differ at their end: a proxy may have several clients on one connection. */
function isSameText(one: string, other: string): boolean {
  let differences = one.length ^ other.length;
  for (let index = 0; index < one.length; index++) differences |= one.charCodeAt(index) ^ other.charCodeAt(index % other.length);
  return differences === 0;
}

/** Constant time in the tokens' content and length. */
export function sameToken(given: string, expectedHash: string): boolean {
  return timingSafeEqual(Buffer.from(hashToken(given)), Buffer.from(expectedHash));
}

/**
 * The token of a request, wherever its client puts a key: `Authorization: Bearer`, `x-api-key` (Anthropic),
 * `x-goog-api-key` or `?key=` (Gemini), or the `/s/TOKEN` prefix of the path. Several are allowed when they agree;
 * a client that sends two different keys is one with a leaked environment, and its first is taken.
 * @param target the request line's, where the query may hold a key; '' where not: queries end up in histories and logs
 */
export function findToken(headers: Readonly<Record<string, string | string[] | undefined>>, target: string, fromPath: string | undefined): string | undefined {
  const authorization = single(headers.authorization);
  const bearer = /^bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1];
  return fromPath ?? bearer ?? single(headers['x-api-key']) ?? single(headers['x-goog-api-key']) ?? keyParameter(target);
}

function keyParameter(target: string): string | undefined {
  const question = target.indexOf('?');
  if (question === -1 || !target.includes('key=', question)) return undefined;
  return new URLSearchParams(target.slice(question + 1)).get('key') ?? undefined;
}

function single(value: string | string[] | undefined): string | undefined {
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined || first === '' ? undefined : first;
}
