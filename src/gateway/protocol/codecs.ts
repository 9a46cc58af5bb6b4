/** Every protocol's codec. The only place that knows all of them. */
import type { Protocol } from '../../core/protocol.ts';
import { anthropicMessages } from './anthropic-messages/index.ts';
import type { ProtocolCodec } from './codec.ts';
import { gemini } from './gemini/index.ts';
import { ollama } from './ollama/index.ts';
import { openAiChat } from './openai-chat/index.ts';
import { openAiResponses } from './openai-responses/index.ts';

export const codecs: Readonly<Record<Protocol, ProtocolCodec>> = {
  'anthropic-messages': anthropicMessages as ProtocolCodec,
  'openai-chat': openAiChat as ProtocolCodec,
  'openai-responses': openAiResponses as ProtocolCodec,
  gemini: gemini as ProtocolCodec,
  ollama: ollama as ProtocolCodec,
};
