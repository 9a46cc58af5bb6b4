/** From messages with their parts to messages on the wire, neighbours joined where a model's template insists on turns. */
import type { Json, JsonObject } from '../ir.ts';

export type ChatPart = { readonly type: 'text'; readonly text: string } | { readonly type: 'other'; readonly wire: JsonObject };

export type ChatMessage =
  | { readonly role: 'system'; readonly name: 'system' | 'developer'; readonly parts: readonly ChatPart[] }
  | { readonly role: 'user'; readonly parts: readonly ChatPart[] }
  | { readonly role: 'assistant'; readonly text: string; readonly calls: readonly JsonObject[]; readonly extra: JsonObject }
  | { readonly role: 'tool'; readonly id: string; readonly parts: readonly ChatPart[] };

/** A message with what it is on the wire, once that was asked for. */
export interface JoinedMessage {
  readonly message: ChatMessage;
  wire?: JsonObject;
}

export interface JoinOptions {
  /** Neighbours of the same role become one message. */
  readonly strictTurns: boolean;
}

export function joinMessage(joined: JoinedMessage[], message: ChatMessage, { strictTurns }: JoinOptions): void {
  const last = joined.at(-1);
  const both = last !== undefined && strictTurns ? join(last.message, message) : undefined;
  if (both === undefined) joined.push({ message });
  else joined[joined.length - 1] = { message: both };
}

export function wireOf(joined: JoinedMessage): JsonObject {
  return (joined.wire ??= toWire(joined.message));
}

function join(first: ChatMessage, second: ChatMessage): ChatMessage | undefined {
  if ((first.role === 'system' && second.role === 'system') || (first.role === 'user' && second.role === 'user')) return { ...first, parts: [...first.parts, ...second.parts] };
  if (first.role !== 'assistant' || second.role !== 'assistant' || first.calls.length > 0) return undefined;
  return { ...second, text: [first.text, second.text].filter((text) => text !== '').join('\n\n'), extra: { ...first.extra, ...second.extra } };
}

function toWire(message: ChatMessage): JsonObject {
  switch (message.role) {
    case 'system':
      return { role: message.name, content: contentOf(message.parts) };
    case 'user':
      return { role: 'user', content: contentOf(message.parts) };
    case 'tool':
      return { role: 'tool', tool_call_id: message.id, content: contentOf(message.parts) };
    case 'assistant':
      return { role: 'assistant', content: message.text === '' && message.calls.length > 0 ? null : message.text, ...(message.calls.length > 0 ? { tool_calls: message.calls } : {}), ...message.extra };
  }
}

/** One text where there is nothing but text: not every server takes a list. */
function contentOf(parts: readonly ChatPart[]): Json {
  if (parts.every((part) => part.type === 'text')) return parts.map((part) => part.text).join('\n\n');
  return parts.map((part) => (part.type === 'text' ? { type: 'text', text: part.text } : part.wire));
}
