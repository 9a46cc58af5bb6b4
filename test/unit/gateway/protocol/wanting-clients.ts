/** Clients that want everything that their wire can say: thoughts, usage, proofs. */
import type { Protocol } from '../../../../src/core/protocol.ts';
import type { AnswerContext } from '../../../../src/gateway/protocol/codec.ts';
import { codecs } from '../../../../src/gateway/protocol/codecs.ts';
import type { Json } from '../../../../src/gateway/protocol/ir.ts';

const hi = { role: 'user', content: 'hi' } as const;
const bodies: Readonly<Record<Protocol, Json>> = {
  'anthropic-messages': { model: 'm', max_tokens: 9, messages: [hi], thinking: { type: 'adaptive' }, stream: true },
  'openai-chat': { model: 'm', messages: [hi], stream: true, stream_options: { include_usage: true } },
  'openai-responses': { model: 'm', input: 'hi', include: ['reasoning.encrypted_content'], reasoning: { summary: 'auto' }, stream: true },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }], generationConfig: { thinkingConfig: { includeThoughts: true } } },
  ollama: { model: 'm', messages: [hi], think: true },
};

/** What such a client's answers are encoded with. */
export function contextOf(client: Protocol): AnswerContext {
  return codecs[client].decodeRequest(bodies[client], { model: 'm', stream: true, sse: true, receivedAt: 1_795_197_711_000 }).context;
}
