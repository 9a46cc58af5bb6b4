/**
 * The use cases of Operator as one interface. The extension, the command line and (later) REST are its clients,
 * and none of them reaches past it. `app/` puts it together.
 */
import type { Disposable } from '../base/disposable.ts';
import type { Event } from '../base/event.ts';
import type { Result } from '../base/result.ts';
import type { EditChange } from './config/edit.ts';
import type { ConfigProblem, Configuration, Delegator, ModelServer, Origin } from './config/model.ts';
import type { GatewayState, GatewayStatus } from './gateway/model.ts';
import type { LaunchPlan, PlanNote, Refusal, Route, SpawnRequest } from './launch/model.ts';
import type { CredentialRef } from './servers/auth.ts';
import type { FoundServer } from './servers/discovery.ts';
import type { ServerKindId } from './servers/kinds.ts';
import type { ModelTests, TestReport } from './proving/model.ts';
import type { ModelCatalogue, ModelCatalogues } from './servers/models/model.ts';
import type { Health } from './servers/health.ts';
import type { ModelLifecycle, RunningPull } from './servers/lifecycle/model.ts';
import type { Detection, LlmTool } from './tools/model.ts';

export interface ToolStatus extends LlmTool {
  readonly detection: Detection;
}

export interface ServerStatus {
  /** `entityId` of the server. */
  readonly id: string;
  readonly server: ModelServer;
  readonly health: Health;
  readonly probing: boolean;
  /** Whether the key reference resolves; 'none-needed' where no key is asked for. */
  readonly key: 'set' | 'unset' | 'none-needed' | 'unknown';
  /** What {@link Operator.models} has of it, hidden models too; absent where that has nothing. */
  readonly catalogue?: ModelCatalogue;
  /** Models that are being downloaded to it; absent where none is. */
  readonly pulls?: readonly RunningPull[];
}

export interface ResolvedDelegator {
  readonly delegator?: Delegator;
  readonly tool: ToolStatus;
  readonly server: ModelServer;
  readonly model: string;
  readonly route: Route;
  /** The prefix of the model's name that stands for the server, such as `ollama/`, where one does. */
  readonly prefix?: string;
  /** Tokens that the model takes on this server, where a probe told. */
  readonly contextWindow?: number;
  /** Worth knowing before the launch: what is unverified, what will probably fail. */
  readonly notes?: readonly PlanNote[];
}

export interface DelegatorStatus {
  readonly id: string;
  readonly delegator: Delegator;
  readonly resolution: Result<ResolvedDelegator, readonly Refusal[]>;
}

export interface SessionStatus {
  readonly id: string;
  /** `entityId` of the delegator; absent for ad hoc launches. */
  readonly delegatorId?: string;
  readonly displayName: string;
  readonly llmTool: string;
  readonly modelServer: string;
  readonly model: string;
  /** Epoch ms. */
  readonly since: number;
  readonly state: { readonly type: 'running' } | { readonly type: 'exited'; readonly code: number | undefined; readonly at: number };
}

/** Everything known now. Immutable; a change makes a new one. */
export interface Snapshot {
  /** False until operator.toml was read for the first time. */
  readonly loaded: boolean;
  /** False: entries of the workspace are shown and nothing of them is run, probed or sent. */
  readonly trusted: boolean;
  readonly configuration: Configuration;
  readonly tools: readonly ToolStatus[];
  readonly servers: readonly ServerStatus[];
  readonly delegators: readonly DelegatorStatus[];
  readonly found: readonly FoundServer[];
  readonly sessions: readonly SessionStatus[];
  readonly gateway: {
    /** Whether launches may go through it. */
    readonly available: boolean;
    readonly state: GatewayState;
  };
  /** The last test of each model, by `reportKey`; absent until they were read. */
  readonly tests?: ReadonlyMap<string, TestReport>;
}

/** Which part of the snapshot changed. */
export type ChangedPart = 'configuration' | 'tools' | 'servers' | 'found' | 'sessions' | 'trust' | 'gateway' | 'tests';

/** Either a delegator by name or id, or the parts. */
export type LaunchTarget =
  | { readonly type: 'delegator'; readonly delegator: string }
  | { readonly type: 'ad-hoc'; readonly llmTool: string; readonly model?: string; readonly modelServer?: string };

export interface LaunchOptions {
  readonly prompt?: string;
  /** Appended after the delegator's own flags. */
  readonly flags?: readonly string[];
  /** Absolute; beats the delegator's. */
  readonly cwd?: string;
  /** One answer on standard output instead of the interactive screen. */
  readonly headless?: boolean;
}

export interface EditOutcome {
  readonly file: string;
  /** The text before and after; the same when nothing had to change. */
  readonly before: string;
  readonly after: string;
  readonly hash?: string;
  /** Files of other layers that changed with it: a renamed server takes along what names it there. */
  readonly others?: readonly EditOutcome[];
}

/** What a change would do. */
export interface EditPlan {
  /** The entry's own file first. */
  readonly outcomes: readonly [EditOutcome, ...EditOutcome[]];
  /** What would be wrong then and is not now. */
  readonly problems: readonly ConfigProblem[];
}

/** Writes a changed operator.toml; VS Code does it as a WorkspaceEdit, the CLI through the file system. */
export interface ConfigWriter {
  /** The text of an editor with unsaved changes, which an edit must start from; undefined where the file on disk counts. */
  unsaved?(file: string): string | undefined;
  /** @throws OperatorError 'config-changed' when the file is no longer what `before` was. */
  write(outcome: EditOutcome): Promise<void>;
}

