/** The HTTP port on undici, which is loaded with the first request and not before: it would double the start-up time. */
import { type Http, HttpFailure, type HttpRequest, type HttpResponse } from '../core/ports.ts';

/**
 * One connection per request, so that a probe never reports the health of a pooled socket. Redirects are not followed.
 * `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` of the process count, except for loopback targets, which are always direct.
 */
export function createHttp(): Http {
  let transport: Promise<Http> | undefined;
  let disposed = false;
  return {
    async request(request: HttpRequest): Promise<HttpResponse> {
      transport ??= import('./http-transport.ts').then(({ createTransport }) => createTransport());
      const loaded = await transport;
      if (disposed) throw new HttpFailure('aborted', 'Operator is shutting down');
      return loaded.request(request);
    },
    dispose() {
      disposed = true;
      // A transport that fails to load has nothing to dispose, and its request has already said so.
      transport?.then((loaded) => loaded.dispose(), () => {});
    },
  };
}
