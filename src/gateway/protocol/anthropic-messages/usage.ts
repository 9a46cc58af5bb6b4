/** Tokens: on this wire the three counts of input are disjoint, and the output includes the thoughts. */
import { countsIn } from '../counts.ts';
import type { IrUsage, JsonObject } from '../ir.ts';
import type { WireUsage } from './schema.ts';

/**
 * The counts of a stream's beginning and end in one. Servers that know the input only at the end say 0 at the beginning,
 * and others say it at the beginning only.
 */
export function mergeUsage(first: WireUsage | undefined, second: WireUsage | null | undefined): WireUsage {
  const merged: Record<string, unknown> = { ...first };
  for (const [field, value] of Object.entries(second ?? {})) {
    const isNews = value !== null && value !== undefined && !(value === 0 && typeof merged[field] === 'number');
    if (isNews) merged[field] = value;
  }
  return merged as WireUsage;
}

export function decodeUsage(usage: WireUsage): IrUsage {
  const thinking = usage.output_tokens_details?.thinking_tokens ?? undefined;
  const output = usage.output_tokens ?? undefined;
  return {
    ...(typeof usage.input_tokens === 'number' ? { inputUncached: usage.input_tokens } : {}),
    ...(typeof usage.cache_read_input_tokens === 'number' ? { cacheRead: usage.cache_read_input_tokens } : {}),
    ...(typeof usage.cache_creation_input_tokens === 'number' ? { cacheWrite: usage.cache_creation_input_tokens } : {}),
    ...(output === undefined ? {} : { outputText: Math.max(0, output - (thinking ?? 0)) }),
    ...(thinking === undefined ? {} : { outputReasoning: thinking }),
  };
}

/** Input and output are required on this wire, so that what is unknown counts as nothing there; the rest is left out. */
export function encodeUsage(usage: IrUsage): JsonObject {
  return {
    input_tokens: usage.inputUncached ?? 0,
    ...(usage.cacheWrite === undefined ? {} : { cache_creation_input_tokens: usage.cacheWrite }),
    ...(usage.cacheRead === undefined ? {} : { cache_read_input_tokens: usage.cacheRead }),
    output_tokens: (usage.outputText ?? 0) + (usage.outputReasoning ?? 0),
    ...(usage.outputReasoning === undefined ? {} : { output_tokens_details: { thinking_tokens: usage.outputReasoning } }),
  };
}

/** From a whole answer, or an event of a stream; what is only filled in with a 0 at its end does not count there. */
export function readUsage(value: JsonObject): IrUsage | undefined {
  const counts = countsIn(value, 'usage') ?? countsIn(value['message'], 'usage');
  if (!counts) return undefined;
  const isLater = value['type'] === 'message_delta';
  return decodeUsage((isLater ? Object.fromEntries(Object.entries(counts).filter(([field, count]) => field === 'output_tokens' || count !== 0)) : counts) as WireUsage);
}
