/** Anthropic Messages: what claude speaks, and what most servers of open models speak as well by now. */
import type { ProtocolCodec } from '../codec.ts';
import { decodeErrorAnswer } from '../error-answers.ts';
import { encodeError } from './error.ts';
import { decodeRequest, encodeRequest, type MessagesContext } from './request.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import { readUsage } from './usage.ts';
import { createStreamDecoder } from './stream-decoder.ts';
import { createStreamEncoder } from './stream-encoder.ts';
import { decodeCountAnswer, encodeCountAnswer, encodeCountRequest } from './count-tokens.ts';
import { carriesForeignThoughts } from './foreign-thoughts.ts';

export const anthropicMessages: ProtocolCodec<MessagesContext> = {
  protocol: 'anthropic-messages',
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
  encodeError,
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  readUsage,
  // Servers of open models take thoughts that nobody signed.
  needsHub: (body, { unsignedThinking }) => unsignedThinking !== true && carriesForeignThoughts(body),
  counting: { decodeRequest, encodeAnswer: encodeCountAnswer, encodeRequest: encodeCountRequest, decodeAnswer: decodeCountAnswer },
  decodeError: decodeErrorAnswer,
};

export { decodeCountAnswer, encodeCountAnswer, encodeCountRequest } from './count-tokens.ts';
export { carriesForeignThoughts } from './foreign-thoughts.ts';
