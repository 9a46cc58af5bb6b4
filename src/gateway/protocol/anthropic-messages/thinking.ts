/** How thinking is asked for, both ways. */
import type { UpstreamTraits } from '../codec.ts';
import { budgetForEffort, effortForBudget } from '../effort.ts';
import type { IrAssistantPart, IrEffort, IrReasoningSettings, IrRequest, JsonObject } from '../ir.ts';
import type { Warn } from '../warnings.ts';
import { claudeModel, type ClaudeModel } from './claude-models.ts';
import type { WireRequest } from './schema.ts';

const efforts: readonly IrEffort[] = ['low', 'medium', 'high', 'xhigh', 'max'];

export function decodeThinking({ thinking, output_config: output }: WireRequest, warn: Warn): IrReasoningSettings | undefined {
  const effort = efforts.find((name) => name === output?.effort);
  if (!thinking) {
    // What an effort means to a model that was not asked to think is its maker's business.
    if (effort !== undefined) warn('unsupported-setting', 'the effort was left out, because thinking was not asked for');
    return undefined;
  }
  if (thinking.type === 'disabled') return { enabled: false };
  if (thinking.type === 'between_tools') warn('approximated', 'thinking only between tool calls became thinking');
  const visible = typeof thinking.display === 'string' ? { visible: thinking.display !== 'omitted' } : {};
  const budget = typeof thinking.budget_tokens === 'number' && thinking.budget_tokens > 0 ? { budgetTokens: thinking.budget_tokens } : {};
  return { enabled: true, ...(effort === undefined ? {} : { effort }), ...budget, ...visible };
}

export interface EncodedThinking {
  readonly fields: JsonObject;
  readonly effort?: IrEffort;
  /** The model will think, which forbids other settings. */
  readonly isOn: boolean;
  /** Thoughts between calls need to be asked for. */
  readonly interleaved: boolean;
}

const off: EncodedThinking = { fields: {}, isOn: false, interleaved: false };
const minBudget = 1024;

export function encodeThinking(request: IrRequest, traits: UpstreamTraits, maxTokens: number, warn: Warn): EncodedThinking {
  const { reasoning } = request;
  if (reasoning === undefined) return off;
  const model = claudeModel(request.model);
  const style = traits.thinkingStyle ?? model.thinkingStyle;
  const effort = encodeEffort(reasoning, traits.efforts ?? model.efforts);
  if (reasoning.enabled === false || reasoning.effort === 'none') {
    if (model.alwaysThinks) warn('unsupported-setting', 'thinking cannot be switched off for this model');
    return model.alwaysThinks ? off : { ...off, fields: { thinking: { type: 'disabled' } } };
  }
  if (reasoning.enabled === undefined && reasoning.effort === undefined && reasoning.budgetTokens === undefined) return off;
  const obstacle = obstacleTo(request, style, maxTokens);
  if (obstacle !== undefined) {
    warn('unsupported-setting', `thinking was not asked for, because ${obstacle}`);
    return off;
  }
  const display: JsonObject = reasoning.visible === undefined || model.version === undefined ? {} : { display: reasoning.visible ? 'summarized' : 'omitted' };
  sayWhatChanged(reasoning, effort, style, warn);
  if (style === 'adaptive') return { fields: { thinking: { type: 'adaptive', ...display } }, ...(effort === undefined ? {} : { effort }), isOn: true, interleaved: false };
  const wanted = reasoning.budgetTokens !== undefined && reasoning.budgetTokens > 0 ? reasoning.budgetTokens : budgetForEffort(reasoning.effort ?? 'medium');
  const budget = Math.max(minBudget, Math.min(wanted, maxTokens - minBudget));
  return { fields: { thinking: { type: 'enabled', budget_tokens: budget, ...display } }, ...(effort === undefined ? {} : { effort }), isOn: true, interleaved: model.version !== undefined && model.version >= 4 && request.tools.length > 0 };
}

/** One wire counts tokens, the other has levels, and not every model has every level. */
function sayWhatChanged({ effort: wanted, budgetTokens }: IrReasoningSettings, effort: IrEffort | undefined, style: ClaudeModel['thinkingStyle'], warn: Warn): void {
  if (wanted !== undefined && effort === undefined) warn('approximated', style === 'adaptive' ? `the effort ${wanted} was left to the model` : `the effort ${wanted} became a budget for thinking`);
  else if (wanted !== undefined && effort !== wanted) warn('approximated', `the effort ${wanted} is not known to this model; it became ${effort}`);
  else if (wanted === undefined && budgetTokens !== undefined && style === 'adaptive') warn('approximated', 'the budget for thinking became a level of effort');
}

/** Why the server would refuse the request together with thinking. */
function obstacleTo(request: IrRequest, style: ClaudeModel['thinkingStyle'], maxTokens: number): string | undefined {
  if (request.toolChoice?.type === 'required' || request.toolChoice?.type === 'tool') return 'a tool call is required';
  if (style === 'adaptive') return undefined;
  if (maxTokens <= minBudget) return 'the limit for the answer leaves no room for it';
  // With a budget, the answer that is being continued behind tool results must begin with its own, signed thoughts.
  const last = request.messages.findLast((message) => message.role === 'assistant');
  const continues = request.messages.at(-1)?.role === 'user' && request.messages.at(-1)?.parts.some((part) => part.type === 'tool-result');
  const isOurs = (part: IrAssistantPart | undefined): boolean => part?.type === 'reasoning' && (part.signature ?? part.sealed)?.origin === 'anthropic-messages';
  return claudeModel(request.model).version !== undefined && continues === true && last?.role === 'assistant' && !isOurs(last.parts[0]) ? 'the answer that is being continued began without it' : undefined;
}

function encodeEffort(reasoning: IrReasoningSettings, known: readonly IrEffort[]): IrEffort | undefined {
  const wanted = reasoning.effort ?? (reasoning.budgetTokens === undefined || reasoning.budgetTokens <= 0 ? undefined : effortForBudget(reasoning.budgetTokens));
  if (wanted === undefined || known.length === 0) return undefined;
  const rank = (effort: IrEffort): number => efforts.indexOf(effort);
  return known.toSorted((a, b) => Math.abs(rank(a) - rank(wanted)) - Math.abs(rank(b) - rank(wanted)))[0];
}
