/** Ollama's own chat: the wire on which the window of the context can be set. */
import type { ProtocolCodec } from '../codec.ts';
import { decodeErrorAnswer } from '../error-answers.ts';
import { encodeError } from './error.ts';
import { decodeRequest, encodeRequest, type OllamaContext } from './request.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import { createStreamDecoder } from './stream-decoder.ts';
import { createStreamEncoder } from './stream-encoder.ts';
import { readUsage } from './usage.ts';

export const ollama: ProtocolCodec<OllamaContext> = {
  protocol: 'ollama',
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
