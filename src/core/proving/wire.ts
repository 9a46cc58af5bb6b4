/** Asks a model one thing over OpenAI's chat format: the one wire that Operator's gateway translates to all others. */
import { parseJson } from '../../base/json.ts';
import { fail, ok, type Result } from '../../base/result.ts';
import { toDisposable } from '../../base/disposable.ts';
import { isHtml, isTransient, statusFailure } from '../chat/failure.ts';
import { createLineDecoder, LineTooLongError } from '../chat/lines.ts';
import { errorMessageOf, oneLine } from '../chat/reply.ts';
import { createSseDecoder } from '../chat/sse.ts';
import { type Clock, type Http, HttpFailure, type HttpResponse } from '../ports.ts';
import { type Answer, createAnswerReader, type AnswerReader } from './answer.ts';
import type { LevelFailure } from './model.ts';

export interface Wire {
  readonly http: Http;
  readonly clock: Clock;
  /** With the version path, such as `http://127.0.0.1:41873/v1`. */
  readonly baseUrl: string;
  readonly token: string;
  readonly model: string;
  /** As people know the server, for messages. */
  readonly serverName: string;
  /** OpenAI's thinking models refuse `max_tokens`, older servers do not know the other one. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
}

export interface Question {
  readonly messages: readonly unknown[];
  readonly tools?: readonly unknown[];
  readonly responseFormat?: unknown;
  readonly stream: boolean;
  /** Tokens, thoughts included. */
  readonly maxTokens: number;
}

export interface Limits {
  /** Until anything of the answer comes: a local model may have to be loaded first. */
  readonly firstByteMs: number;
  /** Of the whole level. */
  readonly totalMs: number;
}

/** An answer with when its pieces came, in ms since the request was sent. */
export interface Told extends Answer {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly pieces: number;
  /** The stream said that it was over. */
  readonly ended: boolean;
}

/** What stopped an answer; `cancelled` is nobody's fault. */
export type Stopped = { readonly type: 'failed'; readonly failure: LevelFailure; readonly status?: number } | { readonly type: 'cancelled' };

const maxErrorBytes = 64 * 1024;
/** Of an answer to one of our short questions; what is longer never ends. */
const maxAnswerBytes = 16 * 1024 * 1024;
/** A server that still loads its model says so with 503 and is asked again after this. */
const loadingPauseMs = 1_000;

/** @param deadlineAt epoch ms when the level's time is over */
export async function ask(wire: Wire, question: Question, limits: Limits, deadlineAt: number, signal: AbortSignal): Promise<Result<Told, Stopped>> {
  const { clock } = wire;
  const started = clock.now();
  let form: Form = { withUsage: true, maxTokensField: wire.maxTokensField };
  for (;;) {
    const scope = createScope(clock, signal, Math.min(started + limits.firstByteMs, deadlineAt), deadlineAt);
    try {
      const outcome = await attempt(wire, question, form, scope, started);
      if (outcome.ok || outcome.error.type === 'cancelled') return outcome;
      // Some strict servers refuse `stream_options`; the count of tokens is worth less than the answer.
      if (form.withUsage && outcome.error.refuses === 'stream_options') form = { ...form, withUsage: false };
      else if (form.maxTokensField === 'max_tokens' && outcome.error.refuses === 'max_tokens') form = { ...form, maxTokensField: 'max_completion_tokens' };
      else if (outcome.error.loading && clock.now() + loadingPauseMs < Math.min(started + limits.firstByteMs, deadlineAt)) {
        if (!(await pause(clock, loadingPauseMs, signal))) return fail({ type: 'cancelled' });
      } else return fail({ type: 'failed', failure: outcome.error.failure, ...(outcome.error.status !== undefined && { status: outcome.error.status }) });
    } finally {
      scope.dispose();
    }
  }
}

type AttemptError = { readonly type: 'cancelled' } | { readonly type: 'failed'; readonly failure: LevelFailure; readonly status?: number; readonly refuses?: 'stream_options' | 'max_tokens'; readonly loading?: boolean };

/** How the same question is put to servers that differ. */
interface Form {
  readonly withUsage: boolean;
  readonly maxTokensField: Wire['maxTokensField'];
}

