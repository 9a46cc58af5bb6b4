/**
 * The hub of the bridge: one representation of a request, an answer and a stream, between any client protocol and any
 * server protocol. It is the union of what the five can say, in the order in which it was said; what a target cannot
 * express is dropped by its encoder with a warning, never silently.
 */
import type { Protocol } from '../../core/protocol.ts';

/** JSON as it came from or goes to a wire. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Something that was left out or approximated. `code` is stable, `message` for people, without user content. */
export interface IrWarning {
  readonly code: 'unsupported-part' | 'unsupported-tool' | 'unsupported-setting' | 'approximated' | 'dropped-signature' | 'schema-changed';
  readonly message: string;
}

/** Proof that a server made a piece of reasoning or a call. Worth something only to the protocol (and vendor) that made it. */
export interface IrSignature {
  readonly origin: Protocol;
  readonly value: string;
}

export type IrMedia =
  | { readonly type: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly type: 'url'; readonly url: string; readonly mediaType?: string }
  /** An id of the vendor's file store; means nothing elsewhere. */
  | { readonly type: 'file'; readonly id: string; readonly origin: Protocol };

/** A prompt-cache mark (Anthropic's `cache_control`), kept in place. */
export interface IrCacheMark {
  readonly ttl?: '5m' | '1h';
}

export interface IrText {
  readonly type: 'text';
  readonly text: string;
  readonly cache?: IrCacheMark;
}

export interface IrImage {
  readonly type: 'image';
  readonly media: IrMedia;
  readonly detail?: 'low' | 'high' | 'auto' | 'original';
  readonly cache?: IrCacheMark;
}

export interface IrDocument {
  readonly type: 'document';
  readonly media: IrMedia | { readonly type: 'text'; readonly text: string; readonly mediaType: string };
  readonly title?: string;
  readonly cache?: IrCacheMark;
}

export interface IrAudio {
  readonly type: 'audio';
  readonly media: IrMedia;
}

/** `input` of a function call is JSON text exactly as the model wrote it; of a custom tool, free text. */
export interface IrToolCall {
  readonly type: 'tool-call';
  readonly id: string;
  readonly name: string;
  readonly input: { readonly type: 'json'; readonly text: string } | { readonly type: 'text'; readonly text: string };
  /** Gemini signs calls, not only thoughts. */
  readonly signature?: IrSignature;
  readonly cache?: IrCacheMark;
}

export interface IrToolResult {
  readonly type: 'tool-result';
  readonly callId: string;
  /** Where the wire names the tool instead of the call (Gemini, Ollama); filled in by decoders where it can be known. */
  readonly name?: string;
  readonly content: readonly (IrText | IrImage | IrDocument)[];
  readonly isError: boolean;
  readonly cache?: IrCacheMark;
}

export interface IrReasoning {
  readonly type: 'reasoning';
  /** Empty when only the sealed form exists. */
  readonly text: string;
  /** `text` is the vendor's summary, not the thoughts themselves. */
  readonly summary: boolean;
  readonly signature?: IrSignature;
  /** Sealed content to be handed back verbatim (`redacted_thinking`, `encrypted_content`). */
  readonly sealed?: IrSignature;
  /** The item id where the wire has one (Responses). */
  readonly id?: string;
}

export interface IrRefusal {
  readonly type: 'refusal';
  readonly text: string;
}

export type IrUserPart = IrText | IrImage | IrDocument | IrAudio | IrToolResult;
export type IrAssistantPart = IrText | IrImage | IrReasoning | IrToolCall | IrRefusal;

/** Tool results are parts of user messages, in the order in which the client gave them. */
export type IrMessage =
  | { readonly role: 'system'; readonly developer: boolean; readonly parts: readonly IrText[] }
  | { readonly role: 'user'; readonly parts: readonly IrUserPart[] }
  | { readonly role: 'assistant'; readonly parts: readonly IrAssistantPart[] };

export type IrTool =
  | { readonly type: 'function'; readonly name: string; readonly description?: string; readonly schema: JsonObject; readonly strict?: boolean; readonly cache?: IrCacheMark }
  /** Free-text input, optionally bound by a grammar (codex's apply_patch). Targets without such tools get a function with one string. */
  | { readonly type: 'custom'; readonly name: string; readonly description?: string; readonly grammar?: { readonly syntax: string; readonly definition: string } };

