/**
 * Kept connections to a server, for the gateway: by the same rules for proxies and certificates as single requests (`http-route.ts`),
 * but shared by many requests.
 */
import { buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { proxyFor } from './http-proxy.ts';
import { socksConnector } from './http-socks.ts';
import { isUntrustedCode } from './http-failure.ts';
import { createTrust, type Trust } from './http-trust.ts';

export interface PoolOptions {
  /** The proxy of the server's entry; without one those of the environment count, except for loopback. */
  readonly proxy?: string;
  readonly connectMs: number;
  /** More for `net.connect`, such as a `lookup` that refuses addresses; only where there is no proxy. */
  readonly connect?: buildConnector.BuildOptions;
}

/** @returns opens a pool for an origin; each must be destroyed. The returned function throws HttpFailure 'proxy' when the proxy's address is unusable */
export function createPools(env: Readonly<Record<string, string | undefined>> = process.env): (origin: URL, options: PoolOptions) => Dispatcher {
  const trust = createTrust();
  return (origin, { proxy: declared, connectMs, connect }) => {
    const options: buildConnector.BuildOptions = { timeout: connectMs, allowH2: false };
    const proxy = proxyFor(origin, declared, env);
    const common = { pipelining: 1, allowH2: false } as const;
    if (!proxy) return new Pool(origin.origin, { ...common, connect: trustingConnector({ ...options, ...connect }, trust) });
    if (proxy.url.protocol === 'socks5:') {
      return new Pool(origin.origin, { ...common, connect: socksConnector({ proxy: proxy.url, timeoutMs: connectMs, connect: { ...options, ...secureContext(trust) }, onProxyReached: () => {} }) });
    }
    return new ProxyAgent({ ...common, uri: proxy.url.href, connectTimeout: connectMs, proxyTls: { ...options, ...secureContext(trust) }, requestTls: { ...options, ...secureContext(trust) } });
  };
}

/** A company's own authority is in the operating system's store, which is slow to read: it is read when a certificate was refused. */
function trustingConnector(options: buildConnector.BuildOptions, trust: Trust): buildConnector.connector {
  let connector = buildConnector({ ...options, ...secureContext(trust) });
  return (target, callback) => {
    connector(target, (...result) => {
      const [error] = result;
      if (!error || !isUntrustedCode(error) || !(trust.secureContext || trust.addSystemAuthorities())) return callback(...result);
      connector = buildConnector({ ...options, ...secureContext(trust) });
      connector(target, callback);
    });
  };
}

function secureContext({ secureContext: context }: Trust): buildConnector.BuildOptions {
  return context ? ({ secureContext: context } as buildConnector.BuildOptions) : {};
}
