/**
 * `GET /v1/models` as OpenAI has it, with what others add to it: llama.cpp (`meta`, `status`), vLLM (`max_model_len`),
 * OpenRouter (`context_length`, `architecture`), Hugging Face (`providers`), Mistral, Groq, Together.
 */
import * as z from 'zod';
import { openaiBaseUrl } from '../address.ts';
import type { ModelInfo } from '../health.ts';
import { filled, type Listing, type ListingPage, positive, typeByName } from './page.ts';

const number = z.number().nullish().catch(undefined);
const text = z.string().nullish().catch(undefined);

const model = z.looseObject({
  id: z.string().min(1),
  name: text,
  display_name: text,
  owned_by: text,
  /** vLLM, SGLang. */
  max_model_len: number,
  /** OpenRouter, Together. */
  context_length: number,
  /** Groq. */
  context_window: number,
  /** Mistral. */
  max_context_length: number,
  /** llama.cpp; null while it loads. */
  meta: z.looseObject({ n_ctx_train: number, n_ctx: number, n_params: number, size: number }).nullish().catch(undefined),
  /** llama.cpp's router. */
  status: z.looseObject({ value: text }).nullish().catch(undefined),
  /** OpenRouter. */
  architecture: z.looseObject({ output_modalities: z.array(z.string()).nullish().catch(undefined) }).nullish().catch(undefined),
  supported_parameters: z.array(z.string()).nullish().catch(undefined),
  /** Hugging Face's router. */
  providers: z.array(z.looseObject({ context_length: number, supports_tools: z.boolean().nullish().catch(undefined) })).nullish().catch(undefined),
  /** Together. */
  type: text,
});

/** Together answers with the bare array; some proxies leave out `object`. */
const list = z.union([z.looseObject({ data: z.array(z.unknown()) }).transform(({ data }) => data), z.array(z.unknown())]);

export const openaiListing: Listing = {
  url: (server) => `${openaiBaseUrl(server)}/models`,
  parse: parseOpenaiModels,
};

export function parseOpenaiModels(value: unknown): ListingPage | undefined {
  const entries = list.safeParse(value);
  if (!entries.success) return undefined;
  const models = entries.data.map((entry) => model.safeParse(entry)).flatMap((parsed) => (parsed.success ? [toModelInfo(parsed.data)] : []));
  // A list of things of which none is a model is another API.
  return models.length === 0 && entries.data.length > 0 ? undefined : { models };
}

function toModelInfo(entry: z.infer<typeof model>): ModelInfo {
  const { meta, status, providers, architecture } = entry;
  const displayName = filled(entry.display_name) ?? filled(entry.name);
  const contextWindow =
    positive(meta?.n_ctx_train) ?? positive(entry.max_model_len) ?? positive(entry.context_length) ?? positive(entry.context_window) ?? positive(entry.max_context_length) ?? largest(providers?.map((provider) => positive(provider.context_length)));
  const outputs = architecture?.output_modalities;
  const hasTools = entry.supported_parameters?.includes('tools') || providers?.some((provider) => provider.supports_tools);
  const loadedContext = positive(meta?.n_ctx);
  return {
    id: entry.id,
    ...(displayName !== undefined && displayName !== entry.id && { displayName }),
    ...(positive(meta?.size) && { sizeBytes: positive(meta?.size) }),
    ...(positive(meta?.n_params) && { parameters: parametersText(meta?.n_params ?? 0) }),
    ...(contextWindow && { contextWindow }),
    ...(loadedContext && { loadedContext }),
    ...(filled(status?.value) && { loaded: status?.value === 'loaded' }),
    ...(hasTools && { capabilities: ['tools'] }),
    // "text" alone proves nothing: llama.cpp says it of every model.
    type: outputs && outputs.length > 0 && !outputs.includes('text') ? (outputs.includes('embeddings') ? 'embedding' : 'other') : (declaredType(entry.type) ?? typeByName(entry.id)),
  };
}

/** Together's and others' `type`; an unknown word says nothing. */
function declaredType(type: string | null | undefined): ModelInfo['type'] {
  if (type === 'chat' || type === 'language' || type === 'code' || type === 'llm') return 'chat';
  if (type === 'embedding' || type === 'embeddings') return 'embedding';
  return type === 'image' || type === 'audio' || type === 'moderation' || type === 'rerank' || type === 'video' ? 'other' : undefined;
}

/** 8190735360 → "8.2B". */
function parametersText(count: number): string {
  return count >= 1e9 ? `${Math.round(count / 1e8) / 10}B` : `${Math.round(count / 1e6)}M`;
}

function largest(values: readonly (number | undefined)[] | undefined): number | undefined {
  const known = (values ?? []).filter((value) => value !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}
