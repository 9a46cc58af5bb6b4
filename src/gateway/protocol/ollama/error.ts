/** Errors in the shape of this wire: `{"error":"…"}`. */
import { retryHeaders } from '../error-answers.ts';
import { isUnreachable, unreachableStatus } from '../http-errors.ts';
import type { IrError, IrErrorType, JsonObject } from '../ir.ts';

const statuses: Readonly<Record<IrErrorType, number>> = {
  'invalid-request': 400,
  'context-overflow': 400,
  authentication: 401,
  permission: 403,
  billing: 402,
  'not-found': 404,
  'too-large': 413,
  'rate-limit': 429,
  overloaded: 503,
  timeout: 504,
  network: 502,
  server: 500,
  truncated: 502,
};

export function encodeErrorBody(error: IrError): JsonObject {
  return { error: error.message };
}

export function encodeError(error: IrError): { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: JsonObject } {
  return { status: isUnreachable(error) ? unreachableStatus : statuses[error.type], headers: retryHeaders(error), body: encodeErrorBody(error) };
}
