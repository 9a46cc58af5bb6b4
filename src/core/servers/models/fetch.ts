/** Asks a server for everything that there is to know of its models: the whole list, what is loaded, what each can do. */
import type { ModelServer } from '../../config/model.ts';
import type { Clock, Http } from '../../ports.ts';
import type { Asker } from '../ask.ts';
import { startDeadline } from '../deadline.ts';
import { askDetails } from '../details.ts';
import type { ModelInfo } from '../health.ts';
import { type Listed, readListing } from '../listing/read.ts';
import type { CatalogueError } from './model.ts';
import { askShow } from './show.ts';

export interface FetchRequest {
  readonly server: ModelServer;
  /** Undefined: none is sent. */
  readonly key: string | undefined;
  readonly http: Http;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export type Fetched =
  | { readonly ok: true; readonly models: readonly ModelInfo[]; readonly warnings: readonly string[] }
  /** `retryAt` (epoch ms) where the server said when it wants to be asked again. */
  | { readonly ok: false; readonly error: CatalogueError; readonly retryAt?: number };

/** For everything together: a vendor's list may be long and far away; Ollama's is neither. */
const timeoutMs = 10_000;
const ollamaTimeoutMs = 5000;

const limits = { maxPages: 100, maxBytes: 8 * 1024 * 1024, maxTotalBytes: 16 * 1024 * 1024, maxWaitMs: 5000 };

/** @throws OperatorError 'cancelled' when `signal` is aborted, and nothing else */
export async function fetchModels({ server, key, http, clock, signal }: FetchRequest): Promise<Fetched> {
  const deadline = startDeadline(clock, server.kind === 'ollama' ? ollamaTimeoutMs : timeoutMs);
  const asker: Asker = { server, key, http, clock, deadline, signal };
  const listed = await readListing(asker, server, limits);
  if (!listed.ok) {
    const { message, hint, cause, nextProbeAt } = listed.verdict;
    return { ok: false, error: { message, ...(hint !== undefined && { hint }), cause }, ...(nextProbeAt !== undefined && { retryAt: nextProbeAt }) };
  }
  return { ok: true, models: await withDetails(asker, server, listed), warnings: listed.warnings };
}

/** Only where they tell something of the models, and not merely of the server. */
async function withDetails(asker: Asker, server: ModelServer, { models, answer }: Extract<Listed, { ok: true }>): Promise<readonly ModelInfo[]> {
  if (server.kind !== 'ollama' && server.kind !== 'llamacpp') return models;
  const details = await askDetails(asker, server, models, answer);
  return server.kind === 'ollama' ? askShow(asker, server, details.models) : details.models;
}
