/** An understood request on its way: what both ways of asking a server share. */
import type { Disposable } from '../base/disposable.ts';
import type { UpstreamTarget } from '../core/gateway/model.ts';
import type { Clock } from '../core/ports.ts';
import type { Protocol } from '../core/protocol.ts';
import type { HeaderMap } from './headers.ts';
import type { ReadBody } from './body-memory.ts';
import { editBytes, replaceMember, setMembers } from './body-edit.ts';
import { packPieces, type Pieces } from './pieces.ts';
import { type ProtocolCodec, ProtocolError, type RequestLine } from './protocol/codec.ts';
import type { IrError, IrUsage, IrWarning, Json } from './protocol/ir.ts';
import { maxJsonDepth, parseBodyJson, parsePlainJson } from './protocol/json.ts';
import type { Reply } from './reply.ts';
import type { Operation } from './routes.ts';
import type { Session } from './sessions.ts';
import type { Transport } from './upstream/transport.ts';

export type Codecs = Readonly<Record<Protocol, ProtocolCodec>>;

export interface ExchangeDeps {
  readonly transport: Transport;
  readonly codecs: Codecs;
  readonly clock: Clock;
  /** Streaming clients are told that somebody is there after `firstMs` of silence and every `everyMs` after that. */
  readonly heartbeat: { readonly firstMs: number; readonly everyMs: number };
}

/** What happened to one request, without anything that was said in it. */
export interface ExchangeRecord {
  readonly session: string;
  readonly server: string;
  /** As the server calls it. */
  readonly model: string;
  /** What the client spoke. */
  readonly from: Protocol;
  /** What the server was asked in; the same where the body passed through. */
  readonly to: Protocol;
  readonly stream: boolean;
  readonly ms: number;
  readonly error?: IrError;
  readonly usage?: IrUsage;
  /** Codes of what was left out. */
  readonly warnings: readonly string[];
}

export interface ExchangeRequest {
  readonly operation: Extract<Operation, { type: 'generate' }>;
  /** Query of the request line, without `?`. */
  readonly query: string;
  readonly headers: HeaderMap;
  readonly body: Buffer;
  readonly session: Session;
  readonly reply: Reply;
  /** Called once when a request that was understood has ended. */
  readonly onExchange?: (record: ExchangeRecord) => void;
}

/** `absent`: the server has no such endpoint, and nothing was sent to the client. */
export type Outcome = 'answered' | 'absent';

/** See the top of this file. */
export interface Exchange extends ExchangeRequest {
  readonly read: ReadBody;
  readonly deps: ExchangeDeps;
  readonly client: ProtocolCodec;
  readonly target: UpstreamTarget;
  readonly key: string | undefined;
  readonly stream: boolean;
  /** The client's name for the model. */
  readonly model: string;
  /** The server may be asked in another protocol if it turns out not to speak this one. */
  readonly hasOtherWay: boolean;
  /** Says it in the client's protocol: as a status while nothing was sent, in the stream afterwards. */
  fail(error: IrError): void;
  /** Records an error that was said in the stream. */
  note(error: IrError): void;
  warn(warnings: readonly IrWarning[]): void;
  meter(usage: IrUsage): void;
  /** Owns what must end with the exchange. */
  own(item: Disposable): void;
}

/** The body with the server's own model name and the configured members, otherwise byte for byte as it came. */
export function bodyForServer({ body, read, operation, model, target: { server, model: serverModel } }: Exchange): Buffer | Pieces {
  // Gemini says the model in the path.
  const names = operation.model === undefined ? replaceMember(read.outline, 'model', serverModel) : [];
  const isNamed = names.length === 1 && model === serverModel;
  const changes = [...(isNamed ? [] : names), ...(server.extraBody ? setMembers(read.outline, server.extraBody) : [])];
  return changes.length === 0 ? body : packPieces(editBytes(body, changes));
}

/** What the request line says beside the body. */
export function requestLine({ operation: { model, stream, sse }, deps }: Exchange): RequestLine {
  return { model, stream, sse, receivedAt: deps.clock.now() };
}

/** The parsed body, for the ways that need it. @throws ProtocolError */
export function parseBody({ outline: { bytes, isPlain } }: ReadBody): Json {
  const text = bytes.toString('utf8');
  const value = isPlain ? parsePlainJson(text) : parseBodyJson(text);
  if (value === undefined) throw new ProtocolError(`The body is not valid JSON, or nests deeper than ${maxJsonDepth} levels`, '');
  return value;
}
