/** What the encoders of an answer remember of a Responses client's request. */
import type { AnswerContext } from '../codec.ts';
import { type NewId, randomId } from '../ids.ts';
import type { JsonObject } from '../ir.ts';
import type { ClientTool } from './tools.ts';

export interface ResponsesContext extends AnswerContext {
  /** By the name that the model sees. */
  readonly tools: ReadonlyMap<string, ClientTool>;
  /** The client is codex, which takes a message with a refusal for no message at all. */
  readonly plainRefusals: boolean;
  /** Settings of the request that every answer repeats. */
  readonly settings: JsonObject;
  /** The larger ones, repeated only by an answer that is not streamed: three copies of codex's tools would outweigh most answers. */
  readonly largeSettings: JsonObject;
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly newId: NewId;
}

/** For an answer to a request that could not be read. */
export const emptyContext: ResponsesContext = { model: '', tools: new Map(), plainRefusals: false, settings: {}, largeSettings: {}, createdAt: 0, newId: randomId };

/** The name that the model used → the client's tool. A name that was not declared (models invent some) is a function's. */
export function clientTool(context: ResponsesContext, name: string): ClientTool {
  return context.tools.get(name) ?? { kind: 'function', name };
}

/** Letters, digits, `_` and `-`, the only characters that are sure to survive every client; with the wire's own prefix. */
export function responseId(upstreamId: string, newId: NewId): string {
  const clean = upstreamId.replaceAll(/[^a-zA-Z0-9_-]/g, '').slice(0, 48);
  if (clean === '') return newId('resp_');
  return clean.startsWith('resp_') ? clean : `resp_${clean}`;
}

/** Ids of items are made of the answer's: unique across turns, and the same ones wherever the stream is cut. */
export function itemId(prefix: string, response: string, index: number): string {
  return `${prefix}_${response.slice('resp_'.length)}_${index}`;
}

/** The body of an answer but for its output, status and usage. */
export function responseShell(id: string, context: ResponsesContext): JsonObject {
  return {
    id,
    object: 'response',
    created_at: context.createdAt,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    max_tool_calls: null,
    metadata: {},
    model: context.model,
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null },
    safety_identifier: null,
    service_tier: 'default',
    store: false,
    temperature: null,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_logprobs: 0,
    top_p: null,
    truncation: 'disabled',
    usage: null,
    user: null,
    ...context.settings,
  };
}
