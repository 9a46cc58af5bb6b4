/**
 * Keeps catalogues up to date while somebody looks: once a server is found well, and again when the models that its probe lists
 * are others. What a server that is off had is read from the cache.
 */
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import type { ServerStatus } from '../../core/operator.ts';
import type { Log } from '../../core/ports.ts';
import type { ModelInfo } from '../../core/servers/health.ts';
import type { Facts } from '../facts.ts';
import type { ModelDiscovery } from './discovery.ts';

export interface Follower extends Disposable {
  setFollowing(following: boolean): void;
}

export function createFollower(facts: Facts, discovery: ModelDiscovery, log: Log): Follower {
  const store = new DisposableStore();
  /** What each server listed when it was followed last, by its id. */
  const seen = new Map<string, { readonly models: readonly ModelInfo[]; readonly listed: string }>();
  /** Servers that are off and whose kept list was looked for. */
  const peeked = new Set<string>();
  let following = false;

  function look({ id, server, health, catalogue }: ServerStatus): void {
    const isWell = health.state === 'healthy' || health.state === 'busy' || health.state === 'no-models';
    if (!isWell) {
      const address = `${id}\n${server.baseUrl}`;
      if (catalogue || health.state === 'unknown' || peeked.has(address)) return;
      peeked.add(address);
      discovery.peek(id);
      return;
    }
    const last = seen.get(id);
    if (last?.models === health.models) return;
    const listed = JSON.stringify([server.baseUrl, health.models.map((model) => model.id)]);
    seen.set(id, { models: health.models, listed });
    if (last?.listed === listed) return;
    discovery.follow(id).catch((error: unknown) => log.error(`the models of ${server.name} could not be looked at`, error));
  }

  function lookAtAll(): void {
    for (const status of facts.snapshot.servers) look(status);
  }

  store.add(
    facts.onDidChange((parts) => {
      if (following && parts.has('servers')) lookAtAll();
    }),
  );
  return {
    setFollowing(next) {
      if (next === following) return;
      following = next;
      if (next) lookAtAll();
    },
    dispose: () => store.dispose(),
  };
}
