/** Probes model servers: a few at a time, each at most once at a time, on demand and on a gentle interval. */
import { type Disposable, toDisposable } from '../base/disposable.ts';
import { entityId, isOfUser, type ModelServer, needsTrust } from '../core/config/model.ts';
import type { Polling, ServerStatus } from '../core/operator.ts';
import type { Ports } from '../core/ports.ts';
import type { Health } from '../core/servers/health.ts';
import { keyFileWarnings } from '../core/servers/key-file.ts';
import { serverKind } from '../core/servers/kinds.ts';
import type { ProbeKey } from '../core/servers/probe.ts';
import { resolveServerKey } from '../core/servers/server-key.ts';
import type { Facts } from './facts.ts';

/** Bounded, so that a thousand servers open neither a thousand sockets nor a thousand name look-ups. */
const concurrency = 16;

export interface Prober extends Disposable {
  probe(ids?: readonly string[], signal?: AbortSignal): Promise<void>;
  discover(signal?: AbortSignal): Promise<void>;
  setPolling(polling: Polling | undefined): void;
  /** Looks whether the key references resolve, without any network. */
  checkKeys(): Promise<void>;
}

export function createProber(facts: Facts, ports: Ports): Prober {
  const { clock, log } = ports;
  const ended = new AbortController();
  const running = new Map<string, Promise<void>>();
  let polling: Polling | undefined;
  let timer: Disposable | undefined;

  async function probeOne(server: ModelServer, signal: AbortSignal): Promise<void> {
    const id = entityId(server);
    facts.setProbing(id, true);
    try {
      const health = await measure(server, signal);
      if (health && !signal.aborted) facts.setHealth(server, withNextProbe(health));
    } catch (error) {
      if (!signal.aborted) log.error(`probing ${server.name} failed`, error);
    } finally {
      facts.setProbing(id, false);
    }
  }

  async function measure(server: ModelServer, signal: AbortSignal): Promise<Health | undefined> {
    const previous = facts.health(entityId(server));
    const key = await probeKey(server);
    if (!key) return undefined;
    const { probeServer } = await import('../core/servers/probe.ts');
    const started = clock.now();
    const probed = await probeServer({ server, key, http: ports.http, clock, signal, previous });
    const exposed = await keyFileWarnings(server.credential, ports.files);
    const health = exposed.length === 0 ? probed : { ...probed, warnings: [...probed.warnings, ...exposed] };
    log.debug(`probed ${server.name}: ${health.state} (${health.cause}) in ${clock.now() - started} ms`);
    return health;
  }

  /** Undefined: a builtin server without a key, which only its own tool can use. */
  async function probeKey(server: ModelServer): Promise<ProbeKey | undefined> {
    const key = await resolveServerKey(server, ports);
    const withoutRef = serverKind(server.kind).keyRequired ? 'unset' : 'none-needed';
    facts.setKey(entityId(server), key.state === 'none' ? withoutRef : key.state);
    return key.state === 'unset' && server.origin.layer === 'builtin' ? undefined : key;
  }

  function withNextProbe(health: Health): Health {
    if (!polling || health.nextProbeAt !== undefined || health.checkedAt === undefined) return health;
    return { ...health, nextProbeAt: health.checkedAt + polling.intervalMs };
  }

  /** Neither what cannot be used nor what is not trusted. */
  function mayContact(status: ServerStatus): boolean {
    return !status.server.unusable && (facts.trusted || !needsTrust(status.server));
  }

  async function probe(ids?: readonly string[], signal?: AbortSignal): Promise<void> {
    const wanted = ids && new Set(ids);
    const queue = facts.snapshot.servers.filter((status) => mayContact(status) && (wanted === undefined || wanted.has(status.id)));
    const either = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal;
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let status = queue[next++]; status && !either.aborted; status = queue[next++]) {
        const { id, server } = status;
        const inFlight = running.get(id);
        if (inFlight) {
          await inFlight;
          continue;
        }
        const task = probeOne(server, either).finally(() => running.delete(id));
        running.set(id, task);
        await task;
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, queue.length) }, worker));
  }

  async function discover(signal?: AbortSignal): Promise<void> {
    const either = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal;
    const { discoverServers, portsOfVariables } = await import('../core/servers/discovery.ts');
    const found = await discoverServers({ http: ports.http, clock, signal: either, declared: facts.configuration.modelServers.filter(isOfUser), otherPorts: portsOfVariables(ports.env.get) });
    if (!either.aborted) facts.setFound(found);
  }

  function setPolling(next: Polling | undefined): void {
    if (polling?.intervalMs === next?.intervalMs && polling?.discover === next?.discover) return;
    polling = next;
    timer?.dispose();
    timer = undefined;
    if (next) void round(next);
  }

  /** One round, and the next one an interval after it ended. */
  async function round(current: Polling): Promise<void> {
    const now = clock.now();
    const due = facts.snapshot.servers.filter(({ health }) => health.state !== 'rate-limited' || (health.nextProbeAt ?? 0) <= now).map(({ id }) => id);
    try {
      await Promise.all([probe(due), ...(current.discover ? [discover()] : [])]);
    } catch (error) {
      if (!ended.signal.aborted) log.error('probing failed', error);
    }
    if (polling === current && !ended.signal.aborted) timer = clock.after(current.intervalMs, () => void round(current));
  }

  async function checkKeys(): Promise<void> {
    await Promise.all(facts.snapshot.servers.filter(mayContact).map(({ server }) => probeKey(server)));
  }

  return {
    probe,
    discover,
    setPolling,
    checkKeys,
    ...toDisposable(() => {
      timer?.dispose();
      polling = undefined;
      ended.abort();
    }),
  };
}
