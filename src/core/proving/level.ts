/** What a level is: asked of a model, and judged. */
import type { Result } from '../../base/result.ts';
import type { ModelServer } from '../config/model.ts';
import type { Health, ModelInfo } from '../servers/health.ts';
import type { LevelFailure, LevelId, Speed } from './model.ts';
import type { Limits, Question, Stopped, Told } from './wire.ts';

/** What a level found. `cancelled` by whoever waits is no finding. */
export type Finding =
  | { readonly type: 'passed'; readonly speed?: Speed; readonly warnings?: readonly string[] }
  | { readonly type: 'failed'; readonly failure: LevelFailure; readonly speed?: Speed }
  | { readonly type: 'skipped'; readonly reason: string }
  | { readonly type: 'cancelled' };

/** What is known of the model before a level runs; nothing is asked for it. */
export interface ModelFacts {
  readonly server: ModelServer;
  readonly model: string;
  readonly info: ModelInfo | undefined;
}

export interface LevelContext {
  readonly server: ModelServer;
  readonly model: string;
  /** One probe for the whole test. */
  probe(): Promise<Health>;
  ask(question: Omit<Question, 'maxTokens'>): Promise<Result<Told, Stopped>>;
  /** Three digits that nobody can know beforehand, others each time. */
  number(): string;
  /** The turn that called the tool, for the level after it. */
  readonly turn: { called?: { readonly secret: string; readonly told: Told } };
}

export interface Level {
  readonly id: LevelId;
  /** As people read it, such as "calls a tool". */
  readonly title: string;
  /** Levels that must have passed. */
  readonly needs: readonly LevelId[];
  /** Requests to the model, at most. */
  readonly requests: number;
  /** Tokens that one request sends, roughly. */
  readonly inputTokens: number;
  readonly limits: Limits;
  /** Why it does not apply to this model; one that is asked for by name runs all the same. */
  skip?(facts: ModelFacts): string | undefined;
  run(context: LevelContext): Promise<Finding>;
}
