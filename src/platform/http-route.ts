/** The way to a server: directly, or through a proxy. Every request has its own. */
import { type buildConnector, Client, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Attempt } from './http-failure.ts';
import { proxyFor } from './http-proxy.ts';
import { socksConnector } from './http-socks.ts';
import type { Trust } from './http-trust.ts';

export interface RouteOptions {
  /** The proxy of the server's entry. */
  readonly proxy: string | undefined;
  readonly timeoutMs: number;
  /** Destroys every socket of the route, even one that is still connecting. */
  readonly signal: AbortSignal;
  readonly trust: Trust;
  /** Learns which way was taken and how far it got, for messages. */
  readonly attempt: Attempt;
}

/** Connects on the first request; must be destroyed. @throws HttpFailure 'proxy' when the proxy's address is unusable */
export function openRoute(url: URL, options: RouteOptions): Dispatcher {
  const { attempt } = options;
  const dispatcher = open(url, options);
  dispatcher.on('connect', () => {
    attempt.connected = true;
  });
  return dispatcher;
}

function open(url: URL, options: RouteOptions): Dispatcher {
  const { attempt, timeoutMs } = options;
  const connect = connectOptions(options);
  const proxy = proxyFor(url, options.proxy, process.env);
  if (!proxy) return new Client(url.origin, { allowH2: false, connect });
  attempt.proxy = { name: proxy.name, isSecure: proxy.url.protocol === 'https:' };
  const onProxyReached = (): void => {
    attempt.proxyReached = true;
  };
  if (proxy.url.protocol === 'socks5:') return new Client(url.origin, { connect: socksConnector({ proxy: proxy.url, timeoutMs, connect, onProxyReached }) });
  const reporting = (origin: string | URL, poolOptions: object): Dispatcher => new Pool(origin, { ...poolOptions, allowH2: false }).on('connect', onProxyReached);
  return new ProxyAgent({
    uri: proxy.url.href,
    allowH2: false,
    connectTimeout: timeoutMs,
    proxyTls: connect,
    requestTls: connect,
    // The first connects to a proxy that tunnels (https targets), the second to one that forwards (http targets).
    clientFactory: reporting,
    factory: reporting,
  });
}

function connectOptions({ timeoutMs, signal, trust }: RouteOptions): buildConnector.BuildOptions {
  return { timeout: timeoutMs, signal, ...(trust.secureContext && { secureContext: trust.secureContext }) } as buildConnector.BuildOptions;
}
