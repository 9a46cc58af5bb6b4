/** Tokens: Gemini counts cached tokens within the prompt and thoughts beside the answer; ours are disjoint. */
import type { IrUsage, JsonObject } from '../ir.ts';
import type { WireUsage } from './schema.ts';

export function decodeUsage(usage: WireUsage | null | undefined): IrUsage {
  if (!usage) return {};
  const { promptTokenCount: prompt, toolUsePromptTokenCount: toolUse, cachedContentTokenCount: cached, candidatesTokenCount: answer, thoughtsTokenCount: thoughts } = usage;
  return {
    ...(typeof prompt === 'number' ? { inputUncached: Math.max(0, prompt + (toolUse ?? 0) - (cached ?? 0)) } : {}),
    ...(typeof cached === 'number' ? { cacheRead: cached } : {}),
    ...(typeof answer === 'number' ? { outputText: answer } : {}),
    ...(typeof thoughts === 'number' ? { outputReasoning: thoughts } : {}),
  };
}

/** Undefined when nothing is known: the wire may leave out what nobody counted. */
export function encodeUsage(usage: IrUsage): JsonObject | undefined {
  if (Object.values(usage).every((count) => count === undefined)) return undefined;
  const prompt = (usage.inputUncached ?? 0) + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0);
  const hasInput = usage.inputUncached !== undefined || usage.cacheRead !== undefined || usage.cacheWrite !== undefined;
  return {
    ...(hasInput ? { promptTokenCount: prompt } : {}),
    ...(usage.cacheRead === undefined ? {} : { cachedContentTokenCount: usage.cacheRead }),
    ...(usage.outputText === undefined ? {} : { candidatesTokenCount: usage.outputText }),
    ...(usage.outputReasoning === undefined ? {} : { thoughtsTokenCount: usage.outputReasoning }),
    totalTokenCount: prompt + (usage.outputText ?? 0) + (usage.outputReasoning ?? 0),
  };
}
