/** What can be done with the models of a server besides using them: get, load, unload, delete, copy, look at. Plain data and the use cases. */

export const lifecycleAbilities = ['pull', 'load', 'unload', 'remove', 'copy', 'show'] as const;
export type LifecycleAbility = (typeof lifecycleAbilities)[number];

/** How far a download is. All numbers are of the whole model, whatever it consists of, as far as its parts are known. */
export interface PullProgress {
  /** What the server does now, in words: "downloading", "verifying sha256 digest". */
  readonly status: string;
  /** Bytes that are there, those of an earlier attempt included. */
  readonly doneBytes: number;
  /** 0 as long as it is not known. Grows while the server finds more parts. */
  readonly totalBytes: number;
  /** Of the last seconds; absent until it can be told. */
  readonly bytesPerSecond?: number;
  /** At that speed; absent where nothing moves. */
  readonly remainingMs?: number;
}

/** A download that this Operator started and follows. */
export interface RunningPull {
  readonly model: string;
  readonly progress: PullProgress;
}

export interface PullOutcome {
  readonly model: string;
  /** Everything was there before; nothing had to be downloaded. */
  readonly already: boolean;
}

export interface LoadOutcome {
  /** As the server names it. */
  readonly model: string;
  /** It was loaded with the same context before. */
  readonly already: boolean;
  /** Tokens that it is loaded with, where the server tells. */
  readonly contextLength?: number;
}

export interface UnloadOutcome {
  readonly model: string;
  /** How many instances were unloaded; 0: it was not loaded. */
  readonly instances: number;
}

/** What a server tells about one of its models. What it does not tell is absent. */
export interface ModelDetails {
  readonly model: string;
  readonly displayName?: string;
  readonly family?: string;
  /** Such as "gguf". */
  readonly format?: string;
  /** Such as "7.6B". */
  readonly parameters?: string;
  readonly quantization?: string;
  readonly sizeBytes?: number;
  /** Tokens that the model takes at most. */
  readonly contextWindow?: number;
  readonly capabilities: readonly string[];
  /** Each loaded instance, with the tokens that it is loaded with. */
  readonly instances: readonly LoadedInstance[];
  /** Epoch ms when the files were changed last. */
  readonly modifiedAt?: number;
  /** Its name or first line; licences are long. */
  readonly license?: string;
  /** Whether a prompt template comes with it; without one it cannot chat well. */
  readonly hasTemplate?: boolean;
  /** Its own settings, one in each: `temperature 0.7`. */
  readonly settings: readonly string[];
  /** The model that a server elsewhere runs for this one. */
  readonly remote?: string;
  readonly digest?: string;
}

export interface LoadedInstance {
  readonly id: string;
  readonly contextLength?: number;
  /** Of memory. */
  readonly bytes?: number;
  /** Epoch ms when the server will unload it. */
  readonly until?: number;
}

/** A model that can be pulled, for pickers. */
export interface PullSuggestion {
  readonly model: string;
  /** A few words, such as "20B, tools, thinking". */
  readonly about: string;
}

export interface LifecycleOptions {
  readonly signal?: AbortSignal;
}

export interface PullOptions extends LifecycleOptions {
  /** Called for every step, many times in a second. */
  readonly onProgress?: (progress: PullProgress) => void;
}

export interface LoadOptions extends LifecycleOptions {
  /** Tokens; the server's own choice when left out. */
  readonly contextLength?: number;
  /** How long it stays loaded unused, as the server writes it ("30m", "-1"); the server's own choice when left out. */
  readonly keepAlive?: string;
}

/**
 * The use cases. `server` is a name or an id. After each change the server is probed again, so that trees and pickers are right.
 * They throw OperatorError: 'not-found' (no such server or model; the hint names what there is), 'refused' (its kind cannot do it,
 * an untrusted workspace, or the server itself declined), 'credential', 'http' (no or a broken answer), 'cancelled'.
 */
export interface ModelLifecycle {
  /** What the kind of a server can do; nothing for an unknown server or one that cannot be used. */
  abilities(server: string): ReadonlySet<LifecycleAbility>;
  /** What may be worth pulling: what delegators name and the server lacks, then what is well known. */
  suggestions(server: string): readonly PullSuggestion[];
  /** How often it is asked again, what came already is kept. Resolves when the model can be used. */
  pull(server: string, model: string, options?: PullOptions): Promise<PullOutcome>;
  /** Never makes a second instance: one with another context is replaced. */
  load(server: string, model: string, options?: LoadOptions): Promise<LoadOutcome>;
  /** All its instances. */
  unload(server: string, model: string, options?: LifecycleOptions): Promise<UnloadOutcome>;
  /** Deletes its files. Asks nobody. @returns its name as the server had it */
  remove(server: string, model: string, options?: LifecycleOptions): Promise<string>;
  /** Never onto a name that is there. @returns the names as the server has them */
  copy(server: string, from: string, to: string, options?: LifecycleOptions): Promise<{ readonly from: string; readonly to: string }>;
  show(server: string, model: string, options?: LifecycleOptions): Promise<ModelDetails>;
}
