/** An operation: what the OpenAPI document says of it, and what it does. The router and the document are made of the same list. */
import type * as z from 'zod';
import type { ApiBackend, Scope } from './backend.ts';

export type Method = 'get' | 'post' | 'put' | 'delete';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly schema: z.ZodType;
  readonly example?: unknown;
}

export interface AnswerSpec {
  readonly description: string;
  /** Absent: no body. */
  readonly schema?: z.ZodType;
  readonly contentType?: string;
  readonly headers?: readonly HeaderName[];
  readonly example?: unknown;
}

export type HeaderName = 'ETag' | 'Location';

export interface Operation {
  readonly method: Method;
  /** Below `/api/v1`, parameters in braces. */
  readonly path: string;
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly body?: { readonly schema: z.ZodType; readonly example: unknown };
  /** By status; what every operation may answer besides is in `openapi.ts`. */
  readonly answers: Readonly<Record<number, AnswerSpec>>;
  handle(call: Call): Promise<Reply>;
}

export interface Call {
  readonly backend: ApiBackend;
  /** The workspace that the request names. */
  readonly scope: Scope;
  readonly path: Readonly<Record<string, string>>;
  /** Checked by the parameters' schemas. */
  readonly query: Readonly<Record<string, string>>;
  /** Checked by the body's schema. */
  readonly body: unknown;
  readonly ifMatch: string | undefined;
  /** The client left. */
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  /** Of what the body shows; otherwise made of the body. */
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of a body. */
  readonly stream?: ReadableStream<Uint8Array>;
}
