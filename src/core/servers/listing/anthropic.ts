/** `GET /v1/models` as Anthropic has it: pages of at most 1000, newer versions with the limits of each model. */
import * as z from 'zod';
import { apiUrl } from '../address.ts';
import { filled, type Listing, type ListingPage, positive } from './page.ts';

const model = z.looseObject({
  id: z.string().min(1),
  display_name: z.string().nullish().catch(undefined),
  max_input_tokens: z.number().nullish().catch(undefined),
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
    models: entries.map(({ id, display_name: displayName, max_input_tokens: contextWindow }) => ({
      id,
      ...(filled(displayName) !== undefined && displayName !== id && { displayName: filled(displayName) }),
      ...(positive(contextWindow) && { contextWindow: positive(contextWindow) }),
      type: 'chat' as const,
    })),
    ...(hasMore && lastId && { next: { after_id: lastId } }),
  };
}
