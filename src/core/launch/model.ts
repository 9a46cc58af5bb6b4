/** The launch plan: exactly what would run, computed before anything starts. Plain data, holds no key. */
import type { CredentialRef } from '../servers/auth.ts';
import type { Protocol } from '../protocol.ts';

/**
 * A value of an environment variable. A secret is resolved at spawn, only into the child's environment;
 * `before` and `after` surround it there, for variables that hold a whole header.
 */
export type EnvValue =
  | { readonly type: 'literal'; readonly value: string }
  | { readonly type: 'secret'; readonly ref: CredentialRef; readonly before?: string; readonly after?: string }
  /** The token of the launch's own gateway session, which is made when it starts and is worth nothing after it. */
  | { readonly type: 'session-token'; readonly before?: string; readonly after?: string };

export interface UnsetVariable {
  readonly name: string;
  /** Why it would fight the plan. */
  readonly reason: string;
}

/** Written 0600 when the session starts, gone with it. Never holds a key of ours. */
export interface PrivateFile {
  readonly path: string;
  readonly content: string;
  /** A JSON file of the user's (comments allowed) whose values stay where `content` says nothing. Only read; nothing there is fine. */
  readonly base?: string;
}

export interface PlanNote {
  readonly severity: 'information' | 'warning';
  readonly message: string;
}

/** How the agent reaches the model. */
export type Route =
  /** The tool as the user has it, on its vendor's own servers and login. */
  | { readonly type: 'direct'; readonly vendor: true }
  | { readonly type: 'direct'; readonly vendor: false; readonly protocol: Protocol; readonly baseUrl: string }
  | { readonly type: 'gateway'; readonly protocol: Protocol };

export interface LaunchPlan {
  /** Name of the delegator; absent for an ad hoc launch. */
  readonly delegator?: string;
  readonly displayName: string;
  readonly llmTool: string;
  readonly model: string;
  readonly modelServer: string;
  readonly route: Route;
  /** Tokens that the agent may count on, where known. */
  readonly contextWindow?: number;
  /** argv[0] is the absolute path of the executable. Never holds a key. */
  readonly argv: readonly string[];
  /** What is set on top of the inherited environment. */
  readonly env: Readonly<Record<string, EnvValue>>;
  /** What is inherited and would fight the plan. */
  readonly unset: readonly UnsetVariable[];
  /** Every name that would fight the plan, inherited or not: for terminals, which get variables from settings and other extensions too. */
  readonly mustNotInherit?: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly files: readonly PrivateFile[];
  /** Absolute private folder of the session, removed when it ends. */
  readonly sessionDir: string;
  readonly sessionId: string;
  readonly notes: readonly PlanNote[];
}

export type RefusalCode =
  | 'unknown-delegator'
  | 'unknown-tool'
  | 'unknown-server'
  | 'missing-model'
  | 'missing-server' //     the tool has no builtin server and none is named
  | 'tool-missing' //       not installed
  | 'needs-gateway' //      no common protocol
  | 'not-repointable' //    the tool cannot be pointed at a server
  | 'credential' //         the key reference resolves to nothing
  | 'untrusted'
  | 'invalid' //            launch options that contradict each other
  | 'config'; //            the entry is broken

/** Why something cannot be launched, and what would help. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly hint?: string;
}

/** A plan made ready to spawn: keys resolved. Must not be logged, shown or kept. */
export interface SpawnRequest {
  readonly argv: readonly string[];
  /** The complete environment of the child. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** What planning may know, besides the configuration. All of it is data, so that planning stays pure. */
export interface LaunchFacts {
  readonly platform: 'linux' | 'darwin' | 'win32' | 'other';
  /** The environment the agent would inherit: to see what would fight the plan. Values are compared, never shown. */
  readonly inheritedEnv: Readonly<Record<string, string>>;
  /** How to start Operator's own command line, for the `chat` tool: argv prefix and extra variables. */
  readonly operatorCommand: { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> };
  /** Where relative `cwd`s start: the workspace root, else the folder of the user's file. */
  readonly baseDir: string;
  /** Whether the folder is one that the user trusts; absent means it is. Headless agents are told, interactive ones ask for themselves. */
  readonly trusted?: boolean;
  /** Operator's gateway: where it listens (or `gatewayPlaceholder`) and the session's token. Absent: there is none. */
  readonly gateway?: { readonly baseUrl: string; readonly token: EnvValue };
  readonly sessionId: string;
  readonly sessionDir: string;
  /** Where what outlives a session may be kept; absent means nothing does. */
  readonly stateDir?: string;
  join(...parts: string[]): string;
  resolvePath(base: string, path: string): string;
}
