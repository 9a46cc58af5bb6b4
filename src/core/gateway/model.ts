/** What the gateway process and those who start it tell each other. Plain data; keys travel only in {@link SessionKeys}. */
import type { ModelServer } from '../config/model.ts';
import type { Protocol } from '../protocol.ts';

/** Names in the state folder. */
export const gatewayFiles = { lock: 'gateway.json', sessions: 'gateway-sessions.json', log: 'gateway.log' } as const;

/** One model that a session may use, and where it is. */
export interface UpstreamTarget {
  readonly server: ModelServer;
  /** Model name on that server. */
  readonly model: string;
  /** Names under which clients may ask for it, the preferred first. */
  readonly names: readonly string[];
  /** What the server speaks, preferred first; a probe's answer where there is one. */
  readonly speaks: readonly Protocol[];
  /** Tokens. */
  readonly contextWindow?: number;
  /** What the server's list says that the model can do, such as `tools`, `vision`, `thinking`; absent where it says nothing. */
  readonly capabilities?: readonly string[];
}

/** What a session is for. Persisted by the gateway so that it survives a crash; holds no key. */
export interface SessionSpec {
  readonly id: string;
  /** Name of the delegator; absent for ad hoc launches. */
  readonly delegator?: string;
  readonly displayName: string;
  readonly llmTool: string;
  /** The first is the default: what a model name that the client made up means. */
  readonly targets: readonly UpstreamTarget[];
  /** Only the given names are served; otherwise any name means the default target (agents ask for side models of their own). */
  readonly strictNames: boolean;
}

/** Keys by server name, handed over in memory when a session is created and again after a restart. Never written, never logged. */
export type SessionKeys = Readonly<Record<string, string>>;

export interface SessionUsage {
  readonly requests: number;
  readonly failures: number;
  /** Tokens; absent while no upstream reported any. */
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** One sentence, and when (epoch ms). */
  readonly lastError?: { readonly message: string; readonly at: number };
  readonly lastRequestAt?: number;
}

export interface GatewaySession {
  readonly id: string;
  readonly delegator?: string;
  readonly displayName: string;
  readonly llmTool: string;
  readonly model: string;
  readonly modelServer: string;
  /** Epoch ms. */
  readonly since: number;
  readonly usage: SessionUsage;
  /** What was left out or approximated so far, each kind of thing once. */
  readonly warnings: readonly string[];
  /** The gateway was restarted and whoever launched this session has not handed over its keys again yet. */
  readonly waiting: boolean;
}

export interface GatewayStatus {
  readonly version: string;
  readonly pid: number;
  /** Such as `http://127.0.0.1:41873`. */
  readonly address: string;
  /** Epoch ms. */
  readonly since: number;
  readonly sessions: readonly GatewaySession[];
  /** It was asked to end; with `restart` its sessions go on in the next one. Absent: it runs on. */
  readonly ending?: 'stop' | 'restart';
}

/** Whether the one gateway of this user runs, as far as this process knows. */
export type GatewayState =
  | { readonly type: 'stopped' }
  | { readonly type: 'starting' }
  | { readonly type: 'running'; readonly status: GatewayStatus }
  /** It should run and does not. */
  | { readonly type: 'failed'; readonly message: string; readonly hint?: string };

/** The lock file `state/gateway.json` (0600): how to reach the one gateway of this user. */
export interface GatewayLock {
  readonly pid: number;
  readonly port: number;
  /** For the control API only; agents get session tokens. */
  readonly adminToken: string;
  readonly version: string;
  /** Epoch ms. */
  readonly startedAt: number;
}

/**
 * Stands in a launch plan for the gateway's address, which is known when the launch starts it. A host name that can never
 * exist (RFC 6761), so that it is a URL wherever a recipe needs one.
 */
export const gatewayPlaceholder = 'http://operator-gateway.invalid';
