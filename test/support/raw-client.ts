/** A client that says exactly what it is told to, byte for byte, and keeps what it hears. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { waitUntil } from './scripted-server.ts';

export interface RawClient {
  readonly socket: Socket;
  /** Everything heard so far. */
  readonly heard: string;
  /** The other side has ended the connection. */
  readonly closed: boolean;
  /** Resolves when `pattern` was heard. */
  until(pattern: RegExp): Promise<void>;
  /** Resolves with everything when the other side has ended the connection. */
  toEnd(): Promise<string>;
}

export async function connectRaw(port: number, first = ''): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let heard = '';
  let closed = false;
  socket.on('data', (chunk) => (heard += chunk.toString('latin1')));
  socket.on('error', () => {}); // what was heard before is what counts
  socket.on('end', () => {
    closed = true;
    socket.end();
  });
  socket.on('close', () => (closed = true));
  await once(socket, 'connect');
  if (first !== '') socket.write(first);
  const client: RawClient = {
    socket,
    get heard() {
      return heard;
    },
    get closed() {
      return closed;
    },
    until: (pattern) => waitUntil(() => pattern.test(heard), `${pattern.source}; heard ${JSON.stringify(heard.slice(0, 500))}`),
    async toEnd() {
      await waitUntil(() => closed, 'the connection to be ended');
      return heard;
    },
  };
  return client;
}

/** A POST of JSON as text. @param headers lines that are added, each without its end */
export function rawPost(path: string, token: string, body: string, headers: readonly string[] = []): string {
  return [`POST ${path} HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: Bearer ${token}`, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, ...headers, '', body].join('\r\n');
}
