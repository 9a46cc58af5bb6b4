/** Who talks to whom: the pairs that matter, each against the bare pipe between a client and a server of the client's protocol. */
import type { Protocol } from '../../src/core/protocol.ts';

export interface Direction {
  readonly client: Protocol;
  readonly server: Protocol;
}

export const directions: readonly Direction[] = [
  { client: 'anthropic-messages', server: 'anthropic-messages' },
  { client: 'openai-chat', server: 'openai-chat' },
  { client: 'anthropic-messages', server: 'openai-chat' },
  { client: 'anthropic-messages', server: 'ollama' },
  { client: 'openai-responses', server: 'openai-chat' },
  { client: 'gemini', server: 'openai-chat' },
  { client: 'openai-chat', server: 'anthropic-messages' },
];

export function isPassThrough({ client, server }: Direction): boolean {
  return client === server;
}

const names: Readonly<Record<Protocol, string>> = { 'anthropic-messages': 'anthropic', 'openai-chat': 'chat', 'openai-responses': 'responses', gemini: 'gemini', ollama: 'ollama' };

export function nameOf(direction: Direction): string {
  return isPassThrough(direction) ? `${names[direction.client]}, passed through` : `${names[direction.client]} → ${names[direction.server]}`;
}
