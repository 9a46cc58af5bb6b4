/** What every protocol folder provides. A new protocol is one more of these. */
import type { Protocol } from '../../core/protocol.ts';
import type { NewId } from './ids.ts';
import type { ToolNames } from './tool-names.ts';
import type { IrEffort, IrError, IrEvent, IrRequest, IrResponse, IrUsage, IrWarning, Json, JsonObject } from './ir.ts';

/** A request that cannot be understood: answered in the client's protocol with status 400. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  /** Path of the offending field, such as `messages.3.content.0.source`. */
  readonly path: string;
  constructor(message: string, path: string) {
    super(message);
    this.path = path;
  }
}

/** Thrown by `decodeResponse` for an answer with status 200 that says that it failed. */
export class FailedAnswerError extends Error {
  override readonly name = 'FailedAnswerError';
  readonly error: IrError;
  constructor(error: IrError) {
    super(error.message);
    this.error = error;
  }
}

/** What is in the URL rather than in the body (Gemini: model and streaming). */
export interface RequestLine {
  readonly model?: string;
  readonly stream?: boolean;
  /** Gemini: `alt=sse`, otherwise a JSON array. */
  readonly sse?: boolean;
  /** When the request came, epoch ms; for wires whose answers carry their time. */
  readonly receivedAt?: number;
}

/** What an answer's encoder must remember of the request: tool kinds and names, ids, the echoed model. Opaque outside the folder. */
export interface AnswerContext {
  /** The model name that the client asked for; answers carry this one. */
  readonly model: string;
}

export interface DecodedRequest<Context extends AnswerContext = AnswerContext> {
  readonly request: IrRequest;
  readonly context: Context;
  readonly warnings: readonly IrWarning[];
}

/** Differences between servers of one protocol that the encoder must respect. Data, from the server's kind and probes. */
export interface UpstreamTraits {
  /** Name of the output limit in openai-chat. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** Role of instructions in openai-chat. */
  readonly systemRole?: 'system' | 'developer';
  /** Field in which earlier thoughts are handed back in openai-chat; absent: they are dropped with a warning. */
  readonly reasoningField?: 'reasoning_content' | 'reasoning';
  readonly images?: boolean;
  /** JSON-schema features that the server's grammar cannot take. */
  readonly plainSchemas?: boolean;
  /** Accepts `stream_options.include_usage`. */
  readonly streamUsage?: boolean;
  /** Accepts system messages after the first user message. */
  readonly systemAnywhere?: boolean;
  /** The model's context window: what Ollama is asked for (`options.num_ctx`), and what limits the room for an answer elsewhere. */
  readonly contextWindow?: number;
  /** Efforts that the server knows (`reasoning_effort`, `output_config.effort`); absent: low, medium and high. Empty: it knows none. */
  readonly efforts?: readonly IrEffort[];
  /** One of OpenAI's own models that think, asked or not: it refuses every sampling but its own, and can seal its thoughts for the next request. */
  readonly thinker?: boolean;
  /** Takes PDF files as parts of a message. */
  readonly documents?: boolean;
  /** Takes `prompt_cache_key` (openai-chat); strict servers refuse fields that they do not know. */
  readonly promptCacheKey?: boolean;
  /** Fields of openai-chat that the server refuses to know. */
  readonly refusedFields?: readonly string[];
  /** Takes tools whose input is free text in openai-responses; absent: yes. Elsewhere they become functions. */
  readonly customTools?: boolean;
  /** How thinking is asked for in anthropic-messages; absent: as the model's name suggests. */
  readonly thinkingStyle?: 'adaptive' | 'budget';
  /** Takes thoughts without a signature in anthropic-messages, as servers of open models do. */
  readonly unsignedThinking?: boolean;
  /** Takes pictures and files inside of tool results in anthropic-messages; absent: yes. */
  readonly resultMedia?: boolean;
  /** What Ollama's `think` may be for this model: nothing, on and off, or a level. Absent: as the model's name suggests. */
  readonly thinkValues?: 'none' | 'switch' | 'levels';
}

