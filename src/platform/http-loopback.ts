/** HTTP to the gateway on this machine: without proxies, TLS and the library that knows them, which takes longer to load than the gateway to answer. */
import { type Http, HttpFailure, type HttpRequest, type HttpResponse } from '../core/ports.ts';

/** One connection per request. */
export function createLoopbackHttp(): Http {
  const ended = new AbortController();
  return {
    request: (request) => exchange(request, request.signal ? AbortSignal.any([request.signal, ended.signal]) : ended.signal),
    dispose: () => ended.abort(),
  };
}

function exchange({ method, url, headers, body, timeoutMs }: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const { host } = new URL(url);
    // Not imported: that reads every export, and one of them loads all of fetch, which takes a quarter of a cold command.
    const { request: send } = process.getBuiltinModule('node:http');
    const request = send(url, { method, headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) }, agent: false, signal });
    const timer = setTimeout(() => request.destroy(new HttpFailure('timeout', `${host} did not answer within ${timeoutMs} ms`)), timeoutMs);
    const explain = (error: unknown): HttpFailure => (signal.aborted ? new HttpFailure('aborted', `The request to ${host} was cancelled`) : failureOf(error, host));
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(explain(error));
    });
    request.once('response', (response) => {
      clearTimeout(timer);
      resolve({
        status: response.statusCode ?? 0,
        headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')])),
        body: explained(response, explain),
      });
    });
    request.end(body);
  });
}

async function* explained(body: AsyncIterable<Uint8Array>, explain: (error: unknown) => HttpFailure): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw explain(error);
  }
}

function failureOf(error: unknown, host: string): HttpFailure {
  if (error instanceof HttpFailure) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ECONNREFUSED') return new HttpFailure('refused', `${host} refused the connection`);
  return new HttpFailure('reset', `The connection to ${host} broke off`, { cause: error });
}
