/** Entries of operator.toml as REST reads and writes them. */
import * as z from 'zod';
import { delegatorSchema, modelServerSchema } from '../../core/config/schema.ts';
import { protocols } from '../../core/protocol.ts';
import { named } from './named.ts';

/** What TOML can say exactly: its integers are read back as doubles. */
const number = z.number().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);

type Value = string | number | boolean | Value[] | { [key: string]: Value };

const tomlValue: z.ZodType<Value> = named(
  'TomlValue',
  z.union([z.string(), number, z.boolean(), z.array(z.lazy(() => tomlValue)), z.record(z.string(), z.lazy(() => tomlValue))]),
);

/** Keys that Operator does not know are kept, here as in the file. */
export const modelServerEntrySchema = named('ModelServerEntry', modelServerSchema.catchall(tomlValue).meta({ description: 'An entry of [[model_servers]], with the keys that it has in operator.toml' }));
export const delegatorEntrySchema = named('DelegatorEntry', delegatorSchema.catchall(tomlValue).meta({ description: 'An entry of [[delegators]], with the keys that it has in operator.toml' }));

/** The path has the name already. */
const { name: serverName } = modelServerSchema.shape;
const { name: delegatorName } = delegatorSchema.shape;
export const modelServerUpdateSchema = named('ModelServerUpdate', modelServerSchema.extend({ name: serverName.optional() }).catchall(tomlValue).meta({ description: 'The whole entry as it shall be' }));
export const delegatorUpdateSchema = named('DelegatorUpdate', delegatorSchema.extend({ name: delegatorName.optional() }).catchall(tomlValue).meta({ description: 'The whole entry as it shall be' }));

const common = {
  name: z.string(),
  layer: z.enum(['workspace', 'user', 'builtin']),
  file: z.string().nullable().describe('The operator.toml that has it; null for what is builtin'),
  problem: z.string().nullable().describe('Why it cannot be used, where that is so'),
  entry: z.record(z.string(), z.unknown()).nullable().describe('As it stands in the file: what PUT takes. Where a key stands there itself, a sign takes its place, and PUT takes the sign for what is there'),
};

export const modelServerSchemaOut = named(
  'ModelServer',
  z.strictObject({
    ...common,
    effective: z
      .strictObject({
        display_name: z.string(),
        kind: z.string(),
        base_url: z.string(),
        protocols: z.array(z.enum(protocols)),
        placement: z.string(),
        auth: z.string(),
        credential: z.string().nullable().describe('Where its key is: env:NAME, secret:NAME or file:PATH'),
        request_timeout: z.number().describe('Seconds'),
        models: z.array(z.string()),
      })
      .describe('What it comes to, defaults included'),
  }),
);

export const delegatorSchemaOut = named(
  'Delegator',
  z.strictObject({
    ...common,
    effective: z
      .strictObject({
        display_name: z.string(),
        llm_tool: z.string(),
        model: z.string(),
        model_server: z.string().nullable(),
        route: z.string(),
      })
      .describe('What it comes to, defaults included'),
  }),
);

export const modelServersSchema = named('ModelServerList', z.strictObject({ model_servers: z.array(modelServerSchemaOut) }));
export const delegatorsSchema = named('DelegatorList', z.strictObject({ delegators: z.array(delegatorSchemaOut) }));
