/** Errors as OpenAI says them (https://platform.openai.com/docs/guides/error-codes). */
import { decodeErrorAnswer, retryHeaders } from '../error-answers.ts';
import { isUnreachable } from '../http-errors.ts';
import type { IrError, IrErrorType, JsonObject } from '../ir.ts';

export const decodeError = decodeErrorAnswer;

interface Spelling {
  readonly status: number;
  readonly type: string;
  readonly code: string;
}

const spellings: Readonly<Record<IrErrorType, Spelling>> = {
  'invalid-request': { status: 400, type: 'invalid_request_error', code: 'invalid_request' },
  'context-overflow': { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' },
  authentication: { status: 401, type: 'invalid_request_error', code: 'invalid_api_key' },
  permission: { status: 403, type: 'invalid_request_error', code: 'insufficient_permissions' },
  billing: { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' },
  'not-found': { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
  'too-large': { status: 413, type: 'invalid_request_error', code: 'request_too_large' },
  'rate-limit': { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  overloaded: { status: 503, type: 'server_error', code: 'server_is_overloaded' },
  timeout: { status: 504, type: 'server_error', code: 'timeout' },
  network: { status: 502, type: 'server_error', code: 'upstream_unreachable' },
  server: { status: 500, type: 'server_error', code: 'server_error' },
  truncated: { status: 502, type: 'server_error', code: 'stream_truncated' },
};

/** Meanings that clients act upon; everything else keeps the code that its vendor gave it. */
const fixedCodes: readonly IrErrorType[] = ['context-overflow', 'billing', 'rate-limit', 'overloaded'];

export function encodeError(error: IrError): { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: JsonObject } {
  const { status, type, code } = spellings[error.type];
  const fixed = fixedCodes.includes(error.type);
  // An error within a stream has no status of its own; what the client did wrong must not look like the server's fault.
  const known = error.status >= 400 && error.status <= 599 && !(status < 500 && error.status >= 500);
  return {
    // codex repeats every status but this one.
    status: isUnreachable(error) ? 400 : fixed || !known ? status : error.status,
    headers: retryHeaders(error),
    body: { error: { message: error.message, type, param: null, code: fixed ? code : (error.code ?? code) } },
  };
}

/**
 * The codes by which codex decides what to do about `response.failed`: shorten the conversation, wait, tell the user at once
 * (`invalid_prompt`, `insufficient_quota`), or try again (anything else).
 */
const failureCodes: Readonly<Record<IrErrorType, string>> = {
  'invalid-request': 'invalid_prompt',
  'context-overflow': 'context_length_exceeded',
  authentication: 'invalid_prompt',
  permission: 'invalid_prompt',
  billing: 'insufficient_quota',
  'not-found': 'invalid_prompt',
  'too-large': 'invalid_prompt',
  'rate-limit': 'rate_limit_exceeded',
  // Not `server_is_overloaded`: codex gives up at once then, with words of its own.
  overloaded: 'rate_limit_exceeded',
  timeout: 'server_error',
  network: 'server_error',
  server: 'server_error',
  truncated: 'server_error',
};

/** The error within an answer that had begun. The time to wait stands in the words, which is where clients look for it there. */
export function streamedError(error: IrError): { readonly code: string; readonly message: string; readonly type: string } {
  const code = failureCodes[error.type];
  const wait = code === 'rate_limit_exceeded' && error.retryAfterMs !== undefined && !/try again in/i.test(error.message) ? ` Please try again in ${(error.retryAfterMs / 1000).toFixed(1)}s.` : '';
  return { code, message: error.message + wait, type: spellings[error.type].type };
}
