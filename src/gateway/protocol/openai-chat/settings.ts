/** Sampling, limits, thinking and the form of the answer, both ways. */
import type { UpstreamTraits } from '../codec.ts';
import { effortForBudget } from '../effort.ts';
import { isJsonObject } from '../json.ts';
import { toPlainSchema } from '../json-schema.ts';
import { isStrictSchema } from '../strict-schema.ts';
import type { IrEffort, IrOutput, IrReasoningSettings, IrRequest, Json, JsonObject } from '../ir.ts';
import type { Warn } from '../warnings.ts';
import { encodeSampling } from './sampling.ts';
import type { WireRequest } from './schema.ts';

/** The fields of an `IrRequest` that are plain settings. */
export type IrSettings = Omit<IrRequest, 'model' | 'messages' | 'tools' | 'toolChoice' | 'stream'>;

const verbosities = ['low', 'medium', 'high'] as const;
const efforts: readonly IrEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

export function decodeSettings(body: WireRequest, warn: Warn): IrSettings {
  warnOfLost(body, warn);
  const given: { [Field in keyof IrSettings]: IrSettings[Field] | null | undefined } = {
    parallelToolCalls: body.parallel_tool_calls,
    maxOutputTokens: body.max_completion_tokens ?? body.max_tokens,
    temperature: body.temperature,
    topP: body.top_p,
    topK: body.top_k,
    stop: typeof body.stop === 'string' ? [body.stop] : body.stop,
    seed: body.seed,
    presencePenalty: body.presence_penalty,
    frequencyPenalty: body.frequency_penalty,
    reasoning: decodeReasoning(body),
    output: decodeOutput(body.response_format),
    verbosity: verbosities.find((verbosity) => verbosity === body.verbosity),
    cacheKey: body.prompt_cache_key,
    user: body.safety_identifier ?? body.user,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined)) as IrSettings;
}

function warnOfLost(body: WireRequest, warn: Warn): void {
  const lost: readonly (readonly [field: string, isUsed: boolean])[] = [
    ['n', (body.n ?? 1) > 1],
    ['logprobs', body.logprobs === true],
    ['logit_bias', Object.keys(body.logit_bias ?? {}).length > 0],
    ['modalities', (body.modalities ?? []).some((modality) => modality !== 'text')],
    ['web_search_options', body.web_search_options !== null && body.web_search_options !== undefined],
  ];
  for (const [field, isUsed] of lost) if (isUsed) warn('unsupported-setting', `the setting ${field} was left out`);
}

/** OpenAI's effort, OpenRouter's object, and the switches of Qwen, DeepSeek, GLM and vLLM. */
function decodeReasoning(body: WireRequest): IrReasoningSettings | undefined {
  const effort = efforts.find((name) => name === (body.reasoning_effort ?? body.reasoning?.effort));
  const budgetTokens = body.reasoning?.max_tokens ?? body.thinking?.budget_tokens ?? undefined;
  const kwargs = body.chat_template_kwargs;
  const switched = body.reasoning?.enabled ?? body.enable_thinking ?? kwargs?.enable_thinking ?? kwargs?.thinking ?? (body.thinking?.type === undefined || body.thinking.type === null ? undefined : body.thinking.type !== 'disabled');
  if (effort === undefined && budgetTokens === undefined && switched === undefined) return undefined;
  const visible = typeof body.reasoning?.exclude === 'boolean' ? { visible: !body.reasoning.exclude } : {};
  if (effort === 'none' || switched === false) return { enabled: false, ...visible };
  return { enabled: true, ...(effort === undefined ? {} : { effort }), ...(budgetTokens === undefined ? {} : { budgetTokens }), ...visible };
}

function decodeOutput(format: WireRequest['response_format']): IrOutput | undefined {
  if (!format) return undefined;
  if (format.type === 'json_object') return isJsonObject(format.schema) ? schemaOutput(format.schema) : { type: 'json' };
  if (format.type !== 'json_schema') return undefined;
  const schema = format.json_schema?.schema ?? format.schema;
  return isJsonObject(schema) ? schemaOutput(schema, format.json_schema?.name, format.json_schema?.strict) : { type: 'json' };
}

function schemaOutput(schema: JsonObject, name?: string | null, strict?: boolean | null): IrOutput {
  return { type: 'json-schema', name: name ?? 'answer', schema, strict: strict ?? false };
}

