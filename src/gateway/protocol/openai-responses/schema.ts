/**
 * The Responses wire, as far as we read it (https://platform.openai.com/docs/api-reference/responses). Tolerant: unknown
 * fields and kinds of items pass, null stands for absent, because clients and servers are of every age.
 */
import * as z from 'zod';
import { understoodOnce } from '../understood.ts';

const text = z.string().nullish();
const number = z.number().nullish();
const flag = z.boolean().nullish();

/** A part of a message or of a tool's result; which fields it has depends on `type`. */
export const partSchema = z.looseObject({
  type: text,
  text,
  refusal: text,
  image_url: z.union([z.string(), z.looseObject({ url: z.string() })]).nullish(),
  detail: text,
  file_id: text,
  file_url: text,
  file_data: text,
  filename: text,
  input_audio: z.looseObject({ data: z.string(), format: text }).nullish(),
});
export type WirePart = z.infer<typeof partSchema>;

const contentSchema = z.union([z.string(), z.array(partSchema)]);
const textsSchema = z.array(z.looseObject({ text }));

/** An item of the input or of the output; which fields it has depends on `type`, absent for a message. */
export const itemSchema = z.looseObject({ type: text, role: text, id: text });
export type WireItem = z.infer<typeof itemSchema>;

export const messageSchema = z.looseObject({ role: z.string(), content: contentSchema.nullish() });
export type WireInputMessage = z.infer<typeof messageSchema>;
export const functionCallSchema = z.looseObject({ call_id: text, id: text, name: z.string(), namespace: text, arguments: z.unknown().optional() });
export const customCallSchema = z.looseObject({ call_id: text, id: text, name: z.string(), namespace: text, input: text });
export const toolSearchCallSchema = z.looseObject({ call_id: text, execution: text, arguments: z.unknown().optional() });
export const callOutputSchema = z.looseObject({ call_id: z.string(), output: z.unknown().optional() });
export const reasoningSchema = z.looseObject({ id: text, summary: textsSchema.nullish(), content: textsSchema.nullish(), encrypted_content: text });
export const imageCallSchema = z.looseObject({ result: text });

export const toolSchema = z.looseObject({
  type: z.string(),
  name: text,
  description: text,
  parameters: z.unknown().optional(),
  strict: flag,
  format: z.looseObject({ type: text, syntax: text, definition: text }).nullish(),
  execution: text,
  get tools() {
    return z.array(toolSchema).nullish();
  },
});
export type WireTool = z.infer<typeof toolSchema>;
export const toolListSchema = z.looseObject({ tools: z.array(toolSchema).nullish() });

const toolChoiceSchema = z.union([z.string(), z.looseObject({ type: z.string(), name: text, namespace: text, mode: text, tools: z.array(z.looseObject({ type: text, name: text, namespace: text })).nullish() })]);
export type WireToolChoice = z.infer<typeof toolChoiceSchema>;

const formatSchema = z.looseObject({ type: z.string(), name: text, schema: z.record(z.string(), z.unknown()).nullish(), strict: flag });

export const requestSchema = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(understoodOnce(itemSchema))]).nullish(),
  instructions: z.union([z.string(), z.array(itemSchema)]).nullish(),
  tools: z.array(understoodOnce(toolSchema)).nullish(),
  tool_choice: toolChoiceSchema.nullish(),
  parallel_tool_calls: flag,
  max_output_tokens: number,
  temperature: number,
  top_p: number,
  top_logprobs: number,
  reasoning: z.looseObject({ effort: text, summary: text, generate_summary: text }).nullish(),
  text: z.looseObject({ format: formatSchema.nullish(), verbosity: text }).nullish(),
  include: z.array(z.string()).nullish(),
  store: flag,
  stream: flag,
  background: flag,
  truncation: text,
  previous_response_id: text,
  conversation: z.unknown().optional(),
  prompt: z.unknown().optional(),
  prompt_cache_key: text,
  safety_identifier: text,
  user: text,
  metadata: z.record(z.string(), z.unknown()).nullish(),
  client_metadata: z.record(z.string(), z.unknown()).nullish(),
});
export type WireRequest = z.infer<typeof requestSchema>;

const usageSchema = z.looseObject({
  input_tokens: number,
  input_tokens_details: z.looseObject({ cached_tokens: number, cache_write_tokens: number }).nullish(),
  output_tokens: number,
  output_tokens_details: z.looseObject({ reasoning_tokens: number }).nullish(),
});
export type WireUsage = z.infer<typeof usageSchema>;

export const errorSchema = z.looseObject({ message: text, type: text, code: z.union([z.string(), z.number()]).nullish(), param: text });
export type WireError = z.infer<typeof errorSchema>;

export const responseSchema = z.looseObject({
  id: text,
  model: text,
  status: text,
  output: z.array(itemSchema).nullish(),
  usage: usageSchema.nullish(),
  error: z.union([errorSchema, z.string()]).nullish(),
  incomplete_details: z.looseObject({ reason: text }).nullish(),
});
export type WireResponse = z.infer<typeof responseSchema>;

export const eventSchema = z.looseObject({
  type: text,
  response: responseSchema.nullish(),
  item: itemSchema.nullish(),
  item_id: text,
  output_index: number,
  content_index: number,
  summary_index: number,
  part: partSchema.nullish(),
  delta: z.unknown().optional(),
  text,
  refusal: text,
  arguments: text,
  input: text,
  error: z.union([errorSchema, z.string()]).nullish(),
  message: text,
  code: z.union([z.string(), z.number()]).nullish(),
});
export type WireEvent = z.infer<typeof eventSchema>;
