/**
 * The server speaks the client's protocol: the body passes byte for byte but for the model name, and so does the answer,
 * errors included. Nothing is parsed unless something goes wrong.
 */
import { mayBeAbsent, saysRouteAbsent } from './absent-route.ts';
import { type Exchange, type Outcome, parseBody, renamedBody, requestLine } from './exchange-context.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { StreamEncoder } from './protocol/codec.ts';
import type { IrError } from './protocol/ir.ts';
import { flattenHeaders } from './upstream/body.ts';
import { describeFailure } from './upstream/failure.ts';
import { buildUpstreamRequest } from './upstream/request.ts';
import type { UpstreamFlow } from './upstream/transport.ts';
import { createUsageTap } from './usage/tap.ts';
import { failStream } from './stream-failure.ts';

/** An error that comes after the headers were spent is read this far. */
const maxErrorBytes = 64 * 1024;

export function passThrough(exchange: Exchange): Promise<Outcome> {
  const { deps, client, target, key, headers, reply, stream } = exchange;
  const { server } = target;
  let streamEncoder: StreamEncoder | undefined;
  const encoder = (): StreamEncoder => (streamEncoder ??= client.createStreamEncoder(client.decodeRequest(parseBody(exchange.body), requestLine(exchange)).context));
  /** After the headers the status is spent; a stream can still say what happened, anything else can only break off. */
  const failLate = (error: IrError): void => {
    if (!reply.started || !stream) return exchange.fail(error);
    exchange.note(error);
    // A line that was cut in two must not swallow the error.
    reply.write('\n\n');
    void failStream(reply, encoder(), error);
  };

  return new Promise((resolve) => {
    const heartbeat = stream ? startHeartbeat(exchange, encoder) : undefined;
    if (heartbeat) exchange.own(heartbeat);
    const tap = client.readUsage && createUsageTap(client.protocol, client.readUsage, exchange.meter);
    let flow: UpstreamFlow | undefined;
    /** An answer that may say that the server has no such endpoint: held back until that is clear. */
    let held: { readonly status: number; readonly headers: Readonly<Record<string, string | string[]>>; readonly chunks: Buffer[]; size: number } | undefined;
    const release = (): void => {
      if (!held) return;
      reply.start(held.status, responseHeaders(held.headers));
      for (const chunk of held.chunks) {
        tap?.push(chunk);
        reply.write(chunk, flow);
      }
      held = undefined;
    };
    let lateError: { readonly status: number; readonly headers: Record<string, string>; text: string } | undefined;

    const abort = deps.transport.send(
      buildUpstreamRequest({ target, protocol: client.protocol, path: pathOf(exchange), key, headers: requestHeaders(headers), body: renamedBody(exchange) }),
      {
        onHeaders(status, received, upstreamFlow) {
          flow = upstreamFlow;
          if (status >= 300 && status < 400) {
            abort();
            return failLate({ type: 'network', status: 502, message: `Model server ${server.name} redirects to another address; set base_url to that one` });
          }
          if (heartbeat?.began && status >= 400) lateError = { status, headers: flattenHeaders(received), text: '' };
          else if (exchange.hasOtherWay && !reply.started && mayBeAbsent(status, received)) {
            heartbeat?.dispose();
            held = { status, headers: received, chunks: [], size: 0 };
          } else reply.start(status, responseHeaders(received));
        },
        onData(chunk) {
          // From here on the bytes are the server's, and a sign of life between two of them could cut an event in half.
          heartbeat?.dispose();
          if (lateError) {
            if (lateError.text.length < maxErrorBytes) lateError.text += chunk.toString('utf8');
            return;
          }
          if (held) {
            held.chunks.push(chunk);
            held.size += chunk.length;
            if (held.size > maxErrorBytes) release();
            return;
          }
          tap?.push(chunk);
          reply.write(chunk, flow);
        },
        onEnd() {
          if (held && saysRouteAbsent(held.status, held.headers, Buffer.concat(held.chunks).toString('utf8'), target.model)) return resolve('absent');
          release();
          if (lateError) failLate(client.decodeError(lateError.status, lateError.headers, lateError.text));
          else reply.end();
          tap?.end();
          resolve('answered');
        },
        onFailure(failure) {
          if (failure.kind !== 'aborted') failLate(describeFailure(failure, server));
          resolve('answered');
        },
      },
    );
    reply.onGone(abort);
  });
}

/** The client's own endpoint and query, with the server's model name where the path says it. The session key is taken out. */
function pathOf({ client, operation, target, query }: Exchange): string {
  const parameters = new URLSearchParams(query);
  parameters.delete('key');
  const rest = parameters.size > 0 ? `?${parameters}` : '';
  switch (client.protocol) {
    case 'anthropic-messages':
      return `/messages${rest}`;
    case 'openai-chat':
      return `/chat/completions${rest}`;
    case 'openai-responses':
      return `/responses${rest}`;
    case 'ollama':
      return `/chat${rest}`;
    case 'gemini':
      return `/models/${encodeURIComponent(target.model)}:${operation.stream ? 'streamGenerateContent' : 'generateContent'}${rest}`;
  }
}
