/** A model server of one protocol with one model, `lab-model`, for model tests: well-behaved, or wrong in one way. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Protocol } from '../../src/core/protocol.ts';
import type { ServerKindId } from '../../src/core/servers/kinds.ts';
import { dialects } from './dialects/index.ts';
import { type ModelFault, speakByRules } from './proving-model.ts';

/** What the server does wrong, whatever its model says. */
export type ServerFault = 'sends everything at once' | 'ends the stream early' | 'has too many requests' | 'fails' | 'loads at first' | 'hangs' | 'lists nothing' | 'lists another model' | 'has no list' | 'counts no tokens' | 'echoes the key';

export interface ProvingServerOptions {
  readonly model?: ModelFault;
  readonly server?: ServerFault;
  /** The list says that the model sees images; where the protocol's list can say it. */
  readonly vision?: boolean;
}

export interface ProvingServer extends AsyncDisposable {
  readonly url: string;
  readonly kind: ServerKindId;
  /** Requests for an answer. */
  readonly asked: readonly { readonly path: string; readonly body: unknown }[];
  /** Resolves when somebody waits for an answer that never comes. */
  readonly hanging: Promise<void>;
}

const kinds: Readonly<Record<Protocol, ServerKindId>> = { 'openai-chat': 'openai-compat', 'openai-responses': 'openai-compat', 'anthropic-messages': 'anthropic-api', gemini: 'google-api', ollama: 'ollama' };

/** Between two events of a stream: the clock can tell that they did not come at once. */
const eventPauseMs = 3;

export async function startProvingServer(protocol: Protocol, { model: modelFault, server: fault, vision = true }: ProvingServerOptions = {}): Promise<ProvingServer> {
  const dialect = dialects[protocol];
  const asked: { path: string; body: unknown }[] = [];
  let loading = 2;
  const hanging = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const path = (request.url ?? '/').split('?')[0] ?? '';
    const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void => void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    if (request.method !== 'POST') return list(path, json);
    const body: unknown = text === '' ? {} : JSON.parse(text);
    // What an empty question asks is whether the endpoint is there.
    if (!dialect.serves(path)) return void response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found');
    if (Object.keys(body as object).length === 0) return json(400, { error: { message: 'model is required', type: 'invalid_request_error' } });
    asked.push({ path, body });
    if (fault === 'has too many requests') return json(429, { error: { message: 'Rate limit reached', type: 'rate_limit_error' } }, { 'retry-after': '7' });
    if (fault === 'fails') return json(500, { error: { message: 'The GPU is on fire', type: 'server_error' } });
    if (fault === 'echoes the key') return json(400, { error: { message: `bad request from ${JSON.stringify(request.headers)}`, type: 'invalid_request_error' } });
    if (fault === 'loads at first' && loading-- > 0) return json(503, { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } });
    if (fault === 'hangs') {
      hanging.resolve();
      return;
    }
    const parts = speakByRules({ text, offeredTools: dialect.offeredTools(body), toolResults: dialect.toolResults(body), pictures: dialect.pictures(body) }, modelFault) ?? [{ type: 'text', text: 'I do not know.' }];
    const reply = dialect.reply(parts, { body, sequence: asked.length });
    if (!dialect.wantsStream(body, request.url ?? '')) return json(200, reply.whole);
    response.writeHead(200, { 'content-type': dialect.streamType });
    const frames = fault === 'counts no tokens' ? reply.frames.filter((frame) => !frame.includes('"usage"')) : reply.frames;
    if (fault === 'sends everything at once') return void response.end(frames.join(''));
    for (const frame of fault === 'ends the stream early' ? frames.slice(0, Math.ceil(frames.length / 2)) : frames) {
      response.write(frame);
      await wait(eventPauseMs);
    }
    response.end();
  }

  function list(path: string, json: (status: number, value: unknown) => void): void {
    const id = fault === 'lists another model' ? 'other-model' : 'lab-model';
    if (fault === 'has no list') return json(404, { error: 'not found' });
    const some = fault !== 'lists nothing';
    if (path.endsWith('/api/version')) return json(200, { version: '0.20.0' });
    if (path.endsWith('/api/ps')) return json(200, { models: [{ name: `${id}:latest`, context_length: 4096 }] });
    if (path.endsWith('/api/tags')) return json(200, { models: some ? [{ name: `${id}:latest`, size: 1, details: { context_length: 32_768 }, capabilities: ['completion', 'tools', ...(vision ? ['vision'] : [])] }] : [] });
    if (path.endsWith('/v1beta/models')) return json(200, { models: some ? [{ name: `models/${id}`, inputTokenLimit: 32_768, supportedGenerationMethods: ['generateContent'] }] : [] });
    if (!path.endsWith('/models')) return json(404, { error: 'not found' });
    if (protocol === 'anthropic-messages') return json(200, { data: some ? [{ type: 'model', id, display_name: id, max_input_tokens: 32_768, capabilities: { image_input: { supported: vision } } }] : [], has_more: false });
    json(200, { object: 'list', data: some ? [{ id, object: 'model', max_model_len: 32_768, capabilities: { completion_chat: true, function_calling: true, vision } }] : [] });
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    kind: kinds[protocol],
    asked,
    hanging: hanging.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
