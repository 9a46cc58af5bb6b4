/**
 * `GET /v1/models` as OpenAI has it, with what others add to it: llama.cpp (`meta`, `status`), vLLM (`max_model_len`),
 * OpenRouter (`context_length`, `architecture`, `pricing`: openrouter.ai/docs/models), Hugging Face (`providers`), Mistral, Groq, Together.
 */
import * as z from 'zod';
import { openaiBaseUrl } from '../address.ts';
import type { ModelInfo, ModelPrice } from '../health.ts';
import { filled, type Listing, type ListingPage, positive, timeOfSeconds, typeByName } from './page.ts';
import { priceOf, toMicros } from './price.ts';

const number = z.number().nullish().catch(undefined);
const text = z.string().nullish().catch(undefined);

const flag = z.boolean().nullish().catch(undefined);
const texts = z.array(z.string()).nullish().catch(undefined);
/** OpenRouter writes texts, Together and Hugging Face numbers. */
const amount = z.union([z.string(), z.number()]).nullish().catch(undefined);

const model = z.looseObject({
  id: z.string().min(1),
  name: text,
  display_name: text,
  owned_by: text,
  /** Seconds since 1970; 0 for "not known" at Together. */
  created: number,
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
  /** OpenRouter, Hugging Face. */
  architecture: z.looseObject({ input_modalities: texts, output_modalities: texts }).nullish().catch(undefined),
  supported_parameters: texts,
  /** OpenRouter per token, Together per million tokens. */
  pricing: z.looseObject({ prompt: amount, completion: amount, input: amount, output: amount }).nullish().catch(undefined),
  /** OpenRouter: the day on which it goes. */
  expiration_date: text,
  /** Mistral: the day on which it goes. */
  deprecation: text,
  capabilities: z.looseObject({ completion_chat: flag, function_calling: flag, vision: flag }).nullish().catch(undefined),
  /** Hugging Face's router. */
  providers: z
    .array(z.looseObject({ status: text, context_length: number, supports_tools: flag, supports_structured_output: flag, pricing: z.looseObject({ input: amount, output: amount }).nullish().catch(undefined) }))
    .nullish()
    .catch(undefined),
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

type Entry = z.infer<typeof model>;

function toModelInfo(entry: Entry): ModelInfo {
  const { meta, status, providers } = entry;
  const displayName = filled(entry.display_name) ?? filled(entry.name);
  const contextWindow =
    positive(meta?.n_ctx_train) ?? positive(entry.max_model_len) ?? positive(entry.context_length) ?? positive(entry.context_window) ?? positive(entry.max_context_length) ?? largest(providers?.map((provider) => positive(provider.context_length)));
  const supportsTools = toolsOf(entry);
  const capabilities = capabilitiesOf(entry, supportsTools);
  const loadedContext = positive(meta?.n_ctx);
  const created = timeOfSeconds(entry.created);
  const price = priceOfEntry(entry);
  const leaves = filled(entry.expiration_date) ?? filled(entry.deprecation);
  return {
    id: entry.id,
    ...(displayName !== undefined && displayName !== entry.id && { displayName }),
    ...(positive(meta?.size) && { sizeBytes: positive(meta?.size) }),
    ...(positive(meta?.n_params) && { parameters: parametersText(meta?.n_params ?? 0) }),
    ...(contextWindow && { contextWindow }),
    ...(loadedContext && { loadedContext }),
    ...(filled(status?.value) && { loaded: status?.value === 'loaded' }),
    ...(capabilities.length > 0 && { capabilities }),
    ...(supportsTools !== undefined && { supportsTools }),
    ...(created && { created }),
    ...(price && { price }),
    ...(leaves !== undefined && { deprecated: true }),
    type: typeOf(entry),
  };
}

/** "text" alone proves nothing: llama.cpp says it of every model. */
function typeOf({ id, type, architecture, capabilities }: Entry): ModelInfo['type'] {
  const outputs = architecture?.output_modalities;
  if (outputs && outputs.length > 0 && !outputs.includes('text')) return outputs.includes('embeddings') ? 'embedding' : 'other';
  const byName = declaredType(type) ?? typeByName(id);
  return capabilities?.completion_chat === false && byName === 'chat' ? 'other' : byName;
}

/** Undefined where the server does not tell. A list of parameters is complete: what is not in it is not taken. */
function toolsOf({ supported_parameters: parameters, providers, capabilities }: Entry): boolean | undefined {
  if (parameters && parameters.length > 0) return parameters.includes('tools');
  const told = (providers ?? []).flatMap(({ supports_tools: tools }) => (typeof tools === 'boolean' ? [tools] : []));
  if (told.length > 0) return told.includes(true);
  return capabilities?.function_calling ?? undefined;
}

function capabilitiesOf({ supported_parameters: parameters, architecture, providers, capabilities }: Entry, supportsTools: boolean | undefined): readonly string[] {
  const inputs = architecture?.input_modalities;
  return [
    ...(supportsTools ? ['tools'] : []),
    ...(inputs?.includes('image') || capabilities?.vision ? ['vision'] : []),
    ...(inputs?.includes('audio') ? ['audio'] : []),
    ...(parameters?.includes('reasoning') || parameters?.includes('include_reasoning') ? ['reasoning'] : []),
    ...(parameters?.includes('structured_outputs') || providers?.some((provider) => provider.supports_structured_output) ? ['structured-output'] : []),
  ];
}

/** Of Hugging Face's providers the cheapest that is up: its router takes that one for `:cheapest`. */
function priceOfEntry({ pricing, providers }: Entry): ModelPrice | undefined {
  const perToken = priceOf(toMicros(pricing?.prompt, 12), toMicros(pricing?.completion, 12));
  if (perToken) return perToken;
  // Together writes 0 for models that are priced by the hour.
  const perMillion = priceOf(toMicros(pricing?.input, 6) || undefined, toMicros(pricing?.output, 6) || undefined);
  if (perMillion) return perMillion;
  const offers = (providers ?? []).filter(({ status }) => status === undefined || status === null || status === 'live').flatMap((provider) => priceOf(toMicros(provider.pricing?.input, 6), toMicros(provider.pricing?.output, 6)) ?? []);
  return offers.sort((a, b) => sum(a) - sum(b))[0];
}

function sum({ inputMicros = Number.MAX_SAFE_INTEGER, outputMicros = Number.MAX_SAFE_INTEGER }: ModelPrice): number {
  return inputMicros + outputMicros;
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
