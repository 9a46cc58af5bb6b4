/** The golden corpus, case by case: what users of other bridges met, where it is replayed, and what is no matter of the gateway. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { fixtures } from './replay.ts';

const names = z.array(z.string().regex(/^[a-z-]+\/[\w-]+$/)).min(1).optional();

/** A test by its file and the words of its title, as the source has them. */
const testSchema = z.strictObject({ file: z.string(), title: z.string().min(5) });

const entrySchema = z
  .strictObject({
    /** A name, or the number of a request in the survey of other bridges. */
    id: z.union([z.number().int().positive(), z.string().regex(/^[a-z0-9-]+$/)]),
    /** Where it was reported. */
    source: z.string().optional(),
    case: z.string().min(1),
    /** What the gateway does; absent where it is no matter of the gateway. */
    does: z.string().min(1).optional(),
    /** `PROTOCOL/NAME` of answers that are replayed to every client. */
    streams: names,
    /** `PROTOCOL/NAME` of requests that are recorded for every server. */
    requests: names,
    tests: z.array(testSchema).min(1).optional(),
    /** Why it is not proven here, or where it belongs. */
    elsewhere: z.string().min(1).optional(),
  })
  .refine((entry) => entry.streams !== undefined || entry.requests !== undefined || entry.tests !== undefined || entry.elsewhere !== undefined, 'proves nothing and says not where');

export type CorpusEntry = z.infer<typeof entrySchema>;

export const corpus: readonly CorpusEntry[] = z.array(entrySchema).parse(JSON.parse(readFileSync(join(fixtures, 'corpus.json'), 'utf8')));
