/**
 * Keeps the catalogues of models: in memory, on disk, and refreshed while an older one is shown. One question per server and key at
 * a time, whoever asks, and a bounded number of servers at once.
 */
import type { Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import { createLimiter } from '../../base/limit.ts';
import { type Configuration, entityId, findById, lookup, type ModelServer, needsTrust } from '../../core/config/model.ts';
import { OperatorError } from '../../core/errors.ts';
import type { ServerStatus } from '../../core/operator.ts';
import type { Ports } from '../../core/ports.ts';
import { serverKind } from '../../core/servers/kinds.ts';
import type { ListCache } from '../../core/servers/models/cache.ts';
import { type CachedList, freshness } from '../../core/servers/models/freshness.ts';
import { cacheKey } from '../../core/servers/models/key.ts';
import type { CatalogueError, CatalogueView, ListModelsOptions, ModelCatalogue, ModelCatalogues } from '../../core/servers/models/model.ts';
import { presentCatalogue } from '../../core/servers/models/present.ts';
import { resolveServerKey } from '../../core/servers/server-key.ts';
import type { Facts } from '../facts.ts';

/** Servers asked at once, so that a thousand of them open neither a thousand sockets nor a thousand name look-ups. */
const concurrency = 16;
/** Kept lists read at once: a thousand of them in one go would leave no time for the answers of servers, which have limits. */
const readersAtOnce = 4;
/** A server that failed is not asked again in the background before, unless it says itself when. */
const retryAfterMs = 60 * 1000;

/** What is known of one list: that of a server with a key. */
interface Slot {
  readonly key: string;
  list?: CachedList;
  error?: CatalogueError;
  /** Epoch ms; before it the background leaves the server alone. */
  retryAt?: number;
  /** The disk is looked at once. */
  read?: Promise<void>;
  /** The server is being asked, or is next; resolves with whether it gave a list. */
  asking?: Promise<boolean>;
  /** It will be asked behind everything that somebody waits for. */
  queued?: Promise<void>;
  /** Servers that share it. */
  readonly serverIds: Set<string>;
}

export interface ModelDiscovery extends ModelCatalogues, Disposable {
  /** Brings the catalogue of a server up to date where it is not, behind everything that somebody waits for. Never rejects for the server. */
  follow(serverId: string): Promise<void>;
}

/** What the answer of a server depends on, as far as operator.toml says it. */
function questionOf({ kind, baseUrl, openaiPath, auth, credential, headers, proxy }: ModelServer): string {
  return JSON.stringify([kind, baseUrl, openaiPath, auth, credential, headers, proxy]);
}

const used = new WeakMap<Configuration, ReadonlyMap<ModelServer, readonly string[]>>();

/** The models that delegators name, by their server. A configuration is immutable, so this is found out once. */
function usedModels(configuration: Configuration): ReadonlyMap<ModelServer, readonly string[]> {
  const known = used.get(configuration);
  if (known) return known;
  const models = new Map<ModelServer, string[]>();
  for (const { model, modelServer, origin } of configuration.delegators) {
    const server = modelServer === undefined ? undefined : lookup(configuration.modelServers, modelServer, origin);
    if (!server) continue;
    const named = models.get(server);
    if (named) named.push(model);
    else models.set(server, [model]);
  }
  used.set(configuration, models);
  return models;
}

/** `find` is what a name or id means. */
export function createModelDiscovery(facts: Facts, ports: Ports, find: (nameOrId: string) => ServerStatus | undefined): ModelDiscovery {
  const { clock, log } = ports;
  /** Loaded with the first question: most commands have none. */
  let cache: Promise<ListCache> | undefined;
  const loadCache = (): Promise<ListCache> => (cache ??= import('../../core/servers/models/cache.ts').then(({ createListCache }) => createListCache(ports)));
  const limiter = createLimiter(concurrency);
  const readers = createLimiter(readersAtOnce);
  const changed = new Emitter<string>();
  const ended = new AbortController();
  const slots = new Map<string, Slot>();
  const slotOfServer = new Map<string, { readonly slot: Slot; readonly question: string }>();
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
      const isLive = await unlessCancelled(askNow(slot, status.server, secret), signal);
      return present(status.server, slot, view, isLive);
    }
    if (state === 'stale' && (slot.retryAt ?? 0) <= clock.now()) void askLater(slot, status.server, secret);
    return present(status.server, slot, view, false);
  }

  function peek(nameOrId: string, view: CatalogueView = {}): ModelCatalogue | undefined {
    const status = find(nameOrId);
    if (!status) return undefined;
    const catalogue = inMemory(status.server, view);
    if (!catalogue && !slotOfServer.has(status.id)) warm(status);
    return catalogue;
  }

  function inMemory(server: ModelServer, view: CatalogueView): ModelCatalogue | undefined {
    const known = slotOfServer.get(entityId(server));
    // An entry that was changed since asks something else, of which nothing is known yet.
    const slot = known?.question === questionOf(server) ? known.slot : undefined;
    return slot && (slot.list || slot.error) ? present(server, slot, view, false) : undefined;
  }

  /** Reads what is kept of a server, without any network. */
  function warm(status: ServerStatus): void {
    if (warming.has(status.id) || ended.signal.aborted) return;
    const task = prepare(status).then(
      (asked) => void ('slot' in asked && asked.slot.list && announce(asked.slot)),
      (error: unknown) => log.error(`reading the kept models of ${status.server.name} failed`, error),
    );
    warming.set(status.id, task.finally(() => warming.delete(status.id)));
  }

  async function follow(nameOrId: string): Promise<void> {
    const status = find(nameOrId);
    if (!status || ended.signal.aborted) return;
    const asked = await prepare(status);
    if ('error' in asked) return;
    const { slot, secret } = asked;
    const isOwn = status.server.placement === 'local';
    const isFresh = !isOwn && slot.list !== undefined && freshness(slot.list, clock.now()) === 'fresh';
    if (isFresh || (slot.retryAt ?? 0) > clock.now()) announce(slot);
    else await askLater(slot, status.server, secret);
  }

  /** @throws OperatorError 'not-found' */
  function statusOf(nameOrId: string): ServerStatus {
    const status = find(nameOrId);
    if (!status) throw new OperatorError('not-found', `There is no model server named ${JSON.stringify(nameOrId)}`, { hint: 'See `operator servers`' });
    return status;
  }

  /** The slot of a server with its key, filled from disk; or why it may not be asked. */
  async function prepare({ id, server, health }: ServerStatus): Promise<{ readonly slot: Slot; readonly secret: string | undefined } | { readonly error: CatalogueError }> {
    if (server.unusable || (!facts.trusted && needsTrust(server))) return blocked(server, health);
    const key = await resolveServerKey(server, ports);
    const { keyRequired, listsToEverybody } = serverKind(server.kind);
    if (key.state === 'unset' || (key.state === 'none' && keyRequired && !listsToEverybody)) {
      const { keyMissing } = await import('../../core/servers/verdict.ts');
      return blocked(server, keyMissing({ server }, key.state === 'unset' ? key.message : undefined));
    }
    const secret = key.state === 'set' ? key.value : undefined;
    const slot = slotFor(id, server, await cacheKey(server, secret));
    await (slot.read ??= readers.run(async () => (await loadCache()).read(slot.key)).then((kept) => void (slot.list ??= kept)));
    return { slot, secret };
  }

  function blocked(server: ModelServer, { message, hint }: CatalogueError): { readonly error: CatalogueError } {
    const id = entityId(server);
    slotOfServer.get(id)?.slot.serverIds.delete(id);
    slotOfServer.delete(id);
    facts.setCatalogue(server, undefined);
    return { error: { message, ...(hint !== undefined && { hint }) } };
  }

  function slotFor(serverId: string, server: ModelServer, key: string): Slot {
    const known = slotOfServer.get(serverId)?.slot;
    if (known && known.key !== key) {
      known.serverIds.delete(serverId);
      prune();
    }
    const slot = known?.key === key ? known : (slots.get(key) ?? { key, serverIds: new Set() });
    slots.set(key, slot);
    slot.serverIds.add(serverId);
    slotOfServer.set(serverId, { slot, question: questionOf(server) });
    return slot;
  }

  /** Lists of servers that are gone take no memory. */
  function prune(): void {
    const known = new Set(facts.configuration.modelServers.map(entityId));
    for (const [id, { slot }] of slotOfServer) {
      if (known.has(id)) continue;
      slot.serverIds.delete(id);
      slotOfServer.delete(id);
    }
    for (const [key, slot] of slots) if (slot.serverIds.size === 0 && !slot.asking && !slot.queued) slots.delete(key);
  }

  /** @returns whether the server gave a list. Never rejects. */
  function askNow(slot: Slot, server: ModelServer, secret: string | undefined): Promise<boolean> {
    return (slot.asking ??= limiter.run(() => ask(slot, server, secret)).finally(() => {
      slot.asking = undefined;
      announce(slot);
    }));
  }

  /** Never rejects. */
  function askLater(slot: Slot, server: ModelServer, secret: string | undefined): Promise<void> {
    if (slot.asking) return slot.asking.then(() => undefined);
    slot.queued ??= limiter
      .run(() => askUnlessDone(slot, server, secret), 'background')
      .catch((error: unknown) => log.error(`asking ${server.name} for its models failed`, error))
      .finally(() => {
        slot.queued = undefined;
        announce(slot);
      });
    announce(slot);
    return slot.queued;
  }

  /** Somebody who waits, or another window or terminal, may have been quicker. */
  async function askUnlessDone(slot: Slot, server: ModelServer, secret: string | undefined): Promise<void> {
    const kept = server.placement === 'local' ? undefined : await (await loadCache()).read(slot.key);
    if (slot.asking || ended.signal.aborted) return;
    if (kept && freshness(kept, clock.now()) === 'fresh') {
      slot.list = kept;
      slot.error = slot.retryAt = undefined;
      return;
    }
    // Not through the limiter again: this runs in a place of its own there.
    slot.asking = ask(slot, server, secret).finally(() => {
      slot.asking = undefined;
    });
    await slot.asking;
  }

  /** Never rejects. */
  async function ask(slot: Slot, server: ModelServer, secret: string | undefined): Promise<boolean> {
    try {
      return await askServer(slot, server, secret);
    } catch (error) {
      if (!ended.signal.aborted) log.error(`asking ${server.name} for its models failed`, error);
      slot.error = { message: 'It could not be asked', hint: "See Operator's log" };
      return false;
    }
  }

  async function askServer(slot: Slot, server: ModelServer, secret: string | undefined): Promise<boolean> {
    const started = clock.now();
    const { fetchModels } = await import('../../core/servers/models/fetch.ts');
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
    await (await loadCache()).write(slot.key, slot.list);
    return true;
  }

  function announce(slot: Slot): void {
    if (ended.signal.aborted) return;
    for (const id of slot.serverIds) {
      const server = findById(facts.configuration.modelServers, id);
      if (!server) continue;
      facts.setCatalogue(server, inMemory(server, { all: true }));
      changed.fire(id);
    }
  }

  function present(server: ModelServer, slot: Slot, view: CatalogueView, isLive: boolean): ModelCatalogue {
    return presentCatalogue({ serverId: entityId(server), server, list: slot.list, isLive, refreshing: slot.asking !== undefined || slot.queued !== undefined, error: slot.error, used: usedModels(facts.configuration).get(server) }, view, clock.now());
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
      const running = [...[...slots.values()].flatMap(({ asking, queued }) => [asking ?? [], queued ?? []].flat()), ...warming.values()];
      if (running.length === 0) return;
      await Promise.allSettled(running);
    }
  }

  return {
    list,
    peek,
    follow,
    onDidChange: changed.event,
    settled,
    dispose() {
      ended.abort();
      changed.dispose();
    },
  };
}
