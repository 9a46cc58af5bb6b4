/** Ollama's side of the demo server. https://docs.ollama.com/api */
import { setTimeout as wait } from 'node:timers/promises';
import type { DemoModel, Reply } from './models.ts';
import { BadRequest, countTokens, type Exchange, field, type Routes, sendJson, words } from './route.ts';
import { followsRules, replyOf } from './rules.ts';
import type { ShelvedModel, Shelf } from './shelf.ts';

/** How long a model stays loaded after it was used. */
const keepAliveMs = 5 * 60_000;

/** A download is told in this many steps. */
const pullSteps = 60;

/** @param pullMs how long a whole download takes */
export function createOllamaRoutes(shelf: Shelf, pullMs: number, greeting: string): Routes {
  /** Keeps the model in memory as the request asks for; 0 takes it out. */
  function use(body: unknown): ShelvedModel {
    const shelved = shelf.find(body);
    const context = field(field(body, 'options'), 'num_ctx');
    const before = shelf.loaded(shelved.name, Date.now())?.context ?? Math.min(shelved.model.context, 4096);
    const stays = field(body, 'keep_alive');
    shelf.load(shelved.name, stays === 0 ? undefined : { until: Date.now() + (stays === -1 ? 1000 * 24 * 60 * 60_000 : keepAliveMs), context: typeof context === 'number' ? context : before });
    return shelved;
  }

  return {
    'GET /': ({ response }) => void response.writeHead(200, { 'content-type': 'text/plain' }).end(greeting),
    'GET /api/version': ({ response }) => sendJson(response, 200, { version: '1.0.0-demo' }),
    'GET /api/tags': ({ response }) => sendJson(response, 200, { models: shelf.models.map(describe) }),
    'GET /api/ps': ({ response }) => {
      const running = shelf.models.flatMap((shelved) => {
        const loaded = shelf.loaded(shelved.name, Date.now());
        return loaded ? [{ ...describe(shelved), size_vram: shelved.model.sizeBytes, context_length: loaded.context, expires_at: new Date(loaded.until).toISOString() }] : [];
      });
      sendJson(response, 200, { models: running });
    },
    'POST /api/show': ({ body, response }) => {
      const shelved = shelf.find(body);
      const { model } = shelved;
      sendJson(response, 200, {
        ...describe(shelved),
        license: 'MIT License\n\nA demo: there is no model to license.',
        modelfile: `# ${model.name} ${model.about}. A demo: there is no model.`,
        parameters: 'temperature                    0.7',
        template: '{{ .Prompt }}',
        model_info: { 'general.architecture': 'demo', 'demo.context_length': model.context },
        capabilities: capabilitiesOf(model),
      });
    },
    'POST /api/pull': (exchange) => pull(shelf, exchange, pullMs),
    'DELETE /api/delete': ({ body, response }) => {
      shelf.remove(shelf.find(body).name);
      response.writeHead(200).end();
    },
    'POST /api/copy': ({ body, response }) => {
      const { model } = shelf.find(body, 'source');
      const to = field(body, 'destination');
      if (typeof to !== 'string' || to === '') throw new BadRequest(400, 'destination is required', 'missing_destination');
      shelf.add(to, model);
      response.writeHead(200).end();
    },
    'POST /api/chat': (exchange) => {
      const { calls, ...reply } = replyOf(use(exchange.body).model, 'ollama', exchange.body);
      const toolCalls = calls.map(({ name, arguments: values }) => ({ function: { name, arguments: values } }));
      return answer(exchange, reply, (part, isLast) => ({ message: { role: 'assistant', content: part.text ?? '', ...(part.thinking === undefined ? {} : { thinking: part.thinking }), ...(isLast && calls.length > 0 && { tool_calls: toolCalls }) } }));
    },
    'POST /api/generate': (exchange) => {
      const { name, model } = use(exchange.body);
      const prompt = field(exchange.body, 'prompt') ?? '';
      if (typeof prompt !== 'string') throw new BadRequest(400, 'prompt must be a text', 'invalid_prompt');
      // Without a prompt it only loads or unloads.
      if (prompt === '') return sendJson(exchange.response, 200, { model: name, created_at: new Date().toISOString(), response: '', done: true, done_reason: field(exchange.body, 'keep_alive') === 0 ? 'unload' : 'load' });
      const reply = model.reply({ last: prompt, count: 1 });
      return answer(exchange, reply, (part) => ({ response: part.text ?? '', ...(part.thinking === undefined ? {} : { thinking: part.thinking }) }));
    },
  };
}

