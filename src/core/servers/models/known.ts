/** Everything that is known of the models of a server: what the last probe listed, with what the catalogue knows besides. Pure. */
import type { ModelServer } from '../../config/model.ts';
import type { Health, ModelInfo } from '../health.ts';
import type { Curation } from './curate.ts';
import type { CatalogueModel, ModelCatalogue } from './model.ts';
import { curateFor } from './present.ts';

/** What a server's status has of it. */
export interface KnownOf {
  readonly server: ModelServer;
  readonly health: Health;
  /** With its hidden models. */
  readonly catalogue?: ModelCatalogue;
}

interface Memo {
  readonly catalogue: ModelCatalogue | undefined;
  readonly server: ModelServer;
  readonly used: string;
  readonly curation: Curation;
}

/** A tree is drawn often, and a thousand servers may have ten thousand models: health and catalogues are immutable, so the work is done once. */
const curated = new WeakMap<object, Memo>();

const nothing: Curation = { shown: [], hidden: [] };

/** The shortlist, and the rest with its reasons. `used` are ids that operator.toml names for this server. */
export function curatedModels({ server, health, catalogue }: KnownOf, now: number, used: readonly string[] = []): Curation {
  if (health.models.length === 0 && !catalogue) return nothing;
  const key = health.models.length > 0 ? health : (catalogue ?? health);
  const names = JSON.stringify(used);
  const known = curated.get(key);
  if (known && known.catalogue === catalogue && known.server === server && known.used === names) return known.curation;
  const curation = catalogue && health.models.length === 0 ? split(catalogue.models) : curateFor(server, mergedModels(health, catalogue), { now, preview: false, used });
  curated.set(key, { catalogue, server, used: names, curation });
  return curation;
}

/** It was curated when it came. */
function split(models: readonly CatalogueModel[]): Curation {
  return { shown: models.filter(({ hidden }) => !hidden), hidden: models.filter(({ hidden }) => hidden) };
}

/** All of them, best first. */
export function knownModels(status: KnownOf, now: number): readonly ModelInfo[] {
  const { shown, hidden } = curatedModels(status, now);
  return [...shown, ...hidden];
}

/** Whichever list is newer says which models there are; of each, what both say of it counts, the probe's word first. */
function mergedModels(health: Health, catalogue: ModelCatalogue | undefined): readonly ModelInfo[] {
  if (!catalogue || catalogue.models.length === 0) return health.models;
  const probed = new Map(health.models.map((model) => [model.id, model]));
  const kept = new Map(catalogue.models.map((model) => [model.id, model]));
  const isProbeNewer = probed.size > 0 && (health.checkedAt ?? 0) >= (catalogue.fetchedAt ?? 0);
  return [...(isProbeNewer ? probed : kept).keys()].flatMap((id) => merge(kept.get(id), probed.get(id)) ?? []);
}

function merge(kept: ModelInfo | undefined, probed: ModelInfo | undefined): ModelInfo | undefined {
  if (!kept || !probed) return kept ?? probed;
  const capabilities = [...new Set([...(probed.capabilities ?? []), ...(kept.capabilities ?? [])])];
  return { ...kept, ...probed, ...(capabilities.length > 0 && { capabilities }) };
}
