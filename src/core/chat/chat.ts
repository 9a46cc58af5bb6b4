/** One answer of a model over its server's own protocol, as a stream of events. */
import { parseJson } from '../../base/json.ts';
import type { Clock, Http, HttpRequest, HttpResponse } from '../ports.ts';
import { apiUrl } from '../servers/address.ts';
import type { AuthScheme } from '../servers/auth.ts';
import { authorize } from '../servers/credentials.ts';
import type { ServerKindId } from '../servers/kinds.ts';
import { anthropicMessages } from './anthropic-messages.ts';
import { abortedFailure, brokenFailure, isHtml, networkFailure, silentFailure, statusFailure } from './failure.ts';
import type { ChatCodec, ChatEvent, ChatFailure, ChatMessage, ChatProtocol, ChatRequest } from './model.ts';
import { ollama } from './ollama.ts';
import { openaiChat } from './openai-chat.ts';
import { createThinkSplitter } from './think.ts';

const codecs: Readonly<Record<ChatProtocol, ChatCodec>> = { 'openai-chat': openaiChat, ollama, 'anthropic-messages': anthropicMessages };

/** An error body is read this far, and no longer than this. */
const maxErrorBytes = 64 * 1024;
const errorBodyMs = 5_000;
/** An answer in one piece. */
const maxWholeBytes = 16 * 1024 * 1024;
/** Between two pieces of an answer: reasoning models may be silent for minutes. */
const defaultIdleMs = 300_000;

export interface ChatServer {
  /** As the user knows it, for messages. */
  readonly name: string;
  readonly kind: ServerKindId;
  readonly baseUrl: string;
  readonly openaiPath: string;
  readonly auth: AuthScheme;
  readonly headers: Readonly<Record<string, string>>;
  readonly proxy?: string;
  /** Until the first byte of the answer. */
  readonly requestTimeoutMs: number;
}

