/** Connections through a SOCKS 5 proxy, which also resolves the name of the target. undici's own support is experimental and says so on stderr. */
import type { Socket } from 'node:net';
import { buildConnector } from 'undici';

export interface SocksOptions {
  /** `socks5://[user:password@]host[:port]` */
  readonly proxy: URL;
  readonly timeoutMs: number;
  readonly connect: buildConnector.BuildOptions;
  readonly onProxyReached: () => void;
}

/** Its `code` is for `http-failure.ts`: what the proxy answered. */
export class SocksError extends Error {
  readonly code: SocksCode;
  constructor(code: SocksCode) {
    super(code);
    this.code = code;
  }
}

export type SocksCode = 'SOCKS_AUTH_WANTED' | 'SOCKS_AUTH_FAILED' | 'SOCKS_NOT_SPOKEN' | 'SOCKS_NOT_ALLOWED' | 'SOCKS_NETWORK_UNREACHABLE' | 'SOCKS_HOST_UNREACHABLE' | 'SOCKS_REFUSED' | 'SOCKS_TIMEOUT' | 'SOCKS_FAILED';

/** For the `connect` of an undici client. @throws URIError when user or password are not percent-encoded as they should */
export function socksConnector(options: SocksOptions): buildConnector.connector {
  const { proxy } = options;
  const user = decodeURIComponent(proxy.username);
  const password = decodeURIComponent(proxy.password);
  const toProxy = buildConnector({ allowH2: false, ...options.connect });
  const throughTunnel = buildConnector({ allowH2: false, ...options.connect });
  const proxyHost = proxy.hostname.replace(/^\[(.*)\]$/, '$1');

  return (connection, callback) => {
    toProxy({ hostname: proxyHost, host: proxy.host, protocol: 'http:', port: proxy.port || '1080' }, (error, socket) => {
      if (error) {
        callback(error, null);
        return;
      }
      options.onProxyReached();
      const port = Number(connection.port) || (connection.protocol === 'https:' ? 443 : 80);
      negotiate(socket, { proxyHost, proxyPort: Number(proxy.port || '1080'), user, password, host: connection.hostname, port, timeoutMs: options.timeoutMs }).then(
        () => {
          if (connection.protocol === 'https:') throughTunnel({ ...connection, httpSocket: socket }, callback);
          else callback(null, socket);
        },
        (reason: unknown) => callback(toSocksError(reason), null),
      );
    });
  };
}

interface Negotiation {
  readonly proxyHost: string;
  readonly proxyPort: number;
  readonly user: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

async function negotiate(socket: Socket, { proxyHost, proxyPort, user, password, host, port, timeoutMs }: Negotiation): Promise<void> {
  const { SocksClient } = await import('socks');
  await SocksClient.createConnection({
    existing_socket: socket,
    command: 'connect',
    proxy: { host: proxyHost, port: proxyPort, type: 5, ...(user !== '' && { userId: user, password }) },
    destination: { host, port },
    timeout: timeoutMs,
  });
}

/** The library tells its outcomes by text only; its errors also carry the password, so they end here. */
function toSocksError(error: unknown): SocksError {
  const text = error instanceof Error ? error.message : '';
  if (text.includes('no accepted authentication type')) return new SocksError('SOCKS_AUTH_WANTED');
  if (text.includes('Authentication failed')) return new SocksError('SOCKS_AUTH_FAILED');
  if (text.includes('Received invalid') || text.includes('Socket closed')) return new SocksError('SOCKS_NOT_SPOKEN');
  if (text.includes('timed out')) return new SocksError('SOCKS_TIMEOUT');
  const reply = / - (\w+)$/.exec(text)?.[1];
  switch (reply) {
    case 'NotAllowed':
      return new SocksError('SOCKS_NOT_ALLOWED');
    case 'NetworkUnreachable':
      return new SocksError('SOCKS_NETWORK_UNREACHABLE');
    case 'HostUnreachable':
      return new SocksError('SOCKS_HOST_UNREACHABLE');
    case 'ConnectionRefused':
      return new SocksError('SOCKS_REFUSED');
    case 'TTLExpired':
      return new SocksError('SOCKS_TIMEOUT');
    default:
      return new SocksError('SOCKS_FAILED');
  }
}
