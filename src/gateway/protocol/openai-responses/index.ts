/** OpenAI's Responses API: what codex speaks, and what OpenAI and most local servers offer. */
import type { WireUsage } from './schema.ts';
import { countsIn } from '../counts.ts';
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
    const counts = countsIn(value['response'], 'usage') ?? countsIn(value, 'usage');
    return counts && decodeUsage(counts as WireUsage);
  },
  needsHub: (body, { customTools }) => customTools === false && usesOwnTools(body),
  decodeError,
};
