/** The launches that may use the gateway, found by the hash of their token. */
import type { GatewaySession, SessionKeys, SessionSpec } from '../core/gateway/model.ts';
import type { Clock } from '../core/ports.ts';
import { hashToken, newToken } from './tokens.ts';
import { createMeter, type Meter } from './usage/meter.ts';

export interface Session {
  readonly spec: SessionSpec;
  /** In memory only. */
  keys: SessionKeys;
  readonly meter: Meter;
  readonly since: number;
}

/** What is written to disk: no token, no key. */
export interface StoredSession {
  readonly tokenHash: string;
  readonly spec: SessionSpec;
  readonly since: number;
}

export interface Sessions {
  /** @returns the token that the agent gets as its key; it is not kept. A known id is replaced, and its old token ends. */
  create(spec: SessionSpec, keys: SessionKeys, token?: string): string;
  find(token: string): Session | undefined;
  /** After a restart: keys for the sessions that are still there. @returns whether the session is known */
  handKeys(id: string, keys: SessionKeys): boolean;
  remove(id: string): boolean;
  list(): readonly GatewaySession[];
  readonly size: number;
  store(): readonly StoredSession[];
  restore(stored: readonly StoredSession[]): void;
}

export function createSessions(clock: Clock, onChange: () => void): Sessions {
  const byHash = new Map<string, Session>();

  function remove(id: string): boolean {
    for (const [hash, session] of byHash) {
      if (session.spec.id !== id) continue;
      byHash.delete(hash);
      onChange();
      return true;
    }
    return false;
  }

  function add(tokenHash: string, spec: SessionSpec, keys: SessionKeys, since: number): void {
    byHash.set(tokenHash, { spec, keys, meter: createMeter(() => {}), since });
  }

  return {
    create(spec, keys, token = newToken()) {
      remove(spec.id);
      add(hashToken(token), spec, keys, clock.now());
      onChange();
      return token;
    },
    find: (token) => byHash.get(hashToken(token)),
    handKeys(id, keys) {
      const session = [...byHash.values()].find(({ spec }) => spec.id === id);
      if (session) session.keys = { ...session.keys, ...keys };
      return session !== undefined;
    },
    remove,
    list: () => [...byHash.values()].map(describe),
    get size() {
      return byHash.size;
    },
    store: () => [...byHash].map(([tokenHash, { spec, since }]) => ({ tokenHash, spec, since })),
    restore(stored) {
      for (const { tokenHash, spec, since } of stored) if (!byHash.has(tokenHash)) add(tokenHash, spec, {}, since);
    },
  };
}

function describe({ spec, keys, meter, since }: Session): GatewaySession {
  const { id, delegator, displayName, llmTool, targets } = spec;
  return {
    id,
    delegator,
    displayName,
    llmTool,
    model: targets[0]?.model ?? '',
    modelServer: targets[0]?.server.name ?? '',
    since,
    usage: meter.usage,
    missingKeys: [...new Set(targets.filter(({ server }) => server.credential && keys[server.name] === undefined).map(({ server }) => server.name))],
  };
}
