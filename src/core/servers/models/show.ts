/** Ollama's `/api/show`: what a model can do and how large its context may be, where the list does not tell. docs.ollama.com/api/show */
import * as z from 'zod';
import { parseJson } from '../../../base/json.ts';
import type { ModelServer } from '../../config/model.ts';
import { apiUrl } from '../address.ts';
import { ask, type Asker } from '../ask.ts';
import type { ModelInfo } from '../health.ts';
import { ollamaCapabilities, ollamaType } from '../listing/ollama.ts';
import { positive } from '../listing/page.ts';

/** The answer holds the licence and the template. */
const maxBytes = 4 * 1024 * 1024;
const concurrency = 4;
/** Who has more than these has the rest without details. */
const maxShown = 200;

const show = z.looseObject({
  capabilities: z.array(z.string()).nullish().catch(undefined),
  model_info: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});

/** Asks for each model of which something is missing, a few at a time. What cannot be found out stays as it was. */
export async function askShow(asker: Asker, server: ModelServer, models: readonly ModelInfo[]): Promise<readonly ModelInfo[]> {
  const complete = new Map<string, ModelInfo>();
  const queue = models.filter(({ capabilities, contextWindow }) => capabilities === undefined || contextWindow === undefined).slice(0, maxShown);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let model = queue[next++]; model && asker.deadline.remainingMs() > 1; model = queue[next++]) {
      const reply = await ask(asker, { url: apiUrl(server, 'ollama', '/show'), method: 'POST', body: JSON.stringify({ model: model.id }), maxBytes });
      const json = reply.type === 'answer' && reply.status === 200 ? parseJson(reply.text) : undefined;
      if (json !== undefined) complete.set(model.id, withShown(model, json));
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, queue.length) }, worker));
  return models.map((model) => complete.get(model.id) ?? model);
}

export function withShown(model: ModelInfo, value: unknown): ModelInfo {
  const parsed = show.safeParse(value);
  if (!parsed.success) return model;
  const { capabilities: said, model_info: info } = parsed.data;
  // `llama.context_length`, `qwen3moe.context_length`: the architecture stands before it.
  const [, length] = Object.entries(info ?? {}).find(([name]) => name.endsWith('.context_length')) ?? [];
  const contextWindow = model.contextWindow ?? positive(typeof length === 'number' ? length : undefined);
  return {
    ...model,
    ...(contextWindow && { contextWindow }),
    ...(said && said.length > 0 && { ...ollamaCapabilities(said, model.capabilities?.includes('cloud') ?? false), type: ollamaType(said) }),
  };
}
