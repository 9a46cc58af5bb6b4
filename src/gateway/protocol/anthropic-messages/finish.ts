/** Why an answer ended, both ways. */
import type { IrFinish, JsonObject } from '../ir.ts';

export interface WireStop {
  readonly stop_reason?: string | null | undefined;
  readonly stop_sequence?: string | null | undefined;
}

/** `hasCalls`: servers of open models also say "end_turn" behind a call. */
export function decodeFinish({ stop_reason: reason, stop_sequence: sequence }: WireStop, hasCalls: boolean): IrFinish {
  switch (reason) {
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return { reason: 'length' };
    case 'stop_sequence':
      return typeof sequence === 'string' ? { reason: 'stop-sequence', sequence } : { reason: 'stop' };
    case 'refusal':
      return { reason: 'refusal' };
    case 'pause_turn':
      return { reason: 'pause' };
    default:
      return { reason: hasCalls ? 'tool-calls' : 'stop' };
  }
}

export function encodeFinish(finish: IrFinish, explanation = ''): JsonObject {
  switch (finish.reason) {
    case 'stop':
      return { stop_reason: 'end_turn', stop_sequence: null };
    case 'stop-sequence':
      return { stop_reason: 'stop_sequence', stop_sequence: finish.sequence };
    case 'length':
      return { stop_reason: 'max_tokens', stop_sequence: null };
    case 'tool-calls':
      return { stop_reason: 'tool_use', stop_sequence: null };
    case 'pause':
      return { stop_reason: 'pause_turn', stop_sequence: null };
    case 'refusal':
    case 'content-filter':
      return { stop_reason: 'refusal', stop_sequence: null, stop_details: { type: 'refusal', category: null, explanation: explanation === '' ? null : explanation } };
  }
}
