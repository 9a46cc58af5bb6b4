/**
 * Proxies on 127.0.0.1 for tests. They write down what they were asked for and lead everything to one real port, whatever
 * name was asked for, so that tests can use names that exist nowhere.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer, type Server as TcpServer, type Socket } from 'node:net';
import { join } from 'node:path';

export interface ScriptedProxy extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** `CONNECT host:port`, `GET http://host/path` or `SOCKS host:port`, in order. */
  readonly asked: readonly string[];
  /** Values of proxy-authorization, or `user:password` of SOCKS. */
  readonly credentials: readonly string[];
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** Where everything is led. */
  readonly target?: number;
  /** Only this user and password may pass. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Answer every request with this status instead. */
  readonly refuseWith?: number;
  /** Accept the connection and never say a word. */
  readonly silent?: boolean;
  /** Speak TLS with a certificate that nobody trusts. */
  readonly tls?: boolean;
}

/** An HTTP proxy that tunnels (CONNECT) and forwards (absolute URLs). */
export async function startHttpProxy(options: ProxyOptions = {}): Promise<ScriptedProxy> {
  const asked: string[] = [];
  const credentials: string[] = [];
  const wanted = options.user && `Basic ${Buffer.from(`${options.user.name}:${options.user.password}`).toString('base64')}`;
  const refusal = (incoming: IncomingMessage): number | undefined => {
    asked.push(`${incoming.method} ${incoming.url}`);
    const given = incoming.headers['proxy-authorization'];
    if (given !== undefined) credentials.push(given);
    return wanted !== undefined && given !== wanted ? 407 : options.refuseWith;
  };
  const forward = (incoming: IncomingMessage, response: ServerResponse): void => {
    const status = refusal(incoming);
    if (options.silent) return;
    if (status !== undefined) {
      response.writeHead(status).end();
      return;
    }
    const url = new URL(incoming.url ?? '');
    const onward = httpRequest({ host: '127.0.0.1', port: options.target, method: incoming.method, path: url.pathname + url.search, headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  };
  const folder = join(import.meta.dirname, '..', 'fixtures', 'tls');
  const server = options.tls
    ? createHttpsServer({ key: readFileSync(join(folder, 'localhost-key.pem')), cert: readFileSync(join(folder, 'localhost-cert.pem')) }, forward)
    : createHttpServer(forward);
  server.on('connect', (incoming: IncomingMessage, socket: Socket) => {
    const status = refusal(incoming);
    socket.on('error', () => {});
    if (options.silent) return;
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    pipe(socket, options.target ?? 0, () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'));
  });
  return listen(server, options.tls ? 'https://localhost' : 'http://127.0.0.1', asked, credentials);
}

/** A SOCKS 5 proxy (RFC 1928, with the user and password of RFC 1929). `refuseWith` is a reply code, 5 for "connection refused". */
export async function startSocksProxy(options: ProxyOptions = {}): Promise<ScriptedProxy> {
  const asked: string[] = [];
  const credentials: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (options.silent) return;
    void serveSocks(socket, options, asked, credentials);
  });
  return listen(server, 'socks5://127.0.0.1', asked, credentials);
}

async function serveSocks(socket: Socket, options: ProxyOptions, asked: string[], credentials: string[]): Promise<void> {
  const [version, count = 0, ...methods] = await readable(socket);
  if (version !== 5) {
    socket.destroy();
    return;
  }
  const method = options.user ? 2 : 0;
  socket.write(Buffer.from([5, methods.slice(0, count).includes(method) ? method : 255]));
  if (options.user) {
    const data = await readable(socket);
    const nameLength = data[1] ?? 0;
    const name = data.subarray(2, 2 + nameLength).toString();
    const password = data.subarray(3 + nameLength).toString();
    credentials.push(`${name}:${password}`);
    const fits = name === options.user.name && password === options.user.password;
    socket.write(Buffer.from([1, fits ? 0 : 1]));
    if (!fits) return;
  }
  const request = await readable(socket);
  const [, , , type, length = 0] = request;
  const [host, rest] = type === 3 ? [request.subarray(5, 5 + length).toString(), request.subarray(5 + length)] : [[...request.subarray(4, 8)].join('.'), request.subarray(8)];
  asked.push(`SOCKS ${host}:${rest.readUInt16BE(0)}`);
  const reply = (code: number): boolean => socket.write(Buffer.from([5, code, 0, 1, 127, 0, 0, 1, 0, 80]));
  if (options.refuseWith !== undefined) {
    reply(options.refuseWith);
    return;
  }
  pipe(socket, options.target ?? 0, () => reply(0));
}

async function readable(socket: Socket): Promise<Buffer> {
  const [data] = (await once(socket, 'data')) as [Buffer];
  return data;
}

function pipe(socket: Socket, port: number, connected: () => void): void {
  const onward = connect(port, '127.0.0.1', () => {
    connected();
    onward.pipe(socket);
    socket.pipe(onward);
  });
  onward.on('error', () => socket.destroy());
  onward.on('close', () => socket.destroy());
  socket.on('close', () => onward.destroy());
}

async function listen(server: TcpServer, origin: string, asked: string[], credentials: string[]): Promise<ScriptedProxy> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
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
  return { url: `${origin}:${port}`, port, asked, credentials, close, [Symbol.asyncDispose]: close };
}
