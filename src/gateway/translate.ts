/** The server speaks another protocol than the client: both ways go through the hub. */
import { saysRouteAbsent } from './absent-route.ts';
import { type Exchange, type Outcome, requestLine } from './exchange-context.ts';
import { type Heartbeat, startHeartbeat } from './heartbeat.ts';
import { type AnswerContext, type EncodedRequest, FailedAnswerError, type ProtocolCodec, ProtocolError, type StreamEncoder } from './protocol/codec.ts';
import type { IrError, IrEvent, IrResponse } from './protocol/ir.ts';
import { unreachableStatus } from './protocol/http-errors.ts';
import { parseBodyJson } from './protocol/json.ts';
import { responseEvents } from './protocol/collect.ts';
import type { Pieces } from './pieces.ts';
import { failStream } from './stream-failure.ts';
import { translateRequest } from './translate-request.ts';
import { readWhole, type WholeAnswer, type WholeReader } from './upstream/body.ts';
import { describeFailure } from './upstream/failure.ts';
import { buildUpstreamRequest } from './upstream/request.ts';
import { traitsOf } from './upstream/traits.ts';
import type { UpstreamFlow } from './upstream/flow.ts';

/** An exchange with the server's side of the translation. */
interface Translation {
  readonly exchange: Exchange;
  readonly upstream: ProtocolCodec;
  readonly encoded: EncodedRequest;
  /** Of the request, as it is sent. */
  readonly body: string | Buffer | Pieces;
  readonly context: AnswerContext;
}

/** @throws ProtocolError before anything was sent, when the request cannot be understood */
export function translate(exchange: Exchange, upstream: ProtocolCodec): Promise<Outcome> {
  const { client, target, stream } = exchange;
  const { encoded, context, body, warnings } = translateRequest(exchange.read, {
    client,
    upstream,
    line: requestLine(exchange),
    prepare: (request) => ({ ...request, model: target.model, stream }),
    traits: traitsOf(target, upstream.protocol),
    ...(target.server.extraBody && { extraBody: target.server.extraBody }),
  });
  exchange.warn(warnings);
  const translation: Translation = { exchange, upstream, encoded, context, body };
  return stream ? answerStream(translation) : answerWhole(translation);
}

async function answerWhole(translation: Translation): Promise<Outcome> {
  const { exchange, context } = translation;
  const answer = await new Promise<WholeAnswer | IrError | undefined>((resolve) => {
    let reader: WholeReader | undefined;
    const abort = send(translation, {
      onHeaders: (status, headers) => void (reader = readWhole(status, headers)),
      onData(chunk) {
        if (reader?.push(chunk) !== false) return;
        resolve(unreadable(translation, 'it is too large'));
        abort();
      },
      onEnd: () => void reader?.end().then((whole) => resolve(whole.ok ? whole.value : unreadable(translation, whole.error))),
      onFailure: (failure) => resolve(failure.kind === 'aborted' ? undefined : describeFailure(failure, exchange.target.server)),
    });
    exchange.reply.onGone(abort);
  });
  if (answer === undefined) return 'answered';
  if ('bytes' in answer && isAbsent(translation, answer)) return 'absent';
  const response = 'bytes' in answer ? decodeAnswer(translation, answer) : answer;
  if ('message' in response) {
    exchange.fail(response);
    return 'answered';
  }
  exchange.meter(response.usage);
  exchange.reply.start(200, { 'content-type': 'application/json' });
  exchange.reply.end(JSON.stringify(exchange.client.encodeResponse(response, context)));
  return 'answered';
}

function answerStream(translation: Translation): Promise<Outcome> {
  const { exchange, upstream, encoded, context } = translation;
  const encoder = exchange.client.createStreamEncoder(context);
  const heartbeat = startHeartbeat(exchange, () => encoder);
  exchange.own(heartbeat);
  const output = createOutput(exchange, encoder, heartbeat);

  return new Promise((resolve) => {
    const decoder = upstream.createStreamDecoder(encoded.context);
    let flow: UpstreamFlow | undefined;
    let whole: WholeReader | undefined;
    const finish = (): void => {
      abort();
      resolve('answered');
    };
    const abort = send(translation, {
      onHeaders(status, headers, upstreamFlow) {
        flow = upstreamFlow;
        if (!isStream(upstream, status, headers)) whole = readWhole(status, headers);
      },
      onData(chunk) {
        if (!whole) {
          if (!output.emit(decoder.push(chunk), flow)) finish();
        } else if (!whole.push(chunk)) {
          output.fail(unreadable(translation, 'it is too large'));
          finish();
        }
      },
      onEnd() {
        if (!whole) {
          if (output.emit(decoder.end())) output.end();
          return resolve('answered');
        }
        void whole.end().then((answer) => {
          if (answer.ok && isAbsent(translation, answer.value)) {
            heartbeat.dispose();
            return resolve('absent');
          }
          const response = answer.ok ? decodeAnswer(translation, answer.value) : unreadable(translation, answer.error);
          if ('message' in response) output.fail(response);
          else if (output.emit(responseEvents(response))) output.end();
          resolve('answered');
        });
      },
      onFailure(failure) {
        if (failure.kind !== 'aborted') output.fail(describeFailure(failure, exchange.target.server));
        resolve('answered');
      },
    });
    exchange.reply.onGone(abort);
  });
}