/** Goes on where an earlier one was left, as Ollama does. */
async function pull(shelf: Shelf, { body, response, signal }: Exchange, pullMs: number): Promise<void> {
  const name = field(body, 'model') ?? field(body, 'name');
  if (typeof name !== 'string' || name === '') throw new BadRequest(400, 'model is required', 'missing_model');
  const model = shelf.inLibrary(name);
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const line = (value: unknown): void => void response.write(`${JSON.stringify(value)}\n`);
  line({ status: 'pulling manifest' });
  if (!model) {
    line({ error: 'pull model manifest: file does not exist' });
    return void response.end();
  }
  const digest = `sha256:${Buffer.from(model.name).toString('hex').padEnd(64, '0')}`;
  for (;;) {
    const completed = shelf.bytesOf(model);
    line({ status: `pulling ${digest.slice(7, 19)}`, digest, total: model.sizeBytes, ...(completed > 0 && { completed }) });
    if (completed >= model.sizeBytes) break;
    if (pullMs > 0) await wait(pullMs / pullSteps, undefined, { signal });
    shelf.download(model, completed + Math.ceil(model.sizeBytes / pullSteps));
  }
  for (const status of ['verifying sha256 digest', 'writing manifest']) line({ status });
  shelf.add(name, model);
  line({ status: 'success' });
  response.end();
}

function describe({ name: bare, model }: ShelvedModel): Readonly<Record<string, unknown>> {
  const name = bare.includes(':') ? bare : `${bare}:latest`;
  return {
    name,
    model: name,
    modified_at: '2026-01-01T00:00:00Z',
    size: model.sizeBytes,
    digest: model.name,
    details: { format: 'demo', family: 'demo', parameter_size: model.parameters, quantization_level: 'DEMO', context_length: model.context },
    capabilities: capabilitiesOf(model),
  };
}

function capabilitiesOf(model: DemoModel): readonly string[] {
  return ['completion', ...(model.name === 'demo-thinker' ? ['thinking'] : []), ...(followsRules(model) ? ['tools', 'vision'] : [])];
}

async function answer(exchange: Exchange, reply: Reply, part: (piece: Partial<Reply>, isLast: boolean) => Readonly<Record<string, unknown>>): Promise<void> {
  const { body, response } = exchange;
  const started = process.hrtime.bigint();
  const head = (): Readonly<Record<string, unknown>> => ({ model: field(body, 'model'), created_at: new Date().toISOString() });
  const tail = (): Readonly<Record<string, unknown>> => ({
    done: true,
    done_reason: 'stop',
    total_duration: Number(process.hrtime.bigint() - started),
    prompt_eval_count: countTokens(JSON.stringify(field(body, 'messages') ?? field(body, 'prompt') ?? '')),
    eval_count: countTokens((reply.thinking ?? '') + reply.text),
  });
  if (field(body, 'stream') === false) {
    sendJson(response, 200, { ...head(), ...part(reply, true), ...tail() });
    return;
  }
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const line = (value: unknown): void => void response.write(`${JSON.stringify(value)}\n`);
  // As in Ollama, `think: false` keeps the thoughts away.
  const thinking = field(body, 'think') === false ? '' : (reply.thinking ?? '');
  for await (const word of words(thinking, exchange)) line({ ...head(), ...part({ thinking: word }, false), done: false });
  for await (const word of words(reply.text, exchange)) line({ ...head(), ...part({ text: word }, false), done: false });
  line({ ...head(), ...part({}, true), ...tail() });
  response.end();
}
