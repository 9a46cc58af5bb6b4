/** Reads the whole list of a server, page after page, in the form that its kind has. What goes wrong on the way is part of the result. */
import { parseJson } from '../../../base/json.ts';
import { plural } from '../../../base/text.ts';
import type { ModelServer } from '../../config/model.ts';
import type { Clock } from '../../ports.ts';
import { type Answer, ask, type Asker, type Reply, throwIfCancelled } from '../ask.ts';
import type { ModelInfo } from '../health.ts';
import { serverKind, type ServerKindId } from '../kinds.ts';
import { parseRetryAfter } from '../retry-after.ts';
import { judge, type Verdict } from '../verdict.ts';
import { anthropicListing } from './anthropic.ts';
import { googleListing } from './google.ts';
import { isUnknownEndpoint, lmstudioListing } from './lmstudio.ts';
import { ollamaListing } from './ollama.ts';
import { openaiListing } from './openai.ts';
import type { Listing, ListingPage } from './page.ts';

export interface ReadLimits {
  readonly maxPages: number;
  /** Of one page. */
  readonly maxBytes: number;
  /** Of all pages; several pages may not be as large as one is allowed to be. */
  readonly maxTotalBytes?: number;
  /** A server that is asked too often and says for how long is waited for once, if it is no longer than this. */
  readonly maxWaitMs?: number;
}

export type Listed =
  | { readonly ok: true; readonly models: readonly ModelInfo[]; readonly answer: Answer; readonly latencyMs: number; readonly warnings: readonly string[] }
  /** `latencyMs` where it answered at all. */
  | { readonly ok: false; readonly verdict: Verdict; readonly latencyMs?: number };

export async function readListing(asker: Asker, server: ModelServer, limits: ReadLimits): Promise<Listed> {
  switch (serverKind(server.kind).listing) {
    case 'anthropic':
      return readPages(asker, server, anthropicListing, limits);
    case 'google':
      return readPages(asker, server, googleListing, limits);
    case 'ollama':
      return readPages(asker, server, ollamaListing, limits);
    case 'openai':
      return withTrueDates(server, await readPages(asker, server, openaiListing, limits));
    case 'lmstudio': {
      // Before 0.4.0 there is only the list of OpenAI's form.
      const native = await readPages(asker, server, lmstudioListing, limits);
      return !native.ok && native.verdict.cause === 'not-found' ? withTrueDates(server, await readPages(asker, server, openaiListing, limits)) : native;
    }
  }
}

/** What OpenAI's form asks for and these do not know, they make up: the time of the question (vLLM, llama.cpp) or a day in 2023 (LiteLLM). */
const inventsDates: ReadonlySet<ServerKindId> = new Set(['vllm', 'llamacpp', 'localai', 'lmstudio', 'litellm']);

function withTrueDates({ kind }: ModelServer, listed: Listed): Listed {
  return listed.ok && inventsDates.has(kind) ? { ...listed, models: listed.models.map(({ created: _, ...model }) => model) } : listed;
}

async function readPages(asker: Asker, server: ModelServer, listing: Listing, limits: ReadLimits): Promise<Listed> {
  const models = new Map<string, ModelInfo>();
  const first = listing.url(server);
  const path = new URL(first).pathname;
  const asked = new Set<string>();
  let url = first;
  let opening: Answer | undefined;
  let bytesLeft = limits.maxTotalBytes ?? Number.POSITIVE_INFINITY;
  let mayWait = limits.maxWaitMs !== undefined;
  const listed = (answer: Answer, warnings: readonly string[]): Listed => ({ ok: true, models: [...models.values()], answer, latencyMs: answer.elapsedMs, warnings });
  for (;;) {
    const reply = await ask(asker, { url, maxBytes: Math.min(limits.maxBytes, bytesLeft) });
    const waitMs = mayWait ? waitFor(reply, asker, limits.maxWaitMs ?? 0) : undefined;
    if (waitMs !== undefined) {
      mayWait = false;
      await sleep(asker.clock, waitMs, asker.signal);
      continue;
    }
    asked.add(url);
    const page = readPage(reply, listing);
    if (reply.type !== 'answer' || !page) {
      const verdict = judge(reply, { server, key: asker.key, path, now: asker.clock.now() });
      if (opening) return listed(opening, [`The list of models is incomplete: ${verdict.message}`]);
      return { ok: false, verdict, ...(reply.type === 'answer' && { latencyMs: reply.elapsedMs }) };
    }
    opening ??= reply;
    bytesLeft -= reply.text.length;
    for (const model of page.models) models.set(model.id, model);
    if (!page.next) return listed(opening, []);
    if (asked.size === limits.maxPages || bytesLeft <= 0) return listed(opening, [`Only the first ${plural(models.size, 'model')} are listed`]);
    const next = new URL(first);
    for (const [name, value] of Object.entries(page.next)) next.searchParams.set(name, value);
    // A server that sends in circles would be asked until the limit, to no purpose.
    if (asked.has(next.href)) return listed(opening, ['The list of models may be incomplete: its pages lead back to an earlier one']);
    url = next.href;
  }
}

function readPage(reply: Reply, listing: Listing): ListingPage | undefined {
  // What the answer calls itself does not count: some servers and proxies send JSON as text/plain or text/html.
  const json = reply.type === 'answer' && reply.status >= 200 && reply.status <= 299 ? parseJson(reply.text) : undefined;
  return json !== undefined && !isUnknownEndpoint(json) ? listing.parse(json) : undefined;
}

/** Milliseconds, where the server asks for a short patience and there is time for it. */
function waitFor(reply: Reply, { clock, deadline }: Asker, maxWaitMs: number): number | undefined {
  if (reply.type !== 'answer' || reply.status !== 429) return undefined;
  const waitMs = parseRetryAfter(reply.headers, clock.now());
  return waitMs !== undefined && waitMs <= maxWaitMs && waitMs < deadline.remainingMs() ? waitMs : undefined;
}

/** @throws OperatorError 'cancelled' */
async function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  throwIfCancelled(signal);
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(ms, resolve);
  const cancel = (): void => resolve();
  signal.addEventListener('abort', cancel);
  await promise;
  timer.dispose();
  signal.removeEventListener('abort', cancel);
  throwIfCancelled(signal);
}
