/** A thousand model servers in a process of their own, each with a port, as people have them. Says how many were asked at once. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FleetServer {
  readonly kind: string;
  readonly port: number;
  /** How many models it lists. */
  readonly models: number;
}

export interface FleetCounts {
  readonly requests: number;
  readonly mostRequests: number;
  readonly mostConnections: number;
  readonly bytes: number;
}

type Answer = (request: IncomingMessage) => unknown;

/** Of each hundred. */
const mix: readonly (readonly [count: number, kind: string, models: number, answer: (models: number) => Answer])[] = [
  [30, 'ollama', 12, ollama],
  [10, 'lmstudio', 8, lmstudio],
  [20, 'vllm', 2, openai],
  [20, 'openai-compat', 60, openai],
  [10, 'anthropic-api', 90, anthropic],
  [10, 'openrouter', 400, openrouter],
];

let requests = 0;
let open = 0;
let mostRequests = 0;
let connections = 0;
let mostConnections = 0;
let bytes = 0;

async function start(count: number): Promise<readonly FleetServer[]> {
  const servers: FleetServer[] = [];
  for (let index = 0; index < count; index++) {
    let left = index % 100;
    const [, kind, models, answer] = mix.find(([share]) => (left -= share) < 0) ?? mix[0] ?? [0, 'vllm', 2, openai];
    servers.push({ kind, models, port: await listen(answer(models)) });
  }
  return servers;
}

function listen(answer: Answer): Promise<number> {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests++;
    mostRequests = Math.max(mostRequests, ++open);
    response.on('close', () => open--);
    request.resume().on('end', () => {
      // As long as a server on the same network takes.
      setTimeout(() => {
        const value = answer(request);
        const body = JSON.stringify(value ?? {});
        bytes += body.length;
        response.writeHead(value === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(body);
      }, 2);
    });
  });
  server.on('connection', (socket) => {
    mostConnections = Math.max(mostConnections, ++connections);
    socket.on('close', () => connections--);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${['gpt-5', 'claude-opus', 'qwen3', 'llama3.2', 'gemini-3-pro'][index % 5]}-${index}${index % 7 === 0 ? '-preview' : index % 11 === 0 ? '-20250929' : ''}`);
}

function ollama(count: number): Answer {
  const models = names(count).map((name) => ({ name: `${name}:8b`, model: name, modified_at: '2026-08-30T09:12:44Z', size: 5_225_376_047, digest: '0'.repeat(64), details: { format: 'gguf', family: 'qwen3', families: ['qwen3'], parameter_size: '8.2B', quantization_level: 'Q4_K_M' } }));
  const shown = { license: 'x'.repeat(10_000), modelfile: 'x'.repeat(2_000), template: 'x'.repeat(1_500), details: {}, model_info: { 'general.architecture': 'qwen3', 'qwen3.context_length': 40_960 }, capabilities: ['completion', 'tools', 'thinking'] };
  return ({ url }) => ({ '/api/tags': { models }, '/api/ps': { models: models.slice(0, 1) }, '/api/version': { version: '0.33.1' }, '/api/show': shown })[url ?? ''];
}

function lmstudio(count: number): Answer {
  const models = names(count).map((key) => ({ type: 'llm', publisher: 'x', key, display_name: key, architecture: 'qwen3', quantization: { name: 'Q4_K_M', bits_per_weight: 4 }, size_bytes: 5_000_000_000, params_string: '8B', loaded_instances: [], max_context_length: 40_960, format: 'gguf', capabilities: { vision: false, trained_for_tool_use: true } }));
  return ({ url }) => (url === '/api/v1/models' ? { models } : undefined);
}

function openai(count: number): Answer {
  const data = names(count).map((id) => ({ id, object: 'model', created: 1_779_000_000, owned_by: 'vllm', max_model_len: 131_072 }));
  return ({ url }) => (url === '/v1/models' ? { object: 'list', data } : undefined);
}

/** In pages of thirty, whatever is asked for. */
function anthropic(count: number): Answer {
  const all = names(count).map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-05-20T00:00:00Z', max_input_tokens: 200_000, capabilities: { image_input: { supported: true }, thinking: { supported: true }, structured_outputs: { supported: true } } }));
  return ({ url }) => {
    const after = new URL(url ?? '/', 'http://x').searchParams.get('after_id');
    const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
    const data = all.slice(from, from + 30);
    return { data, has_more: from + 30 < all.length, first_id: data[0]?.id, last_id: data.at(-1)?.id };
  };
}

function openrouter(count: number): Answer {
  const data = names(count).map((id) => ({ id: `vendor/${id}`, name: `Vendor: ${id}`, created: 1_779_000_000, description: 'x'.repeat(600), context_length: 200_000, architecture: { input_modalities: ['text', 'image'], output_modalities: ['text'], tokenizer: 'Other' }, pricing: { prompt: '0.000003', completion: '0.000015', request: '0', image: '0' }, supported_parameters: ['tools', 'tool_choice', 'max_tokens', 'temperature', 'reasoning', 'structured_outputs'] }));
  return ({ url }) => (url === '/api/v1/models' ? { data } : undefined);
}

process.on('message', (message: { readonly type: 'start'; readonly count: number } | { readonly type: 'counts' }) => {
  if (message.type === 'start') {
    void start(message.count).then((servers) => process.send?.(servers));
    return;
  }
  const counts: FleetCounts = { requests, mostRequests, mostConnections, bytes };
  requests = mostRequests = bytes = 0;
  mostConnections = connections;
  process.send?.(counts);
});
