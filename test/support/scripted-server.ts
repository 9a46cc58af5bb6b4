/**
 * A real HTTP(S) server on 127.0.0.1 that plays a script, for tests of anything that talks to a model server.
 *
 *     const server = await startServer({
 *       'GET /v1/models': json({ data: [{ id: 'm' }] }),
 *       '/slow': drip({ everyMs: 20 }),
 *       '/gone/*': reset({ after: 'headers' }),
 *     });
 *     // … server.url, server.requests …
 *     await server.close();          // or: await using server = await startServer(…)
 *
 * A script maps routes to answers. A route is `METHOD /path`, `/path`, either with `*` at its end for everything below,
 * or `*`; a whole path beats a pattern, the longest pattern counts, and of two that name the same path the later one.
 * The query does not count. What no route matches is a 404 with an empty JSON object.
 * `scripted-server-kinds.ts` has whole servers (ollama(), lmstudio(), anthropic() …) as scripts; spread them to change a route:
 *
 *     startServer({ ...ollama({ models: [{ name: 'qwen3:8b' }] }), '/api/ps': status(500) })
 *
 * Answers are functions, so a test can also write its own: `({ request, response }) => response.end(request.headers.host)`.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { parseJson } from '../../src/base/json.ts';

export interface RecordedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The body as JSON, or undefined. */
  readonly json: unknown;
}

export interface Exchange {
  readonly request: RecordedRequest;
  readonly response: ServerResponse;
  readonly socket: Socket;
}

export type Answer = (exchange: Exchange) => void | Promise<void>;
export type Script = Readonly<Record<string, Answer>>;

