/** Sampling, limits, thinking and the form of the answer, both ways. */
import type { UpstreamTraits } from '../codec.ts';
import { effortForBudget } from '../effort.ts';
import { isJsonObject } from '../json.ts';
import { toPlainSchema } from '../json-schema.ts';
import type { IrOutput, IrReasoningSettings, IrRequest, Json, JsonObject } from '../ir.ts';
import type { Warn } from '../warnings.ts';
import type { WireRequest } from './schema.ts';

/** The fields of an `IrRequest` that are plain settings. */
export type IrSettings = Omit<IrRequest, 'model' | 'messages' | 'tools' | 'stream'>;

const levels = ['low', 'medium', 'high', 'max'] as const;

export function decodeSettings(body: WireRequest, warn: Warn): IrSettings {
  if (body.logprobs === true) warn('unsupported-setting', 'the setting logprobs was left out');
  const options = body.options ?? {};
  const limit = options.num_predict;
  const given: { [Field in keyof IrSettings]: IrSettings[Field] | null | undefined } = {
    // -1 and -2 stand for no limit.
    maxOutputTokens: typeof limit === 'number' && limit > 0 ? limit : undefined,
    temperature: options.temperature,
    topP: options.top_p,
    topK: options.top_k,
    stop: typeof options.stop === 'string' ? [options.stop] : options.stop,
    seed: options.seed,
    presencePenalty: options.presence_penalty,
    frequencyPenalty: options.frequency_penalty,
    reasoning: decodeThink(body.think),
    output: decodeFormat(body.format),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined)) as IrSettings;
}

function decodeThink(think: WireRequest['think']): IrReasoningSettings | undefined {
  if (think === null || think === undefined) return undefined;
  if (typeof think === 'boolean') return { enabled: think };
  const effort = levels.find((level) => level === think);
  return effort === undefined ? { enabled: true } : { enabled: true, effort };
}

function decodeFormat(format: WireRequest['format']): IrOutput | undefined {
  if (isJsonObject(format)) return { type: 'json-schema', name: 'answer', schema: format, strict: true };
  return format === 'json' ? { type: 'json' } : undefined;
}

export function encodeSettings(request: IrRequest, traits: UpstreamTraits, warn: Warn): JsonObject {
  for (const [isUsed, name] of [
    [request.toolChoice !== undefined && request.toolChoice.type !== 'auto' && request.toolChoice.type !== 'none', 'tool choice'],
    [request.parallelToolCalls === false && request.tools.length > 0, 'one tool call at a time'],
    [request.verbosity !== undefined, 'verbosity'],
  ] as const) {
    if (isUsed) warn('unsupported-setting', `the setting for ${name} was left out`);
  }
  const options: Record<string, Json | undefined> = {
    num_ctx: traits.contextWindow,
    num_predict: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    seed: request.seed,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    stop: request.stop,
  };
  const set = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as JsonObject;
  const think = encodeThink(request, traits, warn);
  const format = encodeFormat(request.output, warn);
  return { ...(think === undefined ? {} : { think }), ...(format === undefined ? {} : { format }), ...(Object.keys(set).length === 0 ? {} : { options: set }) };
}

/**
 * A model that thinks does so unless it is told not to, and a model that does not think refuses to be told to: thinking is
 * never switched on, and levels go only to models that have them.
 */
function encodeThink({ model, reasoning }: IrRequest, { thinkValues }: UpstreamTraits, warn: Warn): Json | undefined {
  if (reasoning === undefined) return undefined;
  const values = thinkValues ?? (/gpt-oss/i.test(model) ? 'levels' : 'switch');
  if (reasoning.enabled === false || reasoning.effort === 'none') {
    if (values !== 'levels') return values === 'none' ? undefined : false;
    warn('approximated', 'thinking cannot be switched off for this model');
    return 'low';
  }
  const effort = reasoning.effort ?? (reasoning.budgetTokens === undefined || reasoning.budgetTokens <= 0 ? undefined : effortForBudget(reasoning.budgetTokens));
  if (effort === undefined) return undefined;
  if (values !== 'levels') {
    warn('unsupported-setting', `the effort ${effort} is not known to this model`);
    return undefined;
  }
  const level = effort === 'minimal' ? 'low' : effort === 'xhigh' ? 'high' : effort;
  if (level !== reasoning.effort) warn('approximated', `the effort for thinking became ${level}`);
  return level;
}

/** Formats become grammars, which take plain schemas only. */
function encodeFormat(output: IrOutput | undefined, warn: Warn): Json | undefined {
  if (output === undefined || output.type === 'text') return undefined;
  if (output.type === 'json') return 'json';
  const { schema, changes } = toPlainSchema(output.schema);
  if (changes.length > 0) warn('schema-changed', `the schema of the answer was simplified (${changes.join(', ')})`);
  return schema;
}
