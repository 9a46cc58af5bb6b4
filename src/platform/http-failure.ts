/** Why a request got no answer, told apart by error codes, in words for people. No message holds a path, a query or credentials. */
import { assertNever } from '../base/assert.ts';
import { HttpFailure, type HttpFailureKind } from '../core/ports.ts';
import type { SocksCode } from './http-socks.ts';

/** How far one attempt got; filled in while it runs. */
export interface Attempt {
  /** Host and port of the target. */
  readonly host: string;
  /** The target speaks TLS (https). */
  readonly isSecure: boolean;
  /** What it goes through; `name` begins a sentence. */
  proxy: { readonly name: string; readonly isSecure: boolean } | undefined;
  /** A connection to the proxy was made. */
  proxyReached: boolean;
  /** A connection to the target was made, through the proxy where there is one. */
  connected: boolean;
}

/** Codes of Node and OpenSSL for certificates that lead to no authority that is trusted. */
const untrusted = new Set(['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY']);

export function isUntrustedCertificate(error: unknown): boolean {
  return error instanceof HttpFailure && error.kind === 'tls' && isUntrustedCode(error.cause);
}

/** The same of what undici or Node threw itself. */
export function isUntrustedCode(error: unknown): boolean {
  return untrusted.has(codeOf(error));
}

export function timedOut(attempt: Attempt, timeoutMs: number): HttpFailure {
  const limit = timeoutMs < 1000 ? `${timeoutMs} ms` : `${Math.round(timeoutMs / 100) / 10} s`;
  if (attempt.connected) return new HttpFailure('timeout', `${attempt.host} did not answer within ${limit}`);
  if (attempt.proxy) return new HttpFailure('proxy', `${attempt.proxy.name} gave no connection to ${attempt.host} within ${limit}`);
  return new HttpFailure('timeout', `No connection to ${attempt.host} within ${limit}`);
}

/** @param error what undici or Node threw */
export function classify(error: unknown, attempt: Attempt): HttpFailure {
  if (error instanceof HttpFailure) return error;
  const inner = rootOf(error);
  const { kind, message } = attempt.proxy ? throughProxy(inner, attempt, attempt.proxy) : directly(inner, attempt);
  return new HttpFailure(kind, message, { cause: withoutText(inner) });
}

interface Verdict {
  readonly kind: HttpFailureKind;
  readonly message: string;
}

