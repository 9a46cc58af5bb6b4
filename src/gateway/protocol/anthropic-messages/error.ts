/** Errors in the shape of this wire: `{"type":"error","error":{"type","message"}}`. */
import { overflowNumbers } from '../context-overflow.ts';
import { retryHeaders } from '../error-answers.ts';
import { isUnreachable, unreachableStatus } from '../http-errors.ts';
import type { IrError, IrErrorType, JsonObject } from '../ir.ts';

/** https://platform.claude.com/docs/en/api/errors */
const shapes: Readonly<Record<IrErrorType, { readonly status: number; readonly type: string }>> = {
  'invalid-request': { status: 400, type: 'invalid_request_error' },
  'context-overflow': { status: 400, type: 'invalid_request_error' },
  authentication: { status: 401, type: 'authentication_error' },
  permission: { status: 403, type: 'permission_error' },
  billing: { status: 402, type: 'billing_error' },
  'not-found': { status: 404, type: 'not_found_error' },
  'too-large': { status: 413, type: 'request_too_large' },
  'rate-limit': { status: 429, type: 'rate_limit_error' },
  overloaded: { status: 529, type: 'overloaded_error' },
  timeout: { status: 504, type: 'timeout_error' },
  network: { status: 502, type: 'api_error' },
  server: { status: 500, type: 'api_error' },
  truncated: { status: 502, type: 'api_error' },
};

/** Repeating these helps nobody; without the header claude does so for minutes. */
const hopeless: ReadonlySet<IrErrorType> = new Set(['authentication', 'permission', 'billing', 'not-found']);

export function encodeErrorBody(error: IrError): JsonObject {
  return { type: 'error', error: { type: shapes[error.type].type, message: error.type === 'context-overflow' ? overflowMessage(error.message) : error.message } };
}

export function encodeError(error: IrError): { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: JsonObject } {
  const unreachable = isUnreachable(error);
  const stop: Readonly<Record<string, string>> = unreachable || hopeless.has(error.type) ? { 'x-should-retry': 'false' } : {};
  return { status: unreachable ? unreachableStatus : shapes[error.type].status, headers: { ...retryHeaders(error), ...stop }, body: encodeErrorBody(error) };
}

/**
 * Claude compacts the conversation on "prompt is too long: N tokens > M maximum", and repeats the request with a lower
 * `max_tokens` on "input length and `max_tokens` exceed context limit: N + O > M" when the conversation itself would fit.
 * Without numbers the gateway contract's own token (https://code.claude.com/docs/en/llm-gateway-protocol) says the same.
 */
function overflowMessage(message: string): string {
  if (/prompt is too long: \d+ tokens > \d+|input length and `max_tokens` exceed context limit: \d+/.test(message)) return message;
  const numbers = overflowNumbers(message);
  if (numbers?.output !== undefined && numbers.input < numbers.limit) {
    return `input length and \`max_tokens\` exceed context limit: ${numbers.input} + ${numbers.output} > ${numbers.limit}, decrease input length or \`max_tokens\` and try again`;
  }
  const known = numbers !== undefined && numbers.input > numbers.limit;
  return known ? `prompt is too long: ${numbers.input} tokens > ${numbers.limit} maximum (${message})` : `capability_rejected: prompt_too_long (prompt is too long: ${message})`;
}
