/** Ollama's side of the demo server. https://docs.ollama.com/api */
import { type DemoModel, demoModels, findModel, readMessages, type Reply } from './models.ts';
import { BadRequest, countTokens, type Exchange, field, type Routes, sendJson, words } from './route.ts';

/** How long a model stays loaded after it was used. */
const keepAliveMs = 5 * 60_000;

export function createOllamaRoutes(): Routes {
  /** Epoch ms until which a model counts as loaded. */
  const loadedUntil = new Map<string, number>();

  function use(body: unknown): DemoModel {
    const model = findModel(body);
    loadedUntil.set(model.name, Date.now() + keepAliveMs);
    return model;
  }

  return {
    'GET /': ({ response }) => void response.writeHead(200, { 'content-type': 'text/plain' }).end('Demo model server of Operator is running'),
    'GET /api/version': ({ response }) => sendJson(response, 200, { version: '1.0.0-demo' }),
    'GET /api/tags': ({ response }) => sendJson(response, 200, { models: demoModels.map(describe) }),
    'GET /api/ps': ({ response }) => {
      const now = Date.now();
      const running = demoModels.flatMap((model) => {
        const until = loadedUntil.get(model.name) ?? 0;
        return until > now ? [{ ...describe(model), size_vram: model.sizeBytes, context_length: Math.min(model.context, 4096), expires_at: new Date(until).toISOString() }] : [];
      });
      sendJson(response, 200, { models: running });
    },
    'POST /api/show': ({ body, response }) => {
      const model = findModel(body);
      sendJson(response, 200, {
        ...describe(model),
        modelfile: `# ${model.name} ${model.about}. A demo: there is no model.`,
        model_info: { 'general.architecture': 'demo', 'demo.context_length': model.context },
        capabilities: capabilitiesOf(model),
      });
    },
    'POST /api/chat': (exchange) => {
      const reply = use(exchange.body).reply(readMessages(exchange.body));
      return answer(exchange, reply, (part) => ({ message: { role: 'assistant', content: part.text ?? '', ...(part.thinking === undefined ? {} : { thinking: part.thinking }) } }));
    },
    'POST /api/generate': (exchange) => {
      const model = use(exchange.body);
      const prompt = field(exchange.body, 'prompt') ?? '';
      if (typeof prompt !== 'string') throw new BadRequest(400, 'prompt must be a text', 'invalid_prompt');
      const reply = model.reply({ last: prompt, count: 1 });
      return answer(exchange, reply, (part) => ({ response: part.text ?? '', ...(part.thinking === undefined ? {} : { thinking: part.thinking }) }));
    },
  };
}

function describe(model: DemoModel): Readonly<Record<string, unknown>> {
  const name = `${model.name}:latest`;
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
  return model.name === 'demo-thinker' ? ['completion', 'thinking'] : ['completion'];
}

async function answer(exchange: Exchange, reply: Reply, part: (piece: Partial<Reply>) => Readonly<Record<string, unknown>>): Promise<void> {
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
    sendJson(response, 200, { ...head(), ...part(reply), ...tail() });
    return;
  }
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const line = (value: unknown): void => void response.write(`${JSON.stringify(value)}\n`);
  // As in Ollama, `think: false` keeps the thoughts away.
  const thinking = field(body, 'think') === false ? '' : (reply.thinking ?? '');
  for await (const word of words(thinking, exchange)) line({ ...head(), ...part({ thinking: word }), done: false });
  for await (const word of words(reply.text, exchange)) line({ ...head(), ...part({ text: word }), done: false });
  line({ ...head(), ...part({}), ...tail() });
  response.end();
}
