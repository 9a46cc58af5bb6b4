/** Ollama's own listing: `/api/tags` is what is on disk, `/api/ps` what is loaded. github.com/ollama/ollama/blob/main/api/types.go */
import * as z from 'zod';
import { apiUrl } from '../address.ts';
import type { ModelInfo } from '../health.ts';
import { filled, type Listing, type ListingPage, positive, time, typeByName } from './page.ts';

const details = z
  .looseObject({
    family: z.string().nullish().catch(undefined),
    parameter_size: z.string().nullish().catch(undefined),
    quantization_level: z.string().nullish().catch(undefined),
    context_length: z.number().nullish().catch(undefined),
  })
  .nullish()
  .catch(undefined);

const tag = z.looseObject({
  name: z.string().min(1),
  size: z.number().nullish().catch(undefined),
  /** When it was pulled or made here. */
  modified_at: z.string().nullish().catch(undefined),
  /** A model of Ollama's cloud: its prompts leave this machine. */
  remote_host: z.string().nullish().catch(undefined),
  details,
  capabilities: z.array(z.string()).nullish().catch(undefined),
});

const running = z.looseObject({
  name: z.string().min(1),
  size: z.number().nullish().catch(undefined),
  size_vram: z.number().nullish().catch(undefined),
  expires_at: z.string().nullish().catch(undefined),
  context_length: z.number().nullish().catch(undefined),
});

/** An empty list is `[]`, in old versions null. */
const list = z.looseObject({ models: z.array(z.unknown()).nullable() });

export const ollamaListing: Listing = {
  url: (server) => apiUrl(server, 'ollama', '/tags'),
  parse: parseOllamaTags,
};

export function parseOllamaTags(value: unknown): ListingPage | undefined {
  const parsed = list.safeParse(value);
  if (!parsed.success) return undefined;
  const entries = parsed.data.models ?? [];
  const models = entries.map((entry) => tag.safeParse(entry)).flatMap((entry) => (entry.success ? [toModelInfo(entry.data)] : []));
  return models.length === 0 && entries.length > 0 ? undefined : { models };
}

/** Adds what `/api/ps` says to the models of `/api/tags`. Something that is no such list changes nothing. */
export function withRunning(models: readonly ModelInfo[], value: unknown): readonly ModelInfo[] {
  const parsed = list.safeParse(value);
  if (!parsed.success) return models;
  const loaded = new Map((parsed.data.models ?? []).map((entry) => running.safeParse(entry)).flatMap((entry) => (entry.success ? [[tagged(entry.data.name), entry.data] as const] : [])));
  return models.map((model) => {
    const entry = loaded.get(tagged(model.id));
    if (!entry) return { ...model, loaded: false };
    const loadedBytes = positive(entry.size) ?? positive(entry.size_vram);
    return {
      ...model,
      loaded: true,
      ...(positive(entry.context_length) && { loadedContext: positive(entry.context_length) }),
      ...(time(entry.expires_at) && { loadedUntil: time(entry.expires_at) }),
      ...(loadedBytes && { loadedBytes }),
    };
  });
}

/** A name without a tag means `:latest`. */
function tagged(name: string): string {
  return /:[^/]*$/.test(name) ? name : `${name}:latest`;
}

function toModelInfo(entry: z.infer<typeof tag>): ModelInfo {
  const isRemote = filled(entry.remote_host) !== undefined;
  const contextWindow = positive(entry.details?.context_length);
  const created = time(entry.modified_at);
  const capabilities = entry.capabilities && entry.capabilities.length > 0 ? entry.capabilities : undefined;
  return {
    id: entry.name,
    // What a cloud model has on disk is only its description.
    ...(!isRemote && positive(entry.size) && { sizeBytes: positive(entry.size) }),
    ...(filled(entry.details?.parameter_size) && { parameters: filled(entry.details?.parameter_size) }),
    ...(filled(entry.details?.quantization_level) && { quantization: filled(entry.details?.quantization_level) }),
    ...(contextWindow && { contextWindow }),
    ...(created && { created }),
    ...(capabilities ? ollamaCapabilities(capabilities, isRemote) : isRemote && { capabilities: ['cloud'] }),
    type: capabilities ? ollamaType(capabilities) : /bert/i.test(entry.details?.family ?? '') ? 'embedding' : typeByName(entry.name),
  };
}

/** Ollama's words for what a model can do, as ours. A list of them is complete: what is not in it the model cannot do. */
export function ollamaCapabilities(said: readonly string[], isRemote: boolean): Pick<ModelInfo, 'capabilities' | 'supportsTools'> {
  const words = said.filter((word) => word !== 'completion').map((word) => (word === 'thinking' ? 'reasoning' : word));
  const capabilities = [...words, ...(isRemote ? ['cloud'] : [])];
  return { ...(capabilities.length > 0 && { capabilities }), supportsTools: said.includes('tools') };
}

export function ollamaType(capabilities: readonly string[]): ModelInfo['type'] {
  return capabilities.includes('completion') ? 'chat' : capabilities.includes('embedding') ? 'embedding' : 'other';
}
