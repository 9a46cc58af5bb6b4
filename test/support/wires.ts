/** What a client of each protocol sends, and how it reads what comes back: an answer, an error of its own protocol, or neither. */
import assert from 'node:assert/strict';
import { parseJson } from '../../src/base/json.ts';
import type { Protocol } from '../../src/core/protocol.ts';
import { field, list, text } from './dialects/dialect.ts';

export interface Wire {
  readonly protocol: Protocol;
  path(options: { readonly stream: boolean }): string;
  body(options: { readonly stream: boolean; readonly text?: string }): Readonly<Record<string, unknown>>;
  /** The message of an error in this protocol's shape; undefined where it is none. */
  errorIn(value: unknown): string | undefined;
  /** Whether this is the proper end of an answer. */
  isEnd(value: unknown): boolean;
}

const hi = 'Say something';
const openaiError = (value: unknown): string | undefined => {
  const error = field(value, 'error');
  return typeof field(error, 'type') === 'string' || field(error, 'code') !== undefined ? nonEmpty(field(error, 'message')) : undefined;
};

export const wires: Readonly<Record<Protocol, Wire>> = {
  'anthropic-messages': {
    protocol: 'anthropic-messages',
    path: () => '/v1/messages?beta=true',
    body: ({ stream, text: said = hi }) => ({ model: 'm', max_tokens: 100, stream, messages: [{ role: 'user', content: said }], tools: [tool('input_schema')] }),
    errorIn: (value) => (field(value, 'type') === 'error' && typeof field(field(value, 'error'), 'type') === 'string' ? nonEmpty(field(field(value, 'error'), 'message')) : undefined),
    isEnd: (value) => field(value, 'type') === 'message_stop' || (field(value, 'type') === 'message' && typeof field(value, 'stop_reason') === 'string'),
  },
  'openai-chat': {
    protocol: 'openai-chat',
    path: () => '/v1/chat/completions',
    body: ({ stream, text: said = hi }) => ({ model: 'm', stream, messages: [{ role: 'user', content: said }], tools: [{ type: 'function', function: tool('parameters') }] }),
    errorIn: openaiError,
    isEnd: (value) => list(field(value, 'choices')).some((choice) => typeof field(choice, 'finish_reason') === 'string'),
  },
  'openai-responses': {
    protocol: 'openai-responses',
    path: () => '/v1/responses',
    body: ({ stream, text: said = hi }) => ({ model: 'm', stream, input: said, tools: [{ type: 'function', ...tool('parameters') }] }),
    errorIn: (value) =>
      field(value, 'type') === 'response.failed' ? nonEmpty(field(field(field(value, 'response'), 'error'), 'message')) : field(value, 'type') === 'error' ? nonEmpty(field(value, 'message')) : openaiError(value),
    isEnd: (value) => field(value, 'type') === 'response.completed' || (field(value, 'object') === 'response' && field(value, 'status') === 'completed'),
  },
  gemini: {
    protocol: 'gemini',
    path: ({ stream }) => `/v1beta/models/m:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: ({ text: said = hi }) => ({ contents: [{ role: 'user', parts: [{ text: said }] }], tools: [{ functionDeclarations: [tool('parametersJsonSchema')] }] }),
    errorIn: (value) => {
      const error = field(value, 'error');
      return typeof field(error, 'code') === 'number' && typeof field(error, 'status') === 'string' ? nonEmpty(field(error, 'message')) : undefined;
    },
    isEnd: (value) => list(field(value, 'candidates')).some((candidate) => typeof field(candidate, 'finishReason') === 'string'),
  },
  ollama: {
    protocol: 'ollama',
    path: () => '/api/chat',
    body: ({ stream, text: said = hi }) => ({ model: 'm', stream, messages: [{ role: 'user', content: said }], tools: [{ type: 'function', function: tool('parameters') }] }),
    errorIn: (value) => nonEmpty(field(value, 'error')),
    isEnd: (value) => field(value, 'done') === true,
  },
};

/** Scripted servers take a request without tools for a title. */
function tool(schema: string): Readonly<Record<string, unknown>> {
  return { name: 'look', description: 'Looks', [schema]: { type: 'object', properties: {} } };
}

function nonEmpty(value: unknown): string | undefined {
  return text(value) === '' ? undefined : text(value);
}

/** What a client saw of one request. */
export interface Seen {
  /** 0: there was no answer at all. */
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The connection broke before the end of the answer. */
  readonly broke: boolean;
}

/** Rejects only when the answer does not end within `limitMs`. */
export async function see(answer: Promise<Response>, limitMs = 5_000): Promise<Seen> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no end within ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([read(answer), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function read(answer: Promise<Response>): Promise<Seen> {
  let text = '';
  let response: Response | undefined;
  try {
    response = await answer;
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
    return { status: response.status, headers: response.headers, text, broke: false };
  } catch {
    return { status: response?.status ?? 0, headers: response?.headers ?? new Headers(), text, broke: true };
  }
}

export type Verdict =
  | { readonly type: 'answer' }
  /** Said with its status, before anything of an answer. */
  | { readonly type: 'error'; readonly status: number; readonly message: string }
  /** Said within an answer that had begun. */
  | { readonly type: 'late-error'; readonly message: string }
  /** The connection broke: nobody can take that for an end. */
  | { readonly type: 'broken' }
  /** Neither an end nor an error: what must never happen. */
  | { readonly type: 'nothing'; readonly text: string };

export function judge(wire: Wire, stream: boolean, { status, headers, text: body, broke }: Seen): Verdict {
  if (status >= 300) {
    const message = wire.errorIn(parseJson(body));
    return message !== undefined && /^application\/json/.test(headers.get('content-type') ?? '') && !broke ? { type: 'error', status, message } : { type: 'nothing', text: `${status} ${body}` };
  }
  const values = stream ? eventsOf(body) : [parseJson(body)];
  const message = values.map((value) => wire.errorIn(value)).find((found) => found !== undefined);
  const ended = values.some((value) => wire.isEnd(value));
  if (message !== undefined) {
    assert.ok(!ended, `an error and an end in one answer: ${body}`);
    return { type: 'late-error', message };
  }
  if (broke) return { type: 'broken' };
  return ended ? { type: 'answer' } : { type: 'nothing', text: body };
}

/** The JSON documents of server-sent events or lines; what is no JSON is left out. */
export function eventsOf(body: string): readonly unknown[] {
  return body
    .split('\n')
    .map((line) => parseJson(line.replace(/^data: /, '')))
    .filter((value) => value !== undefined);
}
