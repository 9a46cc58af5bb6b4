/** Everything that can go wrong before and around an answer, as one clear sentence and a next step. */
import { parseJson } from '../../base/json.ts';
import { HttpFailure, type HttpResponse } from '../ports.ts';
import type { ChatFailure } from './model.ts';
import { errorMessageOf, oneLine } from './reply.ts';

export const abortedFailure: ChatFailure = { kind: 'aborted', message: 'Stopped' };

export function silentFailure(idleMs: number): ChatFailure {
  return { kind: 'silent', message: `The server sent nothing for ${Math.round(idleMs / 1000)} s`, hint: 'The model may be too large for the machine; ask again or choose a smaller one' };
}

/** No HTTP answer came, or its connection broke. */
export function networkFailure(error: unknown, server: string): ChatFailure {
  if (!(error instanceof HttpFailure)) throw error;
  switch (error.kind) {
    case 'aborted':
      return abortedFailure;
    case 'refused':
      return { kind: 'network', message: `${server} refuses connections`, hint: 'Start the server, or correct its base_url' };
    case 'dns':
      return { kind: 'network', message: `The host of ${server} is unknown`, hint: 'Check base_url and the network' };
    case 'timeout':
      return { kind: 'network', message: `${server} did not answer in time`, hint: 'Ask again; request_timeout in operator.toml sets the limit' };
    case 'tls':
      return { kind: 'network', message: `The certificate of ${server} is not accepted: ${oneLine(error.message)}`, hint: 'Let NODE_EXTRA_CA_CERTS name the file of your certificate authority' };
    case 'proxy':
      return { kind: 'network', message: `The proxy for ${server} does not work: ${oneLine(error.message)}`, hint: 'Correct proxy in operator.toml' };
    case 'reset':
      return { kind: 'network', message: `${server} closed the connection`, hint: "Ask again; if it keeps happening, look at the server's log" };
    case 'unreachable':
    case 'invalid':
      return { kind: 'network', message: `${server} cannot be reached: ${oneLine(error.message)}`, hint: 'Check base_url and the network' };
  }
}

/** The connection broke after the answer had begun. */
export function brokenFailure(error: unknown): ChatFailure {
  if (!(error instanceof HttpFailure)) throw error;
  if (error.kind === 'aborted') return abortedFailure;
  return { kind: 'truncated', message: 'The connection broke in the middle of the answer', hint: "Ask again; if it keeps happening, look at the server's log" };
}

/** An answer with a status other than 200, with as much of its body as was read. */
export function statusFailure(response: Pick<HttpResponse, 'status' | 'headers'>, body: string, server: string): ChatFailure {
  const { status, headers } = response;
  const said = saidIn(body, headers['content-type'] ?? '');
  const because = said === undefined ? '' : `: ${said}`;
  const failure = (message: string, hint?: string): ChatFailure => ({ kind: 'status', status, message, ...(hint === undefined ? {} : { hint }) });
  if (status >= 300 && status < 400) {
    const target = hostOf(headers['location']);
    return failure(`${server} redirects${target ? ` to ${target}` : ''} (${status})`, 'Correct base_url; a redirect is not followed, because the key would go along');
  }
  switch (status) {
    case 401:
    case 403:
      return failure(`${server} refuses the key (${status})${because}`, 'Set the key that this server wants, or correct auth in operator.toml');
    case 402:
      return failure(`${server} wants payment (402)${because}`, 'Check the balance of the account');
    case 404:
      return failure(`${server} does not know this model or address (404)${because}`, 'Check the name of the model, and base_url');
    case 429: {
      const wait = Number(headers['retry-after']);
      return failure(`${server} has had too many requests (429)${because}`, Number.isFinite(wait) && wait > 0 ? `Ask again in ${Math.ceil(wait)} s` : 'Wait a little and ask again');
    }
    default:
      if (status >= 500) return failure(`${server} failed (${status})${because}`, 'Ask again in a moment');
      return failure(`${server} does not accept the request (${status})${because}`);
  }
}

/** Whoever waits gets another answer: too many requests, a server in trouble, a network that hangs. */
export function isTransient({ kind, status }: Pick<ChatFailure, 'kind' | 'status'>): boolean {
  if (kind === 'status') return status === 408 || status === 425 || status === 429 || (status !== undefined && status >= 500 && status !== 501);
  return kind === 'network' || kind === 'silent' || kind === 'truncated' || kind === 'server';
}

function saidIn(body: string, contentType: string): string | undefined {
  const trimmed = body.trim();
  if (trimmed === '') return undefined;
  if (isHtml(trimmed, contentType)) return 'it answers with a web page';
  const json = parseJson(trimmed);
  return json === undefined ? oneLine(trimmed) : errorMessageOf(json);
}

export function isHtml(body: string, contentType: string): boolean {
  return contentType.includes('text/html') || /^\s*<(?:!doctype html|html)/i.test(body);
}

/** Only the host: the rest of a redirect's target may hold a token. */
function hostOf(location: string | undefined): string | undefined {
  return location !== undefined && URL.canParse(location) ? new URL(location).host : undefined;
}
