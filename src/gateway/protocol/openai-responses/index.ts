/** OpenAI's Responses API: what codex speaks, and what OpenAI and most local servers offer. */
import { isJsonObject } from '../json.ts';
import { usageSchema } from './schema.ts';
import { decodeUsage } from './usage.ts';
import { createStreamEncoder } from './stream-encoder.ts';
import { usesOwnTools } from './own-tools.ts';
import { createStreamDecoder } from './stream-decoder.ts';
import { decodeError, encodeError } from './error.ts';
import { decodeRequest, encodeRequest } from './request.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import type { ProtocolCodec } from '../codec.ts';
import type { ResponsesContext } from './context.ts';

export const openAiResponses: ProtocolCodec<ResponsesContext> = {
  protocol: 'openai-responses',
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
  encodeError,
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  readUsage(value) {
    const answer = isJsonObject(value['response']) ? value['response'] : value;
    const found = usageSchema.safeParse(answer['usage']);
    return found.success ? decodeUsage(found.data) : undefined;
  },
  needsHub: (body, { customTools }) => customTools === false && usesOwnTools(body),
  decodeError,
};