export type IrToolChoice = { readonly type: 'auto' } | { readonly type: 'none' } | { readonly type: 'required' } | { readonly type: 'tool'; readonly name: string };

export type IrEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export interface IrReasoningSettings {
  /** Absent: as the model does by itself (codex asks for summaries of whatever the model thinks). */
  readonly enabled?: boolean;
  readonly effort?: IrEffort;
  readonly budgetTokens?: number;
  /** The client wants to see thoughts or summaries. */
  readonly visible?: boolean;
}

export type IrOutput = { readonly type: 'text' } | { readonly type: 'json' } | { readonly type: 'json-schema'; readonly name: string; readonly schema: JsonObject; readonly strict: boolean };

export interface IrRequest {
  readonly model: string;
  readonly messages: readonly IrMessage[];
  readonly tools: readonly IrTool[];
  readonly toolChoice?: IrToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly reasoning?: IrReasoningSettings;
  readonly output?: IrOutput;
  /** How long answers should be (OpenAI). */
  readonly verbosity?: 'low' | 'medium' | 'high';
  /** For prompt-cache affinity and abuse detection; never user content. */
  readonly cacheKey?: string;
  readonly user?: string;
  readonly stream: boolean;
  /** Characters of the conversation that are put in later: they count where its length does. */
  readonly heldBack?: number;
}

/** Tokens, disjoint: input = uncached + cacheRead + cacheWrite, output = text + reasoning. Absent is unknown, never 0. */
export interface IrUsage {
  readonly inputUncached?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly outputText?: number;
  readonly outputReasoning?: number;
}

export type IrFinish =
  | { readonly reason: 'stop' }
  | { readonly reason: 'stop-sequence'; readonly sequence: string }
  | { readonly reason: 'length' }
  | { readonly reason: 'tool-calls' }
  | { readonly reason: 'content-filter' }
  | { readonly reason: 'refusal' }
  /** The server paused a long turn and wants to be called again (Anthropic's pause_turn). */
  | { readonly reason: 'pause' };

export interface IrResponse {
  readonly id: string;
  readonly model: string;
  readonly parts: readonly IrAssistantPart[];
  readonly finish: IrFinish;
  readonly usage: IrUsage;
}

export type IrErrorType =
  | 'invalid-request'
  | 'context-overflow'
  | 'authentication'
  | 'permission'
  | 'billing'
  | 'not-found'
  | 'too-large'
  | 'rate-limit'
  | 'overloaded'
  | 'timeout'
  | 'network'
  | 'server'
  | 'truncated'; // the stream ended without its end

export interface IrError {
  readonly type: IrErrorType;
  /** HTTP status of the upstream, or what stands for it. */
  readonly status: number;
  readonly message: string;
  /** The vendor's own machine-readable code, kept for clients that match on it. */
  readonly code?: string;
  readonly retryAfterMs?: number;
}

/**
 * A stream, event by event. `block` numbers open content blocks; blocks may interleave (parallel calls of openai-chat),
 * and encoders for wires that cannot interleave put them in order. After `finish` only `usage` may follow; after `error` nothing.
 */
export type IrEvent =
  | { readonly type: 'start'; readonly id: string; readonly model: string }
  | { readonly type: 'text-start'; readonly block: number }
  | { readonly type: 'text-delta'; readonly block: number; readonly text: string }
  | { readonly type: 'text-end'; readonly block: number }
  | { readonly type: 'reasoning-start'; readonly block: number; readonly summary: boolean; readonly id?: string }
  | { readonly type: 'reasoning-delta'; readonly block: number; readonly text: string }
  | { readonly type: 'reasoning-end'; readonly block: number; readonly signature?: IrSignature; readonly sealed?: IrSignature }
  | { readonly type: 'refusal-delta'; readonly text: string }
  | { readonly type: 'tool-call-start'; readonly block: number; readonly id: string; readonly name: string; readonly input: 'json' | 'text'; /** Where it is known by then; the end says it too. */ readonly signature?: IrSignature }
  | { readonly type: 'tool-call-delta'; readonly block: number; readonly text: string }
  | { readonly type: 'tool-call-end'; readonly block: number; readonly signature?: IrSignature }
  | { readonly type: 'image'; readonly media: IrMedia }
  | { readonly type: 'usage'; readonly usage: IrUsage }
  | { readonly type: 'finish'; readonly finish: IrFinish }
  | { readonly type: 'error'; readonly error: IrError };
