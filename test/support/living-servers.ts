/**
 * An Ollama and an LM Studio that keep state, as scripts for {@link startServer}: a pull streams its progress and then the model
 * is there, one that was cut off goes on where it stopped, what was loaded shows as loaded, what was deleted is gone.
 *
 *     const ollama = livingOllama({ models: ['llama3.2:latest'], library: { 'qwen3:8b': [4_000_000, 2_000] } });
 *     await using server = await startServer(ollama.script);
 *
 * Nothing waits for time: a download goes on as fast as it is read, and stops where the test holds it.
 */
import { type LmStudioModel, lmstudio, type OllamaModel, ollama } from './scripted-server-kinds.ts';
import { type Answer, type Exchange, json, type Script, text } from './scripted-server.ts';

interface Valve {
  /** Lets no download pass this many bytes until `open()`. */
  hold(atBytes: number): void;
  open(): void;
}

export interface LivingOllama extends Valve {
  readonly script: Script;
  readonly models: readonly OllamaModel[];
  /** Bytes of a model that are on disk. */
  onDisk(model: string): number;
  /** Pulls that a client follows now. */
  readonly followers: number;
  /** Ends the next pull at this many bytes: by closing the connection, by a reset, with an error in the stream, or with a clean end. */
  cutNext(atBytes: number, how: 'close' | 'reset' | 'end' | { readonly error: string }): void;
}

export interface LivingOllamaOptions {
  readonly models?: readonly (string | OllamaModel)[];
  /** What can be pulled: sizes of its layers in bytes. */
  readonly library?: Readonly<Record<string, readonly number[]>>;
  readonly version?: string;
  /** Between two lines of a pull, for people who look on; none otherwise. */
  readonly everyMs?: number;
}

/** Lines for one layer. */
const steps = 20;

