/**
 * Tokens by their hash: the gateway never keeps or writes a token itself, and looking one up takes the same time
 * whether it is nearly right or quite wrong, because what is compared is SHA-256 of it.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits, in characters that are safe in headers, URLs and shells. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

export function hashToken(token: string): string {
  return hash('sha256', token, 'base64url');
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
