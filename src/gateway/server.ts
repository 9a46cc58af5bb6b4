/**
 * The listener: guard → route → authenticate → body → exchange. Every refusal is said in the protocol of the path, so that
 * an agent shows the reason instead of a riddle.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isControlPath } from '../core/gateway/rest.ts';
import type { Protocol } from '../core/protocol.ts';
import { exchange } from './exchange.ts';
import type { Codecs, ExchangeDeps, ExchangeRecord } from './exchange-context.ts';
import { type GuardOptions, refuse } from './guard.ts';
import { answerLocally } from './local-answers.ts';
import type { IrError } from './protocol/ir.ts';
import { createReply } from './reply.ts';
import { sendProblem } from './rest-door.ts';
import { matchRoute, type Operation } from './routes.ts';
import type { Session, Sessions } from './sessions.ts';
import { findToken } from './tokens.ts';

export interface GatewayServerOptions extends ExchangeDeps {
  readonly sessions: Sessions;
  readonly guard: GuardOptions;
  /** Bytes of a request body; images of a long conversation need many. */
  readonly maxBodyBytes: number;
  /** Serves `/api/v1/gateway`; absent: there is none. */
  readonly control?: (request: IncomingMessage, response: ServerResponse, path: string) => void;
  /** Serves the rest of `/api/v1`; absent: there is none. */
  readonly rest?: (request: IncomingMessage, response: ServerResponse) => void;
  /** For the log: called once when an understood request has ended. */
  readonly onExchange?: (record: ExchangeRecord) => void;
  /** A request ended, whatever it came to. */
  readonly onRequest?: (request: EndedRequest) => void;
  /** Something unexpected; the client was told that it is our fault. */
  readonly onError: (error: unknown) => void;
}

export interface EndedRequest {
  readonly method: string;
  /** Without query and token. */
  readonly path: string;
  readonly status: number;
  /** False: the client went before the end. */
  readonly complete: boolean;
  readonly ms: number;
  /** Where it was understood. */
  readonly exchange?: ExchangeRecord;
}

export interface GatewayServer {
  readonly address: string;
  readonly port: number;
  /** Requests that are being answered. */
  readonly active: number;
  /** Takes no more requests, lets those under way end for at most `graceMs`, then closes every socket. */
  close(graceMs: number): Promise<void>;
}

export const defaultMaxBodyBytes = 64 * 1024 * 1024;

/** @throws when the port is taken */
export async function listen(options: GatewayServerOptions, port: number, host = '127.0.0.1'): Promise<GatewayServer> {
  let active = 0;
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
    active++;
    const startedAt = options.clock.now();
    let record: ExchangeRecord | undefined;
    response.once('close', () => {
      active--;
      options.onRequest?.(endedRequest(request, response, options.clock.now() - startedAt, record));
      // Kept alive for a next request, it would keep a listener alive that takes none.
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    const onExchange = (ended: ExchangeRecord): void => {
      record = ended;
      options.onExchange?.(ended);
    };
    handle(request, response, options, onExchange).catch((error: unknown) => {
      options.onError(error);
      sendError(options.codecs, protocolOf(matchRoute(request.method ?? '', request.url ?? '/')), { type: 'server', status: 500, message: 'Operator’s gateway failed on this request; its log says why' }, response);
    });
  });
  // Whoever asks before it sends a body is told to go on once it is clear that the body is wanted.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => server.emit('request', request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port: bound, address, family } = server.address() as AddressInfo;
  return {
    address: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    port: bound,
    get active() {
      return active;
    },
    close: (graceMs) => close(server, graceMs),
  };
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}

function endedRequest({ method = '', url = '/' }: IncomingMessage, { statusCode, writableFinished }: ServerResponse, ms: number, exchange: ExchangeRecord | undefined): EndedRequest {
  return {
    method,
    // Nobody may want to know.
    get path() {
      return pathOnly(url);
    },
    status: statusCode,
    complete: writableFinished,
    ms,
    ...(exchange && { exchange }),
  };
}

