/** The five wire formats, as scripted model servers speak them. */
import type { Protocol } from '../../../src/core/protocol.ts';
import { anthropicMessages } from './anthropic-messages.ts';
import type { Dialect } from './dialect.ts';
import { gemini } from './gemini.ts';
import { ollama } from './ollama.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';

export type { Asked, Dialect, Part, Reply, ScriptedToolCall, Thought } from './dialect.ts';
export { proofOf } from './dialect.ts';

export const dialects: Readonly<Record<Protocol, Dialect>> = {
  'anthropic-messages': anthropicMessages,
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  gemini,
  ollama,
};