export function encodeSettings(request: IrRequest, traits: UpstreamTraits, inputLength: () => number, warn: Warn): JsonObject {
  const settings: Record<string, Json | undefined> = {
    [traits.maxTokensField ?? 'max_tokens']: outputLimit(request, traits, inputLength, warn),
    ...encodeSampling(request, traits, warn),
    reasoning_effort: encodeEffort(request.reasoning, traits, warn),
    response_format: encodeOutput(request.output, traits, warn),
    verbosity: traits.maxTokensField === 'max_completion_tokens' ? request.verbosity : undefined,
    prompt_cache_key: traits.promptCacheKey === true ? request.cacheKey : undefined,
    user: request.user,
  };
  if (request.verbosity !== undefined && settings['verbosity'] === undefined) warn('unsupported-setting', 'the setting for the length of answers was left out');
  for (const field of traits.refusedFields ?? []) {
    if (settings[field] === undefined) continue;
    warn('unsupported-setting', `the setting ${field} was left out, because the server does not take it`);
    settings[field] = undefined;
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as JsonObject;
}

/**
 * The client's limit, or none where it would not fit into the model's window together with the conversation: claude asks
 * for 32,000 tokens of any model, and a server with a window of 32,768 refuses that outright, where without a limit it
 * uses what room there is.
 */
function outputLimit({ maxOutputTokens }: IrRequest, { contextWindow }: UpstreamTraits, inputLength: () => number, warn: Warn): number | undefined {
  if (maxOutputTokens === undefined || contextWindow === undefined) return maxOutputTokens;
  // Three characters for a token are few, so that a limit that would just fit is rather left out than refused.
  const roomy = maxOutputTokens + Math.ceil(inputLength() / 3) <= contextWindow;
  if (!roomy) warn('approximated', 'the limit for the answer was left out, because it does not fit into the model’s context window with the conversation');
  return roomy ? maxOutputTokens : undefined;
}

const commonEfforts: readonly IrEffort[] = ['low', 'medium', 'high'];

function encodeEffort(reasoning: IrReasoningSettings | undefined, traits: UpstreamTraits, warn: Warn): IrEffort | undefined {
  if (reasoning === undefined) return undefined;
  const known = traits.efforts ?? commonEfforts;
  if (reasoning.enabled === false || reasoning.effort === 'none') {
    const off = known.includes('none') ? 'none' : known.includes('minimal') ? 'minimal' : undefined;
    if (off !== 'none') warn(off === undefined ? 'unsupported-setting' : 'approximated', 'thinking cannot be switched off at this server');
    return off;
  }
  // A negative budget stands for "as much as it takes".
  const wanted = reasoning.effort ?? (reasoning.budgetTokens !== undefined && reasoning.budgetTokens > 0 ? effortForBudget(reasoning.budgetTokens) : undefined);
  if (wanted === undefined) return undefined;
  if (reasoning.effort === undefined) warn('approximated', 'the budget for thinking became a level of effort');
  const nearest = nearestEffort(wanted, known);
  if (nearest !== wanted) warn(nearest === undefined ? 'unsupported-setting' : 'approximated', `the effort ${wanted} is not known to this server`);
  return nearest;
}

function nearestEffort(wanted: IrEffort, known: readonly IrEffort[]): IrEffort | undefined {
  const rank = (effort: IrEffort): number => efforts.indexOf(effort);
  return known.filter((effort) => effort !== 'none').toSorted((a, b) => Math.abs(rank(a) - rank(wanted)) - Math.abs(rank(b) - rank(wanted)))[0];
}

function encodeOutput(output: IrOutput | undefined, { plainSchemas }: UpstreamTraits, warn: Warn): Json | undefined {
  if (output === undefined || output.type === 'text') return undefined;
  if (output.type === 'json') return { type: 'json_object' };
  const { schema, changes } = plainSchemas === true ? toPlainSchema(output.schema) : { schema: output.schema, changes: [] };
  if (changes.length > 0) warn('schema-changed', `the schema of the answer was simplified (${changes.join(', ')})`);
  const name = output.name.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) || 'answer';
  return { type: 'json_schema', json_schema: { name, schema, strict: output.strict && isStrictSchema(schema) } };
}
