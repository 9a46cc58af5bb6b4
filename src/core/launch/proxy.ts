/**
 * Proxy variables of a launch. Every agent sends even loopback traffic to `HTTP_PROXY` when that is set, so that a model server on
 * this machine would be asked through the company's proxy; a server with a `proxy` of its own is reached through that one only.
 */
import type { ModelServer } from '../config/model.ts';
import { placementOfHost } from '../servers/placement.ts';
import type { EnvValue, PlanNote, UnsetVariable } from './model.ts';

export interface ProxyVariables {
  readonly env: Readonly<Record<string, EnvValue>>;
  readonly unset: readonly UnsetVariable[];
  readonly notes: readonly PlanNote[];
}

const loopback = ['localhost', '127.0.0.1', '::1'];
const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];

/** @param lookup reads an inherited variable as the platform does (Windows ignores case) */
export function proxyVariables(server: ModelServer, platform: string, lookup: (name: string) => string | undefined): ProxyVariables {
  // Windows knows a variable in one spelling only; elsewhere some programs read the upper and some the lower case.
  const spellings = (name: string): readonly string[] => (platform === 'win32' ? [name] : [name, name.toLowerCase()]);
  const all = (names: readonly string[], value: string): Record<string, EnvValue> => Object.fromEntries(names.flatMap(spellings).map((name) => [name, { type: 'literal', value }]));
  const host = hostOf(server.baseUrl);
  const isLoopback = host !== undefined && placementOfHost(host) === 'local';
  if (server.proxy === undefined) {
    const own = isLoopback && host !== undefined ? [bare(host)] : [];
    return { env: all(['NO_PROXY'], noProxy(spellings('NO_PROXY').map(lookup), [...loopback, ...own])), unset: [], notes: [] };
  }
  const names = server.proxy.startsWith('socks') ? proxyNames : ['HTTP_PROXY', 'HTTPS_PROXY'];
  if (isLoopback) {
    return {
      env: all(names, server.proxy),
      unset: ['NO_PROXY', ...(platform === 'win32' ? [] : ['no_proxy'])].map((name) => ({ name, reason: `would keep ${server.name} from being reached through its proxy` })),
      notes: [{ severity: 'information', message: `Loopback means the proxy's own machine here, since ${server.name} is reached through its proxy` }],
    };
  }
  // What is inherited might exclude the very server that shall be reached through the proxy.
  return { env: { ...all(names, server.proxy), ...all(['NO_PROXY'], loopback.join(',')) }, unset: [], notes: [] };
}

/** The inherited lists and `hosts` as one list, each once; `*` already says it all. */
export function noProxy(inherited: readonly (string | undefined)[], hosts: readonly string[]): string {
  const entries = inherited.flatMap((text) => (text ?? '').split(/[\s,]+/)).filter((entry) => entry !== '');
  if (entries.includes('*')) return '*';
  return [...new Set([...entries, ...hosts])].join(',');
}

function hostOf(baseUrl: string): string | undefined {
  try {
    return new URL(baseUrl).hostname;
  } catch {
    return undefined; // not an address: nothing to exclude
  }
}

/** `[::1]` as the lists write it. */
function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
