/** Why an answer ended (https://ai.google.dev/api/generate-content#FinishReason), both ways. */
import type { IrError, IrFinish } from '../ir.ts';

export type Ending = { readonly type: 'finish'; readonly finish: IrFinish } | { readonly type: 'error'; readonly error: IrError };

/** What the server held back, as opposed to what the model declined. */
const withheld = new Set(['SAFETY', 'RECITATION', 'LANGUAGE', 'OTHER', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'IMAGE_SAFETY', 'IMAGE_PROHIBITED_CONTENT', 'IMAGE_RECITATION', 'IMAGE_OTHER']);
/** The model wrote a call that is none. Taken for the end of an answer it would look as if the model had nothing to do. */
const brokenCalls = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'MISSING_THOUGHT_SIGNATURE', 'MALFORMED_RESPONSE']);

export function decodeFinish(reason: string, message: string | null | undefined, hasCalls: boolean): Ending {
  if (reason === 'MAX_TOKENS') return { type: 'finish', finish: { reason: 'length' } };
  if (withheld.has(reason)) return { type: 'finish', finish: { reason: 'content-filter' } };
  if (brokenCalls.has(reason)) return { type: 'error', error: { type: 'server', status: 502, message: message ?? `the model wrote a tool call that cannot be used (${reason})`, code: reason } };
  return { type: 'finish', finish: { reason: hasCalls ? 'tool-calls' : 'stop' } };
}

/** For an answer without a word: who reads it must see that there was a reason. */
export function withheldText(reason: string, message: string | null | undefined): string {
  return message ?? `The server withheld the answer (${reason})`;
}

export function blockedText(reason: string, message: string | null | undefined): string {
  return message ?? `The server blocked the prompt (${reason})`;
}

export function encodeFinish(finish: IrFinish): string {
  switch (finish.reason) {
    case 'length':
      return 'MAX_TOKENS';
    case 'content-filter':
    case 'refusal':
      return 'SAFETY';
    case 'stop':
    case 'stop-sequence':
    case 'tool-calls':
    case 'pause':
      return 'STOP';
  }
}
