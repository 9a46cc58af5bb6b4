/** Ollama's own chat on the wire (https://docs.ollama.com/api/chat). Unknown fields are ignored, and so is `null`. */
import * as z from 'zod';
import { understoodOnce } from '../understood.ts';

const text = z.string().nullish();
const number = z.number().nullish();
const flag = z.boolean().nullish();
const anything = z.unknown().optional();

export const toolCallSchema = z.looseObject({ id: text, function: z.looseObject({ index: number, name: text, arguments: anything }).nullish() });
export type WireToolCall = z.infer<typeof toolCallSchema>;

export const messageSchema = z.looseObject({
  role: text,
  content: text,
  thinking: text,
  /** Base64, without a media type. */
  images: z.array(z.string()).nullish(),
  tool_calls: z.array(toolCallSchema).nullish(),
  tool_name: text,
  tool_call_id: text,
});
export type WireMessage = z.infer<typeof messageSchema>;

export const requestSchema = z.looseObject({
  model: z.string(),
  messages: z.array(understoodOnce(messageSchema.extend({ role: z.string() }))).nullish(),
  tools: z.array(understoodOnce(z.looseObject({ type: text, function: z.looseObject({ name: text, description: text, parameters: anything }).nullish() }))).nullish(),
  format: z.union([z.string(), z.looseObject({})]).nullish(),
  think: z.union([z.boolean(), z.string()]).nullish(),
  stream: flag,
  logprobs: flag,
  options: z
    .looseObject({
      num_predict: number,
      temperature: number,
      top_p: number,
      top_k: number,
      seed: number,
      presence_penalty: number,
      frequency_penalty: number,
      stop: z.union([z.string(), z.array(z.string())]).nullish(),
    })
    .nullish(),
});
export type WireRequest = z.infer<typeof requestSchema>;

/** A whole answer, and a line of a stream. */
export const answerSchema = z.looseObject({
  model: text,
  created_at: text.catch(undefined),
  message: messageSchema.nullish(),
  done: flag,
  done_reason: text,
  prompt_eval_count: number.catch(undefined),
  eval_count: number.catch(undefined),
  error: anything,
});
export type WireAnswer = z.infer<typeof answerSchema>;
