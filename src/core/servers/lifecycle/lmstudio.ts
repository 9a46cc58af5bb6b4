/**
 * LM Studio since 0.4.0: `/api/v1/models`, `/load`, `/unload`, `/download` and `/download/status/JOB`.
 * Source: github.com/lmstudio-ai/docs 1_developer/2_rest/{list,load,unload,download,download-status}.md. There is no call that
 * deletes, copies, pauses or cancels.
 */
import * as z from 'zod';
import { OperatorError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import { filled, positive } from '../listing/page.ts';
import { callOnce, stalledError } from './call.ts';
import { type Attempted, what } from './failure.ts';
import type { LifecycleActions, LifecycleCall } from './kind.ts';
import type { LoadedInstance, LoadOutcome, ModelDetails, PullOutcome, PullProgress, UnloadOutcome } from './model.ts';
import { nearest, requireModel } from './names.ts';
import { stallMs, workMs } from './patience.ts';
import { createPullMeter } from './progress.ts';
import { lmstudioSuggestions } from './suggestions.ts';

const loadMs = 15 * 60_000;
const pollMs = 500;
/** Until a download is known: LM Studio asks its catalogue, or Hugging Face, what it consists of. */
const startMs = 2 * 60_000;

const again = 'Pull it again: LM Studio goes on where it stopped';

export const lmstudioActions: LifecycleActions = { pull, load, unload, show };

const job = z.looseObject({
  job_id: z.string().nullish().catch(undefined),
  status: z.string(),
  downloaded_bytes: z.number().nullish().catch(undefined),
  total_size_bytes: z.number().nullish().catch(undefined),
  error: z.unknown().optional(),
});
type Job = z.infer<typeof job>;

async function pull(call: LifecycleCall, model: string, onProgress: (progress: PullProgress) => void): Promise<PullOutcome> {
  const attempted = { model, participle: 'pulled', again };
  const meter = createPullMeter(call.clock);
  let current = await startJob(call, model, attempted);
  const id = current.job_id;
  let moved = { text: '', at: call.clock.now() };
  for (;;) {
    if (current.status === 'already_downloaded') return { model, already: true };
    if (current.status === 'completed') return { model, already: false };
    if (current.status === 'failed') throw new OperatorError('refused', `${what(attempted)}: the download failed in ${call.server.name}`, { hint: `LM Studio says why under Downloads. ${again}` });
    if (id === undefined || id === null) throw new OperatorError('http', `${what(attempted)}: ${call.server.name} names no job to follow`, { hint: 'Look in LM Studio under Downloads' });
    const done = current.downloaded_bytes ?? 0;
    const total = positive(current.total_size_bytes) ?? 0;
    const isPaused = current.status === 'paused';
    meter.setStatus(isPaused ? 'paused in LM Studio' : total > 0 && done >= total ? 'finishing' : 'downloading');
    if (total > 0) meter.setPart(id, done, total);
    const { progress } = meter;
    onProgress(progress);
    const text = `${current.status} ${done}`;
    if (text !== moved.text) moved = { text, at: call.clock.now() };
    const limitMs = isPaused || (total > 0 && done >= total) ? workMs : stallMs;
    if (call.clock.now() - moved.at > limitMs) throw stalledError(call, limitMs, attempted);
    await pause(call.clock, pollMs, call.signal);
    current = jobOf(call, await callOnce(call, url(call, `/models/download/status/${encodeURIComponent(id)}`), attempted), attempted);
  }
}

async function startJob(call: LifecycleCall, model: string, attempted: Attempted): Promise<Job> {
  try {
    return jobOf(call, await callOnce(call, url(call, '/models/download'), attempted, { method: 'POST', body: downloadBody(model), timeoutMs: startMs }), attempted);
  } catch (error) {
    if (!(error instanceof OperatorError) || !/not found|no such|not exist|could not find|unknown model/i.test(error.message)) throw error;
    const near = nearest(lmstudioSuggestions.map((suggestion) => suggestion.model), model);
    throw new OperatorError('not-found', error.message, { hint: `${near === undefined ? '' : `Did you mean ${near}? `}Name it as https://lmstudio.ai/models has it, or by its address at Hugging Face`, cause: error });
  }
}

/** A quantisation is written behind `@`, as the `lms get` command has it; only addresses take one. */
function downloadBody(model: string): Readonly<Record<string, string>> {
  const [, address, quantization] = /^(https?:\/\/.+)@([A-Za-z0-9_.]+)$/.exec(model) ?? [];
  return address !== undefined && quantization !== undefined ? { model: address, quantization } : { model };
}

function jobOf(call: LifecycleCall, value: unknown, attempted: Attempted): Job {
  const { data } = job.safeParse(value);
  if (data) return data;
  throw new OperatorError('http', `${what(attempted)}: ${call.server.name} does not tell how the download goes`, { hint: 'Look in LM Studio under Downloads' });
}

/** Resolves at once when `signal` is aborted: the next request says so. */
async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(ms, resolve);
  const onAbort = (): void => resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) resolve();
  await promise;
  timer.dispose();
  signal.removeEventListener('abort', onAbort);
}

