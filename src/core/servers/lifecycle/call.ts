/** Requests of the lifecycle: one question with one answer, and a stream of JSON lines without an end in sight. */
import { parseJson } from '../../../base/json.ts';
import { createLineDecoder, LineTooLongError } from '../../chat/lines.ts';
import { OperatorError } from '../../errors.ts';
import { HttpFailure, type HttpResponse } from '../../ports.ts';
import { ask, type Question } from '../ask.ts';
import { authorize } from '../credentials.ts';
import { startDeadline } from '../deadline.ts';
import { isUnknownEndpoint } from '../listing/lmstudio.ts';
import { type Attempted, brokenError, replyError, what } from './failure.ts';
import type { LifecycleCall } from './kind.ts';
import { createPatience, type Patience, stallMs } from './patience.ts';

/** Details hold a licence and a template, and lists hundreds of models. */
const maxBytes = 16 * 1024 * 1024;
const answerMs = 30_000;
/** Until a stream begins. */
const headersMs = 60_000;

export interface CallOptions {
  readonly method?: Question['method'];
  readonly body?: unknown;
  /** For the whole answer. */
  readonly timeoutMs?: number;
}

/** The JSON of a 2xx answer; undefined where that is empty. @throws OperatorError for every other one */
export async function callOnce(call: LifecycleCall, url: string, attempted: Attempted, { method = 'GET', body, timeoutMs = answerMs }: CallOptions = {}): Promise<unknown> {
  const asker = { ...call, deadline: startDeadline(call.clock, timeoutMs) };
  const reply = await ask(asker, { url, method, maxBytes, ...(body !== undefined && { body: JSON.stringify(body) }) });
  if (reply.type !== 'answer' || reply.status < 200 || reply.status > 299) throw replyError(call, url, reply, attempted);
  if (reply.text.trim() === '') return undefined;
  const json = parseJson(reply.text);
  if (json === undefined || isUnknownEndpoint(json)) throw replyError(call, url, reply, attempted);
  return json;
}

/**
 * Each line of the answer to a POST as JSON, however its bytes are cut. Ends when the answer ends or the reader leaves, which
 * closes the connection. `patience` runs out where the reader does not renew it.
 */
export async function* callStream(call: LifecycleCall, url: string, body: unknown, attempted: Attempted, start: (patience: Patience) => void): AsyncGenerator<unknown> {
  const { server, key, http, clock, signal } = call;
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const patience = createPatience(clock, () => ended.abort());
  const authorized = authorize(server, key, url);
  try {
    const response = await http.request({
      method: 'POST',
      url: authorized.url,
      headers: { accept: 'application/x-ndjson', 'content-type': 'application/json', ...authorized.headers },
      body: JSON.stringify(body),
      ...(server.proxy !== undefined && { proxy: server.proxy }),
      timeoutMs: headersMs,
      signal: either,
    });
    patience.renew(stallMs);
    start(patience);
    if (response.status < 200 || response.status > 299) throw await refusalOf(call, url, response, attempted);
    yield* linesOf(call, response, attempted);
  } catch (error) {
    if (error instanceof LineTooLongError) throw notNdjson(call, attempted);
    if (!(error instanceof HttpFailure) || signal.aborted) throw error;
    if (patience.exhaustedMs !== undefined) throw stalledError(call, patience.exhaustedMs, attempted);
    throw brokenError(call, url, error, attempted);
  } finally {
    patience.dispose();
  }
}

async function* linesOf(call: LifecycleCall, { body }: HttpResponse, attempted: Attempted): AsyncGenerator<unknown> {
  const decoder = createLineDecoder();
  const read = (line: string): readonly unknown[] => {
    if (line.trim() === '') return [];
    const json = parseJson(line);
    if (json === undefined) throw notNdjson(call, attempted);
    return [json];
  };
  for await (const chunk of body) for (const line of decoder.push(chunk)) yield* read(line);
  // A line that was cut off with the connection is no JSON, and says nothing.
  for (const line of decoder.end()) if (parseJson(line) !== undefined) yield* read(line);
}

/** Reads what an error says, which is short. */
async function refusalOf(call: LifecycleCall, url: string, { status, headers, body }: HttpResponse, attempted: Attempted): Promise<OperatorError> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > maxBytes) break;
  }
  if (status >= 300 && status <= 399) return replyError(call, url, { type: 'redirect', status, to: originOf(headers['location'], url) }, attempted);
  return replyError(call, url, { type: 'answer', status, headers, text, elapsedMs: 0 }, attempted);
}

function originOf(location: string | undefined, url: string): string | undefined {
  try {
    return location === undefined ? undefined : new URL(location, url).origin;
  } catch {
    return undefined; // then nobody knows where it leads
  }
}

function notNdjson({ server }: LifecycleCall, attempted: Attempted): OperatorError {
  return new OperatorError('http', `${what(attempted)}: the answer of ${server.name} is not what Ollama sends`, { hint: 'Check kind and base_url' });
}

export function stalledError({ server }: Pick<LifecycleCall, 'server'>, waitedMs: number, attempted: Attempted): OperatorError {
  return new OperatorError('http', `${what(attempted)}: nothing moved on ${server.name} for ${Math.round(waitedMs / 60_000)} minutes`, { hint: attempted.again });
}
