/** What a scripted model server knows of one wire format: what matters of a request, and how an answer looks. */
import type { Protocol } from '../../../src/core/protocol.ts';

export interface ScriptedToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A piece of an answer. */
export type Part =
  /** Left out where the real server would not think, or not show it, unless asked to. */
  | { readonly type: 'thinking'; readonly text: string }
  | { readonly type: 'text'; readonly text: string }
  | ({ readonly type: 'call' } & ScriptedToolCall);

/** What a request hands back of earlier thoughts. */
export interface Thought {
  readonly text?: string;
  /** Signature or sealed content, exactly as the server gave it. */
  readonly proof?: string;
}

export interface Asked {
  readonly body: unknown;
  /** Counts the requests of a server; makes ids. */
  readonly sequence: number;
}

export interface Reply {
  /** The stream, event by event. */
  readonly frames: readonly string[];
  readonly whole: unknown;
}

export interface Dialect {
  readonly protocol: Protocol;
  readonly streamType: string;
  /** @param path without its query */
  serves(path: string): boolean;
  wantsStream(body: unknown, path: string): boolean;
  offeredTools(body: unknown): readonly string[];
  /** As JSON text. */
  toolResults(body: unknown): readonly string[];
  /** Base64, wherever they stand. */
  pictures(body: unknown): readonly string[];
  thoughts(body: unknown): readonly Thought[];
  /** Why the vendor's own server would refuse the request; undefined: it would not. */
  refusal(body: unknown): string | undefined;
  /** An answer to a request for a number of tokens; undefined: the path asks for none. @param path without its query */
  count(path: string): unknown;
  reply(parts: readonly Part[], asked: Asked): Reply;
}

/** What a server signs its thoughts with in its answer to request `sequence`; base64, as Gemini's must be. */
export function proofOf(sequence: number): string {
  return btoa(`the thoughts of answer ${sequence} are mine`);
}

/** A text in the pieces in which a model says it. */
export function pieces(text: string): readonly string[] {
  return text.match(/\S+\s*/g) ?? [text];
}

export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The first field of a body that is none of `known`, as strict servers report it. */
export function unknownField(body: unknown, known: ReadonlySet<string>): string | undefined {
  const name = Object.keys(body ?? {}).find((key) => !known.has(key));
  return name === undefined ? undefined : `${name}: Extra inputs are not permitted`;
}

/** What stands behind `base64,` in a data URL. */
export function dataOf(url: unknown): readonly string[] {
  const data = /^data:[^,]*;base64,(.*)$/s.exec(text(url))?.[1];
  return data === undefined ? [] : [data];
}

export function sse(event: Readonly<Record<string, unknown>> & { readonly type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
