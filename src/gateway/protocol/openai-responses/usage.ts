/** Tokens: OpenAI counts cached tokens within the input and thoughts within the output; ours are disjoint. */
import type { IrUsage, JsonObject } from '../ir.ts';
import type { WireUsage } from './schema.ts';

export function decodeUsage(usage: WireUsage | null | undefined): IrUsage {
  if (!usage) return {};
  const cacheRead = usage.input_tokens_details?.cached_tokens ?? undefined;
  const cacheWrite = usage.input_tokens_details?.cache_write_tokens ?? undefined;
  const reasoning = usage.output_tokens_details?.reasoning_tokens ?? undefined;
  const { input_tokens: input, output_tokens: output } = usage;
  return {
    ...(typeof input === 'number' ? { inputUncached: Math.max(0, input - (cacheRead ?? 0) - (cacheWrite ?? 0)) } : {}),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(typeof output === 'number' ? { outputText: Math.max(0, output - (reasoning ?? 0)) } : {}),
    ...(reasoning === undefined ? {} : { outputReasoning: reasoning }),
  };
}

/** The wire has no word for "unknown": clients refuse a final event without numbers, so what nobody counted is 0 here. */
export function encodeUsage(usage: IrUsage): JsonObject {
  const cached = usage.cacheRead ?? 0;
  const written = usage.cacheWrite ?? 0;
  const reasoning = usage.outputReasoning ?? 0;
  const input = (usage.inputUncached ?? 0) + cached + written;
  const output = (usage.outputText ?? 0) + reasoning;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}