interface Output {
  /** @returns false after an error event: nothing may follow */
  emit(events: readonly IrEvent[], flow?: UpstreamFlow): boolean;
  fail(error: IrError): void;
  end(): void;
}

/** The client's stream: begun with the first event, so that an error before it still has its own status (unless the client reads it only here). */
function createOutput(exchange: Exchange, encoder: StreamEncoder, heartbeat: Heartbeat): Output {
  const { reply } = exchange;
  const begin = (): void => reply.start(200, { 'content-type': encoder.contentType, 'cache-control': 'no-cache' });
  const write = (text: string, flow?: UpstreamFlow): void => {
    if (text === '') return;
    if (!reply.started) begin();
    heartbeat.touch();
    reply.write(text, flow);
  };
  const fail = (error: IrError): void => {
    if (!reply.started) {
      if (encoder.readsOnlyInStream?.(error) !== true) return exchange.fail(error);
      begin();
    }
    heartbeat.dispose();
    exchange.note(error);
    void failStream(reply, encoder, error);
  };
  return {
    emit(events, flow) {
      let text = '';
      for (const event of events) {
        if (event.type === 'error') {
          write(text);
          fail(event.error);
          return false;
        }
        if (event.type === 'usage') exchange.meter(event.usage);
        text += encoder.encode(event);
      }
      write(text, flow);
      return true;
    },
    fail,
    end() {
      write(encoder.end());
      reply.end();
    },
  };
}

function send({ exchange, upstream, encoded, body }: Translation, handler: Parameters<Exchange['deps']['transport']['send']>[1]): () => void {
  const { deps, target, key } = exchange;
  const headers = { ...encoded.headers, 'accept-encoding': 'identity' };
  return deps.transport.send(buildUpstreamRequest({ target, protocol: upstream.protocol, path: encoded.path, key, headers, body }), handler);
}

/** Servers that do not stream answer in one piece, and some compress what they were asked not to. */
function isStream({ protocol }: ProtocolCodec, status: number, headers: Readonly<Record<string, string | string[]>>): boolean {
  if (status !== 200 || headers['content-encoding'] !== undefined) return false;
  const type = String(headers['content-type'] ?? '');
  // Ollama's lines and Gemini's array are streams although some of their servers call them JSON.
  return protocol === 'ollama' || protocol === 'gemini' ? !/^text\/html\b/i.test(type) : !/^(?:application\/json|text\/html)\b/i.test(type);
}

/** The server has no such endpoint, and there is another way to ask it. */
function isAbsent({ exchange: { hasOtherWay, reply, target } }: Translation, { status, headers, bytes }: WholeAnswer): boolean {
  return hasOtherWay && !reply.started && saysRouteAbsent(status, headers, bytes.toString('utf8'), target.model);
}

function decodeAnswer({ exchange, upstream, encoded }: Translation, { status, headers, bytes }: WholeAnswer): IrResponse | IrError {
  const text = bytes.toString('utf8');
  const { server } = exchange.target;
  if (status >= 300 && status < 400) return { type: 'network', status: unreachableStatus, message: `Model server ${server.name} redirects to another address; set base_url to that one` };
  if (status < 200 || status >= 300) return upstream.decodeError(status, headers, text);
  const json = parseBodyJson(text);
  if (json === undefined) return { type: 'server', status: 502, message: `Model server ${server.name} answered with something that is not JSON` };
  try {
    const { response, warnings } = upstream.decodeResponse(json, encoded.context);
    exchange.warn(warnings);
    return response;
  } catch (error) {
    if (error instanceof FailedAnswerError) return error.error;
    if (error instanceof ProtocolError) return { type: 'server', status: 502, message: `Model server ${server.name} answered in a form that is not ${upstream.protocol}: ${error.message}` };
    throw error;
  }
}

function unreadable({ exchange }: Translation, why: string): IrError {
  return { type: 'server', status: 502, message: `The answer of model server ${exchange.target.server.name} cannot be read: ${why}` };
}
