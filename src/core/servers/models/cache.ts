/**
 * Lists of models on disk, one private file each in the state folder: as the server gave them, before curation. A file that is
 * broken, foreign or from the future is no list; a disk that cannot be written costs only the next start.
 */
import * as z from 'zod';
import { parseJson } from '../../../base/json.ts';
import { once } from '../../../base/once.ts';
import { describeError } from '../../errors.ts';
import { type Clock, type Env, FileError, type FileSystem, type Log } from '../../ports.ts';
import { type CachedList, freshness, keptMs } from './freshness.ts';

/** A list of ten thousand models has two megabytes. */
const maxFileBytes = 4 * 1024 * 1024;
const maxFiles = 1000;
const sweepEveryMs = 60 * 60 * 1000;
/** Another program's clock, or this one before it was set. */
const toleratedFutureMs = 5 * 60 * 1000;

export interface ListCache {
  /** Undefined: there is none that is worth showing. Never rejects. */
  read(key: string): Promise<CachedList | undefined>;
  /** An older list never takes the place of a newer one that another process wrote. Never rejects. */
  write(key: string, list: CachedList): Promise<void>;
}

const format = 1;

const fileSchema = once(() => {
  const price = z.object({ inputMicros: z.number().int().nonnegative().optional(), outputMicros: z.number().int().nonnegative().optional() });
  const model = z.object({
    id: z.string().min(1),
    displayName: z.string().optional(),
    sizeBytes: z.number().optional(),
    parameters: z.string().optional(),
    quantization: z.string().optional(),
    contextWindow: z.number().optional(),
    loadedContext: z.number().optional(),
    loaded: z.boolean().optional(),
    loadedUntil: z.number().optional(),
    loadedBytes: z.number().optional(),
    capabilities: z.array(z.string()).optional(),
    type: z.enum(['chat', 'embedding', 'other']).optional(),
    created: z.number().optional(),
    price: price.optional(),
    supportsTools: z.boolean().optional(),
    deprecated: z.boolean().optional(),
  });
  return z.object({ format: z.literal(format), key: z.string(), fetchedAt: z.number().int().nonnegative(), models: z.array(model), warnings: z.array(z.string()) });
});

export interface ListCachePorts {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly env: Env;
  readonly log: Log;
}

export function createListCache({ files, clock, env, log }: ListCachePorts): ListCache {
  const folder = files.join(env.operatorHome, 'state', 'models');
  const pathOf = (key: string): string => files.join(folder, `${key}.json`);
  let sweptAt: number | undefined;

  async function read(key: string): Promise<CachedList | undefined> {
    let text;
    try {
      ({ text } = await files.read(pathOf(key), { maxBytes: maxFileBytes }));
    } catch (error) {
      if (!(error instanceof FileError) || error.problem !== 'not-found') log.debug(`a kept list of models could not be read: ${describeError(error)}`);
      return undefined;
    }
    const list = parseList(text, key);
    const now = clock.now();
    if (!list || list.fetchedAt > now + toleratedFutureMs || freshness(list, now) === 'expired') return undefined;
    return list;
  }

  async function write(key: string, list: CachedList): Promise<void> {
    try {
      const text = JSON.stringify({ format, key, ...list });
      // Bytes are at most three for each of these characters; what might be too large is not worth the risk.
      if (text.length > maxFileBytes / 3) return;
      const other = await read(key);
      if (other && other.fetchedAt > list.fetchedAt) return;
      await files.writePrivate(pathOf(key), text);
      await sweep();
    } catch (error) {
      log.warn(`a list of models could not be kept: ${describeError(error)}`);
    }
  }

  /** What nobody would read any more, and the oldest where there are too many. */
  async function sweep(): Promise<void> {
    const now = clock.now();
    if (sweptAt !== undefined && now - sweptAt < sweepEveryMs) return;
    sweptAt = now;
    await files.removeOlder(folder, now - keptMs, { keep: maxFiles });
  }

  return { read, write };
}

function parseList(text: string, key: string): CachedList | undefined {
  const parsed = fileSchema().safeParse(parseJson(text));
  return parsed.success && parsed.data.key === key ? { fetchedAt: parsed.data.fetchedAt, models: parsed.data.models, warnings: parsed.data.warnings } : undefined;
}
