/** The models of a session in each client's own shape. Pure. */
import type { UpstreamTarget } from '../core/gateway/model.ts';
import type { JsonObject } from './protocol/ir.ts';
import { claudeNames, preferredName } from './routing/claude-names.ts';

export type ListShape = 'openai' | 'anthropic' | 'gemini' | 'ollama';

/** @param since epoch ms, for wires that want a date */
export function modelList(targets: readonly UpstreamTarget[], shape: ListShape, since: number): JsonObject {
  switch (shape) {
    case 'openai':
      return { object: 'list', data: targets.map((target) => openaiModel(target, since)) };
    case 'anthropic': {
      const names = claudeNames(targets);
      const data = targets.map((target, index) => anthropicModel(target, names[index] ?? preferredName(target), since));
      return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
    }
    case 'gemini':
      return { models: targets.map(geminiModel) };
    case 'ollama':
      return { models: targets.map((target) => ollamaModel(target, since)) };
  }
}

/** One of `targets`. */
export function modelEntry(targets: readonly UpstreamTarget[], target: UpstreamTarget, shape: ListShape, since: number): JsonObject {
  switch (shape) {
    case 'openai':
      return openaiModel(target, since);
    case 'anthropic':
      return anthropicModel(target, claudeNames(targets)[targets.indexOf(target)] ?? preferredName(target), since);
    case 'gemini':
      return geminiModel(target);
    case 'ollama':
      return ollamaModel(target, since);
  }
}

function openaiModel(target: UpstreamTarget, since: number): JsonObject {
  return { id: preferredName(target), object: 'model', created: Math.floor(since / 1000), owned_by: target.server.name, ...(target.contextWindow === undefined ? {} : { context_length: target.contextWindow }) };
}

function anthropicModel(target: UpstreamTarget, id: string, since: number): JsonObject & { readonly id: string } {
  return { type: 'model', id, display_name: `${target.model} (${target.server.displayName})`, created_at: new Date(since).toISOString() };
}

function geminiModel(target: UpstreamTarget): JsonObject {
  return {
    name: `models/${preferredName(target)}`,
    displayName: target.model,
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
    ...(target.contextWindow === undefined ? {} : { inputTokenLimit: target.contextWindow }),
  };
}

function ollamaModel(target: UpstreamTarget, since: number): JsonObject {
  const name = preferredName(target);
  return { name, model: name, modified_at: new Date(since).toISOString(), size: 0, digest: '', details: { format: '', family: '', families: [], parameter_size: '', quantization_level: '' } };
}
