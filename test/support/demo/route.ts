/** What the routes of the demo server share. */
import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

export interface Exchange {
  /** Parsed JSON, or undefined for an empty body. */
  readonly body: unknown;
  readonly response: ServerResponse;
  /** The client has left. */
  readonly signal: AbortSignal;
  readonly wordDelayMs: number;
}
export type Route = (exchange: Exchange) => void | Promise<void>;
/** Keyed by `METHOD /path`. */
export type Routes = Readonly<Record<string, Route>>;

/** Answered with its status, in the shape of the API that was asked. */
export class BadRequest extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, message: string, code: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

export function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** Word by word, each with the space behind it; ends early when the client leaves. */
export async function* words(text: string, { signal, wordDelayMs }: Exchange): AsyncGenerator<string> {
  for (const word of text.match(/\S+\s*|\s+/g) ?? []) {
    if (wordDelayMs > 0) await wait(wordDelayMs, undefined, { signal });
    if (signal.aborted) return;
    yield word;
  }
}

/** A token is about four characters, here as elsewhere. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}
