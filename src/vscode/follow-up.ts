/** What a changed operator.toml calls for while somebody looks: its new servers are not left unknown until the next round. Pure but for Operator. */
import type { Disposable } from '../base/disposable.ts';
import { toDisposable } from '../base/disposable.ts';
import type { Operator } from '../core/operator.ts';
import type { PollingState } from './polling.ts';

export function createFollowUp({ operator, read, onError }: {
  readonly operator: Pick<Operator, 'snapshot' | 'onDidChange' | 'probe' | 'discover'>;
  readonly read: () => PollingState;
  readonly onError: (error: unknown) => void;
}): Disposable {
  const ended = new AbortController();
  /** What the first round of polling looks at anyway. */
  let known = addresses(operator);

  async function follow(): Promise<void> {
    const { visible, trusted, intervalMs, whenVisible, discover } = read();
    const before = known;
    known = addresses(operator);
    if (!visible || !trusted || (intervalMs === 0 && !whenVisible)) return;
    const fresh = [...known].filter(([id, address]) => before.get(id) !== address).map(([id]) => id);
    // A server that was offered and is declared now is not offered any more.
    const stale = discover && fresh.length > 0 && operator.snapshot.found.length > 0;
    await Promise.all([...(fresh.length > 0 ? [operator.probe(fresh, ended.signal)] : []), ...(stale ? [operator.discover(ended.signal)] : [])]);
  }

  const listener = operator.onDidChange((parts) => {
    if (!parts.has('configuration')) return;
    follow().catch((error: unknown) => {
      if (!ended.signal.aborted) onError(error);
    });
  });
  return toDisposable(() => {
    listener.dispose();
    ended.abort();
  });
}

/** What a probe's result depends on, by server. */
function addresses({ snapshot }: Pick<Operator, 'snapshot'>): ReadonlyMap<string, string> {
  return new Map(snapshot.servers.map(({ id, server: { kind, baseUrl, credential, auth, headers } }) => [id, JSON.stringify([kind, baseUrl, credential, auth, headers])]));
}
