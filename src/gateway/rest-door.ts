/**
 * Who may speak to the REST API: programs of this machine that have its token. Whoever may not is refused before anything of the
 * API is loaded; it is loaded with the first request that may.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Disposable } from '../base/disposable.ts';

export interface RestApi extends Disposable {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export interface RestDoorOptions {
  /** Constant time. */
  readonly isToken: (token: string) => boolean;
  readonly load: () => Promise<RestApi>;
  /** Somebody who may speaks to it. */
  readonly onUse: () => void;
  readonly onError: (error: unknown) => void;
}

export interface RestDoor extends Disposable {
  handle(request: IncomingMessage, response: ServerResponse): void;
}

export function createRestDoor({ isToken, load, onUse, onError }: RestDoorOptions): RestDoor {
  let api: Promise<RestApi> | undefined;
  let disposed = false;

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    onUse();
    api ??= load();
    const loaded = await api.catch((error: unknown) => {
      api = undefined;
      throw error;
    });
    if (disposed) return sendProblem(response, { status: 503, code: 'ending', title: 'Ending', detail: 'This gateway ends; the next one takes requests' });
    // Whoever asks before it sends a body.
    if (request.headers.expect !== undefined) response.writeContinue();
    await loaded.handle(request, response);
  }

  return {
    handle(request, response) {
      // Whatever address the gateway listens at: a token for models must not let another machine change operator.toml.
      if (!isLoopback(request.socket.remoteAddress)) return sendProblem(response, { status: 403, code: 'not-local', title: 'Not from here', detail: 'The REST API answers programs of its own machine only', hint: 'Call it there, under 127.0.0.1' });
      const token = bearer(request.headers.authorization);
      if (token === undefined || !isToken(token)) {
        const detail = token === undefined ? 'There is no token in the Authorization header' : 'This is not the token of this gateway';
        return sendProblem(response, { status: 401, code: 'unauthorized', title: 'Who is there?', detail, hint: "Call it with 'operator api', or take the token from 'operator gateway token'" }, { 'www-authenticate': 'Bearer realm="operator"' });
      }
      pass(request, response).catch((error: unknown) => {
        onError(error);
        sendProblem(response, { status: 500, code: 'internal', title: 'Failed', detail: 'The REST API failed on this request; the gateway’s log says why', hint: 'See it with: operator gateway logs' });
      });
    },
    dispose() {
      disposed = true;
      api?.then((loaded) => loaded.dispose(), () => {}); // one that failed to load has said so to its caller
    },
  };
}

/** RFC 9457. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly hint?: string;
}

export function sendProblem(response: ServerResponse, { status, code, title, detail, hint }: Problem, headers: Readonly<Record<string, string>> = {}): void {
  if (response.headersSent) return void response.destroy();
  const body = { type: `urn:operator:problem:${code}`, title, status, detail, code, ...(hint !== undefined && { hint }) };
  response.writeHead(status, { ...headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store' }).end(JSON.stringify(body));
}

function bearer(authorization: string | undefined): string | undefined {
  return /^bearer +([^\s]+)$/i.exec(authorization ?? '')?.[1];
}

/** Also of IPv4 in the form that a socket for both has. */
export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/i.test(address);
}
