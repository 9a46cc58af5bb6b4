/** Thinking as a level (OpenAI) and as a number of tokens (Anthropic, Gemini before 3). */
import type { IrEffort } from './ir.ts';

const budgets: Readonly<Record<IrEffort, number>> = { none: 0, minimal: 1024, low: 4096, medium: 10_240, high: 24_576, xhigh: 32_768, max: 65_536 };

/** What a level means in tokens; a target may have to cut it to its own bounds. */
export function budgetForEffort(effort: IrEffort): number {
  return budgets[effort];
}

/** The level that stands for a budget. Only the three that every server knows, and `none` for a budget of nothing. */
export function effortForBudget(tokens: number): IrEffort {
  if (tokens <= 0) return 'none';
  if (tokens <= budgets.low) return 'low';
  return tokens <= 16_384 ? 'medium' : 'high';
}
