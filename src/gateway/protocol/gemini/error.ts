/** Errors as Google's APIs say them (https://cloud.google.com/apis/design/errors). */
import { decodeErrorAnswer, retryHeaders } from '../error-answers.ts';
import { isUnreachable } from '../http-errors.ts';
import { isJsonObject, parseJson } from '../json.ts';
import type { IrError, IrErrorType, Json, JsonObject } from '../ir.ts';

const codes: Readonly<Record<IrErrorType, number>> = {
  'invalid-request': 400,
  'context-overflow': 400,
  authentication: 401,
  permission: 403,
  // FAILED_PRECONDITION is what Google says of an account without billing; a 429 would be tried again and again.
  billing: 400,
  'not-found': 404,
  'too-large': 413,
  'rate-limit': 429,
  overloaded: 503,
  timeout: 504,
  network: 503,
  server: 500,
  truncated: 500,
};

const statuses: Readonly<Record<number, string>> = { 400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND', 409: 'ABORTED', 413: 'INVALID_ARGUMENT', 429: 'RESOURCE_EXHAUSTED', 499: 'CANCELLED', 501: 'UNIMPLEMENTED', 503: 'UNAVAILABLE', 504: 'DEADLINE_EXCEEDED' };
/** Meanings that must keep their status whatever the server's was. */
const fixed: readonly IrErrorType[] = ['context-overflow', 'billing', 'rate-limit', 'overloaded'];

/** gemini tries 429 and 5xx again for minutes, and looks for the time to wait in `details`. */
export function encodeError(error: IrError): { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: JsonObject } {
  const usual = codes[error.type];
  const known = error.status >= 400 && error.status <= 599 && !(usual < 500 && error.status >= 500);
  const unreachable = isUnreachable(error);
  const code = unreachable ? 400 : known && !fixed.includes(error.type) ? error.status : usual;
  const headers = retryHeaders(error);
  const status = unreachable || error.type === 'billing' ? 'FAILED_PRECONDITION' : (statuses[code] ?? (code >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT'));
  const seconds = headers['retry-after'];
  const wait = error.retryAfterMs === undefined ? seconds : `${error.retryAfterMs / 1000}`;
  const details: readonly Json[] = seconds === undefined ? [] : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${wait}s` }];
  return { status: code, headers, body: { error: { code, message: error.message, status, ...(details.length > 0 ? { details } : {}) } } };
}

export function decodeError(status: number, headers: Readonly<Record<string, string>>, body: string): IrError {
  return withDetails(decodeErrorAnswer(status, headers, body), parseJson(body));
}

/** Adds what Google says in `details`: the time to wait, and that a "bad request" is a bad key. */
export function withDetails(error: IrError, body: Json | undefined): IrError {
  const details = detailsOf(body);
  const wait = details.map((detail) => /^(\d+(?:\.\d+)?)(ms|s)$/.exec(typeof detail['retryDelay'] === 'string' ? detail['retryDelay'] : '')).find((match) => match !== null);
  const retryAfterMs = error.retryAfterMs ?? (wait ? Math.round(Number(wait[1]) * (wait[2] === 'ms' ? 1 : 1000)) : undefined);
  const badKey = details.some((detail) => detail['reason'] === 'API_KEY_INVALID') || /API key (?:not valid|expired|not found)/i.test(error.message);
  return {
    ...error,
    ...(badKey ? { type: 'authentication' as const, status: 401 } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function detailsOf(body: Json | undefined): readonly JsonObject[] {
  const first = Array.isArray(body) ? (body as readonly Json[])[0] : body;
  const error = isJsonObject(first) && isJsonObject(first['error']) ? first['error'] : undefined;
  return error !== undefined && Array.isArray(error['details']) ? (error['details'] as readonly Json[]).filter(isJsonObject) : [];
}
