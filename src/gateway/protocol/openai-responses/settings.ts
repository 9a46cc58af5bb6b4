/** Sampling, limits, thinking and the form of the answer, both ways. */
import { effortForBudget } from '../effort.ts';
import { isJsonObject } from '../json.ts';
import { toPlainSchema } from '../json-schema.ts';
import { isStrictSchema } from '../strict-schema.ts';
import { createToolNames } from '../tool-names.ts';
import type { UpstreamTraits } from '../codec.ts';
import type { IrEffort, IrOutput, IrReasoningSettings, IrRequest, Json, JsonObject } from '../ir.ts';
import type { Warn } from '../warnings.ts';
import type { WireRequest } from './schema.ts';

/** The fields of an `IrRequest` that are plain settings. */
export type IrSettings = Omit<IrRequest, 'model' | 'messages' | 'tools' | 'toolChoice' | 'stream'>;

const efforts: readonly IrEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
const commonEfforts: readonly IrEffort[] = ['low', 'medium', 'high'];
const verbosities = ['low', 'medium', 'high'] as const;
/** OpenAI's alphabet for names of functions, tools and formats. */
export const nameRule = { allowed: /[a-zA-Z0-9_-]/, maxLength: 64 };
/** OpenAI refuses a smaller limit. Clients that only test a key ask for one token. */
const fewestOutputTokens = 16;

export function decodeSettings(wire: WireRequest, warn: Warn): IrSettings {
  noteUnsupported(wire, warn);
  return present({
    parallelToolCalls: wire.parallel_tool_calls,
    maxOutputTokens: wire.max_output_tokens,
    temperature: wire.temperature,
    topP: wire.top_p,
    reasoning: decodeReasoningSettings(wire, warn),
    output: decodeOutput(wire),
    verbosity: verbosities.find((value) => value === wire.text?.verbosity),
    cacheKey: wire.prompt_cache_key,
    user: wire.safety_identifier ?? wire.user,
  });
}

function noteUnsupported(wire: WireRequest, warn: Warn): void {
  const lost: readonly (readonly [setting: string, isUsed: boolean])[] = [
    ['truncation', wire.truncation === 'auto'],
    ['top_logprobs', (wire.top_logprobs ?? 0) > 0 || wire.include?.includes('message.output_text.logprobs') === true],
    ['store', wire.store === true],
    ['max_tool_calls', typeof wire['max_tool_calls'] === 'number'],
    ['context_management', Array.isArray(wire['context_management']) && wire['context_management'].length > 0],
  ];
  for (const [setting, isUsed] of lost) if (isUsed) warn('unsupported-setting', `the setting ${setting} was left out`);
}

/** A wish for summaries alone does not switch thinking on: codex sends it for every model, and many cannot think. */
function decodeReasoningSettings(wire: WireRequest, warn: Warn): IrReasoningSettings | undefined {
  const { effort, summary, generate_summary: oldSummary } = wire.reasoning ?? {};
  const known = efforts.find((value) => value === effort);
  if (typeof effort === 'string' && known === undefined) warn('unsupported-setting', 'an unknown effort was left out');
  const visible = (summary ?? oldSummary ?? 'none') !== 'none';
  if (known === undefined && !visible) return undefined;
  return { ...(known === undefined ? {} : { enabled: known !== 'none', effort: known }), ...(visible ? { visible } : {}) };
}

function decodeOutput(wire: WireRequest): IrOutput | undefined {
  const format = wire.text?.format;
  if (format?.type === 'json_object') return { type: 'json' };
  if (format?.type !== 'json_schema') return undefined;
  return { type: 'json-schema', name: format.name ?? 'answer', schema: isJsonObject(format.schema) ? format.schema : {}, strict: format.strict ?? false };
}

/** @param inputLength of the conversation, in characters of JSON; asked only where it matters */
export function encodeSettings(request: IrRequest, traits: UpstreamTraits, inputLength: () => number, warn: Warn): JsonObject {
  for (const [name, value] of Object.entries({ top_k: request.topK, seed: request.seed, presence_penalty: request.presencePenalty, frequency_penalty: request.frequencyPenalty, stop: request.stop?.length ? request.stop : undefined })) {
    if (value !== undefined) warn('unsupported-setting', `the setting ${name} was left out: the Responses API has none like it`);
  }
  const text = present({ format: encodeFormat(request.output, traits, warn), verbosity: request.verbosity });
  return present({
    max_output_tokens: outputLimit(request, traits, inputLength, warn),
    ...encodeSampling(request, traits, warn),
    reasoning: encodeReasoningSettings(request.reasoning, traits, warn),
    text: Object.keys(text).length > 0 ? text : undefined,
    prompt_cache_key: traits.promptCacheKey === false ? undefined : request.cacheKey,
    safety_identifier: request.user,
    // Models that do not think refuse to be asked for this; those that do lose the thread between two calls without it.
    include: traits.thinker === true || (request.reasoning?.enabled === true && traits.efforts?.length !== 0) ? ['reasoning.encrypted_content'] : undefined,
  }) as JsonObject;
}

