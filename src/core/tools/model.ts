/** What an LLM tool is: one record per tool in `catalogue/`, and what detection found on this machine. */
import type { CustomTool, Delegator, ModelServer } from '../config/model.ts';
import type { EnvValue, PlanNote, PrivateFile, UnsetVariable } from '../launch/model.ts';
import type { Protocol } from '../protocol.ts';

/** What a tool's record needs to say how it is launched on one protocol. All of it is known before anything starts. */
export interface RecipeInput {
  readonly protocol: Protocol;
  readonly model: string;
  readonly server: ModelServer;
  /** The gateway stands between and speaks another protocol to the server: what the server would refuse never reaches it. */
  readonly translated: boolean;
  readonly delegator?: Delegator;
  /** The key, by reference; absent when the server needs none. */
  readonly key?: EnvValue;
  /** Context window of the model in tokens, if a probe told. */
  readonly contextWindow?: number;
  readonly prompt?: string;
  /** The user's own flags, which the plan appends; a recipe looks at them only to keep out of their way. */
  readonly flags: readonly string[];
  /** Print one answer and end, instead of the interactive screen. Needs a prompt. */
  readonly headless: boolean;
  readonly yolo: boolean;
  /** One of the record's `permissionModes`. */
  readonly permissionMode?: string;
  /** Work in a worktree of its own; only for records that say `worktrees`. */
  readonly useWorktrees: boolean;
  /** Whether the user trusts the folder. */
  readonly trusted: boolean;
  /** Session id to hand to tools that take one. */
  readonly sessionId: string;
  /** Absolute private folder of the session; a recipe may put files there. */
  readonly sessionDir: string;
  /** Absolute folder for what outlives the session; the session's own where nothing may. */
  readonly stateDir: string;
  readonly cwd: string;
  readonly platform: 'linux' | 'darwin' | 'win32' | 'other';
  /** Value of a variable that the agent would inherit. To find the user's files, never to be copied into the plan. */
  inherited(name: string): string | undefined;
  /** Joins path segments for this platform. */
  join(...parts: string[]): string;
}

/** What a recipe contributes to the plan. Neither `args` nor `promptArgs` ever holds a key. */
export interface Recipe {
  readonly args: readonly string[];
  /** What carries the prompt; comes after the user's flags. */
  readonly promptArgs?: readonly string[];
  readonly env: Readonly<Record<string, EnvValue>>;
  readonly unset?: readonly UnsetVariable[];
  /** Private files, made from the final variables where the tool reads them from the file before its environment. */
  readonly files?: readonly PrivateFile[] | ((env: Readonly<Record<string, EnvValue>>) => readonly PrivateFile[]);
  readonly notes?: readonly PlanNote[];
}

/** Why a recipe cannot be made. */
export interface RecipeRefusal {
  readonly code: 'not-repointable' | 'needs-gateway' | 'invalid' | 'untrusted';
  readonly refusal: string;
  readonly hint: string;
}

export interface InstallInstruction {
  /** What to type into a shell. */
  readonly command: string;
  /** The same for PowerShell, where it differs. */
  readonly windowsCommand?: string;
  readonly url: string;
}

export interface ToolRecord {
  readonly name: string;
  readonly displayName: string;
  /** Looked for on PATH; 'chat' is Operator's own. */
  readonly command: string;
  /** Arguments that print the version. */
  readonly versionArgs: readonly string[];
  /** Lowest version that the recipes are known to work with. */
  readonly minVersion?: string;
  readonly install: InstallInstruction;
  /** Codicon id. */
  readonly icon: string;
  /** Builtin server of a delegator without `model_server`. */
  readonly builtinServer?: string;
  /**
   * What a delegator without `model_server` runs on when that is none of the builtin servers: the tool as the user has it.
   * With neither this nor `builtinServer`, a server must be named (chat, custom tools).
   */
  readonly ownService?: { readonly name: string; readonly displayName: string; readonly url: string };
  /** It names models `provider/model` itself: without a model server, what looks like a prefix of ours is a provider of its own. */
  readonly ownModelNames?: 'provider/model';
  /** Protocols it speaks, preferred first. */
  readonly protocols: readonly Protocol[];
  /** Model names that the tool itself understands on its builtin server. */
  readonly modelAliases: readonly string[];
  readonly permissionModes: readonly string[];
  /** Whether it can be told to ask for no permission at all. */
  readonly yolo: boolean;
  /** Whether it goes through a SOCKS proxy; every tool goes through HTTP proxies. */
  readonly socksProxy: boolean;
  /** Whether it makes a git worktree of its own on request. */
  readonly worktrees: boolean;
  /** Keys of `model_properties` that it has a setting for. */
  readonly modelProperties: readonly string[];
  /** Shown on the row and in the plan, such as the end of a service. */
  readonly notice?: string;
  /** Where the facts come from. */
  readonly sources: readonly string[];
  /** The tool as the user has it: own login, own default server. Only model, prompt, permissions and flags are passed. */
  vendor(input: RecipeInput): Recipe | RecipeRefusal;
  /** The tool pointed at `input.server`. Called only for a protocol in `protocols`; returns a reason when this tool cannot be pointed anywhere. */
  custom(input: RecipeInput): Recipe | RecipeRefusal;
}

/** A tool known to Operator: from the catalogue or from `[[llm_tools.custom]]`. */
export interface LlmTool {
  readonly record: ToolRecord;
  readonly custom?: CustomTool;
}

export type Detection =
  | { readonly state: 'unknown' }
  | { readonly state: 'detecting' }
  | { readonly state: 'builtin'; readonly version: string }
  /** `version` is absent when the tool did not tell in time; `problem` says why. */
  | {
      readonly state: 'found';
      readonly path: string;
      /** argv that starts it when that is not `path` itself: what stands behind a Windows command shim. */
      readonly startWith?: readonly string[];
      readonly version?: string;
      readonly outdated: boolean;
      readonly problem?: string;
    }
  | { readonly state: 'missing' };
