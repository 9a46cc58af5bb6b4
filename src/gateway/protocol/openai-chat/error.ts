/** Errors in the shape of this wire: `{"error":{"message","type","param","code"}}`. */
import { retryHeaders } from '../error-answers.ts';
import type { IrError, IrErrorType, JsonObject } from '../ir.ts';

interface Shape {
  readonly status: number;
  readonly type: string;
  readonly code?: string;
}

/**
 * 424 for a model server that is not there: clients of this wire repeat 408, 409, 429 and every 5xx, some of them for
 * ever, and each repetition of a timeout adds to the queue of a slow local model.
 */
const shapes: Readonly<Record<IrErrorType, Shape>> = {
  'invalid-request': { status: 400, type: 'invalid_request_error' },
  'context-overflow': { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' },
  authentication: { status: 401, type: 'invalid_request_error', code: 'invalid_api_key' },
  permission: { status: 403, type: 'invalid_request_error' },
  billing: { status: 402, type: 'insufficient_quota', code: 'insufficient_quota' },
  'not-found': { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
  'too-large': { status: 413, type: 'invalid_request_error' },
  'rate-limit': { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  overloaded: { status: 503, type: 'server_error', code: 'overloaded' },
  timeout: { status: 424, type: 'upstream_error', code: 'upstream_timeout' },
  network: { status: 424, type: 'upstream_error', code: 'upstream_unreachable' },
  server: { status: 500, type: 'server_error' },
  truncated: { status: 502, type: 'server_error', code: 'upstream_truncated' },
};

export function encodeErrorBody(error: IrError): JsonObject {
  const { type, code } = shapes[error.type];
  // Clients that compact on overflow look for this very code, whatever the server called it.
  const own = error.type === 'context-overflow' ? code : (error.code ?? code);
  return { error: { message: error.message, type, param: null, code: own ?? null } };
}

export function encodeError(error: IrError): { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: JsonObject } {
  const { status } = shapes[error.type];
  const stop: Readonly<Record<string, string>> = error.type === 'network' || error.type === 'timeout' ? { 'x-should-retry': 'false' } : {};
  return { status, headers: { ...retryHeaders(error), ...stop }, body: encodeErrorBody(error) };
}
