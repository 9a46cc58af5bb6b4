/**
 * One request to a model server, as close to the socket as undici goes: headers, chunks, end or exactly one failure,
 * with back-pressure and an abort that closes the socket at once. Connections are pooled per server.
 */
import type { LookupFunction } from 'node:net';
import { type buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Disposable } from '../../base/disposable.ts';
import { type Pieces, piecesLength } from '../pieces.ts';
import { type Connection, type ConnectionWatch, createConnectionWatch } from './connection-watch.ts';
import { codingsOf, createDecompression, type Decompression } from './decompress.ts';
import type { UpstreamFlow } from './flow.ts';
import { isLinkLocal, linkLocalCode, refusingLookup } from './link-local.ts';
import { createMask, type Mask } from './mask.ts';
import type { UpstreamTimeouts } from './timeouts.ts';
import { classifyFailure, errorCode, unknownCodingCode, UpstreamFailure } from './upstream-failure.ts';

export interface UpstreamRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string | Pieces | null;
  readonly timeouts: UpstreamTimeouts;
  /** http, https or socks5 URL. */
  readonly proxy?: string;
  /** The key among the headers or in the address, which the answer is not to repeat. */
  readonly key?: string;
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

export interface OpenOptions {
  /** Of the server's entry. */
  readonly proxy?: string;
  readonly connectMs: number;
  /** For direct connections: keeps them from addresses that no server may have. */
  readonly connect: buildConnector.BuildOptions;
}

export interface TransportOptions {
  /** Opens kept connections to an origin; the transport destroys them. Absent: directly, or through the given proxy. */
  readonly open?: (origin: URL, options: OpenOptions) => Dispatcher;
  /** Resolves names. Absent: as the system does. */
  readonly lookup?: LookupFunction;
}

export function createTransport({ open = openDirectly, lookup }: TransportOptions = {}): Transport {
  const pools = new Map<string, Dispatcher>();
  /** Each for one request. */
  const passing = new Set<Dispatcher>();
  const watch = createConnectionWatch();
  const connect = { lookup: refusingLookup(lookup) };

  /** @throws an error with `linkLocalCode` */
  function openFor({ url, proxy, timeouts: { connectMs } }: UpstreamRequest): Dispatcher {
    // Nobody resolves an address; a proxy of the entry connects on its own account.
    if (proxy === undefined && isLinkLocal(url.hostname)) throw Object.assign(new Error('link-local'), { code: linkLocalCode });
    return open(url, { connectMs, connect, ...(proxy !== undefined && { proxy }) });
  }

  function poolFor(request: UpstreamRequest): Dispatcher {
    const { url, proxy, timeouts } = request;
    const key = `${url.origin} ${timeouts.connectMs} ${proxy ?? ''}`;
    const known = pools.get(key);
    if (known) return known;
    const pool = openFor(request);
    pools.set(key, pool);
    return pool;
  }

  function dispatch(request: UpstreamRequest, attempt: Attempt, connection: 'kept' | 'fresh'): void {
    const { url, method, timeouts } = request;
    try {
      const isFresh = connection === 'fresh';
      const pool = isFresh ? openFor(request) : poolFor(request);
      const { headers, body } = payloadOf(request);
      pool.dispatch({ origin: url.origin, path: url.pathname + url.search, method, headers, body, reset: isFresh, headersTimeout: timeouts.firstByteMs, bodyTimeout: timeouts.idleMs }, attempt);
      if (!isFresh) return;
      passing.add(pool);
      // Waits for the request.
      void pool.close().catch(() => {}).finally(() => passing.delete(pool));
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
      for (const pool of [...pools.values(), ...passing]) void pool.destroy().catch(() => {}); // the sockets are gone either way
      pools.clear();
    },
  };
}

function openDirectly(origin: URL, { proxy, connectMs, connect }: OpenOptions): Dispatcher {
  const options = { pipelining: 1, allowH2: false } as const;
  return proxy === undefined ? new Pool(origin.origin, { ...options, connect: { ...connect, timeout: connectMs } }) : new ProxyAgent({ ...options, uri: proxy, connectTimeout: connectMs });
}

/** A server that gave up a connection says so as soon as something comes on it; later it may have died of the request. */
const staleWithinMs = 1_000;

/** undici takes pieces as they are, but for its types, and cannot know how long they are together. */
function payloadOf({ headers, body }: UpstreamRequest): Pick<Dispatcher.DispatchOptions, 'headers' | 'body'> {
  if (body === null || typeof body === 'string' || Buffer.isBuffer(body)) return { headers, body };
  return { headers: { ...headers, 'content-length': String(piecesLength(body)) }, body: body as unknown as Buffer };
}

/** A class because undici calls these methods for every chunk. */
class Attempt implements Dispatcher.DispatchHandler {
  #request: UpstreamRequest;
  #handler: UpstreamHandler;
  #controller: Dispatcher.DispatchController | undefined;
  #headersSeen = false;
  #done = false;
  #watch: ConnectionWatch;
  #connection: Connection | undefined;
  #decompression: Decompression | undefined;
  #mask: Mask | undefined;
  #sentAt = 0;
  /** Sends the request again on a connection of its own; undefined once that was done. */
  #retry: (() => void) | undefined;

  constructor(request: UpstreamRequest, handler: UpstreamHandler, watch: ConnectionWatch, retry: () => void) {
    this.#request = request;
    this.#handler = handler;
    this.#watch = watch;
    this.#retry = retry;
    this.#mask = request.key === undefined ? undefined : createMask(request.key);
  }

  abort(): void {
    if (this.#done) return;
    this.#finish(new UpstreamFailure('aborted', `The request to ${this.#request.url.host} was aborted`));
    // Without a controller the request still waits for its connection; it is ended in onRequestStart.
    this.#controller?.abort(new Error('aborted'));
  }

  fail(error: unknown): void {
    if (this.#done) return;
    const { url, timeouts, proxy } = this.#request;
    this.#finish(classifyFailure(error, { url, timeouts, proxy, begun: this.#headersSeen }));
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
    const codings = codingsOf(headers['content-encoding']);
    const said = (this.#mask?.headers(headers) ?? headers) as Readonly<Record<string, string | string[]>>;
    if (codings.length === 0) return this.#handler.onHeaders(status, said, controller);
    this.#decompression = createDecompression(codings, {
      onData: (chunk) => this.#pass(chunk),
      onEnd: () => this.#end(),
      onBroken: (error) => this.#break(controller, error),
    });
    if (!this.#decompression) return this.#break(controller, Object.assign(new Error('unknown coding'), { code: unknownCodingCode }));
    const { 'content-encoding': _, 'content-length': __, ...plain } = said;
    this.#handler.onHeaders(status, plain, this.#decompression);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#decompression) this.#decompression.write(chunk, controller);
    else this.#pass(chunk);
  }

  onResponseEnd(): void {
    if (this.#decompression) this.#decompression.end();
    else this.#end();
  }

  #pass(chunk: Buffer): void {
    if (this.#done) return;
    const bytes = this.#mask?.push(chunk) ?? chunk;
    if (bytes.length > 0) this.#handler.onData(bytes);
  }

  #end(): void {
    if (this.#done) return;
    const rest = this.#mask?.end();
    if (rest && rest.length > 0) this.#handler.onData(rest);
    // Whoever got that may have had enough.
    if (this.#done) return;
    this.#done = true;
    this.#handler.onEnd();
  }

  #break(controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
    controller.abort(error);
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
    this.#decompression?.destroy();
    this.#handler.onFailure(failure);
  }
}
