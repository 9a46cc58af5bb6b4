/**
 * One request to a model server, as close to the socket as undici goes: headers, chunks, end or exactly one failure,
 * with back-pressure and an abort that closes the socket at once. Connections are pooled per server.
 */
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { Disposable } from '../../base/disposable.ts';
import { type Connection, type ConnectionWatch, createConnectionWatch } from './connection-watch.ts';

export interface UpstreamTimeouts {
  /** TCP and TLS. */
  readonly connectMs: number;
  /** Until the response headers: a local model may load for minutes. */
  readonly firstByteMs: number;
  /** Between two chunks of the body. */
  readonly idleMs: number;
}

export const defaultTimeouts: UpstreamTimeouts = { connectMs: 10_000, firstByteMs: 600_000, idleMs: 300_000 };

export interface UpstreamRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string | null;
  readonly timeouts: UpstreamTimeouts;
  /** http, https or socks5 URL. */
  readonly proxy?: string;
}

/** Where it broke; decides what the client is told and whether another server may be tried. */
export type UpstreamFailureKind = 'refused' | 'dns' | 'tls' | 'proxy' | 'connect-timeout' | 'first-byte-timeout' | 'idle-timeout' | 'reset' | 'protocol' | 'network' | 'aborted';

/** `message` names host and port, never a query or a key. */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  readonly kind: UpstreamFailureKind;
  constructor(kind: UpstreamFailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

export interface UpstreamFlow {
  pause(): void;
  resume(): void;
}

/** Called in order: `onHeaders`, `onData`…, then exactly one of `onEnd` and `onFailure`. After an abort only `onFailure` ('aborted'). */
export interface UpstreamHandler {
  onHeaders(status: number, headers: Readonly<Record<string, string | string[]>>, flow: UpstreamFlow): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onFailure(failure: UpstreamFailure): void;
}

export interface Transport extends Disposable {
  /** @returns aborts the request; harmless after its end. */
  send(request: UpstreamRequest, handler: UpstreamHandler): () => void;
}

export function createTransport(): Transport {
  const pools = new Map<string, Dispatcher>();
  const watch = createConnectionWatch();

  function poolFor({ proxy, timeouts }: UpstreamRequest, connection: 'kept' | 'fresh'): Dispatcher {
    const key = `${connection} ${timeouts.connectMs} ${proxy ?? ''}`;
    const known = pools.get(key);
    if (known) return known;
    // 0 keeps no connection.
    const options = { connect: { timeout: timeouts.connectMs }, pipelining: connection === 'kept' ? 1 : 0, allowH2: false };
    const pool = proxy === undefined ? new Agent(options) : new ProxyAgent({ ...options, uri: proxy });
    pools.set(key, pool);
    return pool;
  }

  function dispatch(request: UpstreamRequest, attempt: Attempt, connection: 'kept' | 'fresh'): void {
    try {
      poolFor(request, connection).dispatch(
        {
          origin: request.url.origin,
          path: request.url.pathname + request.url.search,
          method: request.method,
          headers: request.headers,
          body: request.body,
          headersTimeout: request.timeouts.firstByteMs,
          bodyTimeout: request.timeouts.idleMs,
        },
        attempt,
      );
    } catch (error) {
      attempt.fail(error);
    }
  }

  return {
    send(request, handler) {
      const attempt = new Attempt(request, handler, watch, () => dispatch(request, attempt, 'fresh'));
      dispatch(request, attempt, 'kept');
      return () => attempt.abort();
    },
    dispose() {
      watch.dispose();
      for (const pool of pools.values()) void pool.destroy().catch(() => {}); // the sockets are gone either way
      pools.clear();
    },
  };
}

/** A server that gave up a connection says so as soon as something comes on it; later it may have died of the request. */
const staleWithinMs = 1_000;

/** A class because undici calls these methods for every chunk. */
class Attempt implements Dispatcher.DispatchHandler {
  #request: UpstreamRequest;
  #handler: UpstreamHandler;
  #controller: Dispatcher.DispatchController | undefined;
  #headersSeen = false;
  #done = false;
  #watch: ConnectionWatch;
  #connection: Connection | undefined;
  #sentAt = 0;
  /** Sends the request again on a connection of its own; undefined once that was done. */
  #retry: (() => void) | undefined;

  constructor(request: UpstreamRequest, handler: UpstreamHandler, watch: ConnectionWatch, retry: () => void) {
    this.#request = request;
    this.#handler = handler;
    this.#watch = watch;
    this.#retry = retry;
  }

  abort(): void {
    if (this.#done) return;
    this.#finish(new UpstreamFailure('aborted', `The request to ${this.#request.url.host} was aborted`));
    // Without a controller the request still waits for its connection; it is ended in onRequestStart.
    this.#controller?.abort(new Error('aborted'));
  }

  fail(error: unknown): void {
    if (!this.#done) this.#finish(this.#classify(error));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#done) return controller.abort(new Error('aborted'));
    this.#sentAt = performance.now();
    this.#watch.expect((connection) => (this.#connection = connection));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    if (this.#done || status < 200) return;
    this.#headersSeen = true;
    this.#handler.onHeaders(status, headers as Readonly<Record<string, string | string[]>>, controller);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#done) this.#handler.onData(chunk);
  }

  onResponseEnd(): void {
    if (this.#done) return;
    this.#done = true;
    this.#handler.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const retry = this.#retry;
    if (this.#done || !retry || !this.#isStale(error)) return this.fail(error);
    this.#retry = undefined;
    this.#connection = undefined;
    this.#controller = undefined;
    retry();
  }

  /** The server gave up a kept connection while the request was on its way: it has not acted upon it. */
  #isStale(error: Error): boolean {
    const broke = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(errorCode(error));
    return broke && !this.#headersSeen && this.#connection?.isReused === true && this.#connection.isSilent() && performance.now() - this.#sentAt < staleWithinMs;
  }

  #finish(failure: UpstreamFailure): void {
    this.#done = true;
    this.#handler.onFailure(failure);
  }

  #classify(error: unknown): UpstreamFailure {
    const host = this.#request.url.host;
    const code = errorCode(error);
    const failure = (kind: UpstreamFailureKind, message: string): UpstreamFailure => new UpstreamFailure(kind, message, { cause: error });
    switch (code) {
      case 'ECONNREFUSED':
        return failure('refused', `Nothing listens at ${host}`);
      case 'ENOTFOUND':
      case 'EAI_AGAIN':
        return failure('dns', `The name ${this.#request.url.hostname} cannot be resolved`);
      case 'UND_ERR_CONNECT_TIMEOUT':
      case 'ETIMEDOUT':
        return failure('connect-timeout', `${host} did not accept a connection within ${this.#request.timeouts.connectMs / 1000} s`);
      case 'UND_ERR_HEADERS_TIMEOUT':
        return failure('first-byte-timeout', `${host} did not answer within ${this.#request.timeouts.firstByteMs / 1000} s`);
      case 'UND_ERR_BODY_TIMEOUT':
        return failure('idle-timeout', `${host} fell silent for ${this.#request.timeouts.idleMs / 1000} s in the middle of an answer`);
      case 'ECONNRESET':
      case 'EPIPE':
      case 'UND_ERR_SOCKET':
        return failure('reset', this.#headersSeen ? `${host} broke the connection in the middle of an answer` : `${host} broke the connection before it answered`);
      default:
        if (code.startsWith('HPE_') || code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' || code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return failure('protocol', `${host} does not speak HTTP properly`);
        if (code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || /CERT|SELF_SIGNED|UNABLE_TO/.test(code)) return failure('tls', `The certificate or TLS set-up of ${host} is not accepted (${code})`);
        if (this.#request.proxy !== undefined) return failure('proxy', `The proxy for ${host} could not be used`);
        return failure('network', `${host} cannot be reached (${code || 'network error'})`);
    }
  }
}

/** The first code along the chain of causes; an AggregateError (several addresses tried) speaks through its first error. */
function errorCode(error: unknown): string {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    if ('code' in current && typeof current.code === 'string' && current.code !== '') return current.code;
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return '';
}
