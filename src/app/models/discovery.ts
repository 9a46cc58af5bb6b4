/**
 * Keeps the catalogues of models: in memory, on disk, and refreshed while an older one is shown. One question per server and key at
 * a time, whoever asks, and a bounded number of servers at once.
 */
import type { Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import { createLimiter } from '../../base/limit.ts';
import { entityId, type ModelServer } from '../../core/config/model.ts';
import { OperatorError } from '../../core/errors.ts';
import type { ServerStatus } from '../../core/operator.ts';
import type { Ports } from '../../core/ports.ts';
import { serverKind } from '../../core/servers/kinds.ts';
import { type CachedList, createListCache, freshness } from '../../core/servers/models/cache.ts';
import { fetchModels } from '../../core/servers/models/fetch.ts';
import { cacheKey } from '../../core/servers/models/key.ts';
import type { CatalogueError, CatalogueView, ListModelsOptions, ModelCatalogue, ModelCatalogues } from '../../core/servers/models/model.ts';
import { presentCatalogue } from '../../core/servers/models/present.ts';
import { resolveServerKey } from '../../core/servers/server-key.ts';
import { keyMissing } from '../../core/servers/verdict.ts';
import type { Facts } from '../facts.ts';

/** Servers asked at once, so that a thousand of them open neither a thousand sockets nor a thousand name look-ups. */
const concurrency = 16;
/** A server that failed is not asked again in the background before, unless it says itself when. */
const retryAfterMs = 60 * 1000;

/** What is known of one list: that of a server with a key. */
interface Slot {
  readonly key: string;
  list?: CachedList;
  error?: CatalogueError;
  /** Epoch ms; before it the background leaves the server alone. */
  retryAt?: number;
  /** The disk was looked at. */
  isRead: boolean;
  refreshing?: Promise<boolean>;
  /** Servers that share it. */
  readonly serverIds: Set<string>;
}

type Priority = 'waited-for' | 'background';

export interface ModelDiscovery extends ModelCatalogues, Disposable {}

/** `find` is what a name or id means. */
export function createModelDiscovery(facts: Facts, ports: Ports, find: (nameOrId: string) => ServerStatus | undefined): ModelDiscovery {
  const { clock, log } = ports;
  const cache = createListCache(ports);
  const limiter = createLimiter(concurrency);
  const changed = new Emitter<string>();
  const ended = new AbortController();
  const slots = new Map<string, Slot>();
  const slotOfServer = new Map<string, Slot>();
  const warming = new Map<string, Promise<void>>();

  async function list(nameOrId: string, { refresh = false, signal, ...view }: ListModelsOptions = {}): Promise<ModelCatalogue> {
    const status = statusOf(nameOrId);
    throwIfCancelled(signal);
    const asked = await prepare(status);
    throwIfCancelled(signal);
    if ('error' in asked) return presentCatalogue({ serverId: status.id, server: status.server, isLive: false, refreshing: false, error: asked.error, isBlocked: true }, view, clock.now());
    const { slot, secret } = asked;
    const state = slot.list && freshness(slot.list, clock.now());
    const isOwn = status.server.placement === 'local';
    if (refresh || isOwn || state === undefined || state === 'expired') {
      const isLive = await unlessCancelled(refreshSlot(slot, status.server, secret, 'waited-for'), signal);
      return present(status, slot, view, isLive);
    }
    if (state === 'stale' && (slot.retryAt ?? 0) <= clock.now()) void refreshSlot(slot, status.server, secret, 'background');
    return present(status, slot, view, false);
  }

  function peek(nameOrId: string, view: CatalogueView = {}): ModelCatalogue | undefined {
    const status = find(nameOrId);
    if (!status) return undefined;
    const slot = slotOfServer.get(status.id);
    if (slot && (slot.list || slot.error)) return present(status, slot, view, false);
    if (!slot && !warming.has(status.id) && !ended.signal.aborted) {
      const task = prepare(status).then(
        (asked) => void ('slot' in asked && asked.slot.list && changed.fire(status.id)),
        (error: unknown) => log.error(`reading the kept models of ${status.server.name} failed`, error),
      );
      warming.set(status.id, task.finally(() => warming.delete(status.id)));
    }
    return undefined;
  }

  /** @throws OperatorError 'not-found' */
  function statusOf(nameOrId: string): ServerStatus {
    const status = find(nameOrId);
    if (!status) throw new OperatorError('not-found', `There is no model server named ${JSON.stringify(nameOrId)}`, { hint: 'See `operator servers`' });
    return status;
  }

  /** The slot of a server with its key, filled from disk; or why it may not be asked. */
  async function prepare({ id, server, health }: ServerStatus): Promise<{ readonly slot: Slot; readonly secret: string | undefined } | { readonly error: CatalogueError }> {
    if (server.unusable || (!facts.trusted && server.origin.layer === 'workspace')) return { error: { message: health.message, ...(health.hint !== undefined && { hint: health.hint }) } };
    const key = await resolveServerKey(server, ports);
    if (key.state === 'unset' || (key.state === 'none' && serverKind(server.kind).keyRequired && !serverKind(server.kind).listsToEverybody)) {
      const { message, hint } = keyMissing({ server }, key.state === 'unset' ? key.message : undefined);
      return { error: { message, ...(hint !== undefined && { hint }) } };
    }
    const secret = key.state === 'set' ? key.value : undefined;
    const slot = slotFor(id, await cacheKey(server, secret));
    if (!slot.isRead) {
      const kept = await cache.read(slot.key);
      slot.isRead = true;
      slot.list ??= kept;
    }
    return { slot, secret };
  }

  function slotFor(serverId: string, key: string): Slot {
    const known = slotOfServer.get(serverId);
    if (known?.key === key) return known;
    known?.serverIds.delete(serverId);
    prune();
    const slot = slots.get(key) ?? { key, isRead: false, serverIds: new Set() };
    slots.set(key, slot);
    slot.serverIds.add(serverId);
    slotOfServer.set(serverId, slot);
    return slot;
  }

  /** Lists of servers that are gone take no memory. */
  function prune(): void {
    const known = new Set(facts.configuration.modelServers.map(entityId));
    for (const [id, slot] of slotOfServer) {
      if (known.has(id)) continue;
      slot.serverIds.delete(id);
      slotOfServer.delete(id);
    }
    for (const [key, slot] of slots) if (slot.serverIds.size === 0 && !slot.refreshing) slots.delete(key);
  }

  /** @returns whether the server gave a list. Never rejects. */
  function refreshSlot(slot: Slot, server: ModelServer, secret: string | undefined, priority: Priority): Promise<boolean> {
    return (slot.refreshing ??= limiter
      .run(() => ask(slot, server, secret, priority), priority)
      .catch((error: unknown) => {
        if (!ended.signal.aborted) log.error(`asking ${server.name} for its models failed`, error);
        slot.error = { message: 'It could not be asked', hint: 'See the log of Operator' };
        return false;
      })
      .finally(() => {
        slot.refreshing = undefined;
        announce(slot);
      }));
  }

  async function ask(slot: Slot, server: ModelServer, secret: string | undefined, priority: Priority): Promise<boolean> {
    if (priority === 'background') {
      // Another window or terminal may have been quicker.
      const kept = await cache.read(slot.key);
      if (kept && freshness(kept, clock.now()) === 'fresh') {
        Object.assign(slot, { list: kept, error: undefined, retryAt: undefined });
        return false;
      }
      announce(slot);
    }
    const started = clock.now();
    const fetched = await fetchModels({ server, key: secret, http: ports.http, clock, signal: ended.signal });
    if (!fetched.ok) {
      log.debug(`${server.name} gave no list of models: ${fetched.error.message}`);
      slot.error = fetched.error;
      slot.retryAt = fetched.retryAt ?? clock.now() + retryAfterMs;
      if (slot.list && freshness(slot.list, clock.now()) === 'expired') slot.list = undefined;
      return false;
    }
    log.debug(`${server.name} listed ${fetched.models.length} models in ${clock.now() - started} ms`);
    slot.list = { fetchedAt: clock.now(), models: fetched.models, warnings: fetched.warnings };
    slot.error = slot.retryAt = undefined;
    await cache.write(slot.key, slot.list);
    return true;
  }

  function announce(slot: Slot): void {
    if (!ended.signal.aborted) for (const id of slot.serverIds) changed.fire(id);
  }

  function present(status: ServerStatus, slot: Slot, view: CatalogueView, isLive: boolean): ModelCatalogue {
    const used = facts.snapshot.delegators.flatMap(({ resolution }) => (resolution.ok && resolution.value.server === status.server ? [resolution.value.model] : []));
    return presentCatalogue({ serverId: status.id, server: status.server, list: slot.list, isLive, refreshing: slot.refreshing !== undefined, error: slot.error, used }, view, clock.now());
  }

  /** The question goes on for others, and for the cache. @throws OperatorError 'cancelled' */
  async function unlessCancelled<T>(task: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (!signal) return task;
    const { promise: cancelled, reject } = Promise.withResolvers<never>();
    const cancel = (): void => reject(new OperatorError('cancelled', 'Listing the models was cancelled'));
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await Promise.race([task, cancelled]);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  function throwIfCancelled(signal: AbortSignal | undefined): void {
    if (signal?.aborted || ended.signal.aborted) throw new OperatorError('cancelled', 'Listing the models was cancelled');
  }

  async function settled(): Promise<void> {
    for (;;) {
      const running = [...[...slots.values()].flatMap(({ refreshing }) => refreshing ?? []), ...warming.values()];
      if (running.length === 0) return;
      await Promise.allSettled(running);
    }
  }

  return {
    list,
    peek,
    onDidChange: changed.event,
    settled,
    dispose() {
      ended.abort();
      changed.dispose();
    },
  };
}
