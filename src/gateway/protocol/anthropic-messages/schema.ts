/**
 * Anthropic Messages on the wire (https://platform.claude.com/docs/en/api/messages). Betas come and go with every release of
 * claude: unknown fields are ignored, unknown blocks and tools are kept until it is clear what they are.
 */
import * as z from 'zod';
import { understoodOnce } from '../understood.ts';

const text = z.string().nullish();
const number = z.number().nullish();
const flag = z.boolean().nullish();
const anything = z.unknown().optional();

export const cacheControlSchema = z.looseObject({ type: text, ttl: text }).nullish().catch(undefined);

export const sourceSchema = z.looseObject({ type: z.string(), media_type: text, data: text, url: text, file_id: text, content: anything });
export type WireSource = z.infer<typeof sourceSchema>;

/** A field of a block; a value of another type belongs to a kind of block that is unknown here. */
const field = text.catch(undefined);

/** Any block of a request or an answer; which fields it has is up to its type. */
export const blockSchema = z.looseObject({
  type: z.string(),
  text: field,
  thinking: field,
  signature: field,
  data: field,
  id: field,
  name: field,
  input: anything,
  tool_use_id: field,
  content: anything,
  is_error: flag.catch(undefined),
  source: z.union([sourceSchema, z.string()]).nullish().catch(undefined),
  title: field,
  tool_name: field,
  tool: anything,
  cache_control: cacheControlSchema,
});
export type WireBlock = z.infer<typeof blockSchema>;

export const contentSchema = z.union([z.string(), z.array(blockSchema)]);
export type WireContent = z.infer<typeof contentSchema>;

export const toolSchema = z.looseObject({
  type: text,
  name: text,
  description: text,
  input_schema: anything,
  strict: flag,
  defer_loading: flag,
  cache_control: cacheControlSchema,
});
export type WireTool = z.infer<typeof toolSchema>;

const outputFormat = z.looseObject({ type: text, schema: anything }).nullish();

export const requestSchema = z.looseObject({
  model: z.string(),
  /** The counting endpoint has none. */
  max_tokens: number,
  messages: z.array(understoodOnce(z.looseObject({ role: z.string(), content: contentSchema.nullish() }))),
  system: contentSchema.nullish(),
  tools: z.array(understoodOnce(toolSchema)).nullish(),
  tool_choice: z.looseObject({ type: z.string(), name: text, disable_parallel_tool_use: flag }).nullish(),
  temperature: number,
  top_p: number,
  top_k: number,
  stop_sequences: z.array(z.string()).nullish(),
  stream: flag,
  thinking: z.looseObject({ type: z.string(), budget_tokens: number, display: text }).nullish(),
  output_config: z.looseObject({ effort: text, format: outputFormat }).nullish(),
  /** The beta's name for `output_config.format`. */
  output_format: outputFormat,
  metadata: z.looseObject({ user_id: text }).nullish(),
  mcp_servers: z.array(anything).nullish(),
  container: anything,
  compaction: anything,
  safeguards: z.array(anything).nullish(),
  context_management: z.looseObject({ edits: z.array(z.looseObject({ type: text })).nullish() }).nullish().catch(undefined),
});
export type WireRequest = z.infer<typeof requestSchema>;

export const usageSchema = z.looseObject({
  input_tokens: number,
  output_tokens: number,
  cache_read_input_tokens: number,
  cache_creation_input_tokens: number,
  output_tokens_details: z.looseObject({ thinking_tokens: number }).nullish().catch(undefined),
});
export type WireUsage = z.infer<typeof usageSchema>;

const stopFields = {
  stop_reason: text,
  stop_sequence: text,
  stop_details: z.looseObject({ explanation: text }).nullish().catch(undefined),
};

/** A whole answer, and the beginning of a streamed one. */
export const messageSchema = z.looseObject({
  type: text,
  id: text,
  model: text,
  content: z.array(blockSchema).nullish(),
  usage: usageSchema.nullish().catch(undefined),
  ...stopFields,
});
export type WireMessage = z.infer<typeof messageSchema>;

export const eventSchema = z.looseObject({
  type: z.string(),
  index: number,
  message: messageSchema.nullish(),
  content_block: blockSchema.nullish(),
  delta: z.looseObject({ type: field, text: field, thinking: field, signature: field, partial_json: field, ...stopFields }).nullish(),
  usage: usageSchema.nullish().catch(undefined),
});
export type WireEvent = z.infer<typeof eventSchema>;
