/** `GET /v1beta/models` of the Gemini API: names with a `models/` prefix, pages of at most 1000. */
import * as z from 'zod';
import { apiUrl } from '../address.ts';
import { filled, type Listing, type ListingPage, positive } from './page.ts';

const model = z.looseObject({
  name: z.string().min(1),
  displayName: z.string().nullish().catch(undefined),
  inputTokenLimit: z.number().nullish().catch(undefined),
  supportedGenerationMethods: z.array(z.string()).nullish().catch(undefined),
  /** Present where the model can. ai.google.dev/api/models */
  thinking: z.boolean().nullish().catch(undefined),
});

const page = z.looseObject({
  // An empty account answers `{}`, so the list may be missing where nothing else speaks against it.
  models: z.array(z.unknown()).nullish(),
  nextPageToken: z.string().nullish().catch(undefined),
});

export const googleListing: Listing = {
  url: (server) => `${apiUrl(server, 'gemini', '/models')}?pageSize=1000`,
  parse: parseGoogleModels,
};

export function parseGoogleModels(value: unknown): ListingPage | undefined {
  const parsed = page.safeParse(value);
  if (!parsed.success) return undefined;
  const { models, nextPageToken } = parsed.data;
  if (!models && Object.keys(parsed.data).length > 0) return undefined;
  const entries = (models ?? []).map((entry) => model.safeParse(entry)).flatMap((entry) => (entry.success ? [entry.data] : []));
  if (entries.length === 0 && models && models.length > 0) return undefined;
  return {
    models: entries.map((entry) => {
      const id = entry.name.replace(/^models\//, '');
      const displayName = filled(entry.displayName);
      return {
        id,
        ...(displayName !== undefined && displayName !== id && { displayName }),
        ...(positive(entry.inputTokenLimit) && { contextWindow: positive(entry.inputTokenLimit) }),
        ...(entry.thinking && { capabilities: ['reasoning'] }),
        type: typeOf(entry.supportedGenerationMethods),
      };
    }),
    ...(nextPageToken && { next: { pageToken: nextPageToken } }),
  };
}

function typeOf(methods: readonly string[] | null | undefined): 'chat' | 'embedding' | 'other' {
  if (!methods || methods.includes('generateContent')) return 'chat';
  return methods.some((method) => /^(?:batch)?embed/i.test(method)) ? 'embedding' : 'other';
}
