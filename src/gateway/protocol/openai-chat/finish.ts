/** Why an answer ended, both ways. */
import type { IrFinish } from '../ir.ts';
import type { WireChoice } from './schema.ts';

/** `calls`: how many calls the answer has; servers also say "stop" behind a call. */
export function decodeFinish(choice: Pick<WireChoice, 'finish_reason' | 'stop_reason'>, calls: number): IrFinish {
  switch (choice.finish_reason) {
    case 'length':
    case 'max_tokens':
    case 'model_length':
      return { reason: 'length' };
    case 'content_filter':
      return { reason: 'content-filter' };
    case 'refusal':
      return { reason: 'refusal' };
    default:
      if (calls > 0) return { reason: 'tool-calls' };
      return typeof choice.stop_reason === 'string' && choice.stop_reason !== '' ? { reason: 'stop-sequence', sequence: choice.stop_reason } : { reason: 'stop' };
  }
}

/** Whether an answer says that it ends with a call. Without one the call got lost, and the turn must fail rather than seem done. */
export function announcesCall(finishReason: string | null | undefined): boolean {
  return finishReason === 'tool_calls' || finishReason === 'function_call';
}

/** `refused`: the answer has a text that says why it is refused. */
export function encodeFinish(finish: IrFinish, refused: boolean): 'stop' | 'length' | 'tool_calls' | 'content_filter' {
  switch (finish.reason) {
    case 'length':
      return 'length';
    case 'tool-calls':
      return 'tool_calls';
    case 'content-filter':
      return 'content_filter';
    case 'refusal':
      return refused ? 'stop' : 'content_filter';
    case 'stop':
    case 'stop-sequence':
    case 'pause':
      return 'stop';
  }
}
