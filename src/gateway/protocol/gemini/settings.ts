/** `generationConfig`, both ways. */
import { budgetForEffort, effortForBudget } from '../effort.ts';
import { isJsonObject } from '../json.ts';
import { fromOpenApi, toOpenApi } from './open-api.ts';
import type { UpstreamTraits } from '../codec.ts';
import type { IrEffort, IrOutput, IrReasoningSettings, IrRequest, JsonObject } from '../ir.ts';
import type { Warn } from '../warnings.ts';
import { geminiModel, type GeminiModel } from './models.ts';
import type { WireGeneration } from './schema.ts';

/** The fields of an `IrRequest` that are plain settings. */
export type IrSettings = Omit<IrRequest, 'model' | 'messages' | 'tools' | 'toolChoice' | 'stream'>;

export function decodeSettings(config: WireGeneration | null | undefined, warn: Warn): IrSettings {
  if (!config) return {};
  const lost: readonly (readonly [setting: string, isUsed: boolean])[] = [
    ['candidateCount', (config.candidateCount ?? 1) > 1],
    ['responseModalities', (config.responseModalities ?? []).some((modality) => modality !== 'TEXT')],
    ['responseLogprobs', config.responseLogprobs === true],
    ['speechConfig', config['speechConfig'] !== undefined && config['speechConfig'] !== null],
  ];
  for (const [setting, isUsed] of lost) if (isUsed) warn('unsupported-setting', `the setting ${setting} was left out`);
  return present({
    maxOutputTokens: config.maxOutputTokens,
    temperature: config.temperature,
    topP: config.topP,
    topK: config.topK,
    stop: config.stopSequences?.length ? config.stopSequences : undefined,
    seed: config.seed,
    presencePenalty: config.presencePenalty,
    frequencyPenalty: config.frequencyPenalty,
    reasoning: decodeThinking(config.thinkingConfig),
    output: decodeOutput(config, warn),
  });
}

/** gemini asks to see the thoughts of whatever model; that alone switches nothing on. */
function decodeThinking(config: WireGeneration['thinkingConfig']): IrReasoningSettings | undefined {
  if (!config) return undefined;
  const visible = typeof config.includeThoughts === 'boolean' ? { visible: config.includeThoughts } : {};
  const effort = (['minimal', 'low', 'medium', 'high'] as const).find((level) => level.toUpperCase() === config.thinkingLevel);
  if (effort !== undefined) return { enabled: true, effort, ...visible };
  const budget = config.thinkingBudget;
  if (budget === 0) return { enabled: false, ...visible };
  if (typeof budget === 'number') return { enabled: true, ...(budget > 0 ? { budgetTokens: budget } : {}), ...visible };
  return 'visible' in visible ? visible : undefined;
}

function decodeOutput(config: WireGeneration, warn: Warn): IrOutput | undefined {
  if (config.responseMimeType === 'text/x.enum') warn('unsupported-setting', 'an answer out of a list of values cannot be asked for');
  if (config.responseMimeType !== 'application/json') return undefined;
  const schema = [config.responseJsonSchema, config.responseSchema].find(isJsonObject);
  return schema === undefined ? { type: 'json' } : { type: 'json-schema', name: 'answer', schema: fromOpenApi(schema), strict: false };
}

/** The most that Google takes. */
const maxStopSequences = 5;

export function encodeSettings(request: IrRequest, traits: UpstreamTraits, warn: Warn): JsonObject | undefined {
  const model = geminiModel(request.model);
  if ((request.stop?.length ?? 0) > maxStopSequences) warn('unsupported-setting', `only the first ${maxStopSequences} stop sequences were handed on`);
  if (request.verbosity !== undefined) warn('unsupported-setting', 'the setting for the length of answers was left out');
  const config = present({
    maxOutputTokens: request.maxOutputTokens,
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    stopSequences: request.stop?.length ? request.stop.slice(0, maxStopSequences) : undefined,
    seed: request.seed,
    presencePenalty: request.presencePenalty,
    frequencyPenalty: request.frequencyPenalty,
    ...encodeOutput(request, model, traits, warn),
    thinkingConfig: request.reasoning === undefined ? undefined : encodeThinking(request.reasoning, model, warn),
  }) as JsonObject;
  return Object.keys(config).length > 0 ? config : undefined;
}

function encodeOutput({ output, tools }: IrRequest, model: GeminiModel, { plainSchemas }: UpstreamTraits, warn: Warn): JsonObject {
  if (output === undefined || output.type === 'text') return {};
  if (tools.length > 0 && !model.jsonWithTools) {
    warn('unsupported-setting', 'JSON was not asked for: this model refuses that together with tools');
    return {};
  }
  if (output.type === 'json') return { responseMimeType: 'application/json' };
  if (plainSchemas !== true) return { responseMimeType: 'application/json', responseJsonSchema: output.schema };
  const { schema, changes } = toOpenApi(output.schema);
  if (changes.length > 0) warn('schema-changed', `the schema of the answer was simplified (${changes.join(', ')})`);
  return { responseMimeType: 'application/json', responseSchema: schema };
}

function encodeThinking(settings: IrReasoningSettings, model: GeminiModel, warn: Warn): JsonObject | undefined {
  if (model.thinking === 'none') {
    if (settings.enabled === true) warn('unsupported-setting', 'the model cannot think');
    return undefined;
  }
  // A model whose name says nothing may not know thoughts at all and refuse every word about them.
  if (model.thinking === 'unknown' && settings.enabled !== true) return undefined;
  const includeThoughts = settings.enabled !== false && settings.visible !== false;
  const config = present({
    ...(model.thinking === 'level' ? { thinkingLevel: levelFor(settings, model, warn) } : { thinkingBudget: budgetFor(settings, model, warn) }),
    includeThoughts: includeThoughts ? true : undefined,
  });
  return Object.keys(config).length > 0 ? config : undefined;
}

function levelFor(settings: IrReasoningSettings, model: GeminiModel, warn: Warn): string | undefined {
  if (settings.enabled === false) {
    if (model.levels[0] !== undefined) warn('approximated', `thinking cannot be switched off; ${model.levels[0]} is the least`);
    return model.levels[0]?.toUpperCase();
  }
  const wanted = settings.effort ?? (settings.budgetTokens === undefined ? undefined : effortForBudget(settings.budgetTokens));
  if (wanted === undefined || model.levels.length === 0) return undefined;
  if (settings.effort === undefined) warn('approximated', 'the budget for thinking became a level');
  const order: readonly IrEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
  const distance = (level: IrEffort): number => Math.abs(order.indexOf(level) - order.indexOf(wanted));
  // Of two that are equally near, the one that thinks more.
  const nearest = model.levels.toReversed().toSorted((a, b) => distance(a) - distance(b))[0];
  if (nearest !== wanted) warn('approximated', `the effort ${wanted} is not known to this model; it became ${nearest}`);
  return nearest?.toUpperCase();
}

function budgetFor(settings: IrReasoningSettings, model: GeminiModel, warn: Warn): number | undefined {
  const { least, most, canStop } = model.budget;
  if (settings.enabled === false) {
    if (canStop) return 0;
    warn('approximated', `thinking cannot be switched off; ${least} tokens are the least`);
    return least;
  }
  const wanted = settings.budgetTokens ?? (settings.effort === undefined ? undefined : budgetForEffort(settings.effort));
  return wanted === undefined ? undefined : Math.min(Math.max(wanted, least), most);
}

/** Without the fields that are null or undefined. */
export function present<T extends object>(fields: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as { [Key in keyof T]?: NonNullable<T[Key]> };
}
