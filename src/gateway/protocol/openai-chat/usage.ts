/** Tokens: on this wire the input includes what came from the cache, and the output includes the thoughts. */
import { countsIn } from '../counts.ts';
import type { IrUsage, Json, JsonObject } from '../ir.ts';
import type { WireAnswer, WireUsage } from './schema.ts';

/** What an answer or a chunk says about tokens, wherever it says it. */
export function usageOf(answer: WireAnswer): IrUsage | undefined {
  const usage = answer.usage ?? answer.choices?.[0]?.usage ?? answer.x_groq?.usage ?? undefined;
  return usage === undefined ? undefined : decodeUsage(usage, answer.timings?.cache_n ?? undefined);
}

export function decodeUsage(usage: WireUsage, cacheOfTimings?: number): IrUsage {
  const details = usage.prompt_tokens_details;
  const cacheRead = details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens ?? cacheOfTimings;
  const cacheWrite = details?.cache_write_tokens ?? details?.cache_creation_input_tokens ?? undefined;
  const prompt = usage.prompt_tokens ?? undefined;
  const completion = usage.completion_tokens ?? undefined;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? usage.reasoning_tokens ?? undefined;
  // xAI and Vertex leave the thoughts out of the completion; the total tells.
  const apart = reasoning !== undefined && reasoning > 0 && prompt !== undefined && completion !== undefined && usage.total_tokens === prompt + completion + reasoning;
  return {
    ...(prompt === undefined ? {} : { inputUncached: Math.max(0, prompt - (cacheRead ?? 0) - (cacheWrite ?? 0)) }),
    ...(cacheRead === undefined || cacheRead === null ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(completion === undefined ? {} : { outputText: apart ? completion : Math.max(0, completion - (reasoning ?? 0)) }),
    ...(reasoning === undefined ? {} : { outputReasoning: reasoning }),
  };
}

/** The totals are required on this wire, so that what is unknown counts as nothing there; the details are left out. */
export function encodeUsage(usage: IrUsage): JsonObject {
  const prompt = (usage.inputUncached ?? 0) + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0);
  const completion = (usage.outputText ?? 0) + (usage.outputReasoning ?? 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    ...(usage.cacheRead === undefined && usage.cacheWrite === undefined
      ? {}
      : { prompt_tokens_details: { cached_tokens: usage.cacheRead ?? 0, ...(usage.cacheWrite === undefined ? {} : { cache_write_tokens: usage.cacheWrite }) } }),
    ...(usage.outputReasoning === undefined ? {} : { completion_tokens_details: { reasoning_tokens: usage.outputReasoning } }),
  };
}

export function isKnown(usage: IrUsage): boolean {
  return Object.values(usage).some((count) => count !== undefined);
}

/** From a whole answer, or a chunk of a stream. */
export function readUsage(value: JsonObject): IrUsage | undefined {
  const { choices } = value;
  const counts = countsIn(value, 'usage') ?? countsIn(Array.isArray(choices) ? (choices as readonly Json[])[0] : undefined, 'usage') ?? countsIn(value['x_groq'], 'usage');
  const fromCache = countsIn(value, 'timings')?.['cache_n'];
  return counts && decodeUsage(counts as WireUsage, typeof fromCache === 'number' ? fromCache : undefined);
}
