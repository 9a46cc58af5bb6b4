/**
 * The rules of shortlists, as data: what each looks at is in `curate.ts`. They judge what a vendor offers; a model that somebody
 * has put on a server of their own is only judged by {@link nonChat}.
 */
import type { ModelTier } from './model.ts';

/** Eighteen months: what is older has a successor. */
export const recencyMs = 540 * 24 * 60 * 60 * 1000;

/** Ids of models that cannot hold a conversation. */
export const nonChat: readonly RegExp[] = [
  /embedding/,
  /whisper/,
  /\btts\b/,
  /dall-?e/,
  /moderation/,
  /imagen/,
  /\bveo\b/,
  /\baqa\b/,
  /\bocr\b/,
  /transcribe/,
  /audio/,
  /realtime/,
];

/** Ids and names of models that are on their way out. */
export const deprecated: readonly RegExp[] = [/deprecated/, /legacy/];

/** Ids of models that are not final, and of dated snapshots. Words, so that an "alpha" inside of a longer word says nothing. */
export const preview: readonly RegExp[] = [/\bpreview\b/, /-exp(?:-|$|:)/, /\bexperimental\b/, /\balpha\b/, /\bbeta\b/, /(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)/];

/** The end of an id that makes it a snapshot of the model before it: -0613, -20250929, -2024-08. */
export const dateSuffix = /-\d{4,8}(?:-\d{2,4})?$/;

/** The first that matches id and name counts; what none matches is 'other'. */
export const tiers: readonly (readonly [ModelTier, readonly RegExp[]])[] = [
  ['embedding', [/embedding/, /(?:^|[-/_:])embed(?:[-/_:]|$)/]],
  ['cheap', [/non-reasoning/]],
  ['reasoning', [/\bo\d+(?:-mini|-pro)?\b/, /\breason/, /\bthinking\b/]],
  ['cheap', [/-mini\b/, /-haiku\b/, /-lite\b/, /-nano\b/, /-small/, /-tiny\b/, /-fast\b/, /\b8b\b/]],
  ['flagship', [/\bopus\b/, /\bfrontier\b/, /\bultra\b/, /\bpro\b/, /\bgpt-5/, /\bgpt-4\.5/, /\bgrok-\d/]],
  ['balanced', [/\bsonnet\b/, /\bgpt-4o/, /\bgemini-[\d.]+-flash/, /\bmedium\b/]],
];
