/** The launches that may use the gateway, found by the hash of their token. */
import type { GatewaySession, SessionKeys, SessionSpec } from '../core/gateway/model.ts';
import type { Protocol } from '../core/protocol.ts';
import type { Clock } from '../core/ports.ts';
import { type BodyMemory, createBodyMemory } from './body-memory.ts';
import { createForgettingMap, type ForgettingMap } from './forgetting-map.ts';
import { createTokenHashes, hashToken, newToken } from './tokens.ts';
import { createMeter, type Meter } from './usage/meter.ts';

/** A server that is updated while an agent runs is asked again after this long; until then each request would try in vain. */
const forgetAfterMs = 10 * 60_000;

export interface Session {
  spec: SessionSpec;
  /** In memory only. */
  keys: SessionKeys;
  readonly meter: Meter;
  /** What it sent last. */
  readonly bodies: BodyMemory;
  readonly since: number;
  /** The agent's process, where its launcher told. */
  pid?: number;
  /** False after a restart, until its launcher has handed over what is never written. */
  ready: boolean;
  /** Nothing of it may be secret: what is written is all that a request needs. */
  isComplete: boolean;
  /** Resolves once it is ready, or with false after `ms`. */
  whenReady(ms: number): Promise<boolean>;
  /** Protocols that a server turned out not to speak, by server name. */
  readonly absent: ForgettingMap<Set<Protocol>>;
  /** Servers that turned out not to count tokens, as `NAME PROTOCOL`. */
  readonly uncounted: ForgettingMap<true>;
}

/** What is written to disk: no token, no key, nothing that may hold one. */
export interface StoredSession {
  readonly tokenHash: string;
  readonly spec: SessionSpec;
  readonly since: number;
  readonly pid?: number;
  /** Whether the written part is all that a request needs. */
  readonly complete: boolean;
}

export interface Sessions {
  /** @returns the token that the agent gets as its key; it is not kept. A known id is replaced, and its old token ends. */
  create(spec: SessionSpec, keys: SessionKeys, token?: string): string;
  /** @param connection on which it came */
  find(token: string, connection?: object): Session | undefined;
  /** The same session with its keys again, or with other models. @returns whether it is known */
  renew(spec: SessionSpec, keys: SessionKeys): boolean;
  /** @returns whether the session is known */
  setProcess(id: string, pid: number): boolean;
  remove(id: string): boolean;
  list(): readonly GatewaySession[];
  /** Sessions with a process, to see whether it still lives. */
  processes(): readonly { readonly id: string; readonly pid: number }[];
  /** Sessions without a process that made no request since `at` (epoch ms). */
  idleSince(at: number): readonly string[];
  readonly size: number;
  store(): readonly StoredSession[];
  restore(stored: readonly StoredSession[]): void;
  /** Takes back what was restored. */
  clear(): void;
}

/** @param onChange something that `list` tells is another now; `stored` when also what `store` tells */
export function createSessions(clock: Clock, onChange: (what: { readonly stored: boolean }) => void): Sessions {
  const byHash = new Map<string, Session>();
  const waiting = new Map<Session, Set<() => void>>();
  const hashOn = createTokenHashes();

  function byId(id: string): Session | undefined {
    for (const session of byHash.values()) if (session.spec.id === id) return session;
    return undefined;
  }

  function remove(id: string): boolean {
    for (const [hash, session] of byHash) {
      if (session.spec.id !== id) continue;
      byHash.delete(hash);
      onChange({ stored: true });
      return true;
    }
    return false;
  }

  function add(tokenHash: string, spec: SessionSpec, keys: SessionKeys, since: number, is: { readonly ready: boolean; readonly isComplete: boolean }): Session {
    const session: Session = { spec, keys, meter: createMeter(() => onChange({ stored: false })), bodies: createBodyMemory(), since, ...is, absent: createForgettingMap(clock, forgetAfterMs), uncounted: createForgettingMap(clock, forgetAfterMs), whenReady: (ms) => whenReady(session, ms) };
    byHash.set(tokenHash, session);
    return session;
  }

  function whenReady(session: Session, ms: number): Promise<boolean> {
    if (session.ready) return Promise.resolve(true);
    return new Promise((resolve) => {
      const listeners = waiting.get(session) ?? new Set();
      waiting.set(session, listeners);
      const done = (): void => {
        timer.dispose();
        listeners.delete(done);
        resolve(session.ready);
      };
      const timer = clock.after(ms, done);
      listeners.add(done);
    });
  }

  return {
    create(spec, keys, token = newToken()) {
      remove(spec.id);
      add(hashToken(token), spec, keys, clock.now(), { ready: true, isComplete: isComplete(spec, keys) });
      onChange({ stored: true });
      return token;
    },
    find: (token, connection) => byHash.get(connection ? hashOn(token, connection) : hashToken(token)),
    renew(spec, keys) {
      const session = byId(spec.id);
      if (!session) return false;
      session.spec = spec;
      session.keys = keys;
      session.ready = true;
      session.isComplete = isComplete(spec, keys);
      session.absent.clear();
      session.uncounted.clear();
      for (const done of waiting.get(session) ?? []) done();
      waiting.delete(session);
      onChange({ stored: true });
      return true;
    },
    setProcess(id, pid) {
      const session = byId(id);
      if (session && session.pid !== pid) {
        session.pid = pid;
        onChange({ stored: true });
      }
      return session !== undefined;
    },
    remove,
    list: () => [...byHash.values()].map(describe),
    processes: () => [...byHash.values()].flatMap(({ spec, pid }) => (pid === undefined ? [] : [{ id: spec.id, pid }])),
    idleSince: (at) => [...byHash.values()].filter(({ pid, since, meter }) => pid === undefined && Math.max(since, meter.usage.lastRequestAt ?? 0) < at).map(({ spec }) => spec.id),
    get size() {
      return byHash.size;
    },
    store: () => [...byHash].map(([tokenHash, { spec, since, pid, isComplete: complete }]) => ({ tokenHash, since, ...(pid !== undefined && { pid }), complete, spec: withoutSecrets(spec) })),
    restore(stored) {
      for (const { tokenHash, spec, since, pid, complete } of stored) {
        if (byHash.has(tokenHash)) continue;
        const session = add(tokenHash, spec, {}, since, { ready: complete, isComplete: complete });
        if (pid !== undefined) session.pid = pid;
      }
    },
    clear: () => byHash.clear(),
  };
}

/** No key, and none of the places where people put keys all the same. */
function isComplete({ targets }: SessionSpec, keys: SessionKeys): boolean {
  return Object.keys(keys).length === 0 && targets.every(({ server }) => server.credential === undefined && server.proxy === undefined && server.extraBody === undefined && Object.keys(server.headers).length === 0);
}

function withoutSecrets(spec: SessionSpec): SessionSpec {
  return {
    ...spec,
    targets: spec.targets.map((target) => {
      const { proxy: _, extraBody: __, ...server } = target.server;
      return { ...target, server: { ...server, headers: {}, extraEnv: {} } };
    }),
  };
}

function describe({ spec, meter, since, ready }: Session): GatewaySession {
  const { id, delegator, displayName, llmTool, targets } = spec;
  return {
    id,
    ...(delegator !== undefined && { delegator }),
    displayName,
    llmTool,
    model: targets[0]?.model ?? '',
    modelServer: targets[0]?.server.name ?? '',
    since,
    usage: meter.usage,
    warnings: [...meter.warnings.keys()],
    waiting: !ready,
  };
}
