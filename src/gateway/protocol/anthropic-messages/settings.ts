/** Sampling, limits and the form of the answer, both ways. */
import type { UpstreamTraits } from '../codec.ts';
import { isJsonObject, parseJson } from '../json.ts';
import { toPlainSchema } from '../json-schema.ts';
import type { IrOutput, IrRequest, Json, JsonObject } from '../ir.ts';
import type { Warn } from '../warnings.ts';
import { claudeModel } from './claude-models.ts';
import type { WireRequest } from './schema.ts';
import { decodeThinking, encodeThinking } from './thinking.ts';

/** The fields of an `IrRequest` that are plain settings. */
export type IrSettings = Omit<IrRequest, 'model' | 'messages' | 'tools' | 'toolChoice' | 'parallelToolCalls' | 'stream'>;

export function decodeSettings(body: WireRequest, warn: Warn): IrSettings {
  const lost: readonly (readonly [field: string, isUsed: boolean])[] = [
    ['mcp_servers', (body.mcp_servers ?? []).length > 0],
    ['container', body.container !== null && body.container !== undefined],
    ['compaction', body.compaction !== null && body.compaction !== undefined],
    ['safeguards', (body.safeguards ?? []).length > 0],
    ['context_management', (body.context_management?.edits ?? []).some((edit) => !(edit.type ?? '').startsWith('clear_thinking'))],
  ];
  for (const [field, isUsed] of lost) if (isUsed) warn('unsupported-setting', `the setting ${field} was left out`);
  const given: { [Field in keyof IrSettings]: IrSettings[Field] | null | undefined } = {
    maxOutputTokens: body.max_tokens,
    temperature: body.temperature,
    topP: body.top_p,
    topK: body.top_k,
    stop: body.stop_sequences,
    reasoning: decodeThinking(body, warn),
    output: decodeOutput(body.output_config?.format ?? body.output_format),
    ...decodeUser(body.metadata?.user_id),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined)) as IrSettings;
}

function decodeOutput(format: WireRequest['output_format']): IrOutput | undefined {
  return format?.type === 'json_schema' && isJsonObject(format.schema) ? { type: 'json-schema', name: 'answer', schema: format.schema, strict: true } : undefined;
}

/** Claude's user id is JSON with ids of its device and account, which are nobody else's business, and of its session. */
function decodeUser(userId: string | null | undefined): Pick<IrSettings, 'user' | 'cacheKey'> {
  if (userId === null || userId === undefined) return {};
  const value = parseJson(userId);
  if (!isJsonObject(value)) return { user: userId };
  return typeof value['session_id'] === 'string' ? { cacheKey: value['session_id'] } : {};
}

export interface EncodedSettings {
  readonly fields: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
  /** To be added to the instructions, where the wire has no setting for it. */
  readonly instruction?: string;
}

export function encodeSettings(request: IrRequest, traits: UpstreamTraits, warn: Warn): EncodedSettings {
  const maxTokens = request.maxOutputTokens ?? defaultMaxTokens(request.model, traits);
  const thinking = encodeThinking(request, traits, maxTokens, warn);
  const stop = request.stop?.filter((sequence) => sequence.trim() !== '');
  if (stop !== undefined && stop.length < (request.stop?.length ?? 0)) warn('unsupported-setting', 'stop sequences of nothing but white space were left out');
  for (const [field, name] of [['seed', 'seed'], ['presencePenalty', 'presence_penalty'], ['frequencyPenalty', 'frequency_penalty'], ['verbosity', 'verbosity']] as const) {
    // A penalty of 0 is none, but 0 is as good a seed as any.
    if (request[field] !== undefined && (field === 'seed' || request[field] !== 0)) warn('unsupported-setting', `the setting ${name} was left out`);
  }
  const output = encodeOutput(request.output, traits, warn);
  const config: JsonObject = { ...(thinking.effort === undefined ? {} : { effort: thinking.effort }), ...(output.format === undefined ? {} : { format: output.format }) };
  return {
    fields: {
      max_tokens: maxTokens,
      ...encodeSampling(request, thinking.isOn, warn),
      ...(stop === undefined || stop.length === 0 ? {} : { stop_sequences: stop }),
      ...thinking.fields,
      ...(Object.keys(config).length === 0 ? {} : { output_config: config }),
      ...(request.user === undefined ? {} : { metadata: { user_id: request.user } }),
    },
    headers: thinking.interleaved ? { 'anthropic-beta': 'interleaved-thinking-2025-05-14' } : {},
    ...(output.instruction === undefined ? {} : { instruction: output.instruction }),
  };
}