/** Asking LM Studio to load what is loaded would make a second instance, with the memory of a second model. */
async function load(call: LifecycleCall, wanted: string, { contextLength, keepAlive }: { readonly contextLength?: number; readonly keepAlive?: string }): Promise<LoadOutcome> {
  const attempted = { model: wanted, participle: 'loaded' };
  if (keepAlive !== undefined) throw new OperatorError('refused', 'LM Studio has no time after which a model that was loaded like this is unloaded', { hint: 'Load it without one' });
  const entry = await find(call, wanted, attempted);
  const largest = positive(entry.max_context_length);
  if (contextLength !== undefined && largest !== undefined && contextLength > largest) throw new OperatorError('refused', `${entry.key} takes ${largest} tokens at most`, { hint: 'Load it with less context' });
  const instances = instancesOf(entry);
  const fitting = instances.find((instance) => contextLength === undefined || instance.contextLength === contextLength);
  if (fitting) return { model: entry.key, already: true, ...(fitting.contextLength !== undefined && { contextLength: fitting.contextLength }) };
  for (const { id } of instances) await unloadInstance(call, id, attempted);
  const body = { model: entry.key, echo_load_config: true, ...(contextLength !== undefined && { context_length: contextLength }) };
  const { data } = loaded.safeParse(await callOnce(call, url(call, '/models/load'), attempted, { method: 'POST', body, timeoutMs: loadMs }));
  const actual = positive(data?.load_config?.context_length) ?? contextLength;
  return { model: entry.key, already: false, ...(actual !== undefined && { contextLength: actual }) };
}

const loaded = z.looseObject({ load_config: z.looseObject({ context_length: z.number().nullish().catch(undefined) }).nullish().catch(undefined) });

/** All instances of a model, or the one that is named. */
async function unload(call: LifecycleCall, wanted: string): Promise<UnloadOutcome> {
  const attempted = { model: wanted, participle: 'unloaded' };
  const models = await listModels(call, attempted);
  const holder = models.find((entry) => entry.key !== wanted && instancesOf(entry).some(({ id }) => id === wanted));
  if (holder) {
    await unloadInstance(call, wanted, attempted);
    return { model: wanted, instances: 1 };
  }
  const entry = byName(models, wanted, call);
  const instances = instancesOf(entry);
  for (const { id } of instances) await unloadInstance(call, id, attempted);
  return { model: entry.key, instances: instances.length };
}

async function unloadInstance(call: LifecycleCall, id: string, attempted: Attempted): Promise<void> {
  await callOnce(call, url(call, '/models/unload'), attempted, { method: 'POST', body: { instance_id: id }, timeoutMs: loadMs });
}

async function show(call: LifecycleCall, wanted: string): Promise<ModelDetails> {
  const entry = await find(call, wanted, { model: wanted, participle: 'looked up' });
  const { vision, trained_for_tool_use: tools, reasoning } = entry.capabilities ?? {};
  const sizeBytes = positive(entry.size_bytes);
  const contextWindow = positive(entry.max_context_length);
  return {
    model: entry.key,
    ...(filled(entry.display_name) && { displayName: filled(entry.display_name) }),
    ...(filled(entry.architecture) && { family: filled(entry.architecture) }),
    ...(filled(entry.format) && { format: filled(entry.format) }),
    ...(filled(entry.params_string) && { parameters: filled(entry.params_string) }),
    ...(filled(entry.quantization?.name) && { quantization: filled(entry.quantization?.name) }),
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(contextWindow !== undefined && { contextWindow }),
    capabilities: [...(entry.type === 'embedding' ? ['embedding'] : ['completion']), ...(tools ? ['tools'] : []), ...(vision ? ['vision'] : []), ...(reasoning ? ['thinking'] : [])],
    instances: instancesOf(entry),
    settings: [],
  };
}

const text = z.string().nullish().catch(undefined);
const count = z.number().nullish().catch(undefined);
const modelEntry = z.looseObject({
  key: z.string().min(1),
  type: text,
  display_name: text,
  architecture: text,
  format: text,
  quantization: z.looseObject({ name: text }).nullish().catch(undefined),
  size_bytes: count,
  params_string: text,
  max_context_length: count,
  loaded_instances: z.array(z.looseObject({ id: z.string().min(1), config: z.looseObject({ context_length: count }).nullish().catch(undefined) })).nullish().catch(undefined),
  capabilities: z.looseObject({ vision: z.boolean().nullish().catch(undefined), trained_for_tool_use: z.boolean().nullish().catch(undefined), reasoning: z.unknown().optional() }).nullish().catch(undefined),
});
type ModelEntry = z.infer<typeof modelEntry>;

async function find(call: LifecycleCall, wanted: string, attempted: Attempted): Promise<ModelEntry> {
  return byName(await listModels(call, attempted), wanted, call);
}

/** @throws OperatorError 'not-found' */
function byName(models: readonly ModelEntry[], wanted: string, { server }: LifecycleCall): ModelEntry {
  const key = requireModel(models.map((entry) => entry.key), wanted, server.name);
  const entry = models.find((each) => each.key === key);
  if (!entry) throw new OperatorError('internal', `${key} was found and is not there`);
  return entry;
}

async function listModels(call: LifecycleCall, attempted: Attempted): Promise<readonly ModelEntry[]> {
  const { data } = z.looseObject({ models: z.array(z.unknown()) }).safeParse(await callOnce(call, url(call, '/models'), attempted));
  if (!data) throw new OperatorError('http', `${what(attempted)}: ${call.server.name} gives no list of its models`, { hint: 'Check kind and base_url' });
  return data.models.map((value) => modelEntry.safeParse(value)).flatMap((parsed) => (parsed.success ? [parsed.data] : []));
}

function instancesOf({ loaded_instances }: ModelEntry): readonly LoadedInstance[] {
  return (loaded_instances ?? []).map(({ id, config }) => ({ id, ...(positive(config?.context_length) && { contextLength: positive(config?.context_length) }) }));
}

function url({ server }: LifecycleCall, path: string): string {
  return `${server.baseUrl}/api/v1${path}`;
}
