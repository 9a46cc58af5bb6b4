/**
 * A model server that answers agents by a script, in whatever protocol they ask, streamed the way real clients accept it.
 * It records every request, so that a test can say what reached the wire.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Dialect, dialects, type Part, type ScriptedToolCall } from './dialects/index.ts';

export type { ScriptedToolCall } from './dialects/index.ts';

export interface ModelScript {
  /** What the model says in the end. */
  readonly answer: string;
  /** Called first, when the request offers tools and holds no tool result yet. */
  readonly toolCall?: ScriptedToolCall | ((offered: readonly string[]) => ScriptedToolCall);
}

export interface RecordedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Names of the tools that the request offers; empty for title requests and the like. */
  readonly offeredTools: readonly string[];
  /** Results of tools that the request holds, as text. */
  readonly toolResults: readonly string[];
}

export interface ScriptedModel {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  close(): Promise<void>;
}

/** Listens on 127.0.0.1, on a port of the system's choice. */
export async function startScriptedModel(script: ModelScript): Promise<ScriptedModel> {
  const requests: RecordedRequest[] = [];
  const server = createServer((request, response) => {
    answer(request, response, script, requests).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  // Codex asks for a WebSocket first on some providers and falls back to HTTP at once after 426.
  server.on('upgrade', (_request, socket) => {
    socket.end('HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
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

async function answer(request: IncomingMessage, response: ServerResponse, script: ModelScript, requests: RecordedRequest[]): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  const path = request.url ?? '/';
  const dialect = dialectOf(path);
  const recorded: RecordedRequest = {
    method: request.method ?? 'GET',
    path,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')])),
    body,
    offeredTools: dialect?.offeredTools(body) ?? [],
    toolResults: dialect?.toolResults(body) ?? [],
  };
  requests.push(recorded);
  if (!dialect || request.method !== 'POST') {
    const models = path.split('?')[0]?.endsWith('/models') === true;
    const reply = models ? JSON.stringify({ object: 'list', data: [{ id: 'scripted-model', object: 'model' }] }) : '{}';
    response.writeHead(200, { 'content-type': 'application/json' }).end(request.method === 'HEAD' ? undefined : reply);
    return;
  }
  const toolCall = recorded.offeredTools.length > 0 && recorded.toolResults.length === 0 ? script.toolCall : undefined;
  const call = typeof toolCall === 'function' ? toolCall(recorded.offeredTools) : toolCall;
  const part: Part = call ? { type: 'call', ...call } : { type: 'text', text: script.answer };
  const reply = dialect.reply([part], { body, sequence: requests.length });
  if (dialect.wantsStream(body, path)) {
    response.writeHead(200, { 'content-type': dialect.streamType, 'cache-control': 'no-store' }).end(reply.frames.join(''));
  } else {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply.whole));
  }
}

function dialectOf(path: string): Dialect | undefined {
  const name = path.split('?')[0] ?? '';
  return Object.values(dialects).find((dialect) => dialect.serves(name));
}
