/**
 * `GET /v1/models` as Anthropic has it: pages of at most 1000, newer versions with what each model can do.
 * platform.claude.com/docs/en/api/models/list; the field types are those of @anthropic-ai/sdk's resources/models.
 */
import * as z from 'zod';
import { apiUrl } from '../address.ts';
import type { ModelInfo } from '../health.ts';
import { filled, type Listing, type ListingPage, positive, time } from './page.ts';

const support = z.looseObject({ supported: z.boolean().nullish().catch(undefined) }).nullish().catch(undefined);

const model = z.looseObject({
  id: z.string().min(1),
  display_name: z.string().nullish().catch(undefined),
  created_at: z.string().nullish().catch(undefined),
  max_input_tokens: z.number().nullish().catch(undefined),
  /** 'active', 'deprecated' or 'retired'. */
  lifecycle: z.string().nullish().catch(undefined),
  capabilities: z.looseObject({ image_input: support, structured_outputs: support, thinking: support }).nullish().catch(undefined),
});

const page = z.looseObject({
  data: z.array(z.unknown()),
  has_more: z.boolean().nullish().catch(undefined),
  last_id: z.string().nullish().catch(undefined),
});

export const anthropicListing: Listing = {
  url: (server) => `${apiUrl(server, 'anthropic-messages', '/models')}?limit=1000`,
  parse: parseAnthropicModels,
};

export function parseAnthropicModels(value: unknown): ListingPage | undefined {
  const parsed = page.safeParse(value);
  if (!parsed.success) return undefined;
  const { data, has_more: hasMore, last_id: lastId } = parsed.data;
  const entries = data.map((entry) => model.safeParse(entry)).flatMap((entry) => (entry.success ? [entry.data] : []));
  if (entries.length === 0 && data.length > 0) return undefined;
  return {
    models: entries.map(toModelInfo),
    ...(hasMore && lastId && { next: { after_id: lastId } }),
  };
}

function toModelInfo({ id, display_name: displayName, created_at: createdAt, max_input_tokens: contextWindow, lifecycle, capabilities: can }: z.infer<typeof model>): ModelInfo {
  // Every model there calls tools; the list has no word for it.
  const capabilities = can ? ['tools', ...(can.image_input?.supported ? ['vision'] : []), ...(can.thinking?.supported ? ['reasoning'] : []), ...(can.structured_outputs?.supported ? ['structured-output'] : [])] : undefined;
  return {
    id,
    ...(filled(displayName) !== undefined && displayName !== id && { displayName: filled(displayName) }),
    ...(positive(contextWindow) && { contextWindow: positive(contextWindow) }),
    ...(time(createdAt) && { created: time(createdAt) }),
    ...(capabilities && { capabilities }),
    ...((lifecycle === 'deprecated' || lifecycle === 'retired') && { deprecated: true }),
    type: 'chat',
  };
}
