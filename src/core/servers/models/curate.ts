/** From everything that a server lists to a shortlist: what is left out and why, in which tier the rest is, in which order. Pure. */
import type { ModelInfo } from '../health.ts';
import { type CatalogueModel, type HiddenReason, type ModelTier, modelTiers } from './model.ts';
import { dateSuffix, deprecated, nonChat, preview, recencyMs, tiers } from './rules.ts';

/** Thousands of models are judged while a tree is drawn: one expression is quicker than ten. */
const isNonChat = anyOf(nonChat);
const isDeprecated = anyOf(deprecated);
const isPreview = anyOf(preview);
const tierPatterns = tiers.map(([tier, patterns]) => [tier, anyOf(patterns)] as const);

function anyOf(patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => `(?:${source})`).join('|'));
}

export interface CurationOptions {
  /** Epoch ms. */
  readonly now: number;
  /** Keeps previews, experiments and dated snapshots. */
  readonly preview: boolean;
  /**
   * Whose choice the list is: 'vendor' offers everything it has; 'owner' is a server whose models somebody put there, and only
   * what cannot chat is left out.
   */
  readonly choice: 'vendor' | 'owner';
  /** Ids that the user named: always on the shortlist. */
  readonly named?: ReadonlySet<string>;
}

export interface Curation {
  /** Best first. */
  readonly shown: readonly CatalogueModel[];
  /** In the same order. */
  readonly hidden: readonly CatalogueModel[];
}

/** Every model of `models` is in exactly one of the two lists; of entries with the same id one is. */
export function curate(models: readonly ModelInfo[], options: CurationOptions): Curation {
  const unique = uniqueModels(models);
  const verdicts = new Map<string, CatalogueModel['hidden']>();
  for (const model of unique) {
    const reason = options.named?.has(model.id) ? undefined : reasonToHide(model, options);
    if (reason) verdicts.set(model.id, { reason, words: reasonWords[reason] });
  }
  // Only a root that is itself shown makes its snapshots superfluous; otherwise the family would be gone.
  const left = new Set(unique.flatMap(({ id }) => (verdicts.has(id) ? [] : [id])));
  if (options.choice === 'vendor') {
    for (const id of left) {
      const root = id.replace(dateSuffix, '');
      if (root !== id && left.has(root) && !options.named?.has(id)) verdicts.set(id, { reason: 'dated', words: `a dated version of ${root}` });
    }
  }
  const sorted = unique.map((model) => toSortable(model, verdicts.get(model.id))).sort(compare).map(({ model }) => model);
  return { shown: sorted.filter(({ hidden }) => !hidden), hidden: sorted.filter(({ hidden }) => hidden) };
}

/** Of several entries with one id the one whose text comes first, so that the order of the list decides nothing. */
function uniqueModels(models: readonly ModelInfo[]): readonly ModelInfo[] {
  const byId = new Map<string, ModelInfo>();
  for (const model of models) {
    const other = byId.get(model.id);
    if (!other || JSON.stringify(model) < JSON.stringify(other)) byId.set(model.id, model);
  }
  return [...byId.values()];
}

const reasonWords: Readonly<Record<Exclude<HiddenReason, 'dated'>, string>> = {
  'not-chat': 'not for chat',
  deprecated: 'deprecated',
  preview: 'a preview or dated version',
  old: 'older than 18 months',
  'no-tools': 'cannot call tools',
};

function reasonToHide(model: ModelInfo, { now, preview: withPreviews, choice }: CurationOptions): Exclude<HiddenReason, 'dated'> | undefined {
  const id = model.id.toLowerCase();
  if ((model.type ?? 'chat') !== 'chat') return 'not-chat';
  // A server that says itself what its models can do knows better than their names.
  if (!tellsItChats(model, choice) && isNonChat.test(id)) return 'not-chat';
  if (choice === 'owner') return undefined;
  if (model.deprecated || isDeprecated.test(`${id} ${model.displayName?.toLowerCase() ?? ''}`)) return 'deprecated';
  if (!withPreviews && isPreview.test(id)) return 'preview';
  if (model.created !== undefined && now - model.created > recencyMs) return 'old';
  return model.supportsTools === false ? 'no-tools' : undefined;
}

function tellsItChats({ type, capabilities }: ModelInfo, choice: CurationOptions['choice']): boolean {
  return choice === 'owner' && type === 'chat' && (capabilities?.includes('tools') ?? false);
}

export function tierOf({ id, displayName, type }: Pick<ModelInfo, 'id' | 'displayName' | 'type'>): ModelTier {
  if (type === 'embedding') return 'embedding';
  const text = `${id} ${displayName ?? ''}`.toLowerCase();
  return tierPatterns.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other';
}

const rank = new Map(modelTiers.map((tier, index) => [tier, index]));

/** What the order depends on, found out once for each model. */
interface Sortable {
  readonly model: CatalogueModel;
  readonly rank: number;
  /** Text and number by turns. */
  readonly parts: readonly string[];
}

function toSortable(model: ModelInfo, hidden: CatalogueModel['hidden']): Sortable {
  const { hidden: _, ...info } = model as CatalogueModel;
  const tier = tierOf(model);
  return { model: { ...info, tier, ...(hidden && { hidden }) }, rank: rank.get(tier) ?? 0, parts: model.id.split(/(\d+)/) };
}

/** By tier, the newest first, those of unknown age last, then by id. */
function compare(a: Sortable, b: Sortable): number {
  return a.rank - b.rank || (b.model.created ?? 0) - (a.model.created ?? 0) || compareParts(a.parts, b.parts);
}

/** Gemini tells no dates: there the higher number is the newer model (`gemini-3.8-flash` before `gemini-2.5-flash`). */
function compareParts(left: readonly string[], right: readonly string[]): number {
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [x = '', y = ''] = [left[index], right[index]];
    if (x === y) continue;
    return (index % 2 === 1 && compareDigits(y, x)) || (x < y ? -1 : 1);
  }
  return left.length - right.length;
}

/** Digits of any length, without becoming a number that cannot hold them. */
function compareDigits(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}

/** "12 older than 18 months, 3 not for chat", the most frequent first. */
export function hiddenWords(hidden: readonly CatalogueModel[]): string {
  const counts = new Map<string, number>();
  for (const { hidden: why } of hidden) {
    if (!why) continue;
    const words = why.reason === 'dated' ? 'dated' : why.reason === 'preview' ? 'preview or dated' : why.words;
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([words, count]) => `${count} ${words}`).join(', ');
}