export interface ScriptedServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`; with the name `localhost` under TLS, as the certificate says. */
  readonly url: string;
  readonly port: number;
  /** Every request that arrived whole, in order. */
  readonly requests: readonly RecordedRequest[];
  /** Requests to this path, in order. */
  to(path: string): readonly RecordedRequest[];
  /** How many sockets are open now. */
  readonly openSockets: number;
  /** Plays another script from the next request on. */
  play(script: Script): void;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

export interface ServerOptions {
  /** A certificate nobody trusts: fresh, or expired in 2020. */
  readonly tls?: 'self-signed' | 'expired';
  /** 0: any free one. */
  readonly port?: number;
  /** Headers on every answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

export async function startServer(script: Script = {}, options: ServerOptions = {}): Promise<ScriptedServer> {
  const requests: RecordedRequest[] = [];
  const sockets = new Set<Socket>();
  let current = script;
  const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
    void record(incoming).then(
      async (request) => {
        requests.push(request);
        for (const [name, value] of Object.entries(options.headers ?? {})) response.setHeader(name, value);
        await find(current, request)({ request, response, socket: incoming.socket });
      },
    ).catch((error: unknown) => {
      // A client that left while the request or the answer was under way is an everyday thing here; anything else is the test's own bug.
      if (!incoming.socket.destroyed) response.destroy(error as Error);
    });
  };
  const server: Server = options.tls ? createHttpsServer(certificate(options.tls), listener) : createHttpServer(listener);
  server.on('clientError', (_error, socket) => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // resets are what these servers are for
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    url: options.tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    port,
    requests,
    to: (path) => requests.filter((request) => request.path === path),
    get openSockets() {
      return sockets.size;
    },
    play(next) {
      current = next;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A bare TCP server for what HTTP cannot say: silence, garbage, a reset at accept. */
export async function startTcpServer(onSocket: (socket: Socket) => void): Promise<AsyncDisposable & { readonly port: number; readonly connections: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    get connections() {
      return connections;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A port on 127.0.0.1 where nobody listens: connections are refused. */
export async function closedPort(): Promise<number> {
  const server = await startTcpServer(() => {});
  await server.close();
  return server.port;
}

/** Resolves as soon as `condition` holds; rejects after `timeoutMs` with `what` was awaited. */
export async function waitUntil(condition: () => boolean, what: string, timeoutMs = 5000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

type Headers = Readonly<Record<string, string>>;

export function json(value: unknown, options: { readonly status?: number; readonly headers?: Headers } = {}): Answer {
  return bytes(JSON.stringify(value), { ...options, headers: { 'content-type': 'application/json', ...options.headers } });
}

export function text(value: string, options: { readonly status?: number; readonly headers?: Headers } = {}): Answer {
  return bytes(value, { ...options, headers: { 'content-type': 'text/plain; charset=utf-8', ...options.headers } });
}

export function html(options: { readonly status?: number; readonly title?: string; readonly headers?: Headers } = {}): Answer {
  const page = `<!DOCTYPE html>\n<html><head><title>${options.title ?? 'Welcome'}</title></head><body><h1>It works</h1></body></html>\n`;
  return bytes(page, { ...options, headers: { 'content-type': 'text/html; charset=utf-8', ...options.headers } });
}

/** A status with an empty body. */
export function status(code: number, headers: Headers = {}): Answer {
  return bytes('', { status: code, headers });
}

export function redirect(to: string, code = 302): Answer {
  return status(code, { location: to });
}

/** Exactly these bytes as body, with a content-length. */
export function bytes(body: string | Uint8Array, options: { readonly status?: number; readonly headers?: Headers } = {}): Answer {
  return ({ response }) => {
    const buffer = Buffer.from(body);
    response.writeHead(options.status ?? 200, { 'content-length': String(buffer.length), ...options.headers });
    response.end(buffer);
  };
}

/** Chunks as they come, each in its own write; an async iterable can wait between them. */
export function chunks(source: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>, options: { readonly status?: number; readonly headers?: Headers } = {}): Answer {
  return async ({ response }) => {
    response.writeHead(options.status ?? 200, options.headers);
    response.flushHeaders();
    for await (const chunk of source) {
      if (response.destroyed) return;
      if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    response.end();
  };
}

/** Server-sent events; a `[event, data]` pair has a name, anything else is only data. Strings go as they are, the rest as JSON. */
export function sse(events: readonly (unknown | readonly [string, unknown])[]): Answer {
  const frames = events.map((event) => {
    const [name, data] = Array.isArray(event) && event.length === 2 && typeof event[0] === 'string' ? [event[0], event[1] as unknown] : [undefined, event];
    return `${name === undefined ? '' : `event: ${name}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
  });
  return chunks(frames, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' } });
}

/** One JSON document a line, as Ollama streams. */
export function ndjson(values: readonly unknown[]): Answer {
  return chunks(values.map((value) => `${JSON.stringify(value)}\n`), { headers: { 'content-type': 'application/x-ndjson' } });
}

/** Takes the request and never answers. */
export function hang(): Answer {
  return () => {};
}

/** Answers `chunk` again and again, so that the body never ends. */
export function drip(options: { readonly everyMs: number; readonly chunk?: string; readonly headers?: Headers }): Answer {
  return ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json', ...options.headers });
    response.flushHeaders();
    const timer = setInterval(() => response.write(options.chunk ?? ' '), options.everyMs);
    response.on('close', () => clearInterval(timer));
  };
}

/** A JSON body of at least `megabytes` MB that is a valid listing if anybody waits for its end. */
export function huge(megabytes: number): Answer {
  const filler = JSON.stringify({ id: 'm', filler: 'x'.repeat(1_000_000) });
  function* body(): Generator<string> {
    yield '{"object":"list","data":[';
    for (let count = 0; count < megabytes; count++) yield count === 0 ? filler : `,${filler}`;
    yield ']}';
  }
  return (exchange) => chunks(body(), { headers: { 'content-type': 'application/json' } })(exchange);
}

/** Resets the connection (RST): before any answer, after the headers, or inside the body. */
export function reset(options: { readonly after: 'request' | 'headers' | 'body' }): Answer {
  return ({ response, socket }) => {
    if (options.after === 'request') {
      socket.resetAndDestroy();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000000' });
    response.flushHeaders();
    if (options.after === 'body') response.write('{"object":"list","data":[');
    // The bytes must be on their way before the reset, which would throw away what still waits.
    setTimeout(() => socket.resetAndDestroy(), 20);
  };
}

/** Raw bytes on the socket instead of an HTTP answer. */
export function raw(data: string): Answer {
  return ({ socket }) => {
    socket.end(data);
  };
}

/** The same answer, later. */
export function delayed(ms: number, answer: Answer): Answer {
  return async (exchange) => {
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      exchange.response.on('close', () => clearTimeout(timer));
    });
    await answer(exchange);
  };
}

/** An answer that waits until the test calls `open()`. */
export function gate(answer: Answer): { readonly answer: Answer; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    answer: async (exchange) => {
      await promise;
      await answer(exchange);
    },
    open: resolve,
  };
}

/** The first answer for the first request, and so on; the last one for all that follow. */
export function inTurn(...answers: readonly [Answer, ...Answer[]]): Answer {
  let count = 0;
  return (exchange) => (answers[Math.min(count++, answers.length - 1)] ?? answers[0])(exchange);
}

async function record(incoming: IncomingMessage): Promise<RecordedRequest> {
  const received: Buffer[] = [];
  for await (const chunk of incoming) received.push(chunk as Buffer);
  const body = Buffer.concat(received).toString('utf8');
  const url = new URL(incoming.url ?? '/', 'http://server');
  return {
    method: incoming.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')])),
    body,
    json: parseJson(body),
  };
}

function find(script: Script, request: RecordedRequest): Answer {
  const exact = Object.entries(script).findLast(([route]) => route === request.path || route === `${request.method} ${request.path}`);
  if (exact) return exact[1];
  const below = Object.keys(script)
    .filter((route) => route.endsWith('*') && (request.path.startsWith(route.slice(0, -1)) || `${request.method} ${request.path}`.startsWith(route.slice(0, -1))))
    .sort((a, b) => b.length - a.length)[0];
  return (below === undefined ? undefined : script[below]) ?? json({}, { status: 404 });
}

function certificate(kind: 'self-signed' | 'expired'): { readonly key: string; readonly cert: string } {
  const name = kind === 'expired' ? 'expired' : 'localhost';
  const folder = join(import.meta.dirname, '..', 'fixtures', 'tls');
  return { key: readFileSync(join(folder, `${name}-key.pem`), 'utf8'), cert: readFileSync(join(folder, `${name}-cert.pem`), 'utf8') };
}
