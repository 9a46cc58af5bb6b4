/** The words for a catalogue of models: where it is from, what a model costs and can do. The same in tree, pickers and CLI. */
import { assertNever } from '../../base/assert.ts';
import type { ModelInfo, ModelPrice } from '../servers/health.ts';
import type { CatalogueModel, ModelCatalogue } from '../servers/models/model.ts';
import { formatTokens } from './format.ts';

/** "cached 2 h ago", "stale, from 3 d ago, refreshing". Lower case, for headings. */
export function sourceWords({ source, fetchedAt, refreshing, error }: Pick<ModelCatalogue, 'source' | 'fetchedAt' | 'refreshing' | 'error'>, now: number): string {
  const age = fetchedAt === undefined ? '' : ageWords(now - fetchedAt);
  const more = refreshing ? ', refreshing' : '';
  switch (source) {
    case 'live':
      return 'just asked';
    case 'cache':
      return `cached ${age}${more}`;
    case 'stale':
      return error && !refreshing ? `from ${age}, could not be refreshed` : `stale, from ${age}${more}`;
    case 'declared':
      return 'named in operator.toml';
    case 'unconfigured':
      return 'not asked';
    case 'unavailable':
      return refreshing ? 'asking' : 'no list';
    default:
      return assertNever(source);
  }
}

/** 90_000 → "1 min ago". */
export function ageWords(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`;
}

/** Per million tokens: "$3 in, $15 out"; "free"; nothing where it is not known. */
export function priceWords(price: ModelPrice | undefined): string {
  const { inputMicros, outputMicros } = price ?? {};
  if (inputMicros === undefined && outputMicros === undefined) return '';
  if (inputMicros === 0 && outputMicros === 0) return 'free';
  return [...(inputMicros === undefined ? [] : [`${formatDollars(inputMicros)} in`]), ...(outputMicros === undefined ? [] : [`${formatDollars(outputMicros)} out`])].join(', ');
}

/** Millionths of a dollar: 3_000_000 → "$3", 1_200_000 → "$1.20", 150_000 → "$0.15", 2_500 → "$0.0025". */
export function formatDollars(micros: number): string {
  if (micros % 1_000_000 === 0) return `$${micros / 1_000_000}`;
  if (micros >= 95_000) return `$${(micros / 1_000_000).toFixed(2)}`;
  // Two digits that count.
  return `$${Number((micros / 1_000_000).toPrecision(2)).toFixed(6).replace(/0+$/, '')}`;
}

/** What agents ask for: tools, vision, reasoning, structured output. */
export function capabilityWords(model: Pick<ModelInfo, 'capabilities' | 'supportsTools'>): readonly string[] {
  const known = ['tools', 'vision', 'reasoning', 'structured-output', 'audio', 'cloud'].filter((word) => model.capabilities?.includes(word));
  return [...(model.supportsTools === false ? ['no tools'] : []), ...known.map((word) => word.replace('-', ' '))];
}

/** "32k", "128k, loaded with 8k". */
export function contextWords({ contextWindow, loadedContext }: Pick<ModelInfo, 'contextWindow' | 'loadedContext'>): string {
  if (contextWindow === undefined) return loadedContext === undefined ? '' : `loaded with ${formatTokens(loadedContext)}`;
  return loadedContext === undefined || loadedContext === contextWindow ? formatTokens(contextWindow) : `${formatTokens(contextWindow)}, loaded with ${formatTokens(loadedContext)}`;
}


/** One line of a picker: "128k context · $3 in, $15 out · tools, vision". */
export function modelLine(model: CatalogueModel): string {
  const context = contextWords(model);
  const facts = [...(context === '' ? [] : [`${context.replace(/^(\S+?)(,|$)/, '$1 context$2')}`]), priceWords(model.price), capabilityWords(model).join(', '), ...(model.loaded && model.loadedContext === undefined ? ['loaded'] : []), ...(model.hidden ? [model.hidden.words] : [])];
  return facts.filter((text) => text !== '').join(' · ');
}
