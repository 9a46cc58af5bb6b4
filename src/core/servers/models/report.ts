/**
 * A catalogue as JSON, with the names of operator.toml: what `operator models --json` prints and REST answers. Times are ISO 8601;
 * prices are millionths of a US dollar per million tokens; nothing in it is secret.
 */
import type { CatalogueModel, ModelCatalogue } from './model.ts';

export interface CatalogueModelReport {
  readonly name: string;
  readonly display_name: string | null;
  readonly type: string;
  readonly tier: string;
  readonly context_window: number | null;
  readonly loaded_context: number | null;
  /** null: the server does not tell. */
  readonly loaded: boolean | null;
  readonly capabilities: readonly string[];
  /** null: not known. */
  readonly supports_tools: boolean | null;
  readonly price: { readonly input_micros: number | null; readonly output_micros: number | null } | null;
  readonly created: string | null;
  readonly size_bytes: number | null;
  readonly parameters: string | null;
  readonly quantization: string | null;
  /** Why the shortlist leaves it out. */
  readonly hidden: { readonly reason: string; readonly message: string } | null;
}

export interface CatalogueReport {
  readonly model_server: string;
  readonly source: string;
  readonly fetched_at: string | null;
  readonly refreshing: boolean;
  readonly error: { readonly message: string; readonly hint: string | null } | null;
  readonly warnings: readonly string[];
  readonly hidden_count: number;
  readonly models: readonly CatalogueModelReport[];
}

export function reportCatalogue({ serverName, source, fetchedAt, refreshing, error, warnings, hiddenCount, models }: ModelCatalogue): CatalogueReport {
  return {
    model_server: serverName,
    source,
    fetched_at: time(fetchedAt),
    refreshing,
    error: error ? { message: error.message, hint: error.hint ?? null } : null,
    warnings,
    hidden_count: hiddenCount,
    models: models.map(reportModel),
  };
}

function reportModel(model: CatalogueModel): CatalogueModelReport {
  return {
    name: model.id,
    display_name: model.displayName ?? null,
    type: model.type ?? 'chat',
    tier: model.tier,
    context_window: model.contextWindow ?? null,
    loaded_context: model.loadedContext ?? null,
    loaded: model.loaded ?? null,
    capabilities: model.capabilities ?? [],
    supports_tools: model.supportsTools ?? null,
    price: model.price ? { input_micros: model.price.inputMicros ?? null, output_micros: model.price.outputMicros ?? null } : null,
    created: time(model.created),
    size_bytes: model.sizeBytes ?? null,
    parameters: model.parameters ?? null,
    quantization: model.quantization ?? null,
    hidden: model.hidden ? { reason: model.hidden.reason, message: model.hidden.words } : null,
  };
}

function time(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
