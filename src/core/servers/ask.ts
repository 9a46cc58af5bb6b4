/** One question to a server: a request, its answer read whole within a limit of time and size. Never throws for what the server does. */
import type { ModelServer } from '../config/model.ts';
import { OperatorError } from '../errors.ts';
import { type Clock, type Http, HttpFailure, type HttpRequest, type HttpResponse } from '../ports.ts';
import { authorize } from './credentials.ts';
import type { Deadline } from './deadline.ts';

/** What every question of one probe has in common. */
export interface Asker {
  readonly server: Pick<ModelServer, 'kind' | 'auth' | 'headers' | 'proxy'>;
  /** Undefined: none is sent. */
  readonly key: string | undefined;
  readonly http: Http;
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly type: 'answer';
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Until the headers came. */
  readonly elapsedMs: number;
}

export type Reply =
  | Answer
  /** Headers came, and then the body was too much or took too long. */
  | { readonly type: 'too-large' | 'too-slow'; readonly status: number }
  /** To another host (or in a circle); not followed. `to` is without query and credentials. */
  | { readonly type: 'redirect'; readonly status: number; readonly to: string | undefined }
  | { readonly type: 'failure'; readonly failure: HttpFailure };

export interface Question {
  /** Without a key. */
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: string;
  readonly maxBytes: number;
}

/** Follows one redirect on the same host, none to another. @throws OperatorError 'cancelled' when the caller's signal was aborted */
export async function ask(asker: Asker, question: Question): Promise<Reply> {
  const first = await askOnce(asker, question);
  if (first.type !== 'answer' || first.status < 300 || first.status > 399) return first;
  const target = redirectTarget(first, question.url);
  if (target === undefined) return first;
  if ((question.method ?? 'GET') !== 'GET' || !mayFollow(new URL(question.url), target)) return { type: 'redirect', status: first.status, to: shown(target) };
  const second = await askOnce(asker, { ...question, url: target.href });
  const isAgain = second.type === 'answer' && second.status >= 300 && second.status <= 399 && redirectTarget(second, target.href);
  return isAgain ? { type: 'redirect', status: second.status, to: shown(isAgain) } : second;
}

async function askOnce({ server, key, http, clock, deadline, signal }: Asker, { url, method = 'GET', body, maxBytes }: Question): Promise<Reply> {
  throwIfCancelled(signal);
  const ended = new AbortController();
  const cancel = (): void => ended.abort();
  signal.addEventListener('abort', cancel);
  const started = clock.now();
  let timer;
  try {
    const authorized = authorize(server, key, url);
    const request: HttpRequest = {
      method,
      url: authorized.url,
      headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }), ...authorized.headers },
      ...(body !== undefined && { body }),
      ...(server.proxy !== undefined && { proxy: server.proxy }),
      timeoutMs: deadline.remainingMs(),
      signal: ended.signal,
    };
    const response = await http.request(request);
    const answered = clock.now();
    timer = clock.after(deadline.remainingMs(), cancel);
    return await readReply(response, answered);
  } catch (error) {
    throwIfCancelled(signal);
    if (!(error instanceof HttpFailure)) throw error;
    return { type: 'failure', failure: error };
  } finally {
    timer?.dispose();
    signal.removeEventListener('abort', cancel);
  }

  async function readReply(response: HttpResponse, answered: number): Promise<Reply> {
    const { status, headers } = response;
    const decoder = new TextDecoder();
    let text = '';
    let size = 0;
    try {
      for await (const chunk of response.body) {
        size += chunk.byteLength;
        if (size > maxBytes) return { type: 'too-large', status };
        text += decoder.decode(chunk, { stream: true });
      }
    } catch (error) {
      if (ended.signal.aborted && !signal.aborted) return { type: 'too-slow', status };
      throw error;
    }
    return { type: 'answer', status, headers, text: text + decoder.decode(), elapsedMs: response.elapsedMs ?? answered - started };
  }
}

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new OperatorError('cancelled', 'The probe was cancelled');
}

function redirectTarget({ headers }: Answer, url: string): URL | undefined {
  const location = headers['location'];
  if (location === undefined) return undefined;
  try {
    return new URL(location, url);
  } catch {
    return undefined; // then it is an answer like any other, with a status that no listing has
  }
}

/** The key goes along, so only to the same host and port, or from http to https on their usual ports. */
function mayFollow(from: URL, to: URL): boolean {
  if (from.origin === to.origin) return to.username === '' && to.password === '';
  return from.hostname === to.hostname && from.protocol === 'http:' && to.protocol === 'https:' && from.port === '' && to.port === '';
}

function shown(url: URL): string {
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.origin : url.protocol;
}
