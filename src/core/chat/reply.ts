/** What vendors put into error bodies, and how it becomes one sentence. */
import * as z from 'zod';
import { truncate } from '../../base/text.ts';

const maxMessageLength = 400;

const errorObject = z.looseObject({
  message: z.string().nullish(),
  type: z.string().nullish(),
  detail: z.unknown().optional(),
});

const errorReply = z.looseObject({
  /** OpenAI, Anthropic, vLLM, llama.cpp: an object; Ollama and others: a string. */
  error: z.union([z.string(), errorObject]).nullish(),
  /** vLLM before 0.10 and many proxies put it at the top. */
  message: z.string().nullish(),
  object: z.string().nullish(),
  /** FastAPI: a string, or a list of `{loc, msg}`. */
  detail: z.union([z.string(), z.array(z.looseObject({ msg: z.string().nullish() }))]).nullish(),
});

/** The server's own words in an error body of any of the usual shapes, on one line, or undefined. */
export function errorMessageOf(body: unknown): string | undefined {
  const parsed = errorReply.safeParse(body);
  if (!parsed.success) return undefined;
  const { error, message, detail } = parsed.data;
  const text =
    (typeof error === 'string' ? error : (error?.message ?? (typeof error?.detail === 'string' ? error.detail : undefined) ?? error?.type)) ??
    message ??
    (typeof detail === 'string' ? detail : detail?.map(({ msg }) => msg).find((msg) => typeof msg === 'string'));
  return text ? oneLine(text) : undefined;
}

/** Does this look like an error and not like an answer? */
export function isErrorReply(body: unknown): boolean {
  const parsed = errorReply.safeParse(body);
  return parsed.success && ((parsed.data.error !== null && parsed.data.error !== undefined) || parsed.data.object === 'error');
}

/** Text from a server as part of our own sentence: one line, no control characters, no trailing period, not endless. */
export function oneLine(text: string): string {
  // A terminal would obey control characters.
  const flat = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ').trim();
  return truncate(flat, maxMessageLength).replace(/(?<!\.)\.$/, '');
}
