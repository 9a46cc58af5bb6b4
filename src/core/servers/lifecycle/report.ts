/** The details of a model as they leave Operator: in the terminal's JSON and over REST. */
import { formatBytes, formatTokens } from '../../status/format.ts';
import type { ModelDetails } from './model.ts';

export interface ModelDetailsReport {
  readonly model: string;
  readonly model_server: string;
  readonly display_name: string | null;
  readonly family: string | null;
  readonly format: string | null;
  readonly parameters: string | null;
  readonly quantization: string | null;
  readonly size_bytes: number | null;
  readonly context_window: number | null;
  readonly capabilities: readonly string[];
  readonly loaded_instances: readonly { readonly id: string; readonly context: number | null; readonly bytes: number | null; readonly until: string | null }[];
  readonly modified_at: string | null;
  readonly license: string | null;
  readonly has_template: boolean | null;
  readonly settings: readonly string[];
  readonly remote: string | null;
  readonly digest: string | null;
}

export function reportModelDetails(details: ModelDetails, serverName: string): ModelDetailsReport {
  return {
    model: details.model,
    model_server: serverName,
    display_name: details.displayName ?? null,
    family: details.family ?? null,
    format: details.format ?? null,
    parameters: details.parameters ?? null,
    quantization: details.quantization ?? null,
    size_bytes: details.sizeBytes ?? null,
    context_window: details.contextWindow ?? null,
    capabilities: details.capabilities,
    loaded_instances: details.instances.map(({ id, contextLength, bytes, until }) => ({ id, context: contextLength ?? null, bytes: bytes ?? null, until: until === undefined ? null : new Date(until).toISOString() })),
    modified_at: details.modifiedAt === undefined ? null : new Date(details.modifiedAt).toISOString(),
    license: details.license ?? null,
    has_template: details.hasTemplate ?? null,
    settings: details.settings,
    remote: details.remote ?? null,
    digest: details.digest ?? null,
  };
}

/** What is worth reading, as pairs of a word and its value, in reading order. What is not known is left out. */
export function detailPairs(details: ModelDetails): readonly (readonly [label: string, value: string])[] {
  const { instances } = details;
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ['name', details.displayName === details.model ? undefined : details.displayName],
    ['family', details.family],
    ['parameters', details.parameters],
    ['quantisation', details.quantization],
    ['size', details.sizeBytes === undefined ? undefined : formatBytes(details.sizeBytes)],
    ['context', details.contextWindow === undefined ? undefined : `${formatTokens(details.contextWindow)} tokens at most`],
    ['can', details.capabilities.length === 0 ? undefined : details.capabilities.map((capability) => (capability === 'completion' ? 'chat' : capability)).join(', ')],
    ['runs', details.remote],
    ['loaded', instances.length === 0 ? 'no' : instances.map(({ id, contextLength, bytes }) => [...(instances.length > 1 ? [id] : []), contextLength === undefined ? 'yes' : `with ${formatTokens(contextLength)} context`, ...(bytes === undefined ? [] : [`${formatBytes(bytes)} of memory`])].join(', ')).join('; ')],
    ['format', details.format],
    ['template', details.hasTemplate === undefined ? undefined : details.hasTemplate ? 'present' : 'none: it cannot chat well'],
    ['settings', details.settings.length === 0 ? undefined : details.settings.join(', ')],
    ['licence', details.license],
    ['modified', details.modifiedAt === undefined ? undefined : new Date(details.modifiedAt).toISOString().slice(0, 10)],
  ];
  return pairs.flatMap(([label, value]) => (value === undefined ? [] : [[label, value] as const]));
}

/** As a page to read, as it is or rendered. */
export function detailsMarkdown(details: ModelDetails, serverName: string): string {
  const pairs = detailPairs(details);
  const width = Math.max(0, ...pairs.map(([label]) => label.length));
  return [`# ${details.model}`, '', `On ${serverName}.`, '', ...pairs.map(([label, value]) => `    ${label.padEnd(width)}  ${value}`), ''].join('\n');
}