/** What an answer's decoder must know of the request that it answers. */
export interface UpstreamContext {
  /** Names that were changed to fit the server; answers carry the client's again. */
  readonly toolNames?: ToolNames;
  /** For calls and answers to which the server gives no id; absent: random ones. */
  readonly newId?: NewId;
}

export interface EncodedRequest {
  /** Below the API root, such as `/chat/completions` or `/models/m:streamGenerateContent?alt=sse`. */
  readonly path: string;
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
  readonly warnings: readonly IrWarning[];
  /** To be handed to `decodeResponse` or `createStreamDecoder`. */
  readonly context?: UpstreamContext;
}

/** Turns upstream bytes, split anywhere, into events. */
export interface StreamDecoder {
  push(bytes: Uint8Array): readonly IrEvent[];
  /** The upstream closed. Without a proper end of the answer before, the result ends with an `error` event of type 'truncated'. */
  end(): readonly IrEvent[];
}

/** Turns events into what the client reads. Returns '' when an event has no counterpart. */
export interface StreamEncoder {
  readonly contentType: string;
  encode(event: IrEvent): string;
  /** What keeps this client waiting while nothing happens; must be harmless at every point between two `encode` results. */
  heartbeat(): string;
  /** After the last event, error or not. */
  end(): string;
  /** The client's parser takes an error only from a write of its own, a moment after what came before it. */
  readonly errorsStandAlone?: boolean;
  /** Errors that the client acts upon only within a stream, even where nothing was sent yet; absent: none. */
  readsOnlyInStream?(error: IrError): boolean;
}

/** A body that is looked through for marks, all of which are ASCII. */
export interface BodyMarks {
  includes(mark: string): boolean;
  /** -1 where there is none. */
  indexOf(mark: string, from: number): number;
  byteAt(index: number): number | undefined;
  /** The text of its list of tools, or ''. */
  tools(): string;
}

/** Asking for a count of tokens, for the wires that have a request for it. */
export interface TokenCounting {
  /** Client side. @throws ProtocolError */
  decodeRequest(body: Json, line: RequestLine): Pick<DecodedRequest, 'request'>;
  encodeAnswer(tokens: number): JsonObject;
  /** Server side. */
  encodeRequest(request: IrRequest, traits: UpstreamTraits): EncodedRequest;
  /** @throws ProtocolError for an answer without a number */
  decodeAnswer(body: Json): number;
}

export interface ProtocolCodec<Context extends AnswerContext = AnswerContext> {
  readonly protocol: Protocol;

  /** Client side. @throws ProtocolError */
  decodeRequest(body: Json, line: RequestLine): DecodedRequest<Context>;
  encodeResponse(response: IrResponse, context: Context): Json;
  createStreamEncoder(context: Context): StreamEncoder;
  encodeError(error: IrError, context?: Context): { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Json };

  /** Server side. */
  encodeRequest(request: IrRequest, traits: UpstreamTraits): EncodedRequest;
  /** @throws ProtocolError for a body that is not an answer, FailedAnswerError for one that reports a failure */
  decodeResponse(body: Json, context?: UpstreamContext): { readonly response: IrResponse; readonly warnings: readonly IrWarning[] };
  createStreamDecoder(context?: UpstreamContext): StreamDecoder;
  /** The usage that a wire object of an answer or of its stream reports, for answers that pass through unread. */
  readUsage?(value: JsonObject): IrUsage | undefined;
  /**
   * Whether a server with these traits would refuse a body as it stands, although it speaks this wire. Looks for marks in the
   * bytes without parsing them; a false alarm costs no more than a translation.
   */
  needsHub?(body: BodyMarks, traits: UpstreamTraits): boolean;
  readonly counting?: TokenCounting;
  /** From a non-2xx answer; `body` is the raw text, which may be HTML. */
  decodeError(status: number, headers: Readonly<Record<string, string>>, body: string): IrError;
}
