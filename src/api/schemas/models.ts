/** Catalogues and tests, in the shapes of `core/servers/models/report.ts` and `core/proving/report.ts`. */
import * as z from 'zod';
import { levelIds } from '../../core/proving/model.ts';
import { modelTiers } from '../../core/servers/models/model.ts';
import { named } from './named.ts';

const catalogueModelSchema = named(
  'CatalogueModel',
  z.strictObject({
    name: z.string(),
    display_name: z.string().nullable(),
    type: z.string(),
    tier: z.enum(modelTiers),
    context_window: z.number().nullable().describe('Tokens'),
    loaded_context: z.number().nullable().describe('Tokens'),
    loaded: z.boolean().nullable(),
    capabilities: z.array(z.string()),
    supports_tools: z.boolean().nullable(),
    price: z.strictObject({ input_micros: z.number().nullable(), output_micros: z.number().nullable() }).nullable().describe('Millionths of a US dollar per million tokens; null where it is not known'),
    created: z.iso.datetime().nullable(),
    size_bytes: z.number().nullable(),
    parameters: z.string().nullable(),
    quantization: z.string().nullable(),
    hidden: z.strictObject({ reason: z.string(), message: z.string() }).nullable().describe('Why the shortlist leaves it out'),
  }),
);

export const catalogueSchema = named(
  'Catalogue',
  z.strictObject({
    model_server: z.string(),
    source: z.enum(['live', 'cache', 'stale', 'declared', 'unconfigured', 'unavailable']),
    fetched_at: z.iso.datetime().nullable().describe('When the server gave this list'),
    refreshing: z.boolean(),
    error: z.strictObject({ message: z.string(), hint: z.string().nullable() }).nullable(),
    warnings: z.array(z.string()),
    hidden_count: z.int().describe('How many the shortlist leaves out'),
    models: z.array(catalogueModelSchema),
  }),
);

export const catalogueExample = {
  model_server: 'lab',
  source: 'live',
  fetched_at: '2026-11-21T09:00:00.000Z',
  refreshing: false,
  error: null,
  warnings: [],
  hidden_count: 0,
  models: [
    { name: 'qwen2.5-coder', display_name: null, type: 'chat', tier: 'other', context_window: 32768, loaded_context: null, loaded: null, capabilities: ['tools'], supports_tools: true, price: null, created: null, size_bytes: null, parameters: null, quantization: null, hidden: null },
  ],
};

export const cataloguesSchema = named('CatalogueList', z.strictObject({ model_servers: z.array(catalogueSchema) }));

const speed = {
  first_token_ms: z.number().nullable(),
  tokens_per_second: z.number().nullable(),
  estimated: z.boolean().describe('The server counted no tokens'),
  in_one_piece: z.boolean(),
};

const levelSchema = named(
  'TestLevel',
  z.strictObject({
    level: z.enum(levelIds),
    outcome: z.enum(['passed', 'failed', 'skipped', 'not-reached']),
    ms: z.number().nullable(),
    reason: z.string().nullable(),
    expected: z.string().nullable(),
    came: z.string().nullable(),
    hint: z.string().nullable(),
    transient: z.boolean().describe('It may well pass another time'),
    warnings: z.array(z.string()),
    ...speed,
  }),
);

export const testReportSchema = named(
  'TestReport',
  z.strictObject({
    model_server: z.string(),
    model: z.string(),
    placement: z.string(),
    outcome: z.enum(['passed', 'failed', 'cancelled']),
    started_at: z.iso.datetime(),
    ms: z.number(),
    levels: z.array(levelSchema),
    speed: z.strictObject(speed).nullable(),
    context: z.strictObject({ claimed: z.number().nullable(), loaded: z.number().nullable() }).describe('Tokens'),
    usage: z.strictObject({ requests: z.int(), input_tokens: z.number().nullable(), output_tokens: z.number().nullable() }).nullable(),
  }),
);

const measured = { first_token_ms: 180, tokens_per_second: 41.5, estimated: false, in_one_piece: false };

export const testReportExample = {
  model_server: 'lab',
  model: 'qwen2.5-coder',
  placement: 'self-hosted',
  outcome: 'passed',
  started_at: '2026-11-21T09:00:00.000Z',
  ms: 2400,
  levels: [{ level: 'streams', outcome: 'passed', ms: 900, reason: null, expected: null, came: null, hint: null, transient: false, warnings: [], ...measured }],
  speed: measured,
  context: { claimed: 32768, loaded: null },
  usage: { requests: 1, input_tokens: 20, output_tokens: 30 },
};

export const testReportsSchema = named('TestReportList', z.strictObject({ reports: z.array(testReportSchema) }));

const text = (): z.ZodType<string> => z.string().min(1).max(500);
const options = {
  levels: z.array(z.enum(levelIds)).min(1).optional().describe('Only these, and what they need; all that apply where left out'),
  allow_paid: z.boolean().optional().describe('Agree to what it may cost on a server that charges'),
};

export const testRequestSchema = named(
  'TestRequest',
  z.union([
    z.strictObject({ delegator: text(), ...options }).describe('The model of a delegator'),
    z.strictObject({ model_server: text().optional().describe('May be left out where the model’s name has a prefix that says it, such as ollama/'), model: text(), ...options }).describe('A model of a model server'),
  ]),
);