function encodeSampling({ temperature, topP }: IrRequest, { thinker }: UpstreamTraits, warn: Warn): JsonObject {
  if (thinker !== true) return present({ temperature, top_p: topP }) as JsonObject;
  // "Unsupported parameter: 'temperature' is not supported with this model", whatever its value.
  if ((temperature ?? 1) !== 1 || (topP ?? 1) !== 1) warn('unsupported-setting', 'temperature and top_p were left out, because the model does not take them');
  return {};
}

/** At least what OpenAI takes; none where it would not fit into the window together with the conversation, which servers refuse. */
function outputLimit({ maxOutputTokens }: IrRequest, { contextWindow }: UpstreamTraits, inputLength: () => number, warn: Warn): number | undefined {
  if (maxOutputTokens === undefined) return undefined;
  if (contextWindow !== undefined && maxOutputTokens + Math.ceil(inputLength() / 3) > contextWindow) {
    warn('approximated', 'the limit for the answer was left out, because it does not fit into the model’s context window with the conversation');
    return undefined;
  }
  if (maxOutputTokens < fewestOutputTokens) warn('approximated', `a limit of ${maxOutputTokens} tokens became ${fewestOutputTokens}, the least that the Responses API takes`);
  return Math.max(maxOutputTokens, fewestOutputTokens);
}

function encodeReasoningSettings(settings: IrReasoningSettings | undefined, traits: UpstreamTraits, warn: Warn): JsonObject | undefined {
  const effort = encodeEffort(settings, traits.efforts ?? commonEfforts, warn);
  // Where no level is known nobody thinks, and every word about it is refused.
  if (traits.efforts?.length === 0) return undefined;
  const result = present({ effort, summary: settings?.visible === true ? 'auto' : undefined });
  return Object.keys(result).length > 0 ? result : undefined;
}

/** Every model refuses the levels that it does not know. */
function encodeEffort(settings: IrReasoningSettings | undefined, known: readonly IrEffort[], warn: Warn): IrEffort | undefined {
  if (settings === undefined) return undefined;
  if (settings.enabled === false || settings.effort === 'none') {
    const off = (['none', 'minimal'] as const).find((effort) => known.includes(effort));
    if (off !== 'none') warn(off === undefined ? 'unsupported-setting' : 'approximated', 'thinking cannot be switched off at this server');
    return off;
  }
  // A negative budget stands for "as much as it takes".
  const wanted = settings.effort ?? (settings.budgetTokens !== undefined && settings.budgetTokens > 0 ? effortForBudget(settings.budgetTokens) : undefined);
  if (wanted === undefined) return undefined;
  if (settings.effort === undefined) warn('approximated', 'the budget for thinking became a level of effort');
  const distance = (effort: IrEffort): number => Math.abs(efforts.indexOf(effort) - efforts.indexOf(wanted));
  const nearest = known.filter((effort) => effort !== 'none').toSorted((a, b) => distance(a) - distance(b))[0];
  if (nearest !== wanted) warn(nearest === undefined ? 'unsupported-setting' : 'approximated', `the effort ${wanted} is not known to this server`);
  return nearest;
}

function encodeFormat(output: IrOutput | undefined, { plainSchemas }: UpstreamTraits, warn: Warn): Json | undefined {
  if (output === undefined || output.type === 'text') return undefined;
  if (output.type === 'json') return { type: 'json_object' };
  const { schema, changes } = plainSchemas === true ? toPlainSchema(output.schema) : { schema: output.schema, changes: [] };
  if (changes.length > 0) warn('schema-changed', `the schema of the answer was simplified (${changes.join(', ')})`);
  return { type: 'json_schema', name: createToolNames([], nameRule).toWire(output.name), schema, strict: output.strict && isStrictSchema(schema) };
}

/** Without the fields that are null or undefined. */
export function present<T extends object>(fields: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as { [Key in keyof T]?: NonNullable<T[Key]> };
}
