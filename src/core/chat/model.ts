/** What a chat with a model is made of, whatever the server speaks. Plain data. */
import type { Protocol } from '../protocol.ts';

/** The protocols in which Operator's own `chat` tool can talk to a server, preferred first. */
export const chatProtocols = ['ollama', 'openai-chat', 'anthropic-messages'] as const satisfies readonly Protocol[];
export type ChatProtocol = (typeof chatProtocols)[number];

export function isChatProtocol(protocol: string): protocol is ChatProtocol {
  return chatProtocols.some((known) => known === protocol);
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** Why the model stopped. `other` keeps the server's own word. */
export type FinishReason = 'stop' | 'length' | 'refusal' | 'other';

export type ChatFailureKind =
  | 'network' //     no HTTP answer came
  | 'status' //      an HTTP status other than 200
  | 'server' //      an error inside a 200 answer
  | 'truncated' //   the stream ended before the answer did
  | 'malformed' //   the answer is not what the protocol says
  | 'silent' //      nothing came for too long
  | 'aborted';

export interface ChatFailure {
  readonly kind: ChatFailureKind;
  /** One sentence for a person, without a trailing period, without secrets. */
  readonly message: string;
  /** What to do next. */
  readonly hint?: string;
  /** HTTP status, when one came. */
  readonly status?: number;
}

/** One step of an answer. The last event of every answer is `finish` or `error`, never both and never none. */
export type ChatEvent =
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'reasoning-delta'; readonly text: string }
  /** Tokens as the server counts them; a later event replaces the fields that it has. */
  | { readonly type: 'usage'; readonly inputTokens?: number; readonly outputTokens?: number }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly detail?: string }
  | { readonly type: 'error'; readonly failure: ChatFailure };

/** What is asked of a model. */
export interface ChatInput {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  /** Tokens of the answer at most, thoughts included; the server's own limit when left out. */
  readonly maxTokens?: number;
}

/** A request before the server's address, its key and its extra headers are added. */
export interface ChatRequest {
  /** Behind the protocol's version path, as `apiUrl` wants it; begins with a slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Turns the bytes of one answer, split anywhere, into events. After a `finish` or `error` it has nothing more to say. */
export interface ChatDecoder {
  push(bytes: Uint8Array): readonly ChatEvent[];
  /** The connection has ended: what is still open is an error, never a made-up end. */
  end(): readonly ChatEvent[];
}

/** One per protocol, each in a file of its own. */
export interface ChatCodec {
  readonly protocol: ChatProtocol;
  buildRequest(input: ChatInput): ChatRequest;
  /** The same request without what this refusal complains about, or undefined when nothing can be left out. */
  simplify?(request: ChatRequest, status: number, body: string): ChatRequest | undefined;
  createDecoder(): ChatDecoder;
  /** Events of an answer that came in one piece from a server that does not stream; absent where that is the same thing. */
  decodeWhole?(body: unknown): readonly ChatEvent[];
}
