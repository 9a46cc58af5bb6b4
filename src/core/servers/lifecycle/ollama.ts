/**
 * Ollama: `/api/pull`, `/api/generate` and `/api/embed` to load and unload, `/api/delete`, `/api/copy`, `/api/show`.
 * Source: github.com/ollama/ollama docs/api.md, server/routes.go (PullHandler, GenerateHandler, DeleteHandler, CopyHandler), server/download.go.
 */
import * as z from 'zod';
import { OperatorError } from '../../errors.ts';
import { apiUrl } from '../address.ts';
import { filled, positive, time } from '../listing/page.ts';
import { saidBy } from '../verdict.ts';
import { callOnce, callStream } from './call.ts';
import { type Attempted, saidError, what } from './failure.ts';
import type { LifecycleActions, LifecycleCall } from './kind.ts';
import { shortLicense } from './license.ts';
import type { LoadedInstance, LoadOutcome, ModelDetails, PullOutcome, PullProgress, UnloadOutcome } from './model.ts';
import { findModel, nearest, requireModel } from './names.ts';
import { type Patience, stallMs, workMs } from './patience.ts';
import { createPullMeter } from './progress.ts';
import { ollamaSuggestions } from './suggestions.ts';

/** A large model from a slow disk. */
const loadMs = 15 * 60_000;

const again = 'Pull it again: it goes on where it stopped';

export const ollamaActions: LifecycleActions = { pull, load, unload, remove, copy, show };

/** One line of a pull. `completed` is missing as long as it is 0. */
const pullLine = z.looseObject({
  status: z.string().nullish().catch(undefined),
  digest: z.string().nullish().catch(undefined),
  total: z.number().nullish().catch(undefined),
  completed: z.number().nullish().catch(undefined),
  error: z.unknown().optional(),
});

async function pull(call: LifecycleCall, model: string, onProgress: (progress: PullProgress) => void): Promise<PullOutcome> {
  const attempted = { model, participle: 'pulled', again };
  const meter = createPullMeter(call.clock);
  let patience: Patience | undefined;
  let last = '';
  for await (const value of callStream(call, apiUrl(call.server, 'ollama', '/pull'), { model, stream: true }, attempted, (started) => (patience = started))) {
    const { data: line } = pullLine.safeParse(value);
    if (!line) continue;
    if (line.error !== undefined && line.error !== null) throw pullError(call, value, attempted);
    const status = line.status ?? '';
    if (status === 'success') return { model, already: meter.transferred === 0 };
    const isPart = positive(line.total) !== undefined;
    meter.setStatus(isPart ? 'downloading' : status);
    if (isPart) meter.setPart(line.digest ?? status, line.completed ?? 0, line.total ?? 0);
    const { progress } = meter;
    onProgress(progress);
    // Its lines come several times in a second even when nothing moves.
    const now = `${status} ${progress.doneBytes}`;
    if (now !== last) patience?.renew(isPart || status.startsWith('pulling') ? stallMs : workMs);
    last = now;
  }
  throw new OperatorError('http', `${what(attempted)}: ${call.server.name} ended the download before it was complete`, { hint: again });
}

/** A name that nobody has is reported by the registry as a file that does not exist. github.com/ollama/ollama/issues/4280 */
function pullError(call: LifecycleCall, value: unknown, attempted: Attempted): OperatorError {
  const said = saidBy(value, call.key) ?? 'an error without a message';
  if (/pull model manifest:.*(?:file does not exist|not found)/i.test(said)) {
    const near = nearest(ollamaSuggestions.map(({ model }) => model), attempted.model);
    return new OperatorError('not-found', `There is no model ${JSON.stringify(attempted.model)} to pull`, { hint: `${near === undefined ? '' : `Did you mean ${near}? `}Names are at https://ollama.com/search` });
  }
  return saidError(call, said, attempted);
}

async function load(call: LifecycleCall, wanted: string, { contextLength, keepAlive }: { readonly contextLength?: number; readonly keepAlive?: string }): Promise<LoadOutcome> {
  const attempted = { model: wanted, participle: 'loaded' };
  const [tags, before] = await Promise.all([listTags(call, attempted), listRunning(call, attempted)]);
  const model = requireModel(tags.map(({ name }) => name), wanted, call.server.name);
  const tag = tags.find(({ name }) => name === model);
  if (filled(tag?.remote_host) !== undefined) throw new OperatorError('refused', `${model} runs elsewhere, so that there is nothing to load`, { hint: 'Use it as it is' });
  const running = before.find(({ name }) => name === model);
  const body = { model, ...(keepAlive !== undefined && { keep_alive: keepAliveValue(keepAlive) }), ...(contextLength !== undefined && { options: { num_ctx: contextLength } }) };
  await loadWith(call, body, tag?.capabilities ?? undefined, attempted);
  const after = (await listRunning(call, attempted)).find(({ name }) => name === model);
  const loaded = positive(after?.context_length);
  return { model, already: running !== undefined && (contextLength === undefined || running.context_length === contextLength), ...(loaded !== undefined && { contextLength: loaded }) };
}

