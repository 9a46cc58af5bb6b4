/** Why a request to a model server got no whole answer, told apart by error codes. */
import { HttpFailure } from '../../core/ports.ts';
import { linkLocalCode } from './link-local.ts';
import type { UpstreamTimeouts } from './timeouts.ts';

/** Where it broke; decides what the client is told and whether another server may be tried. */
export type UpstreamFailureKind = 'refused' | 'forbidden' | 'dns' | 'tls' | 'proxy' | 'connect-timeout' | 'first-byte-timeout' | 'idle-timeout' | 'reset' | 'reset-midway' | 'protocol' | 'network' | 'aborted';

/** `message` names host and port, never a query or a key. */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  readonly kind: UpstreamFailureKind;
  constructor(kind: UpstreamFailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

interface Failed {
  readonly url: URL;
  readonly timeouts: UpstreamTimeouts;
  readonly proxy?: string;
  /** The answer had begun. */
  readonly begun: boolean;
}

/** @param error what undici, Node or whoever opened the connection threw */
export function classifyFailure(error: unknown, request: Failed): UpstreamFailure {
  const { kind, message } = verdictOn(error, request);
  return new UpstreamFailure(kind, message, { cause: error });
}

interface Verdict {
  readonly kind: UpstreamFailureKind;
  readonly message: string;
}

function verdictOn(error: unknown, { url: { host, hostname }, timeouts, proxy, begun }: Failed): Verdict {
  // Its words hold no credentials.
  if (error instanceof HttpFailure) return { kind: error.kind === 'proxy' ? 'proxy' : 'network', message: error.message };
  const code = errorCode(error);
  if (isProxyCode(code) || (proxy !== undefined && isConnectCode(code))) return { kind: 'proxy', message: `The proxy for ${host} gave no connection (${code})` };
  switch (code) {
    case linkLocalCode:
      return { kind: 'forbidden', message: `${host} is a link-local address, where clouds keep the credentials of machines; Operator connects to none` };
    case 'ECONNREFUSED':
    case 'SOCKS_REFUSED':
      return { kind: 'refused', message: `Nothing listens at ${host}` };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { kind: 'dns', message: `The name ${hostname} cannot be resolved` };
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return { kind: 'connect-timeout', message: `${host} did not accept a connection within ${seconds(timeouts.connectMs)}` };
    case 'UND_ERR_HEADERS_TIMEOUT':
      return { kind: 'first-byte-timeout', message: `${host} did not answer within ${seconds(timeouts.firstByteMs)}` };
    case 'UND_ERR_BODY_TIMEOUT':
      return { kind: 'idle-timeout', message: `${host} fell silent for ${seconds(timeouts.idleMs)} in the middle of an answer` };
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return begun ? { kind: 'reset-midway', message: `${host} broke the connection in the middle of an answer` } : { kind: 'reset', message: `${host} broke the connection before it answered` };
    default:
      if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return { kind: 'protocol', message: `${host} does not speak HTTP properly` };
      if (isCompressionCode(code)) return { kind: 'protocol', message: `The answer of ${host} is compressed in a way that cannot be read` };
      if (/^ERR_TLS|^ERR_SSL|CERT|SELF_SIGNED|UNABLE_TO/.test(code)) return { kind: 'tls', message: `The certificate or TLS set-up of ${host} is not accepted (${code})` };
      return { kind: 'network', message: `${host} cannot be reached (${code || 'network error'})` };
  }
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}

/** `UND_ERR_ABORTED` is what undici says of a tunnel that the proxy refused; our own aborts never come here. */
function isProxyCode(code: string): boolean {
  return code === 'UND_ERR_ABORTED' || code.startsWith('UND_ERR_PRX') || (code.startsWith('SOCKS_') && code !== 'SOCKS_REFUSED');
}

/** With a proxy of the entry nobody but the proxy is connected to. */
function isConnectCode(code: string): boolean {
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code);
}

export const unknownCodingCode = 'OPERATOR_UNKNOWN_CODING';

function isCompressionCode(code: string): boolean {
  return code === unknownCodingCode || code.startsWith('Z_') || code.startsWith('ERR_BROTLI') || code.startsWith('ERR_ZSTD') || code.startsWith('ERR__ERROR') || code.startsWith('ERR_PADDING') || code.startsWith('ZSTD_');
}

/** The first code along the chain of causes; an AggregateError (several addresses tried) speaks through its first error. */
export function errorCode(error: unknown): string {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    if ('code' in current && typeof current.code === 'string' && current.code !== '') return current.code;
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return '';
}