/** The field is required, and a server of an open model refuses more than fits into the window. */
function defaultMaxTokens(model: string, { contextWindow }: UpstreamTraits): number {
  const { version } = claudeModel(model);
  const usual = version === undefined ? 16_384 : version < 3.5 ? 4096 : version < 3.7 ? 8192 : 32_000;
  return contextWindow === undefined ? usual : Math.max(256, Math.min(usual, Math.floor(contextWindow / 2)));
}

function encodeSampling(request: IrRequest, isThinking: boolean, warn: Warn): JsonObject {
  const { sampling } = claudeModel(request.model);
  const { temperature, topP, topK } = request;
  if (temperature === undefined && topP === undefined && topK === undefined) return {};
  if (sampling === 'none' || (isThinking && sampling !== 'all') || (isThinking && claudeModel(request.model).version !== undefined)) {
    warn('unsupported-setting', 'temperature, top_p and top_k were left out, because the model does not take them');
    return {};
  }
  if (temperature !== undefined && temperature > 1) warn('approximated', 'the temperature was lowered to 1, which is the most on this wire');
  const onlyTemperature = sampling === 'one' && temperature !== undefined && topP !== undefined;
  if (onlyTemperature) warn('unsupported-setting', 'top_p was left out, because the model does not take it together with a temperature');
  return {
    ...(temperature === undefined ? {} : { temperature: Math.min(1, temperature) }),
    ...(topP === undefined || onlyTemperature ? {} : { top_p: topP }),
    ...(topK === undefined ? {} : { top_k: topK }),
  };
}

function encodeOutput(output: IrOutput | undefined, { plainSchemas }: UpstreamTraits, warn: Warn): { readonly format?: Json; readonly instruction?: string } {
  if (output === undefined || output.type === 'text') return {};
  if (output.type === 'json') {
    warn('approximated', 'the wish for JSON was added to the instructions');
    return { instruction: 'Answer with a single JSON object and nothing else.' };
  }
  const { schema, changes } = plainSchemas === true ? toPlainSchema(output.schema) : { schema: output.schema, changes: [] };
  const closed = closeObjects(schema);
  const isChanged = changes.length > 0 || JSON.stringify(closed) !== JSON.stringify(schema);
  if (isChanged) warn('schema-changed', 'the schema of the answer was simplified');
  return { format: { type: 'json_schema', schema: closed } };
}

/** Keywords that Anthropic refuses in the schema of an answer. */
const refused = new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', '$schema']);
const maps = new Set(['properties', '$defs', 'definitions']);

/** https://platform.claude.com/docs/en/build-with-claude/structured-outputs: objects must be closed, and bounds are not taken. */
function closeObjects(schema: JsonObject): JsonObject {
  const result: Record<string, Json> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (refused.has(keyword)) continue;
    if (maps.has(keyword) && isJsonObject(value)) result[keyword] = Object.fromEntries(Object.entries(value).map(([name, child]) => [name, isJsonObject(child) ? closeObjects(child) : child]));
    else if (keyword === 'enum' || keyword === 'const' || keyword === 'default' || keyword === 'required') result[keyword] = value;
    else result[keyword] = closeValue(value);
  }
  if (result['type'] === 'object') result['additionalProperties'] = false;
  return result;
}

function closeValue(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(closeValue);
  return isJsonObject(value) ? closeObjects(value) : value;
}