/** An empty prompt loads; a model that only makes embeddings is loaded by asking for none. */
async function loadWith(call: LifecycleCall, body: Readonly<Record<string, unknown>>, capabilities: readonly string[] | undefined, attempted: Attempted): Promise<void> {
  const isEmbedding = capabilities !== undefined && capabilities.includes('embedding') && !capabilities.includes('completion');
  const embed = (): Promise<unknown> => callOnce(call, apiUrl(call.server, 'ollama', '/embed'), attempted, { method: 'POST', body: { ...body, input: [] }, timeoutMs: loadMs });
  if (isEmbedding) return void (await embed());
  try {
    await callOnce(call, apiUrl(call.server, 'ollama', '/generate'), attempted, { method: 'POST', body: { ...body, stream: false }, timeoutMs: loadMs });
  } catch (error) {
    // Older versions do not list what a model can do.
    if (!(error instanceof OperatorError) || !error.message.includes('does not support generate')) throw error;
    await embed();
  }
}

/** Ollama takes a duration with a unit as text, and a bare number as seconds; negative is for ever. */
function keepAliveValue(text: string): string | number {
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

async function unload(call: LifecycleCall, wanted: string): Promise<UnloadOutcome> {
  const attempted = { model: wanted, participle: 'unloaded' };
  const running = (await listRunning(call, attempted)).map(({ name }) => name);
  const model = findModel(running, wanted);
  if (model === undefined) {
    const tags = await listTags(call, attempted);
    return { model: requireModel(tags.map(({ name }) => name), wanted, call.server.name), instances: 0 };
  }
  await callOnce(call, apiUrl(call.server, 'ollama', '/generate'), attempted, { method: 'POST', body: { model, keep_alive: 0, stream: false }, timeoutMs: loadMs });
  return { model, instances: 1 };
}

async function remove(call: LifecycleCall, wanted: string): Promise<string> {
  const attempted = { model: wanted, participle: 'deleted' };
  const model = requireModel(await listNames(call, attempted), wanted, call.server.name);
  await callOnce(call, apiUrl(call.server, 'ollama', '/delete'), attempted, { method: 'DELETE', body: { model } });
  return model;
}

/** Ollama itself would replace a model of the new name without a word. */
async function copy(call: LifecycleCall, wanted: string, to: string): Promise<{ readonly from: string; readonly to: string }> {
  const attempted = { model: wanted, participle: 'copied' };
  const names = await listNames(call, attempted);
  const from = requireModel(names, wanted, call.server.name);
  const taken = findModel(names, to);
  if (taken !== undefined) throw new OperatorError('refused', `${call.server.name} has a model ${taken} already`, { hint: 'Choose another name, or delete that one first' });
  await callOnce(call, apiUrl(call.server, 'ollama', '/copy'), attempted, { method: 'POST', body: { source: from, destination: to } });
  return { from, to };
}

const details = z
  .looseObject({ family: z.string().nullish().catch(undefined), format: z.string().nullish().catch(undefined), parameter_size: z.string().nullish().catch(undefined), quantization_level: z.string().nullish().catch(undefined) })
  .nullish()
  .catch(undefined);

const shown = z.looseObject({
  license: z.union([z.string(), z.array(z.string()).transform((texts) => texts.join('\n'))]).nullish().catch(undefined),
  template: z.string().nullish().catch(undefined),
  parameters: z.string().nullish().catch(undefined),
  details,
  model_info: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  capabilities: z.array(z.string()).nullish().catch(undefined),
  modified_at: z.string().nullish().catch(undefined),
  remote_host: z.string().nullish().catch(undefined),
  remote_model: z.string().nullish().catch(undefined),
});

async function show(call: LifecycleCall, wanted: string): Promise<ModelDetails> {
  const attempted = { model: wanted, participle: 'looked up' };
  const [tags, running] = await Promise.all([listTags(call, attempted), listRunning(call, attempted)]);
  const model = requireModel(tags.map(({ name }) => name), wanted, call.server.name);
  const { data: about } = shown.safeParse(await callOnce(call, apiUrl(call.server, 'ollama', '/show'), attempted, { method: 'POST', body: { model } }));
  const tag = tags.find(({ name }) => name === model);
  const remote = filled(about?.remote_host);
  const sizeBytes = remote === undefined ? positive(tag?.size) : undefined;
  const modifiedAt = time(about?.modified_at) ?? time(tag?.modified_at);
  const license = shortLicense(about?.license ?? '');
  const contextWindow = contextIn(about?.model_info ?? {});
  return {
    model,
    ...(filled(about?.details?.family) && { family: filled(about?.details?.family) }),
    ...(filled(about?.details?.format) && { format: filled(about?.details?.format) }),
    ...(filled(about?.details?.parameter_size) && { parameters: filled(about?.details?.parameter_size) }),
    ...(filled(about?.details?.quantization_level) && { quantization: filled(about?.details?.quantization_level) }),
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(contextWindow !== undefined && { contextWindow }),
    capabilities: about?.capabilities ?? tag?.capabilities ?? [],
    instances: running.filter(({ name }) => name === model).map(toInstance),
    ...(modifiedAt !== undefined && { modifiedAt }),
    ...(license !== undefined && { license }),
    ...(typeof about?.template === 'string' && { hasTemplate: about.template.trim() !== '' }),
    settings: (about?.parameters ?? '').split('\n').map((line) => line.trim().replaceAll(/\s+/g, ' ')).filter((line) => line !== ''),
    ...(remote !== undefined && { remote: `${filled(about?.remote_model) ?? model} at ${remote}` }),
    ...(filled(tag?.digest) && { digest: filled(tag?.digest) }),
  };
}

/** Its key begins with the architecture: `llama.context_length`. */
function contextIn(info: Readonly<Record<string, unknown>>): number | undefined {
  const architecture = info['general.architecture'];
  const own = typeof architecture === 'string' ? info[`${architecture}.context_length`] : undefined;
  const any = own ?? Object.entries(info).find(([key]) => key.endsWith('.context_length'))?.[1];
  return typeof any === 'number' ? positive(any) : undefined;
}

const tagEntry = z.looseObject({
  name: z.string().min(1),
  size: z.number().nullish().catch(undefined),
  digest: z.string().nullish().catch(undefined),
  modified_at: z.string().nullish().catch(undefined),
  remote_host: z.string().nullish().catch(undefined),
  capabilities: z.array(z.string()).nullish().catch(undefined),
});

const runningEntry = z.looseObject({
  name: z.string().min(1),
  size: z.number().nullish().catch(undefined),
  context_length: z.number().nullish().catch(undefined),
  expires_at: z.string().nullish().catch(undefined),
});

/** An empty list is `[]`, in old versions null. */
const list = z.looseObject({ models: z.array(z.unknown()).nullish() });

async function listNames(call: LifecycleCall, attempted: Attempted): Promise<readonly string[]> {
  return (await listTags(call, attempted)).map(({ name }) => name);
}

function listTags(call: LifecycleCall, attempted: Attempted): Promise<readonly z.infer<typeof tagEntry>[]> {
  return listOfModels(call, '/tags', tagEntry, attempted);
}

function listRunning(call: LifecycleCall, attempted: Attempted): Promise<readonly z.infer<typeof runningEntry>[]> {
  return listOfModels(call, '/ps', runningEntry, attempted);
}

async function listOfModels<T>(call: LifecycleCall, path: string, entry: z.ZodType<T>, attempted: Attempted): Promise<readonly T[]> {
  const { data } = list.safeParse(await callOnce(call, apiUrl(call.server, 'ollama', path), attempted));
  if (!data) throw new OperatorError('http', `${what(attempted)}: ${call.server.name} gives no list of its models`, { hint: 'Check kind and base_url' });
  return (data.models ?? []).map((value) => entry.safeParse(value)).flatMap((parsed) => (parsed.success ? [parsed.data] : []));
}

function toInstance({ name, context_length, size, expires_at }: z.infer<typeof runningEntry>): LoadedInstance {
  const contextLength = positive(context_length);
  const bytes = positive(size);
  const until = time(expires_at);
  return { id: name, ...(contextLength !== undefined && { contextLength }), ...(bytes !== undefined && { bytes }), ...(until !== undefined && { until }) };
}
