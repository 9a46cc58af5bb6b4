/**
 * The server speaks the client's protocol: the body passes byte for byte but for the model name, and so does the answer,
 * errors included. Nothing is parsed unless something goes wrong.
 */
import type { Protocol } from '../core/protocol.ts';
import { isJsonSpace, openBrace, openBracket } from './ascii.ts';
import { mayBeAbsent, saysRouteAbsent } from './absent-route.ts';
import { type Exchange, type Outcome, parseBody, bodyForServer, requestLine } from './exchange-context.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import { startHeartbeat } from './heartbeat.ts';
import { ProtocolError, type StreamEncoder } from './protocol/codec.ts';
import type { IrError } from './protocol/ir.ts';
import { truncatedError } from './protocol/error-answers.ts';
import { pathFor } from './protocol/gemini/index.ts';
import { messageOfForeignBody, unreachableStatus } from './protocol/http-errors.ts';
import { type StreamEnd, watchStreamEnd } from './stream-end.ts';
import { flattenHeaders } from './upstream/body.ts';
import { describeFailure } from './upstream/failure.ts';
import { buildUpstreamRequest } from './upstream/request.ts';
import type { UpstreamFlow } from './upstream/flow.ts';
import { createStreamTap, createWholeTap, type UsageTap } from './usage/tap.ts';
import { failStream } from './stream-failure.ts';

/** An error that comes after the headers were spent is read this far. */
const maxErrorBytes = 64 * 1024;

