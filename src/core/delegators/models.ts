/** What a probe's model list says about the model of a delegator. */
import { closest } from '../../base/text.ts';
import type { ModelServer } from '../config/model.ts';
import type { PlanNote } from '../launch/model.ts';
import type { Health, ModelInfo } from '../servers/health.ts';

/** Agents send some ten to thirty thousand tokens of instructions before the user has said a word. */
const usualMinimum = 32_000;

/** The listed model of that name; Ollama's `:latest` may be left out. */
export function findModel(health: Health, model: string): ModelInfo | undefined {
  return health.models.find(({ id }) => id === model) ?? health.models.find(({ id }) => id === `${model}:latest`);
}

/** The model of a server that serves a single one, as llama.cpp and vLLM do. */
export function onlyModel(health: Health | undefined): string | undefined {
  const models = health?.models.filter(({ type }) => type === undefined || type === 'chat') ?? [];
  return models.length === 1 ? models[0]?.id : undefined;
}

/** Tokens that the model takes as it is loaded, else at most. */
export function contextOf(model: ModelInfo | undefined): number | undefined {
  return model?.loadedContext ?? model?.contextWindow;
}

/**
 * Tokens that the gateway asks Ollama for when it has to load a model (agents fill them, and their memory is taken at once),
 * unless the delegator's `context_window` says otherwise. Ollama's own default is 4,096 on most machines, and it cuts silently.
 */
const ollamaContext = 32_768;

/** Tokens that an agent may count on through the gateway: agent and server are told the same number. */
export function plannedContext(server: ModelServer, model: ModelInfo | undefined): number | undefined {
  const context = contextOf(model);
  if (server.kind !== 'ollama' || model?.loadedContext !== undefined) return context;
  return Math.min(context ?? ollamaContext, ollamaContext);
}

/** What speaks against this model on this server, as far as its list tells. */
export function modelNotes(server: ModelServer, health: Health | undefined, model: string): readonly PlanNote[] {
  if (!health || health.models.length === 0) return [];
  const found = findModel(health, model);
  if (!found) {
    const near = closest(model, health.models.map(({ id }) => id));
    return [{ severity: 'warning', message: `${server.name} does not list the model "${model}"${near === undefined ? '' : `; did you mean "${near}"?`}` }];
  }
  return found.type === 'embedding' ? [{ severity: 'warning', message: `"${model}" is an embedding model and cannot answer` }] : [];
}

/** Coding agents bring long instructions and files along; a chat does not. */
export function contextNotes(server: ModelServer, health: Health | undefined, model: string): readonly PlanNote[] {
  const found = health && findModel(health, model);
  const context = contextOf(found);
  if (context === undefined || context >= usualMinimum || found?.type === 'embedding') return [];
  const how = server.kind === 'ollama' ? '; raise it with OLLAMA_CONTEXT_LENGTH or num_ctx' : '';
  return [{ severity: 'warning', message: `"${model}" ${found?.loadedContext === undefined ? 'takes' : 'is loaded with'} ${context} tokens, less than coding agents usually need${how}` }];
}
