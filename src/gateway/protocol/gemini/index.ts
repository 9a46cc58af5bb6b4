/** Google's Gemini API: what gemini speaks, and what Google offers. */
import { decodeError, encodeError } from './error.ts';
import { decodeCountAnswer, decodeCountRequest, encodeCountAnswer, encodeCountRequest } from './count-tokens.ts';
import { decodeRequest, encodeRequest, type GeminiContext } from './request.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import type { WireUsage } from './schema.ts';
import { countsIn } from '../counts.ts';
import { createStreamDecoder } from './stream-decoder.ts';
import { createStreamEncoder } from './stream-encoder.ts';
import { decodeUsage } from './usage.ts';
import type { ProtocolCodec } from '../codec.ts';

export { decodeCountAnswer, decodeCountRequest, encodeCountAnswer, encodeCountRequest } from './count-tokens.ts';
export { pathFor } from './request.ts';

export const gemini: ProtocolCodec<GeminiContext> = {
  protocol: 'gemini',
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
  encodeError,
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  readUsage(value) {
    const counts = countsIn(value, 'usageMetadata') ?? countsIn(value, 'usage_metadata');
    return counts && decodeUsage(counts as WireUsage);
  },
  counting: { decodeRequest: decodeCountRequest, encodeAnswer: encodeCountAnswer, encodeRequest: encodeCountRequest, decodeAnswer: decodeCountAnswer },
  decodeError,
};
