/** From any server's error answer to an `IrError`, and the parts of the way back that all clients share. */
import { isContextOverflow, isOverflowCode } from './context-overflow.ts';
import { errorTypeForStatus, messageOfForeignBody, retryAfterHeader, retryAfterMs } from './http-errors.ts';
import type { IrError, IrErrorType, Json, JsonObject } from './ir.ts';
import { entryOf, isJsonObject, parseJson } from './json.ts';

const maxMessageLength = 4000;

/** What a vendor's body says, as far as it says anything. */
export interface ErrorBody {
  readonly message?: string;
  /** The most exact machine-readable name that the body has. */
  readonly code?: string;
  /** The class of the error where the body has one beside the code. */
  readonly kind?: string;
}

/**
 * @param body raw text; HTML and plain text are taken for what they are
 * @param headers names in any case
 */
export function decodeErrorAnswer(status: number, headers: Readonly<Record<string, string>>, body: string): IrError {
  const parsed = parseJson(body);
  const found: ErrorBody = parsed === undefined ? {} : errorBody(parsed);
  const text = found.message ?? messageOfForeignBody(status, parsed === undefined ? body : '');
  return toIrError(status, text, found, retryAfterMs(headers) ?? waitInWords(text));
}

/** An error that came inside of an answer that began well. Without a status of its own it has that of its type. */
export function decodeErrorValue(value: Json): IrError {
  const found = errorBody(value);
  const inner = isJsonObject(value) && isJsonObject(value['error']) ? value['error'] : value;
  const own = isJsonObject(inner) ? [inner['status'], inner['status_code'], inner['code']].map(statusOf).find((number) => number >= 400 && number < 600) : undefined;
  const message = found.message ?? 'the model server reported an error without a message';
  const error = toIrError(own ?? 500, message, found, waitInWords(message));
  return own === undefined ? { ...error, status: statuses[error.type] ?? 500 } : error;
}

function statusOf(value: Json | undefined): number {
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
}

const statuses: Partial<Record<IrErrorType, number>> = { 'invalid-request': 400, 'context-overflow': 400, authentication: 401, billing: 402, permission: 403, 'not-found': 404, 'too-large': 413, 'rate-limit': 429, timeout: 504, overloaded: 529 };

function toIrError(status: number, message: string, { code, kind }: ErrorBody, retryAfter: number | undefined): IrError {
  return {
    type: errorType(status, message, [code, kind].filter((name) => name !== undefined)),
    status,
    message: message.slice(0, maxMessageLength),
    ...(code === undefined ? {} : { code }),
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
  };
}

/** Names of Anthropic's, OpenAI's and Google's error types and codes that say more than the status does. */
const named: Readonly<Record<string, IrErrorType>> = {
  insufficient_quota: 'billing',
  billing_error: 'billing',
  billing_hard_limit_reached: 'billing',
  overloaded_error: 'overloaded',
  rate_limit_error: 'rate-limit',
  rate_limit_exceeded: 'rate-limit',
  RESOURCE_EXHAUSTED: 'rate-limit',
  authentication_error: 'authentication',
  invalid_api_key: 'authentication',
  permission_error: 'permission',
  not_found_error: 'not-found',
  model_not_found: 'not-found',
  request_too_large: 'too-large',
  timeout_error: 'timeout',
  invalid_request_error: 'invalid-request',
};

function errorType(status: number, message: string, names: readonly string[]): IrErrorType {
  if (status !== 429 && (isContextOverflow(message) || names.some(isOverflowCode))) return 'context-overflow';
  const byName = names.map((name) => entryOf(named, name)).find((type) => type !== undefined);
  // OpenAI calls an unknown model and a wrong key an "invalid request" as well; there the status knows better.
  if (byName !== undefined && byName !== 'invalid-request') return byName;
  const byStatus = errorTypeForStatus(status);
  return byStatus === 'server' && byName !== undefined ? byName : byStatus;
}

/** Every shape in use: `{error:{message,code|type}}`, `{error:"…"}`, `{message}`, `{detail}` (FastAPI), `{errors:[…]}`, a list of them. */
export function errorBody(value: Json): ErrorBody {
  if (typeof value === 'string') return filled(value) ? { message: value } : {};
  if (Array.isArray(value)) return value[0] === undefined ? {} : errorBody(value[0] as Json);
  if (!isJsonObject(value)) return {};
  const { error } = value;
  if (filled(error)) return { message: error, ...codeOf(value) };
  if (isJsonObject(error)) {
    const inner = errorBody(error);
    // OpenRouter puts the words of the server behind it one level deeper.
    const raw = isJsonObject(error['metadata']) && typeof error['metadata']['raw'] === 'string' ? errorBody(parseJson(error['metadata']['raw']) ?? error['metadata']['raw']) : undefined;
    return raw?.message === undefined ? inner : { ...inner, ...raw };
  }
  const message = [value['message'], value['detail'], value['msg'], value['error_description']].find(filled);
  if (message !== undefined) return { message, ...codeOf(value) };
  const list = [value['detail'], value['errors'], value['message']].find((entry) => entry !== undefined && entry !== null);
  return list === undefined ? codeOf(value) : { ...errorBody(list), ...codeOf(value) };
}

function filled(value: Json | undefined): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function codeOf(value: JsonObject): Pick<ErrorBody, 'code' | 'kind'> {
  const details = isJsonObject(value['details']) ? value['details']['error_code'] : undefined;
  const code = [details, value['code'], value['status'], value['type']].find((name) => typeof name === 'string' && name !== '' && name !== 'error');
  const kind = value['type'];
  return { ...(typeof code === 'string' ? { code } : {}), ...(typeof kind === 'string' && kind !== code ? { kind } : {}) };
}

/** "Please try again in 1.5s", for servers that say it nowhere else. */
function waitInWords(message: string): number | undefined {
  const words = /(?:try again|retry)\s+(?:in|after)\s+(?:(\d+)m)?\s*(\d+(?:\.\d+)?)\s*(ms|s)/i.exec(message);
  return words ? Math.round(Number(words[1] ?? 0) * 60_000 + Number(words[2]) * (words[3]?.toLowerCase() === 'ms' ? 1 : 1000)) : undefined;
}

/** A rate limit without a time: some clients give up at once unless they are told how long to wait. */
const defaultRetryAfterMs = 5000;

/** `retry-after` in seconds: always with a rate limit, else where the time is known. */
export function retryHeaders(error: IrError): Readonly<Record<string, string>> {
  return retryAfterHeader(error.retryAfterMs ?? (error.type === 'rate-limit' ? defaultRetryAfterMs : undefined));
}

/** A stream that stopped in mid-answer. */
export function truncatedError(detail = 'the model server closed the stream before the end of its answer'): IrError {
  return { type: 'truncated', status: 502, message: detail };
}

/** An answer that is not what the protocol says. */
export function malformedError(message: string): IrError {
  return { type: 'server', status: 502, message };
}
