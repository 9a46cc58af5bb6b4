/**
 * Whether to go over to another model after a short question to it. A model on this machine that does not answer is refused: nothing
 * will mend it by itself. A hosted one with a passing trouble is only warned of.
 */
import { isTransient } from '../chat/failure.ts';
import type { ChatFailure } from '../chat/model.ts';
import type { Placement } from '../protocol.ts';
import type { LevelFailure, TestReport } from './model.ts';

/** What is asked: one word, and no more than this of an answer (`max_tokens`). A thinking model has only begun by then, which is answer enough. */
export const switchPing = { message: 'ping', maxTokens: 16, withinMs: 15_000 } as const;

export type SwitchVerdict =
  | { readonly type: 'switch' }
  /** Switch all the same, and say so. */
  | { readonly type: 'warn'; readonly message: string; readonly hint?: string }
  /** Keep the old model. */
  | { readonly type: 'refuse'; readonly message: string; readonly hint?: string };

/** What a question came to: nothing went wrong, a failure of one question, or the report of a whole test. */
export type SwitchOutcome =
  | { readonly type: 'answered' }
  | { readonly type: 'failed'; readonly failure: Pick<ChatFailure, 'kind' | 'message' | 'hint' | 'status'> }
  | { readonly type: 'tested'; readonly report: Pick<TestReport, 'levels' | 'outcome'> };

export function switchVerdict(outcome: SwitchOutcome, placement: Placement): SwitchVerdict {
  switch (outcome.type) {
    case 'answered':
      return { type: 'switch' };
    case 'failed':
      return placement !== 'local' && isTransient(outcome.failure) ? withWords('warn', outcome.failure.message, outcome.failure.hint) : withWords('refuse', outcome.failure.message, outcome.failure.hint);
    case 'tested':
      return verdictOfReport(outcome.report, placement);
  }
}

function verdictOfReport({ levels }: Pick<TestReport, 'levels'>, placement: Placement): SwitchVerdict {
  const failed = levels.find(({ outcome }) => outcome === 'failed');
  if (!failed) return { type: 'switch' };
  const { reason = 'The test failed', hint, transient }: Partial<LevelFailure> = failed;
  if (placement === 'local') return withWords('refuse', reason, hint);
  // What is wrong beyond a first answer is worth knowing and no reason to stay.
  return transient || (failed.level !== 'reachable' && failed.level !== 'listed' && failed.level !== 'answers') ? withWords('warn', reason, hint) : withWords('refuse', reason, hint);
}

function withWords(type: 'warn' | 'refuse', message: string, hint: string | undefined): SwitchVerdict {
  return { type, message, ...(hint !== undefined && { hint }) };
}
