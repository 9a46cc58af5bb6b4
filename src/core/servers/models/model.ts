/**
 * The catalogue of models: what a server lists, with what each model is good for, from a cache where that is fresh enough.
 * A probe says whether a server works; a catalogue says what to choose there.
 */
import type { Event } from '../../../base/event.ts';
import type { HealthCause, ModelInfo } from '../health.ts';

/** Coarse, from the model's name: the order of shortlists. */
export const modelTiers = ['flagship', 'balanced', 'reasoning', 'cheap', 'embedding', 'other'] as const;
export type ModelTier = (typeof modelTiers)[number];

/** Why the shortlist leaves a model out. */
export type HiddenReason =
  | 'not-chat' //   embeddings, speech, pictures, moderation
  | 'deprecated' // the vendor or its name says so
  | 'preview' //    preview, experimental, alpha, beta, or a dated snapshot
  | 'old' //        published too long ago
  | 'no-tools' //   known not to call tools, which every agent needs
  | 'dated'; //     a snapshot of a model that is listed under its plain name too

export interface CatalogueModel extends ModelInfo {
  readonly tier: ModelTier;
  /** Absent: on the shortlist. `words` follow the model's name: "older than 18 months". */
  readonly hidden?: { readonly reason: HiddenReason; readonly words: string };
}

export type CatalogueSource =
  /** Asked just now. */
  | 'live'
  /** From the cache, and fresh enough. */
  | 'cache'
  /** From the cache, and old: it is being asked again (`refreshing`), or that failed (`error`). */
  | 'stale'
  /** The server gave none; these are the `models` of operator.toml. */
  | 'declared'
  /** Nothing was asked: a key is missing, the entry is broken, the workspace is not trusted. */
  | 'unconfigured'
  /** It was asked and gave no list, and there is none in the cache. */
  | 'unavailable';

export interface CatalogueError {
  readonly message: string;
  readonly hint?: string;
  /** Absent where it was not asked. */
  readonly cause?: HealthCause;
}

export interface ModelCatalogue {
  /** `entityId` of the server. */
  readonly serverId: string;
  readonly serverName: string;
  readonly source: CatalogueSource;
  /** Epoch ms when the server gave this list; absent where it did not. */
  readonly fetchedAt?: number;
  /** The server is being asked; `onDidChange` tells of its answer. */
  readonly refreshing: boolean;
  /** Why it is not newer, or not there. */
  readonly error?: CatalogueError;
  /** Worth knowing, such as a list that broke off. */
  readonly warnings: readonly string[];
  /** The shortlist, best first; with `all`, then the hidden ones. */
  readonly models: readonly CatalogueModel[];
  /** How many the shortlist leaves out, shown here or not. */
  readonly hiddenCount: number;
}

export interface CatalogueView {
  /** Shows previews, experiments and dated snapshots too. */
  readonly preview?: boolean;
  /** Gives the hidden models too, each with its reason. */
  readonly all?: boolean;
}

export interface ListModelsOptions extends CatalogueView {
  /** Asks the server however fresh the cache is. */
  readonly refresh?: boolean;
  readonly signal?: AbortSignal;
}

export interface ModelCatalogues {
  /**
   * The models of a server: from the cache while that is fresh, at once and refreshed in the background while it is not too old,
   * else asked. Servers on this machine are always asked. What goes wrong is in the catalogue.
   * @throws OperatorError 'not-found' without such a server, 'cancelled' when `signal` is aborted
   */
  list(serverNameOrId: string, options?: ListModelsOptions): Promise<ModelCatalogue>;
  /** What is in memory, at once; undefined where nothing is yet (it is then looked for in the cache, without any network). */
  peek(serverNameOrId: string, view?: CatalogueView): ModelCatalogue | undefined;
  /** Fires with the `entityId` of a server whose catalogue changed. */
  readonly onDidChange: Event<string>;
  /** Resolves when no refresh is under way. Never rejects. */
  settled(): Promise<void>;
}