export function livingOllama({ library = {}, version, everyMs = 0, ...options }: LivingOllamaOptions = {}): LivingOllama {
  let models: readonly OllamaModel[] = (options.models ?? []).map((model) => (typeof model === 'string' ? { name: model } : model));
  /** By digest. */
  const disk = new Map<string, number>();
  const valve = createValve();
  let followers = 0;
  let cut: { readonly at: number; readonly how: 'close' | 'reset' | 'end' | { readonly error: string } } | undefined;

  const set = (name: string, changes: Partial<OllamaModel>): void => void (models = models.map((model) => (model.name === name ? { ...model, ...changes } : model)));
  const layersOf = (name: string): readonly { readonly digest: string; readonly size: number }[] => (library[name] ?? []).map((size, index) => ({ digest: `sha256:${digestOf(name, index)}`, size }));
  const onDisk = (name: string): number => layersOf(name).reduce((sum, { digest }) => sum + (disk.get(digest) ?? 0), 0);
  const withModel = (act: (model: OllamaModel, exchange: Exchange) => void | Promise<void>): Answer => (exchange) => {
    const name = String(field(exchange, 'model') ?? field(exchange, 'source') ?? '');
    const model = models.find((each) => tagged(each.name) === tagged(name));
    return model ? act(model, exchange) : json({ error: `model '${name}' not found` }, { status: 404 })(exchange);
  };
  const current = (route: string): Answer => (exchange) => ollama({ version, models })[route]?.(exchange);

  async function pull(exchange: Exchange): Promise<void> {
    const { response, socket } = exchange;
    const asked = String(field(exchange, 'model') ?? '');
    const name = library[asked] ? asked : tagged(asked);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const line = (value: object): void => void response.write(`${JSON.stringify(value)}\n`);
    followers++;
    response.once('close', () => followers--);
    line({ status: 'pulling manifest' });
    if (!library[name]) {
      line({ error: 'pull model manifest: file does not exist' });
      return void response.end();
    }
    for (const { digest, size } of layersOf(name)) {
      const status = `pulling ${digest.slice(7, 19)}`;
      for (let done = disk.get(digest) ?? 0; ; done = Math.min(size, done + Math.ceil(size / steps))) {
        await valve.pass(onDisk(name) - (disk.get(digest) ?? 0) + done, response);
        if (response.destroyed) return;
        disk.set(digest, done);
        // As Go has it: a field that is zero is left out.
        line({ status, digest, total: size, ...(done > 0 && { completed: done }) });
        if (cut && onDisk(name) >= cut.at) {
          const { how } = cut;
          cut = undefined;
          if (how === 'reset') return void setImmediate(() => socket.resetAndDestroy());
          if (how === 'close') return void setImmediate(() => socket.destroy());
          if (how !== 'end') line({ error: how.error });
          return void response.end();
        }
        await (everyMs > 0 ? new Promise((resolve) => setTimeout(resolve, everyMs)) : new Promise((resolve) => setImmediate(resolve)));
        if (done >= size) break;
      }
    }
    for (const status of ['verifying sha256 digest', 'writing manifest', 'success']) line({ status });
    const size = layersOf(name).reduce((sum, layer) => sum + layer.size, 0);
    if (!models.some((model) => model.name === tagged(name))) models = [{ name: tagged(name), size }, ...models];
    response.end();
  }

  const generate: Answer = withModel((model, exchange) => {
    if (model.capabilities && !model.capabilities.includes('completion') && field(exchange, 'keep_alive') !== 0) return json({ error: `"${model.name}" does not support generate` }, { status: 400 })(exchange);
    return touch(model, exchange, 'response');
  });

  /** An empty prompt loads, keep_alive 0 unloads. */
  function touch(model: OllamaModel, exchange: Exchange, key: string): void | Promise<void> {
    const isUnload = field(exchange, 'keep_alive') === 0;
    const context = (field(exchange, 'options') as { num_ctx?: number } | undefined)?.num_ctx;
    set(model.name, isUnload ? { loaded: false, loadedContext: undefined } : { loaded: true, loadedContext: context ?? model.loadedContext ?? 4096 });
    return json({ model: model.name, created_at: '2026-09-01T08:00:00Z', [key]: '', done: true, done_reason: isUnload ? 'unload' : 'load' })(exchange);
  }

  return {
    get models() {
      return models;
    },
    get followers() {
      return followers;
    },
    onDisk,
    hold: valve.hold,
    open: valve.open,
    cutNext: (at, how) => void (cut = { at, how }),
    script: {
      ...Object.fromEntries(Object.keys(ollama({ version })).map((route) => [route, current(route)])),
      'POST /api/pull': pull,
      'POST /api/generate': generate,
      'POST /api/embed': withModel((model, exchange) => touch(model, exchange, 'embeddings')),
      'DELETE /api/delete': withModel((model, exchange) => {
        models = models.filter((each) => each !== model);
        return text('')(exchange);
      }),
      'POST /api/copy': withModel((model, exchange) => {
        const name = tagged(String(field(exchange, 'destination')));
        models = [{ ...model, name, loaded: false }, ...models.filter((each) => each.name !== name)];
        return text('')(exchange);
      }),
      'POST /api/show': withModel((model, exchange) =>
        json({
          license: '                                 Apache License\n                           Version 2.0, January 2004\n\n   TERMS AND CONDITIONS',
          modelfile: `FROM ${model.name}`,
          parameters: 'temperature                    0.6\nstop                           "<|im_end|>"',
          template: '{{ .Prompt }}',
          details: { parent_model: '', format: 'gguf', family: model.family ?? 'llama', families: [model.family ?? 'llama'], parameter_size: model.parameters ?? '3.2B', quantization_level: model.quantization ?? 'Q4_K_M' },
          model_info: { 'general.architecture': 'llama', 'llama.context_length': model.contextLength ?? 131_072 },
          capabilities: model.capabilities ?? ['completion', 'tools'],
          modified_at: '2026-09-01T08:00:00.000000000Z',
        })(exchange),
      ),
    },
  };
}

export interface LivingLmStudio {
  readonly script: Script;
  readonly models: readonly LmStudioModel[];
  /** State of the download of a model. */
  job(model: string): { readonly done: number; readonly status: string } | undefined;
  /** Puts a download into another state, as its owner does in the window. */
  setJob(model: string, changes: { readonly status?: 'downloading' | 'paused' | 'failed'; readonly done?: number }): void;
}

interface Job {
  readonly id: string;
  readonly model: string;
  readonly total: number;
  readonly done: number;
  readonly status: 'downloading' | 'paused' | 'completed' | 'failed';
}

