/** OpenAI Chat Completions: the wire that nearly every model server speaks. */
import type { ProtocolCodec } from '../codec.ts';
import { decodeErrorAnswer } from '../error-answers.ts';
import { encodeError } from './error.ts';
import { decodeRequest, encodeRequest, type ChatContext } from './request.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import { createStreamDecoder } from './stream-decoder.ts';
import { createStreamEncoder } from './stream-encoder.ts';
import { readUsage } from './usage.ts';

export const openAiChat: ProtocolCodec<ChatContext> = {
  protocol: 'openai-chat',
  decodeRequest,
  encodeResponse,
  createStreamEncoder,
  encodeError,
  encodeRequest,
  decodeResponse,
  createStreamDecoder,
  readUsage,
  decodeError: decodeErrorAnswer,
};
