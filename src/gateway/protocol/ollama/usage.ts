/** Tokens: one number for the input and one for the output; what the cache saved is not told, and thoughts count as output. */
import type { IrUsage, JsonObject } from '../ir.ts';
import type { WireAnswer } from './schema.ts';

type Counts = Pick<WireAnswer, 'prompt_eval_count' | 'eval_count'>;

export function decodeUsage(answer: Counts): IrUsage {
  return {
    ...(typeof answer.prompt_eval_count === 'number' ? { inputUncached: answer.prompt_eval_count } : {}),
    ...(typeof answer.eval_count === 'number' ? { outputText: answer.eval_count } : {}),
  };
}

/** What is unknown is left out, as Ollama does it. */
export function encodeUsage(usage: IrUsage): JsonObject {
  const sum = (counts: readonly (number | undefined)[]): number | undefined => (counts.every((count) => count === undefined) ? undefined : counts.reduce<number>((total, count) => total + (count ?? 0), 0));
  const input = sum([usage.inputUncached, usage.cacheRead, usage.cacheWrite]);
  const output = sum([usage.outputText, usage.outputReasoning]);
  return { ...(input === undefined ? {} : { prompt_eval_count: input }), ...(output === undefined ? {} : { eval_count: output }) };
}

/** From a whole answer, or the last line of a stream. */
export function readUsage(value: JsonObject): IrUsage | undefined {
  const usage = decodeUsage(value as Counts);
  return Object.keys(usage).length === 0 ? undefined : usage;
}
