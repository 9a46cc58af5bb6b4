/** HTTP requests on undici: one connection each, ended with its body. Loaded lazily by `http.ts`. */
import type { Dispatcher } from 'undici';
import { type Http, HttpFailure, type HttpRequest, type HttpResponse } from '../core/ports.ts';
import { openBody } from './http-body.ts';
import { type Attempt, classify, isUntrustedCertificate, timedOut } from './http-failure.ts';
import { openRoute } from './http-route.ts';
import { createTrust } from './http-trust.ts';

export function createTransport(): Http {
  const trust = createTrust();
  const active = new Set<AbortController>();
  let disposed = false;

  async function request(request: HttpRequest): Promise<HttpResponse> {
    const deadline = performance.now() + request.timeoutMs;
    try {
      return await send(request, deadline);
    } catch (error) {
      // Nothing was sent yet when a certificate is refused, so trying with the operating system's authorities is still the one attempt.
      if (!isUntrustedCertificate(error) || !trust.addSystemAuthorities()) throw error;
      return await send(request, deadline);
    }
  }

  async function send(request: HttpRequest, deadline: number): Promise<HttpResponse> {
    const url = parseTarget(request.url);
    const attempt: Attempt = { host: url.host, isSecure: url.protocol === 'https:', proxy: undefined, proxyReached: false, connected: false };
    if (disposed) throw new HttpFailure('aborted', 'Operator is shutting down');
    if (request.signal?.aborted) throw abandoned(attempt);

    const controller = new AbortController();
    const abandon = (): void => controller.abort(abandoned(attempt));
    request.signal?.addEventListener('abort', abandon);
    active.add(controller);
    const timer = setTimeout(() => controller.abort(timedOut(attempt, request.timeoutMs)), Math.max(0, deadline - performance.now()));
    const started = performance.now();
    let dispatcher: Dispatcher | undefined;
    const end = (): void => {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', abandon);
      active.delete(controller);
      // Ends the connection, whatever state it is in; how it ended is of no interest any more.
      dispatcher?.destroy().catch(() => {});
    };
    const fail = (error: unknown): HttpFailure => {
      end();
      return controller.signal.aborted ? (controller.signal.reason as HttpFailure) : classify(error, attempt);
    };

    try {
      dispatcher = openRoute(url, { proxy: request.proxy, timeoutMs: request.timeoutMs, signal: controller.signal, trust, attempt });
      const response = await unlessAborted(dispatcher.request(requestOptions(request, url, controller.signal)), controller.signal);
      clearTimeout(timer);
      const headers = flatten(response.headers);
      return { status: response.statusCode, headers, body: openBody(response.body, headers, { fail, end }), elapsedMs: performance.now() - started };
    } catch (error) {
      throw fail(error);
    }
  }

  return {
    request,
    dispose() {
      disposed = true;
      for (const controller of active) controller.abort(new HttpFailure('aborted', 'Operator is shutting down'));
    },
  };
}

function parseTarget(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new HttpFailure('invalid', 'The address is not a URL');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new HttpFailure('invalid', 'The address must start with http:// or https://');
  if (url.username !== '' || url.password !== '') throw new HttpFailure('invalid', `The address of ${url.host} must not contain a user or password`);
  return url;
}

function requestOptions(request: HttpRequest, url: URL, signal: AbortSignal): Dispatcher.RequestOptions {
  return {
    origin: url.origin,
    path: url.pathname + url.search,
    method: request.method,
    headers: { 'user-agent': 'operator', 'accept-encoding': 'gzip, deflate, br', ...request.headers },
    body: request.body ?? null,
    signal,
    // Both are bounded by the timer and the caller's signal instead, which know how much time there is in all.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
}

/** undici tells a request that still waits for its connection about an abort only when the connection is there. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  promise.catch(() => {}); // when the abort won, how the request ends does not matter
  aborted.catch(() => {});
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]])));
}

function abandoned(attempt: Attempt): HttpFailure {
  return new HttpFailure('aborted', `The request to ${attempt.host} was cancelled`);
}