export function passThrough(exchange: Exchange): Promise<Outcome> {
  const { deps, client, target, key, headers, reply, stream } = exchange;
  const { server } = target;
  const encoder = encoderOf(exchange);

  return new Promise((resolve) => {
    const heartbeat = stream ? startHeartbeat(exchange, encoder) : undefined;
    if (heartbeat) exchange.own(heartbeat);
    let tap: UsageTap | undefined;
    let flow: UpstreamFlow | undefined;
    /** An answer that may say that the server has no such endpoint: held back until that is clear. */
    let held: { readonly status: number; readonly headers: Headers; readonly chunks: Buffer[]; size: number } | undefined;
    const release = (): void => {
      if (!held) return;
      relay(held.status, held.headers);
      for (const chunk of held.chunks) {
        if (relayed) relayed.text += chunk.toString('utf8');
        tap?.push(chunk);
        reply.write(chunk, flow);
      }
      held = undefined;
    };
    /** An answer in one piece of which nothing has come. */
    let whole: { readonly status: number; readonly headers: Headers } | undefined;
    /** All of such an answer, which goes out with its headers and its end. */
    let all: Buffer | undefined;
    let end: StreamEnd | undefined;
    const isOpenStream = (): boolean => end !== undefined || heartbeat?.began === true;
    /** After the headers the status is spent; a stream can still say what happened, anything else can only break off. */
    const failLate = (error: IrError): void => {
      const writer = reply.started && isOpenStream() ? encoder() : undefined;
      if (!writer) return exchange.fail(error);
      exchange.note(error);
      // A line that was cut in two must not swallow the error.
      reply.write('\n\n');
      void failStream(reply, writer, error);
    };
    /** An error that passes untouched; read beside that, for the session's row. */
    let relayed: { readonly status: number; readonly headers: Record<string, string>; text: string } | undefined;
    const relay = (status: number, received: Headers): void => {
      reply.start(status, responseHeaders(received, status));
      if (status >= 400) relayed = { status, headers: flattenHeaders(received), text: '' };
    };
    /** An error that the client could not read as it stands, or not any more. */
    let lateError: { readonly status: number; readonly headers: Record<string, string>; text: string } | undefined;

    const abort = deps.transport.send(
      buildUpstreamRequest({ target, protocol: client.protocol, path: pathOf(exchange), key, headers: requestHeaders(headers), body: bodyForServer(exchange) }),
      {
        onHeaders(status, received, upstreamFlow) {
          flow = upstreamFlow;
          const { protocol, readUsage } = client;
          if (readUsage) tap = (isWholeJson(received) ? createWholeTap : createStreamTap)({ protocol, readUsage, onUsage: exchange.meter });
          if (status >= 300 && status < 400) {
            abort();
            return failLate({ type: 'network', status: unreachableStatus, message: `Model server ${server.name} redirects to another address; set base_url to that one` });
          }
          if (exchange.hasOtherWay && !reply.started && mayBeAbsent(status, received)) {
            heartbeat?.dispose();
            held = { status, headers: received, chunks: [], size: 0 };
          } else if (status >= 400 ? heartbeat?.began === true || !isWire(received) : isPage(received)) lateError = { status, headers: flattenHeaders(received), text: '' };
          else if (stream && status === 200 && !isWhole(client.protocol, received)) {
            end = watchStreamEnd(client.protocol);
            // An error may have to follow what the server has to say.
            const { 'content-length': _, ...endless } = responseHeaders(received);
            reply.start(status, endless);
          } else if (status < 300) whole = { status, headers: received };
          else relay(status, received);
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
          if (whole) {
            if (!mayBeJson(chunk)) {
              failLate(notJson(server.name));
              return abort();
            }
            reply.start(whole.status, responseHeaders(whole.headers));
            if (chunk.length === Number(whole.headers['content-length'])) all = chunk;
            whole = undefined;
          }
          if (relayed && relayed.text.length < maxErrorBytes) relayed.text += chunk.toString('utf8');
          tap?.push(chunk);
          end?.push(chunk);
          if (!all) reply.write(chunk, flow);
        },
        onEnd() {
          if (held && saysRouteAbsent(held.status, held.headers, Buffer.concat(held.chunks).toString('utf8'), target.model)) return resolve('absent');
          if (held && held.status >= 400 && !isWire(held.headers)) lateError = { status: held.status, headers: flattenHeaders(held.headers), text: Buffer.concat(held.chunks).toString('utf8') };
          else release();
          if (lateError) failLate(lateError.status < 400 ? notAnAnswer(server.name, lateError) : client.decodeError(lateError.status, lateError.headers, lateError.text));
          else if (end && !end.seen) failLate(truncatedError());
          else if (whole) failLate(notJson(server.name));
          else reply.end(all);
          if (relayed) exchange.note(client.decodeError(relayed.status, relayed.headers, relayed.text));
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

/** The client's own words for what the server does not say; undefined where the body cannot be understood, which the server will say. */
function encoderOf(exchange: Exchange): () => StreamEncoder | undefined {
  const { client, read } = exchange;
  let encoder: StreamEncoder | undefined;
  let isHopeless = false;
  return () => {
    if (encoder || isHopeless) return encoder;
    try {
      encoder = client.createStreamEncoder(client.decodeRequest(parseBody(read), requestLine(exchange)).context);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      isHopeless = true;
    }
    return encoder;
  };
}

type Headers = Readonly<Record<string, string | string[]>>;

function mediaType(headers: Headers): string {
  return String(headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** Something that clients of a model read; pages and plain text come from what stands before the model server. */
function isWire(headers: Headers): boolean {
  return /json$|^text\/event-stream$/.test(mediaType(headers));
}

function isWholeJson(headers: Headers): boolean {
  return /^application\/(?:[\w.-]+\+)?json$/.test(mediaType(headers));
}

function isPage(headers: Headers): boolean {
  return mediaType(headers) === 'text/html';
}

/** An answer in one piece although a stream was asked for. Ollama's lines and Gemini's array are streams that some of their servers call JSON. */
function isWhole(protocol: Protocol, headers: Headers): boolean {
  return protocol !== 'ollama' && protocol !== 'gemini' && isWholeJson(headers);
}

/** Judged by its beginning; some servers send white space for as long as they have nothing to say. */
function mayBeJson(chunk: Buffer): boolean {
  const first = chunk.find((byte) => !isJsonSpace(byte));
  return first === undefined || first === openBrace || first === openBracket;
}

function notJson(name: string): IrError {
  return { type: 'server', status: 502, message: `Model server ${name} answered with something that is not JSON` };
}

/** A page with status 200: the address leads to a web site or a log-in, and so will the next request. */
function notAnAnswer(name: string, { status, text }: { readonly status: number; readonly text: string }): IrError {
  return { type: 'network', status: unreachableStatus, message: `Model server ${name} answered with a web page (${messageOfForeignBody(status, text)}); check base_url` };
}

/** Without the session token, which Google's clients put there. */
function queryFor(query: string): string {
  if (query === '') return '';
  const parameters = new URLSearchParams(query);
  parameters.delete('key');
  return parameters.size > 0 ? `?${parameters}` : '';
}

/** The client's own endpoint and query, with the server's model name where the path says it. */
function pathOf({ client, operation, target, query }: Exchange): string {
  const rest = queryFor(query);
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
      return `${pathFor(target.model, operation.stream ? 'streamGenerateContent' : 'generateContent')}${rest}`;
  }
}