/** Each look at a download brings it on by a quarter. */
export function livingLmStudio(options: { readonly models?: readonly (string | LmStudioModel)[]; readonly library?: Readonly<Record<string, number>>; readonly version?: string } = {}): LivingLmStudio {
  const { library = {}, version = '0.4.19' } = options;
  let models: readonly LmStudioModel[] = (options.models ?? []).map((model) => (typeof model === 'string' ? { key: model } : model));
  const jobs = new Map<string, Job>();
  const problem = (status: number, message: string): Answer => json({ error: { type: 'invalid_request', message, code: 'model_not_found', param: 'model' } }, { status });
  const current = (route: string): Answer => (exchange) => lmstudio({ version, models })[route]?.(exchange);
  const answered = ({ id, status, total, done }: Job): object => ({ job_id: id, status, total_size_bytes: total, downloaded_bytes: done, started_at: '2026-09-01T08:00:00.000Z', ...(status === 'downloading' && { bytes_per_second: total / 4 }) });

  function step(job: Job): Job {
    if (job.status !== 'downloading') return job;
    const done = Math.min(job.total, job.done + Math.ceil(job.total / 4));
    const next: Job = { ...job, done, status: done === job.total ? 'completed' : 'downloading' };
    if (next.status === 'completed' && !models.some(({ key }) => key === job.model)) models = [...models, { key: job.model, sizeBytes: job.total }];
    jobs.set(job.model, next);
    return next;
  }

  const native: Script = {
    'POST /api/v1/models/download': (exchange) => {
      const model = String(field(exchange, 'model'));
      if (models.some(({ key }) => key === model)) return json({ status: 'already_downloaded' })(exchange);
      const total = library[model];
      if (total === undefined) return problem(404, `Model "${model}" not found`)(exchange);
      const known = jobs.get(model);
      const job: Job = known ? { ...known, status: 'downloading' } : { id: `job_${jobs.size + 1}`, model, total, done: 0, status: 'downloading' };
      jobs.set(model, job);
      return json(answered(job))(exchange);
    },
    'GET /api/v1/models/download/status/*': (exchange) => {
      const job = [...jobs.values()].find(({ id }) => exchange.request.path.endsWith(`/${id}`));
      return (job ? json(answered(step(job))) : problem(404, 'No such job'))(exchange);
    },
    'POST /api/v1/models/load': (exchange) => {
      const key = String(field(exchange, 'model'));
      const model = models.find((each) => each.key === key);
      if (!model) return problem(404, `Model "${key}" not found`)(exchange);
      const context = Number(field(exchange, 'context_length') ?? 4096);
      // Asked twice, it loads twice.
      const loaded = [...(model.loaded ?? []), context];
      models = models.map((each) => (each === model ? { ...model, loaded } : each));
      return json({ type: 'llm', instance_id: loaded.length === 1 ? key : `${key}:${loaded.length}`, load_time_seconds: 1.5, status: 'loaded', ...(field(exchange, 'echo_load_config') === true && { load_config: { context_length: context, flash_attention: true } }) })(exchange);
    },
    'POST /api/v1/models/unload': (exchange) => {
      const id = String(field(exchange, 'instance_id'));
      const model = models.find(({ key, loaded }) => (loaded ?? []).some((_, index) => instanceId(key, index) === id));
      if (!model) return problem(404, `No instance "${id}" is loaded`)(exchange);
      const loaded = (model.loaded ?? []).filter((_, index) => instanceId(model.key, index) !== id);
      models = models.map((each) => (each === model ? { ...model, loaded } : each));
      return json({ instance_id: id })(exchange);
    },
  };
  const isNative = Object.keys(lmstudio({ version })).includes('GET /api/v1/models');
  return {
    get models() {
      return models;
    },
    job: (model) => jobs.get(model),
    setJob(model, changes) {
      const job = jobs.get(model);
      if (job) jobs.set(model, { ...job, ...changes });
    },
    script: { ...Object.fromEntries(Object.keys(lmstudio({ version })).map((route) => [route, current(route)])), ...(isNative ? native : {}) },
  };
}

function instanceId(key: string, index: number): string {
  return index === 0 ? key : `${key}:${index + 1}`;
}

function field({ request }: Exchange, name: string): unknown {
  return (request.json as Readonly<Record<string, unknown>> | undefined)?.[name];
}

function tagged(name: string): string {
  return /:[^/]*$/.test(name) ? name : `${name}:latest`;
}

/** Sixty-four digits that say which layer it is. */
function digestOf(name: string, index: number): string {
  return Buffer.from(`${index}${name}`.padEnd(32, '.')).toString('hex').slice(0, 64);
}

function createValve(): Valve & { pass(bytes: number, response: { readonly destroyed: boolean; once(event: 'close', listener: () => void): unknown }): Promise<void> } {
  let limit = Infinity;
  let waiting: (() => void)[] = [];
  return {
    hold(atBytes) {
      limit = atBytes;
    },
    open() {
      limit = Infinity;
      for (const go of waiting.splice(0)) go();
    },
    async pass(bytes, response) {
      if (bytes <= limit || response.destroyed) return;
      await new Promise<void>((resolve) => {
        waiting = [...waiting, resolve];
        response.once('close', resolve);
      });
    },
  };
}