async function attempt(wire: Wire, question: Question, form: Form, scope: Scope, started: number): Promise<Result<Told, AttemptError>> {
  try {
    const response = await wire.http.request({
      method: 'POST',
      url: `${wire.baseUrl}/chat/completions`,
      headers: { 'content-type': 'application/json', accept: question.stream ? 'text/event-stream' : 'application/json', authorization: `Bearer ${wire.token}` },
      body: JSON.stringify(bodyOf(wire, question, form)),
      timeoutMs: scope.leftMs() + 1_000, // the scope says it first, and better
      signal: scope.signal,
    });
    if (response.status < 200 || response.status > 299) return fail(await refusalOf(wire, response, scope));
    return await readAnswer(wire, response, scope, started);
  } catch (error) {
    const late = scope.failure();
    if (late) return fail(late);
    if (error instanceof LineTooLongError) return fail(failed({ reason: `${wire.serverName} sends an answer that does not end` }));
    if (!(error instanceof HttpFailure)) throw error;
    return fail(failed({ reason: `The connection to the gateway broke: ${oneLine(error.message)}`, hint: "Test again; 'operator gateway logs' says more", transient: true }));
  }
}

function bodyOf({ model }: Wire, { messages, tools, responseFormat, stream, maxTokens }: Question, { withUsage, maxTokensField }: Form): unknown {
  return {
    model,
    messages,
    ...(tools && { tools, tool_choice: 'auto' }),
    ...(responseFormat !== undefined && { response_format: responseFormat }),
    [maxTokensField]: maxTokens,
    stream,
    ...(stream && withUsage && { stream_options: { include_usage: true } }),
  };
}

async function refusalOf({ serverName }: Wire, response: HttpResponse, scope: Scope): Promise<AttemptError> {
  const body = await readText(response.body, maxErrorBytes);
  const late = scope.failure();
  if (late) return late;
  const { status } = response;
  const own = status === gatewayStatus ? ownWords(body) : undefined;
  if (own !== undefined) return { ...failed({ reason: own, hint: "Look at the server, and test again; 'operator gateway logs' says more", transient: true }), status };
  const { message, hint } = statusFailure(response, body, serverName);
  return {
    ...failed({ reason: message, ...(hint !== undefined && { hint }), ...(isTransient({ kind: 'status', status }) && { transient: true }) }),
    status,
    ...((status === 400 || status === 422) && refusedField(body)),
    // llama.cpp and others while the model is read: {"error":{"message":"Loading model","type":"unavailable_error","code":503}}
    loading: status === 503 && /loading|is being loaded|not ready/i.test(body),
  };
}

/** OpenAI's thinking models name the field that they want instead. */
function refusedField(body: string): { readonly refuses?: 'stream_options' | 'max_tokens' } {
  if (body.includes('max_completion_tokens')) return { refuses: 'max_tokens' };
  return body.includes('stream_options') ? { refuses: 'stream_options' } : {};
}

/** With this the gateway itself says that no answer came of a server, so that no agent asks again for minutes. */
const gatewayStatus = 424;

function ownWords(body: string): string | undefined {
  const json = parseJson(body);
  return json === undefined ? undefined : errorMessageOf(json);
}

async function readAnswer(wire: Wire, response: HttpResponse, scope: Scope, started: number): Promise<Result<Told, AttemptError>> {
  const { clock, serverName } = wire;
  const reader = createAnswerReader();
  const contentType = response.headers['content-type'] ?? '';
  let firstMs: number | undefined;
  let lastMs = 0;
  let pieces = 0;
  const note = (value: unknown): AttemptError | undefined => {
    const added = reader.read(value);
    switch (added.type) {
      case 'piece':
        scope.began();
        lastMs = clock.now() - started;
        firstMs ??= lastMs;
        pieces++;
        return undefined;
      case 'error':
        return failed({ reason: `${serverName} failed ${pieces === 0 ? 'before' : 'in the middle of'} its answer: ${added.message}`, hint: "Test again; the server's own log says more", transient: true });
      case 'foreign':
        return failed({ reason: `${serverName} sends JSON that is not a chat completion` });
      case 'nothing':
        return undefined;
    }
  };
  const told = (ended: boolean): Result<Told, AttemptError> => ok({ ...reader.answer(), firstMs: firstMs ?? clock.now() - started, lastMs: Math.max(lastMs, firstMs ?? 0), pieces, ended });

  if (!contentType.includes('text/event-stream')) return readWhole(wire, response, scope, { note, told, contentType });

  const lines = createLineDecoder();
  const events = createSseDecoder();
  let done = false;
  const take = (messages: ReturnType<typeof events.push>): AttemptError | undefined => {
    for (const { data } of messages) {
      if (data.trim() === '[DONE]') {
        done = true;
        continue;
      }
      const json = parseJson(data);
      const error = json === undefined ? failed({ reason: `${serverName} sends an event that is not JSON`, came: oneLine(data) }) : note(json);
      if (error) return error;
    }
    return undefined;
  };
  for await (const bytes of response.body) {
    for (const line of lines.push(bytes)) {
      const error = take(events.push(line));
      if (error) return fail(error);
    }
    // Nothing after it is of the answer, and a server may keep the connection.
    if (done) break;
  }
  const late = scope.failure();
  if (late) return fail(late);
  for (const line of lines.end()) {
    const error = take(events.push(line));
    if (error) return fail(error);
  }
  const error = take(events.end());
  return error ? fail(error) : told(done || hasFinished(reader));
}