export interface Polling {
  readonly intervalMs: number;
  readonly discover: boolean;
}

export interface Operator extends Disposable {
  readonly snapshot: Snapshot;
  readonly onDidChange: Event<ReadonlySet<ChangedPart>>;

  /** Reads every layer again. Never rejects for a broken file: that is a layer state and a problem. */
  reload(): Promise<void>;
  setTrusted(trusted: boolean): void;
  setRoots(roots: readonly string[]): Promise<void>;

  /** Looks whether one tool is on PATH, without running it: quick enough for every command. Unknown names are nobody's error here. */
  locate(name: string): Promise<void>;
  /** Looks for the tools on PATH and reads their versions, all at once. */
  detect(signal?: AbortSignal): Promise<void>;
  /** Probes all or the given servers (entity ids), a few at a time. */
  probe(ids?: readonly string[], signal?: AbortSignal): Promise<void>;
  /**
   * Probes everything now and again every `intervalMs` (rate-limited servers not before their time), and with `discover` looks
   * for undeclared servers too; `undefined` stops it. The extension calls it as its view appears and disappears.
   */
  setPolling(polling: Polling | undefined): void;
  /** Looks for undeclared servers on the usual loopback ports. */
  discover(signal?: AbortSignal): Promise<void>;
  /** Probes an address that is not declared (yet), for the wizard and discovery. */
  probeAddress(kind: ServerKindId, baseUrl: string, credential?: CredentialRef, signal?: AbortSignal): Promise<Health>;

  /** What each server has to choose from. */
  readonly models: ModelCatalogues;

  /** Gets, loads, unloads, deletes, copies and describes models, where a server has a way for it. */
  readonly lifecycle: ModelLifecycle;

  /** Proves that a model works, level by level. */
  readonly tests: ModelTests;

  /** What an entry name or id means, or undefined. */
  findServer(nameOrId: string, origin?: Origin): ServerStatus | undefined;
  /** As {@link findServer}; where there is none, what the prefix of this name stands for, such as `ollama`: from now on a server like the others. */
  resolveServer(nameOrId: string): ServerStatus | undefined;
  findDelegator(nameOrId: string): DelegatorStatus | undefined;
  findTool(name: string): ToolStatus | undefined;

  /**
   * Asks the server of a target what it speaks, where that depends on its version and is not known yet. Quick, and never
   * fails: what cannot be found out stays unknown.
   */
  learn(target: LaunchTarget, signal?: AbortSignal): Promise<void>;
  /** Chooses tool, server, model and route; pure, from what is known now. */
  resolve(target: LaunchTarget): Result<ResolvedDelegator, readonly Refusal[]>;
  /** The exact plan; starts nothing, writes nothing, resolves no key. */
  plan(target: LaunchTarget, options?: LaunchOptions): Result<LaunchPlan, readonly Refusal[]>;
  /**
   * Resolves the keys and writes the session's private files; a launch through the gateway starts that if need be and makes its
   * session there. @throws OperatorError 'credential' | 'refused' | 'io' | 'process' (the gateway cannot be started)
   */
  prepare(plan: LaunchPlan): Promise<SpawnRequest>;

  /** `since` (epoch ms) is given when a session is found again that started earlier; its private files are there already. */
  sessionStarted(plan: LaunchPlan, delegatorId?: string, since?: number): void;
  /** The agent's process, once it is known: its gateway session ends with it even when nobody is left to say so. */
  sessionProcess(sessionId: string, pid: number): void;
  /** Also removes the session's private files and ends its gateway session. */
  sessionEnded(sessionId: string, code: number | undefined): Promise<void>;
  /** Takes an ended session off the list. */
  forgetSession(sessionId: string): void;

  /** Looks whether a gateway runs, without starting one, and follows it from then on. */
  findGateway(): Promise<GatewayState>;
  /** Starts the gateway unless it runs. @throws OperatorError 'process' with what it said */
  startGateway(): Promise<GatewayStatus>;
  /** Lets requests under way end, then ends the gateway and with it its sessions. Nothing running is fine. */
  stopGateway(): Promise<void>;
  /** Ends the gateway and starts it on the same port with the same sessions, so that running agents go on. */
  restartGateway(): Promise<GatewayStatus>;
  /** Absolute path of the gateway's log. */
  readonly gatewayLog: string;

  /** Reads a key through its reference, or undefined. For `chat` and probes only. */
  readCredential(ref: CredentialRef): Promise<string | undefined>;
  setSecret(name: string, value: string): Promise<void>;
  /** Nothing there is fine. */
  deleteSecret(name: string): Promise<void>;

  /**
   * Applies a change to operator.toml (comments, order and line endings of the rest stay) and reloads.
   * `file` defaults to the file of the entry, or the workspace's, or the user's.
   * `check` sees the file's text that the change is made to, and throws where that is not the one that was meant.
   * @throws OperatorError 'config' (file is broken), 'config-changed', 'refused' (builtin, duplicate), 'not-found'
   */
  edit(change: EditChange, file?: string, check?: (text: string) => void): Promise<EditOutcome>;
  /** What {@link edit} would write, and what would be wrong then; writes nothing. Throws as that does. */
  planEdit(change: EditChange, file?: string): Promise<EditPlan>;
}