function directly(error: unknown, { host, isSecure, connected }: Attempt): Verdict {
  const code = codeOf(error);
  switch (code) {
    case 'ECONNREFUSED':
      return { kind: 'refused', message: `${host} refused the connection` };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return { kind: 'dns', message: code === 'EAI_AGAIN' ? `The name ${withoutPort(host)} could not be looked up just now` : `The name ${withoutPort(host)} does not exist` };
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return { kind: 'timeout', message: `${host} did not answer in time` };
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_CLOSED':
    case 'UND_ERR_DESTROYED':
      // Before anything is connected, only the handshake of TLS can have been cut off.
      if (isSecure && !connected) return { kind: 'tls', message: `${host} closed the connection while a secure one was being made` };
      return { kind: 'reset', message: `${host} closed the connection before its answer was complete` };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
    case 'EADDRNOTAVAIL':
    case 'EACCES':
    case 'EPERM':
      return { kind: 'unreachable', message: `There is no way through the network to ${host} (${code})` };
    case 'UND_ERR_INVALID_ARG':
    case 'ERR_INVALID_CHAR':
    case 'ERR_INVALID_URL':
    case 'ERR_INVALID_ARG_VALUE':
      return { kind: 'invalid', message: `A request to ${host} cannot be made of this address and these headers` };
    default:
  }
  const tls = tlsMessage(code, host);
  if (tls !== undefined) return { kind: 'tls', message: tls };
  if (code.startsWith('HPE_') || (error instanceof Error && error.name === 'HTTPParserError') || code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return { kind: 'invalid', message: `${host} answers, but not in HTTP` };
  if (code.startsWith('Z_') || code.startsWith('ERR__ERROR') || code.startsWith('ERR_PADDING') || code.startsWith('ERR_BROTLI')) return { kind: 'invalid', message: `The answer of ${host} is compressed in a way that cannot be read` };
  return { kind: 'unreachable', message: `The request to ${host} failed${code === '' ? '' : ` (${code})`}` };
}

function throughProxy(error: unknown, attempt: Attempt, proxy: NonNullable<Attempt['proxy']>): Verdict {
  const code = codeOf(error);
  if (code.startsWith('SOCKS_')) return throughSocks(code as SocksCode, attempt.host, proxy.name);
  // undici has one code for all refusals of a tunnel; the status is only in its text.
  const status = code === 'UND_ERR_ABORTED' || code === 'UND_ERR_INVALID_ARG' ? /\((\d{3})\)/.exec(error instanceof Error ? error.message : '')?.[1] : undefined;
  if (status === '407') return { kind: 'proxy', message: `${proxy.name} asks for a user and password` };
  if (status !== undefined) return { kind: 'proxy', message: `${proxy.name} refused to connect to ${attempt.host} (HTTP ${status})` };
  if (!attempt.proxyReached || code === 'UND_ERR_PRX_CONN' || code === 'UND_ERR_PRX_TLS') return { kind: 'proxy', message: proxyMessage(code, proxy) };
  return directly(error, attempt);
}

function proxyMessage(code: string, proxy: NonNullable<Attempt['proxy']>): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `${proxy.name} refused the connection`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${proxy.name} cannot be found: its name is not known`;
    case 'ETIMEDOUT':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return `${proxy.name} did not answer in time`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_PRX_CONN':
      return `${proxy.name} closed the connection`;
    default:
      return proxy.isSecure && (code === 'UND_ERR_PRX_TLS' || isTlsCode(code)) ? `${proxy.name} has a certificate that is not trusted, or does not speak TLS` : `${proxy.name} cannot be used${code === '' ? '' : ` (${code})`}`;
  }
}

function throughSocks(code: SocksCode, host: string, name: string): Verdict {
  switch (code) {
    case 'SOCKS_REFUSED':
      return { kind: 'refused', message: `${host} refused the connection (asked through the proxy)` };
    case 'SOCKS_NETWORK_UNREACHABLE':
    case 'SOCKS_HOST_UNREACHABLE':
      return { kind: 'unreachable', message: `${name} found no way through the network to ${host}` };
    case 'SOCKS_TIMEOUT':
      return { kind: 'proxy', message: `${name} got no connection to ${host} in time` };
    case 'SOCKS_NOT_ALLOWED':
      return { kind: 'proxy', message: `${name} does not allow connections to ${host}` };
    case 'SOCKS_AUTH_WANTED':
      return { kind: 'proxy', message: `${name} asks for a user and password` };
    case 'SOCKS_AUTH_FAILED':
      return { kind: 'proxy', message: `${name} refused the user and password` };
    case 'SOCKS_NOT_SPOKEN':
      return { kind: 'proxy', message: `${name} does not speak SOCKS 5` };
    case 'SOCKS_FAILED':
      return { kind: 'proxy', message: `${name} could not connect to ${host}` };
    default:
      return assertNever(code);
  }
}

function tlsMessage(code: string, host: string): string | undefined {
  if (untrusted.has(code)) return `The certificate of ${host} is not signed by an authority that is trusted here`;
  if (code === 'CERT_HAS_EXPIRED') return `The certificate of ${host} has expired`;
  if (code === 'CERT_NOT_YET_VALID') return `The certificate of ${host} is not valid yet: check the clock`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `The certificate of ${host} is for another name`;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG' || code === 'ERR_SSL_HTTP_REQUEST') return `${host} does not speak TLS: http:// instead of https:// may be meant`;
  return isTlsCode(code) ? `No secure connection to ${host} could be made (${code})` : undefined;
}

function isTlsCode(code: string): boolean {
  return untrusted.has(code) || /^(?:ERR_SSL_|ERR_TLS_|CERT_|CRL_|EPROTO$|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$)/.test(code);
}

/**
 * The error that says most: of the attempts on several addresses of one name a timeout beats a refusal, a refusal beats the rest
 * (a machine without IPv6 has ENETUNREACH beside the true cause); of a wrapper the wrapped one.
 */
function rootOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) {
    const inner: readonly unknown[] = error.errors;
    return inner.find((one) => codeOf(one) === 'ETIMEDOUT') ?? inner.find((one) => codeOf(one) === 'ECONNREFUSED') ?? inner[0];
  }
  if (error instanceof Error && codeOf(error) === 'UND_ERR_SOCKET' && codeOf(error.cause) !== '') return rootOf(error.cause);
  return error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Texts of undici and OpenSSL may quote headers, paths and certificates; the code is enough for whoever looks for the cause. */
function withoutText(error: unknown): Error {
  const code = codeOf(error);
  return Object.assign(new Error(code === '' ? 'unknown' : code), { code });
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}
