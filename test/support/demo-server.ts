/**
 * A demo model server for development: no model, canned answers that say so. It speaks Ollama's API and OpenAI's chat on
 * loopback, streams word by word, and is never part of what users install.
 *
 *     node test/support/demo-server.ts --port 11434
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { demoModels, downloadable } from './demo/models.ts';
import { createOllamaRoutes } from './demo/ollama.ts';
import { createOpenaiRoutes } from './demo/openai.ts';
import { BadRequest, type Route, type Routes, sendJson } from './demo/route.ts';
import { createShelf } from './demo/shelf.ts';

export interface DemoServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:41434`. */
  readonly url: string;
  readonly port: number;
  /** Ends every answer and stops listening. */
  stop(): Promise<void>;
}

export interface DemoServerOptions {
  /** 0 or left out: any free one. */
  readonly port?: number;
  /** Between two words, in ms. */
  readonly wordDelayMs?: number;
  /** Names of the models that are there from the beginning; all but `demo-novelist`, which waits to be pulled, when left out. */
  readonly models?: readonly string[];
  /** How long a whole download takes, in ms. */
  readonly pullMs?: number;
  /** Greets as Ollama does, so that it is found as one. */
  readonly isOllama?: boolean;
}

/** Listens on 127.0.0.1 only. @throws the error of `listen`, such as EADDRINUSE */
export async function startDemoServer({ port = 0, wordDelayMs = 30, models, pullMs = 6000, isOllama = false }: DemoServerOptions = {}): Promise<DemoServer> {
  const shelf = createShelf(models);
  const routes: Routes = { ...createOllamaRoutes(shelf, pullMs, isOllama ? 'Ollama is running' : 'Demo model server of Operator is running'), ...createOpenaiRoutes(shelf) };
  const server = createServer((request, response) => {
    answer(routes, request, response, wordDelayMs).catch((error: unknown) => {
      if (!response.headersSent) sendJson(response, 500, { error: String(error) });
      else response.destroy();
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const actual = (server.address() as AddressInfo).port;
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${actual}`, port: actual, stop, [Symbol.asyncDispose]: stop };
}

async function answer(routes: Routes, request: IncomingMessage, response: ServerResponse, wordDelayMs: number): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://demo').pathname.replace(/(?<=.)\/$/, '');
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
  const route: Route | undefined = routes[`${method} ${path}`];
  if (!route) {
    const known = Object.keys(routes).some((key) => key.endsWith(` ${path}`));
    sendJson(response, known ? 405 : 404, { error: known ? `${method} is not allowed here` : `${path} is not served by the demo` });
    return;
  }
  const left = new AbortController();
  response.once('close', () => left.abort());
  try {
    await route({ body: await readBody(request), response, signal: left.signal, wordDelayMs });
  } catch (error) {
    if (left.signal.aborted) return;
    if (!(error instanceof BadRequest)) throw error;
    sendJson(response, error.status, path.startsWith('/v1/') ? { error: { message: error.message, type: 'invalid_request_error', code: error.code } } : { error: error.message });
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > 4_000_000) throw new BadRequest(413, 'the request is too large for the demo', 'too_large');
  }
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest(400, 'the request is not JSON', 'invalid_json');
  }
}

if (import.meta.main) {
  const { port, delay } = parseArgs({ options: { port: { type: 'string', default: '41434' }, delay: { type: 'string', default: '30' } } }).values;
  const server = await startDemoServer({ port: Number(port), wordDelayMs: Number(delay) });
  console.log(`Demo model server on ${server.url} (Ollama and OpenAI chat; canned answers of ${demoModels.map(({ name }) => name).join(', ')}; ${downloadable.map(({ name }) => name).join(', ')} can be pulled). Ctrl+C ends it`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.stop().then(() => process.exit(0)));
}
