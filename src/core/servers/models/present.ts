/** A list of models and what is known of it, as the catalogue that people see. Pure. */
import type { ModelServer } from '../../config/model.ts';
import { causesOfNoList, type ModelInfo } from '../health.ts';
import { type CachedList, freshness } from './freshness.ts';
import { type Curation, curate } from './curate.ts';
import type { CatalogueError, CatalogueSource, CatalogueView, ModelCatalogue } from './model.ts';

export interface CatalogueFacts {
  readonly serverId: string;
  readonly server: ModelServer;
  readonly list?: CachedList;
  /** The list is the answer to the question that was just asked. */
  readonly isLive: boolean;
  readonly refreshing: boolean;
  readonly error?: CatalogueError;
  /** Nothing may or can be asked. */
  readonly isBlocked?: boolean;
  /** Models that operator.toml names for this server, besides its `models`. */
  readonly used?: readonly string[];
}

export function presentCatalogue(facts: CatalogueFacts, view: CatalogueView, now: number): ModelCatalogue {
  const { serverId, server, list, refreshing } = facts;
  // A server without a usable list whose models are written down: that is as good.
  const error = !list && server.models.length > 0 && facts.error?.cause !== undefined && causesOfNoList.includes(facts.error.cause) ? undefined : facts.error;
  const { shown, hidden } = curateFor(server, withDeclared(list?.models ?? [], server), { now, preview: view.preview ?? false, used: facts.used });
  return {
    serverId,
    serverName: server.name,
    source: sourceOf(facts, now),
    ...(list && { fetchedAt: list.fetchedAt }),
    refreshing,
    ...(error && { error }),
    warnings: list?.warnings ?? [],
    models: view.all ? [...shown, ...hidden] : shown,
    hiddenCount: hidden.length,
  };
}

function sourceOf({ server, list, isLive, error, isBlocked }: CatalogueFacts, now: number): CatalogueSource {
  if (list && isLive) return 'live';
  if (list) return error || freshness(list, now) !== 'fresh' ? 'stale' : 'cache';
  if (server.models.length > 0) return 'declared';
  return isBlocked ? 'unconfigured' : 'unavailable';
}

/** Curates the models of one server: whose choice they are follows from what it is and where it runs. */
export function curateFor(server: ModelServer, models: readonly ModelInfo[], { now, preview, used = [] }: { readonly now: number; readonly preview: boolean; readonly used?: readonly string[] }): Curation {
  return curate(models, { now, preview, choice: choiceOf(server), named: new Set([...server.models, ...used]) });
}

/**
 * On Ollama, LM Studio and the like lies what somebody put there, wherever they run; so it is with any server on one's own
 * machine or network. A LiteLLM proxy passes vendors' lists on, and says 2023 of every model.
 */
function choiceOf({ kind, placement }: ModelServer): 'vendor' | 'owner' {
  switch (kind) {
    case 'ollama':
    case 'lmstudio':
    case 'llamacpp':
    case 'vllm':
    case 'localai':
    case 'litellm':
      return 'owner';
    case 'anthropic-api':
    case 'openai-api':
    case 'google-api':
    case 'openrouter':
    case 'huggingface':
      return 'vendor';
    case 'openai-compat':
      return placement === 'third-party' ? 'vendor' : 'owner';
  }
}

/** What operator.toml names is there, also where the server does not list it. */
function withDeclared(models: readonly ModelInfo[], server: ModelServer): readonly ModelInfo[] {
  if (server.models.length === 0) return models;
  const listed = new Set(models.map(({ id }) => id));
  return [...models, ...server.models.filter((id) => !listed.has(id)).map((id): ModelInfo => ({ id, type: 'chat' }))];
}
