/**
 * A model server that speaks exactly one protocol and answers agents by a script, turn by turn. Its streams come in pieces
 * that respect neither lines nor characters. It records what reached it, and when its connections were closed.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Protocol } from '../../src/core/protocol.ts';
import { dialects, type Part, type Thought } from './dialects/index.ts';

export interface UpstreamScript {
  /** What the model answers to a conversation that holds so many results of tools. */
  reply(toolResults: number): readonly Part[];
  /** Sends half of the answer and then nothing more, until the client leaves. */
  readonly stalls?: boolean;
}

export interface UpstreamRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly offeredTools: readonly string[];
  readonly toolResults: readonly string[];
  readonly pictures: readonly string[];
  readonly thoughts: readonly Thought[];
  readonly streamed: boolean;
  /** Counts from 1; `proofOf` makes of it what the answer was signed with. */
  readonly sequence: number;
  /** Half of an answer that stalls is sent. */
  readonly halfway: boolean;
  /** When the client left before the answer was complete (`performance.now`). */
  readonly leftAt?: number;
}

export interface ScriptedUpstream {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Requests for an answer. */
  readonly requests: readonly UpstreamRequest[];
  /** Requests that this protocol does not have. */
  readonly strays: readonly string[];
  /** Why it refused requests. */
  readonly refusals: readonly string[];
  close(): Promise<void>;
}

/** To requests that offer no tools and are no turns of the conversation: for titles (claude, codex), or which model shall answer (gemini). */
const sideAnswer = JSON.stringify({ title: 'A title', complexity_reasoning: 'It is simple.', complexity_score: 10 });

/** Prime, so that pieces end everywhere in the characters and lines of a stream. */
const pieceBytes = 97;

/** Listens on 127.0.0.1, on a port of the system's choice. */
export async function startUpstream(protocol: Protocol, script: UpstreamScript): Promise<ScriptedUpstream> {
  const requests: UpstreamRequest[] = [];
  const strays: string[] = [];
  const refusals: string[] = [];
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const path = request.url ?? '/';
    const bare = path.split('?')[0] ?? '';
    const dialect = dialects[protocol];
    const count = request.method === 'POST' ? dialect.count(bare) : undefined;
    if (count !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(count));
      return;
    }
    if (request.method !== 'POST' || !dialect.serves(bare)) {
      strays.push(`${request.method ?? ''} ${path}`);
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"not found"}}');
      return;
    }
    const body: unknown = JSON.parse(text);
    const recorded: { -readonly [Name in keyof UpstreamRequest]: UpstreamRequest[Name] } = {
      path,
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      text,
      offeredTools: dialect.offeredTools(body),
      toolResults: dialect.toolResults(body),
      pictures: dialect.pictures(body),
      thoughts: dialect.thoughts(body),
      streamed: dialect.wantsStream(body, path),
      sequence: requests.length + 1,
      halfway: false,
    };
    requests.push(recorded);
    response.once('close', () => {
      if (!response.writableFinished) recorded.leftAt = performance.now();
    });
    const refusal = dialect.refusal(body);
    if (refusal !== undefined) {
      refusals.push(refusal);
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message: refusal } }));
      return;
    }
    const parts: readonly Part[] = recorded.offeredTools.length === 0 ? [{ type: 'text', text: sideAnswer }] : script.reply(recorded.toolResults.length);
    const { frames, whole } = dialect.reply(parts, { body, sequence: recorded.sequence });
    if (!recorded.streamed) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole));
      return;
    }
    response.writeHead(200, { 'content-type': dialect.streamType });
    const bytes = Buffer.from((script.stalls ? frames.slice(0, Math.ceil(frames.length / 2)) : frames).join(''));
    for (let from = 0; from < bytes.length; from += pieceBytes) response.write(bytes.subarray(from, from + pieceBytes));
    if (script.stalls) recorded.halfway = true;
    else response.end();
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    strays,
    refusals,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}
