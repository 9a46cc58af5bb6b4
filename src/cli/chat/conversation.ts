/** What has been said so far. The model sees all of it with every message. */
import type { ChatMessage } from '../../core/chat/model.ts';

export interface Conversation {
  readonly messages: readonly ChatMessage[];
  /** How many turns both sides have had. */
  readonly turns: number;
}

export const emptyConversation: Conversation = { messages: [], turns: 0 };

/** What is sent for a new message. */
export function asking(conversation: Conversation, message: string): readonly ChatMessage[] {
  return [...conversation.messages, { role: 'user', content: message }];
}

/**
 * After the answer, whole or stopped half way: what the user has seen stays. Without any answer the question is taken
 * back, because two questions in a row are an error to some servers.
 */
export function answered(conversation: Conversation, message: string, answer: string): Conversation {
  if (answer.trim() === '') return conversation;
  return { messages: [...asking(conversation, message), { role: 'assistant', content: answer }], turns: conversation.turns + 1 };
}
