/** Sampling settings, as far as the model takes them. */
import type { UpstreamTraits } from '../codec.ts';
import type { IrRequest, Json } from '../ir.ts';
import type { Warn } from '../warnings.ts';

/** OpenAI's models that think refuse every other sampling than their own (https://platform.openai.com/docs/guides/reasoning). */
const thinkers = /^(?:o\d|gpt-[5-9]|codex)(?!.*chat)/;

/** A value is undefined where it is not sent. */
export function encodeSampling(request: IrRequest, traits: UpstreamTraits, warn: Warn): Readonly<Record<string, Json | undefined>> {
  // Only OpenAI itself insists on the newer name for the limit.
  const isOpenAi = traits.maxTokensField === 'max_completion_tokens';
  const isThinker = isOpenAi && thinkers.test(request.model);
  const stop = request.stop?.slice(0, 4);
  if (request.stop !== undefined && request.stop.length > 4) warn('unsupported-setting', 'only the first four stop sequences were handed on');
  const wanted = { temperature: request.temperature, top_p: request.topP, presence_penalty: request.presencePenalty, frequency_penalty: request.frequencyPenalty, stop };
  const usual = { temperature: 1, top_p: 1, presence_penalty: 0, frequency_penalty: 0, stop: undefined };
  const refused = new Set<string>();
  for (const [name, value] of Object.entries(wanted)) {
    if (isThinker && value !== undefined && value !== usual[name as keyof typeof usual]) refused.add(name);
  }
  if (isOpenAi && request.topK !== undefined) refused.add('top_k');
  if (refused.size > 0) warn('unsupported-setting', `${[...refused].join(', ')} left out, because the model does not take it`);
  const all: Readonly<Record<string, Json | undefined>> = { ...wanted, top_k: request.topK, seed: request.seed };
  return Object.fromEntries(Object.entries(all).filter(([name]) => !refused.has(name)));
}