export interface ChatOptions {
  readonly server: ChatServer;
  readonly protocol: ChatProtocol;
  /** Absent: nothing is sent. */
  readonly key?: string;
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  /** Tokens of the answer at most. */
  readonly maxTokens?: number;
  readonly http: Http;
  readonly clock: Clock;
  /** Silence in mid-answer that counts as broken, in ms. */
  readonly idleMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Never throws for what a server or the network does: the last event is `finish` or `error`. Leaving the loop early
 * closes the connection, which makes servers stop generating.
 */
export async function* chat(options: ChatOptions): AsyncGenerator<ChatEvent, void, undefined> {
  const thinking = createThinkSplitter();
  for await (const event of rawEvents(options)) yield* thinking.push(event);
}

async function* rawEvents(options: ChatOptions): AsyncGenerator<ChatEvent, void, undefined> {
  const codec = codecs[options.protocol];
  let request: ChatRequest | undefined = codec.buildRequest({ model: options.model, messages: options.messages, ...(options.maxTokens !== undefined && { maxTokens: options.maxTokens }) });
  while (request) {
    const scope = createScope(options);
    try {
      const answer: HttpResponse | ChatFailure = await send(request, options, scope.signal);
      if ('kind' in answer) {
        yield { type: 'error', failure: answer };
        return;
      }
      if (answer.status >= 200 && answer.status < 300) {
        yield* readAnswer(answer, codec, options, scope);
        return;
      }
      const body = await readText(answer, maxErrorBytes, scope, errorBodyMs);
      const simpler: ChatRequest | undefined = codec.simplify?.(request, answer.status, body.text);
      if (!simpler) yield { type: 'error', failure: options.signal?.aborted ? abortedFailure : statusFailure(answer, body.text, options.server.name) };
      request = simpler;
    } finally {
      scope.end();
    }
  }
}

async function send(request: ChatRequest, options: ChatOptions, signal: AbortSignal): Promise<HttpResponse | ChatFailure> {
  const { server, http } = options;
  const target = authorize(server, options.key, apiUrl(server, options.protocol, request.path));
  const httpRequest: HttpRequest = {
    method: 'POST',
    url: target.url,
    // The user's own headers win over ours.
    headers: { 'content-type': 'application/json', ...request.headers, ...target.headers },
    body: JSON.stringify(request.body),
    ...(server.proxy === undefined ? {} : { proxy: server.proxy }),
    timeoutMs: server.requestTimeoutMs,
    signal,
  };
  try {
    return await http.request(httpRequest);
  } catch (error) {
    return networkFailure(error, server.name);
  }
}

async function* readAnswer(response: HttpResponse, codec: ChatCodec, options: ChatOptions, scope: Scope): AsyncGenerator<ChatEvent, void, undefined> {
  const contentType = response.headers['content-type'] ?? '';
  // A JSON content type where events were asked for is an answer in one piece.
  if (contentType.includes('text/html') || (codec.decodeWhole && /^application\/json\b/.test(contentType))) {
    yield* readWhole(response, codec, scope, contentType);
    return;
  }
  const decoder = codec.createDecoder();
  scope.expect(options.idleMs ?? defaultIdleMs);
  try {
    for await (const bytes of response.body) {
      scope.expect(options.idleMs ?? defaultIdleMs);
      for (const event of decoder.push(bytes)) {
        yield event;
        if (isLast(event)) return;
      }
    }
    yield* scope.failure() ? [failed(scope.failure())] : decoder.end();
  } catch (error) {
    yield failed(scope.failure() ?? brokenFailure(error));
  }
}

async function* readWhole(response: HttpResponse, codec: ChatCodec, scope: Scope, contentType: string): AsyncGenerator<ChatEvent, void, undefined> {
  const body = await readText(response, maxWholeBytes, scope, defaultIdleMs);
  const json = parseJson(body.text);
  if (body.failure) yield failed(body.failure);
  else if (isHtml(body.text, contentType)) yield failed({ kind: 'malformed', message: 'The server answers with a web page', hint: 'Check base_url: this address is not an API' });
  else if (json !== undefined && codec.decodeWhole) yield* codec.decodeWhole(json);
  else {
    // Events under the wrong type: decoded as the stream that they are.
    const decoder = codec.createDecoder();
    yield* decoder.push(new TextEncoder().encode(body.text));
    yield* decoder.end();
  }
}

async function readText(response: HttpResponse, maxBytes: number, scope: Scope, withinMs: number): Promise<{ readonly text: string; readonly failure?: ChatFailure }> {
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  scope.expect(withinMs);
  try {
    for await (const bytes of response.body) {
      length += bytes.length;
      text += decoder.decode(bytes, { stream: true });
      if (length >= maxBytes) break;
    }
    return scope.failure() ? { text, failure: scope.failure() } : { text };
  } catch (error) {
    return { text, failure: scope.failure() ?? brokenFailure(error) };
  }
}

/** The life of one connection: ended by the user's signal or by silence. */
interface Scope {
  readonly signal: AbortSignal;
  /** The next piece has this long. */
  expect(ms: number): void;
  failure(): ChatFailure | undefined;
  end(): void;
}

function createScope({ signal, clock }: ChatOptions): Scope {
  const silence = new AbortController();
  let failure: ChatFailure | undefined;
  let timer: { dispose(): void } | undefined;
  return {
    signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
    expect(ms) {
      timer?.dispose();
      timer = clock.after(ms, () => {
        failure = silentFailure(ms);
        silence.abort();
      });
    },
    failure: () => (signal?.aborted ? abortedFailure : failure),
    end: () => timer?.dispose(),
  };
}

function isLast(event: ChatEvent): boolean {
  return event.type === 'finish' || event.type === 'error';
}

function failed(failure: ChatFailure | undefined): ChatEvent {
  return { type: 'error', failure: failure ?? abortedFailure };
}
