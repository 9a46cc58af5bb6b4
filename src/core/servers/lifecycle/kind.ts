/** What a kind of server brings for the lifecycle of its models: the calls it has, and what to do where it has none. */
import type { ModelServer } from '../../config/model.ts';
import type { Clock, Http } from '../../ports.ts';
import type { LifecycleAbility, LoadOptions, LoadOutcome, ModelDetails, PullOutcome, PullProgress, PullSuggestion, UnloadOutcome } from './model.ts';

/** One call on one server. */
export interface LifecycleCall {
  readonly server: ModelServer;
  /** Undefined: none is sent. */
  readonly key: string | undefined;
  readonly http: Http;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The abilities as functions; one that is missing is one that the server does not have. They throw OperatorError. */
export interface LifecycleActions {
  readonly pull?: (call: LifecycleCall, model: string, onProgress: (progress: PullProgress) => void) => Promise<PullOutcome>;
  readonly load?: (call: LifecycleCall, model: string, options: Pick<LoadOptions, 'contextLength' | 'keepAlive'>) => Promise<LoadOutcome>;
  readonly unload?: (call: LifecycleCall, model: string) => Promise<UnloadOutcome>;
  readonly remove?: (call: LifecycleCall, model: string) => Promise<string>;
  readonly copy?: (call: LifecycleCall, from: string, to: string) => Promise<{ readonly from: string; readonly to: string }>;
  readonly show?: (call: LifecycleCall, model: string) => Promise<ModelDetails>;
}

export interface LifecycleKind {
  /** The same that {@link actions} has, known without loading them. */
  readonly abilities: readonly LifecycleAbility[];
  readonly actions: () => Promise<LifecycleActions>;
  /** For an ability that it lacks: how the same is done there, an imperative sentence without a trailing period. */
  readonly instead: Partial<Readonly<Record<LifecycleAbility, string>>>;
  /** What becomes of a download that is no longer followed; the same form. */
  readonly afterCancel: string;
  readonly suggestions: readonly PullSuggestion[];
}
