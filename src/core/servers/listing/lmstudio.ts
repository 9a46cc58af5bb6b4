/** LM Studio's own listing (`/api/v1/models`, since 0.4.0): sizes, largest context, and what each loaded instance has. lmstudio.ai/docs/developer/rest/list */
import * as z from 'zod';
import type { ModelInfo } from '../health.ts';
import { filled, type Listing, type ListingPage, positive } from './page.ts';

const model = z.looseObject({
  key: z.string().min(1),
  type: z.string().nullish().catch(undefined),
  display_name: z.string().nullish().catch(undefined),
  quantization: z.looseObject({ name: z.string().nullish().catch(undefined) }).nullish().catch(undefined),
  size_bytes: z.number().nullish().catch(undefined),
  params_string: z.string().nullish().catch(undefined),
  max_context_length: z.number().nullish().catch(undefined),
  loaded_instances: z
    .array(z.looseObject({ id: z.string().nullish().catch(undefined), config: z.looseObject({ context_length: z.number().nullish().catch(undefined) }).nullish().catch(undefined) }))
    .nullish()
    .catch(undefined),
  capabilities: z
    .looseObject({ vision: z.boolean().nullish().catch(undefined), trained_for_tool_use: z.boolean().nullish().catch(undefined), reasoning: z.unknown().optional() })
    .nullish()
    .catch(undefined),
});

const list = z.looseObject({ models: z.array(z.unknown()) });

export const lmstudioListing: Listing = {
  url: (server) => `${server.baseUrl}/api/v1/models`,
  parse: parseLmstudioModels,
};

export function parseLmstudioModels(value: unknown): ListingPage | undefined {
  const parsed = list.safeParse(value);
  if (!parsed.success) return undefined;
  const entries = parsed.data.models;
  const models = entries.map((entry) => model.safeParse(entry)).flatMap((entry) => (entry.success ? [toModelInfo(entry.data)] : []));
  return models.length === 0 && entries.length > 0 ? undefined : { models };
}

/** LM Studio answers 200 to everything; what it does not know has only this text. github.com/lmstudio-ai/lmstudio-bug-tracker/issues/618 */
export function isUnknownEndpoint(value: unknown): boolean {
  const parsed = z.looseObject({ error: z.string() }).safeParse(value);
  return parsed.success && /unexpected endpoint or method/i.test(parsed.data.error);
}

function toModelInfo(entry: z.infer<typeof model>): ModelInfo {
  const instances = entry.loaded_instances ?? [];
  // Several instances of one model: a request by the model's key goes to the first.
  const loadedContext = positive(instances[0]?.config?.context_length);
  const displayName = filled(entry.display_name);
  const capabilities = [...(entry.capabilities?.trained_for_tool_use ? ['tools'] : []), ...(entry.capabilities?.vision ? ['vision'] : []), ...(entry.capabilities?.reasoning ? ['reasoning'] : [])];
  return {
    id: entry.key,
    ...(displayName !== undefined && displayName !== entry.key && { displayName }),
    ...(positive(entry.size_bytes) && { sizeBytes: positive(entry.size_bytes) }),
    ...(filled(entry.params_string) && { parameters: filled(entry.params_string) }),
    ...(filled(entry.quantization?.name) && { quantization: filled(entry.quantization?.name) }),
    ...(positive(entry.max_context_length) && { contextWindow: positive(entry.max_context_length) }),
    ...(loadedContext && { loadedContext }),
    loaded: instances.length > 0,
    ...(capabilities.length > 0 && { capabilities }),
    ...(typeof entry.capabilities?.trained_for_tool_use === 'boolean' && { supportsTools: entry.capabilities.trained_for_tool_use }),
    type: entry.type === 'embedding' ? 'embedding' : entry.type === 'llm' || entry.type === 'vlm' || !entry.type ? 'chat' : 'other',
  };
}