async function handle(request: IncomingMessage, response: ServerResponse, options: GatewayServerOptions, onExchange: (record: ExchangeRecord) => void): Promise<void> {
  const method = request.method ?? '';
  const target = request.url ?? '/';
  const route = matchRoute(method, target);
  const protocol = protocolOf(route);
  const fail = (error: IrError, headers: Readonly<Record<string, string>> = {}): void => sendError(options.codecs, protocol, error, response, headers);

  const rest = route.type === 'operation' && route.operation.type === 'control' && !isControlPath(route.operation.path) ? options.rest : undefined;
  // What REST is asked to do without a body needs no type of one.
  const refused = refuse(rest && !hasBody(request) ? 'GET' : method, request.headers, options.guard, request.rawHeaders);
  if (refused && rest) return sendProblem(response, { status: refused.status, code: 'refused', title: 'Refused', detail: refused.message });
  if (refused) return fail({ type: 'permission', status: refused.status, message: refused.message });
  // Codex tries a WebSocket first and falls back at once on this status; on any other it tries again for seconds.
  if (wantsWebSocket(request)) return fail({ type: 'invalid-request', status: 426, message: 'There are no WebSockets here; send the request over HTTP' }, { upgrade: 'HTTP/1.1', connection: 'close' });
  if (route.type === 'not-found') return fail({ type: 'not-found', status: 404, message: `Operator’s gateway has no ${method} ${pathOnly(target)}` });
  if (route.type === 'method-not-allowed') return fail({ type: 'invalid-request', status: 405, message: `${method} is not allowed here; use ${route.allow}` }, { allow: route.allow });
  const { operation } = route;
  if (operation.type === 'hello') return void response.writeHead(200, { 'content-type': 'text/plain' }).end(method === 'HEAD' ? undefined : 'Operator is running');
  if (rest) return rest(request, response);
  if (operation.type === 'control') return options.control ? options.control(request, response, operation.path) : fail({ type: 'not-found', status: 404, message: 'There is no control API here' });

  // Only Gemini's clients put a key into the query.
  const session = authenticate(request, protocol === 'gemini' ? target : '', route.token, options.sessions);
  if (!session) return fail({ type: 'authentication', status: 401, message: 'This is no valid session token. Launch the agent through Operator, which gives it one' });
  const body = method === 'POST' ? await readBody(request, response, options.maxBodyBytes) : Buffer.alloc(0);
  if (body === 'gone') return;
  if (body === 'too-large') {
    discardRest(request, options.clock);
    return fail({ type: 'too-large', status: 413, message: `The request is larger than ${Math.round(options.maxBodyBytes / 1024 / 1024)} MB` });
  }
  if (operation.type !== 'generate') return answerLocally({ operation, session, body, headers: request.headers, response, options });
  await exchange({ operation, query: queryOf(target), headers: request.headers, body, session, reply: createReply(response), onExchange }, options);
}

function authenticate(request: IncomingMessage, target: string, fromPath: string | undefined, sessions: Sessions): Session | undefined {
  const token = findToken(request.headers, target, fromPath);
  return token === undefined ? undefined : sessions.find(token, request.socket);
}

/** By events, which cost a fraction of an async iterator. `gone`: the client left in the middle of it. */
function readBody(request: IncomingMessage, response: ServerResponse, limit: number): Promise<Buffer | 'too-large' | 'gone'> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.resolve('too-large');
  if (request.headers.expect !== undefined) response.writeContinue();
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) return void chunks.push(chunk);
      chunks.length = 0;
      resolve('too-large');
    });
    request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size)));
    request.once('error', () => resolve('gone'));
  });
}

/** Most clients read no answer before they have sent their whole request, and a reset connection would be all that they see. */
const discardMs = 2_000;

function discardRest(request: IncomingMessage, clock: ExchangeDeps['clock']): void {
  const timer = clock.after(discardMs, () => request.destroy());
  request.once('close', () => timer.dispose());
  request.on('error', () => {}); // it left, which is all the same now
  request.resume();
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function wantsWebSocket({ headers: { upgrade } }: IncomingMessage): boolean {
  return upgrade?.toLowerCase() === 'websocket';
}

function sendError(codecs: Codecs, protocol: Protocol, error: IrError, response: ServerResponse, more: Readonly<Record<string, string>> = {}): void {
  if (response.headersSent) return void response.destroy();
  const encoded = codecs[protocol].encodeError(error);
  // What the listener itself refuses keeps its own status; the codec only gives it the client's shape.
  response.writeHead(error.status, { ...encoded.headers, ...more, 'content-type': 'application/json' }).end(JSON.stringify(encoded.body));
}

/** Paths that belong to no protocol get OpenAI's error shape, the one that most people can read. */
function protocolOf(route: ReturnType<typeof matchRoute>): Protocol {
  const operation: Operation | undefined = route.type === 'operation' ? route.operation : undefined;
  if (operation && 'protocol' in operation) return operation.protocol;
  if (operation && 'shape' in operation && operation.shape) return operation.shape;
  return operation?.type.startsWith('ollama') ? 'ollama' : 'openai-chat';
}

function queryOf(target: string): string {
  const question = target.indexOf('?');
  return question === -1 ? '' : target.slice(question + 1);
}

/** For messages: without the query, which may hold a key, and without a session token in the path. */
function pathOnly(target: string): string {
  const path = (target.split(/[?#]/)[0] ?? '').replaceAll(/(?<=\/s\/)[^/]+/g, '…').replace(/^[a-z]+:\/\/[^/]*/i, '…');
  return path.length > longestPath ? `${path.slice(0, longestPath)}…` : path;
}

const longestPath = 100;
