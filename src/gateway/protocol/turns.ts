/** Where a conversation goes on with the model: nothing that comes from there on changes how the messages before it are written. */
import type { IrMessage } from './ir.ts';

export function isModelTurn(message: IrMessage, previous: IrMessage): boolean {
  return message.role === 'assistant' && previous.role !== 'assistant';
}
