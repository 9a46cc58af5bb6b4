/** What every listing has in common: where it is asked for, and what one page of it says. */
import type { Addressed } from '../address.ts';
import type { ModelInfo } from '../health.ts';

export interface ListingPage {
  readonly models: readonly ModelInfo[];
  /** Query of the next page, when there is one. */
  readonly next?: Readonly<Record<string, string>>;
}

export interface Listing {
  /** URL of the first page, without a key. */
  url(server: Addressed): string;
  /** Reads one page; undefined when the JSON is no such list. Never throws. */
  parse(value: unknown): ListingPage | undefined;
}

/** A number of tokens or bytes that makes sense, or nothing: servers write 0 and null for "not known". */
export function positive(value: number | null | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}

/** A text that is worth showing, or nothing. */
export function filled(value: string | null | undefined): string | undefined {
  return value === null || value === undefined || value.trim() === '' ? undefined : value;
}

/** Epoch ms of an RFC 3339 time, or nothing; `9999` years and zero times mean "never" and are left out. */
export function time(value: string | null | undefined): number | undefined {
  const at = Date.parse(value ?? '');
  const year = Number.isNaN(at) ? 0 : new Date(at).getUTCFullYear();
  return year > 2000 && year < 2200 ? at : undefined;
}

/** Epoch ms of seconds since 1970, or nothing where they make no sense as the birth of a model. */
export function timeOfSeconds(value: number | null | undefined): number | undefined {
  const at = Math.round((positive(value) ?? 0) * 1000);
  const year = at > 8.64e15 ? 0 : new Date(at).getUTCFullYear();
  return year >= 2015 && year < 2200 ? at : undefined;
}

/** Ids that clearly are no chat models, for listings that do not tell. Unsure counts as chat. */
export function typeByName(id: string): ModelInfo['type'] {
  const name = id.toLowerCase();
  if (/(?:^|[^a-z])embed|(?:^|\/)(?:bge|gte|e5)-|minilm/.test(name)) return 'embedding';
  if (/whisper|(?:^|[-/])tts(?:-|$)|dall-e|gpt-image|moderation|rerank|(?:^|[-/])sora-|transcribe|imagen|(?:^|[-/])veo-|stable-diffusion|flux\.?1|speech/.test(name)) return 'other';
  return 'chat';
}
