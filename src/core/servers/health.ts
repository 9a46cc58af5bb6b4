/** What a probe found out about a model server, and the models it lists. Plain data. */
import type { Protocol } from '../protocol.ts';

export const healthStates = [
  'healthy',
  'busy',
  'starting',
  'no-models',
  'unauthorized',
  'rate-limited',
  'unhealthy',
  'offline',
  'unreachable',
  'misconfigured',
  'unknown',
] as const;
export type HealthState = (typeof healthStates)[number];

/** Exactly what happened; each has its own sentence and its own next step. */
export type HealthCause =
  | 'listed' //              models were listed
  | 'empty-list'
  | 'loading-model' //       llama.cpp's 503 while loading
  | 'overloaded' //          503/529 that says so
  | 'key-missing' //         401/403 and no key was sent, or the reference resolves to nothing
  | 'key-refused'
  | 'too-many-requests'
  | 'server-error' //        5xx
  | 'not-found' //           404: answers HTTP but not at this path
  | 'unexpected-status'
  | 'html' //                a web page where JSON was expected
  | 'not-json'
  | 'not-http' //            something listens there and speaks another protocol
  | 'wrong-shape' //         JSON, but not a model list
  | 'body-too-large'
  | 'body-too-slow'
  | 'redirect' //            to another host: not followed with credentials
  | 'connection-refused'
  | 'connection-reset'
  | 'dns'
  | 'timeout'
  | 'tls'
  | 'proxy'
  | 'network' //             no route and the like
  | 'bad-configuration'
  | 'not-probed'
  | 'not-trusted'; //        an untrusted workspace's entry is never contacted

/** It answers, and has no list that is of use: where its models are named in operator.toml, those count. */
export const causesOfNoList: readonly HealthCause[] = ['not-found', 'body-too-large', 'body-too-slow'];

export interface ModelInfo {
  readonly id: string;
  readonly displayName?: string;
  /** Bytes on disk. */
  readonly sizeBytes?: number;
  /** Such as "7.6B". */
  readonly parameters?: string;
  readonly quantization?: string;
  /** Tokens: what the model can do at most. */
  readonly contextWindow?: number;
  /** Tokens: what it is loaded with, when loaded. */
  readonly loadedContext?: number;
  /** Present only where the server tells (Ollama, LM Studio). */
  readonly loaded?: boolean;
  /** Epoch ms when the server will unload it. */
  readonly loadedUntil?: number;
  readonly loadedBytes?: number;
  /** What it can do, as far as the server tells: `tools`, `vision`, `reasoning`, `structured-output`, `audio`, `cloud`, …. */
  readonly capabilities?: readonly string[];
  readonly type?: 'chat' | 'embedding' | 'other';
  /** Epoch ms when it was published; on a server with models of its own, when it was put there. */
  readonly created?: number;
  readonly price?: ModelPrice;
  /** Present only where the server tells; false beats every other sign. */
  readonly supportsTools?: boolean;
  /** The server says that it will go. */
  readonly deprecated?: boolean;
}

/** USD per million tokens, in millionths (3_000_000 is $3). Zero is free; what is not known is absent. */
export interface ModelPrice {
  readonly inputMicros?: number;
  readonly outputMicros?: number;
}

export interface Health {
  readonly state: HealthState;
  readonly cause: HealthCause;
  /** One sentence for a person, without a trailing period. */
  readonly message: string;
  /** What to do next. */
  readonly hint?: string;
  /** Epoch ms since when the state is this one. */
  readonly since: number;
  /** Epoch ms of this probe; absent when never probed. */
  readonly checkedAt?: number;
  /** Epoch ms when it is tried again; absent when only on demand. */
  readonly nextProbeAt?: number;
  readonly latencyMs?: number;
  readonly httpStatus?: number;
  /** Of the server's software. */
  readonly version?: string;
  /** Protocols that the server answered for itself; absent when not asked. */
  readonly speaks?: readonly Protocol[];
  readonly models: readonly ModelInfo[];
  /** Things worth knowing that do not change the state, such as a version with a known vulnerability. */
  readonly warnings: readonly string[];
}

export function unknownHealth(now: number): Health {
  return { state: 'unknown', cause: 'not-probed', message: 'Not probed yet', since: now, models: [], warnings: [] };
}

/** Does the state need a person? For badges and section descriptions. */
export function needsAttention(state: HealthState): boolean {
  return state !== 'healthy' && state !== 'busy' && state !== 'starting' && state !== 'unknown';
}