function hasFinished(reader: AnswerReader): boolean {
  return reader.answer().finish !== undefined;
}

interface WholeReading {
  readonly note: (value: unknown) => AttemptError | undefined;
  readonly told: (ended: boolean) => Result<Told, AttemptError>;
  readonly contentType: string;
}

async function readWhole({ serverName }: Wire, response: HttpResponse, scope: Scope, { note, told, contentType }: WholeReading): Promise<Result<Told, AttemptError>> {
  const text = await readText(response.body, maxAnswerBytes);
  const late = scope.failure();
  if (late) return fail(late);
  if (isHtml(text, contentType)) return fail(failed({ reason: `${serverName} answers with a web page`, hint: 'Check base_url: this address is not an API' }));
  const json = parseJson(text);
  if (json === undefined) return fail(failed({ reason: `${serverName} sends an answer that is not JSON`, came: oneLine(text) }));
  const error = note(json);
  return error ? fail(error) : told(true);
}

function failed(failure: LevelFailure): Extract<AttemptError, { type: 'failed' }> {
  return { type: 'failed', failure };
}

async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  for await (const bytes of body) {
    length += bytes.length;
    text += decoder.decode(bytes, { stream: true });
    if (length >= maxBytes) break;
  }
  return text + decoder.decode();
}

/** @returns false when it was cancelled */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const finish = (done: boolean) => (): void => {
      timer.dispose();
      signal.removeEventListener('abort', onAbort);
      resolve(done);
    };
    const onAbort = finish(false);
    const timer = clock.after(ms, finish(true));
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** The life of one request: ended by whoever waits, by silence, or by the end of the level's time. */
interface Scope {
  readonly signal: AbortSignal;
  leftMs(): number;
  /** Something of the answer came: from now on only the level's own time counts. */
  began(): void;
  /** Why it was ended, if it was. */
  failure(): AttemptError | undefined;
  dispose(): void;
}

function createScope(clock: Clock, signal: AbortSignal, firstAt: number, deadlineAt: number): Scope {
  const ended = new AbortController();
  const startedAt = clock.now();
  let late: LevelFailure | undefined;
  const end = (failure: LevelFailure): void => {
    late ??= failure;
    ended.abort();
  };
  const first = clock.after(Math.max(0, firstAt - startedAt), () => end({ reason: `Nothing came within ${seconds(firstAt - startedAt)}`, hint: 'The model may be too large for the machine, or the server hangs; look at it and test again', transient: true }));
  const whole = clock.after(Math.max(0, deadlineAt - startedAt), () => end({ reason: `The answer was not complete within ${seconds(deadlineAt - startedAt)}`, hint: 'The model may be too slow on this machine; a smaller one answers sooner', transient: true }));
  return {
    signal: AbortSignal.any([signal, ended.signal]),
    leftMs: () => Math.max(0, deadlineAt - clock.now()),
    began: () => first.dispose(),
    failure: () => (signal.aborted ? { type: 'cancelled' } : late && failed(late)),
    ...toDisposable(() => {
      first.dispose();
      whole.dispose();
    }),
  };
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.max(0, Math.round(ms))} ms` : `${Math.round(ms / 1_000)} s`;
}
