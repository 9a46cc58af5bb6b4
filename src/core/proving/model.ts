/** Proving that a model works: what is asked, and what came of it. Plain data; holds no key and nothing that a user wrote. */
import type { Event } from '../../base/event.ts';
import type { Result } from '../../base/result.ts';
import type { Refusal } from '../launch/model.ts';
import type { Placement } from '../protocol.ts';
import type { CredentialRef } from '../servers/auth.ts';
import type { ServerKindId } from '../servers/kinds.ts';

/** In the order in which they run. */
export const levelIds = ['reachable', 'listed', 'answers', 'streams', 'tool-call', 'tool-result', 'conversation', 'image', 'schema'] as const;
export type LevelId = (typeof levelIds)[number];

/** Which model is meant. */
export type TestTarget =
  /** The model of a delegator, whatever its LLM tool: name or entity id. */
  | { readonly type: 'delegator'; readonly delegator: string }
  /** `modelServer` is a name or an entity id; left out where the model has a prefix that says it (`ollama/llama3.2`). */
  | { readonly type: 'model'; readonly modelServer?: string; readonly model: string }
  /** A server that is not declared (yet). What came of it is not kept. */
  | { readonly type: 'address'; readonly kind: ServerKindId; readonly baseUrl: string; readonly credential?: CredentialRef; readonly model: string };

/**
 * - `passed`, `failed`: it ran.
 * - `skipped`: it does not apply to this model, or was not asked for; `reason` says which.
 * - `not-reached`: it needs a level that did not pass, or the test was cancelled.
 */
export type LevelOutcome = 'passed' | 'failed' | 'skipped' | 'not-reached';

/** What was found wrong, in words for people. */
export interface LevelFailure {
  /** One sentence without a trailing period. */
  readonly reason: string;
  readonly expected?: string;
  /** What came instead; the server's or the model's own words shortened, without keys. */
  readonly came?: string;
  /** What to do about it. */
  readonly hint?: string;
  /** It may well pass another time: too many requests, a server in trouble, a network that hangs. */
  readonly transient?: boolean;
}

export interface Speed {
  /** From sending the request to the first piece of the answer, thoughts included. */
  readonly firstTokenMs?: number;
  /** Of the answer once it had begun; absent where it came in one piece. */
  readonly tokensPerSecond?: number;
  /** The server counted no tokens: they are taken to be four characters each. */
  readonly estimated?: boolean;
  /** The answer came in one piece although it was to be streamed. */
  readonly inOnePiece?: boolean;
}

export interface LevelResult extends Partial<LevelFailure>, Speed {
  readonly level: LevelId;
  readonly outcome: LevelOutcome;
  /** Absent where nothing ran. */
  readonly ms?: number;
  /** Worth knowing although it does not change the outcome: what the gateway had to leave out on the way, for instance. */
  readonly warnings: readonly string[];
}

export interface TestedModel {
  /** Entity id of the server; an undeclared one has its address instead. */
  readonly serverId: string;
  readonly modelServer: string;
  readonly model: string;
  readonly placement: Placement;
}

export interface TestReport extends TestedModel {
  /** `cancelled` reports are not kept. */
  readonly outcome: 'passed' | 'failed' | 'cancelled';
  /** Epoch ms. */
  readonly startedAt: number;
  readonly ms: number;
  /** One per level, in order. */
  readonly levels: readonly LevelResult[];
  /** Of the level `streams`: how quick the model is once loaded. */
  readonly speed?: Speed;
  /** Tokens. */
  readonly context?: { readonly claimed?: number; readonly loaded?: number };
  /** Sum of what the server counted; absent while it counted nothing. */
  readonly usage?: { readonly requests: number; readonly inputTokens?: number; readonly outputTokens?: number };
}

/** What a test would do, known before it starts. */
export interface TestPlan extends TestedModel {
  readonly levels: readonly LevelId[];
  /** Requests may be charged: the server is a third party's and the model is not known to be free. */
  readonly paid: boolean;
  /** At most. */
  readonly requests: number;
  /** At most: what is sent is estimated, what comes is limited. */
  readonly tokens: { readonly input: number; readonly output: number };
  /** One sentence for questions and refusals: what would be sent where, and how much at most. */
  readonly words: string;
}

export interface TestOptions {
  /** Only these, and what they need; all that apply when left out. One that is named runs although the model does not claim it. */
  readonly levels?: readonly LevelId[];
  /** Somebody was told what it may cost, and agreed. */
  readonly allowPaid?: boolean;
  /** Called with `running` as a level begins and with its result as it ends. */
  readonly onLevel?: (progress: LevelProgress) => void;
  /** Cancels: the report says what was found until then. */
  readonly signal?: AbortSignal;
}

export type LevelProgress = { readonly type: 'running'; readonly level: LevelId } | { readonly type: 'ended'; readonly result: LevelResult };

/** The tests of an Operator. */
export interface ModelTests {
  /** What {@link run} would do; sends nothing. Refusals say why it cannot be tested at all. */
  plan(target: TestTarget, options?: Pick<TestOptions, 'levels'>): Result<TestPlan, readonly Refusal[]>;
  /**
   * Runs the levels one after the other. What a server or a model does wrong is in the report, never thrown.
   * @throws OperatorError 'refused' (cannot be tested; or it is paid and `allowPaid` is not set), 'not-found'
   */
  run(target: TestTarget, options?: TestOptions): Promise<TestReport>;
  /** The last kept report of a model, from memory. `server` is a name or an entity id. */
  last(server: string, model: string): TestReport | undefined;
  /** All kept reports, the newest first, from memory. */
  all(): readonly TestReport[];
  /** Reads what was kept, by other processes too. Never rejects: what cannot be read is as if it were not there. */
  load(): Promise<void>;
  /** A report was kept or read. */
  readonly onDidChange: Event<void>;
}
