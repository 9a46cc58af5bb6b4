/** An answer's message as parts. */
import type { IrAssistantPart, IrToolCall } from '../ir.ts';
import { imageOf } from './images.ts';
import type { WireMessage, WireToolCall } from './schema.ts';

/** Arguments are an object on this wire; some servers of it send text. */
export function argumentsOf({ function: called }: WireToolCall): string {
  const value = called?.arguments;
  if (value === undefined || value === null) return '{}';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function toolCallOf(call: WireToolCall, id: string): IrToolCall {
  return { type: 'tool-call', id, name: call.function?.name ?? '', input: { type: 'json', text: argumentsOf(call) } };
}

export function idOf(call: WireToolCall): string | undefined {
  return call.id === null || call.id === undefined || call.id === '' ? undefined : call.id;
}

/** `newId` is asked where a call has no id. */
export function assistantParts(message: WireMessage, newId: (index: number) => string): readonly IrAssistantPart[] {
  return [
    ...(typeof message.thinking === 'string' && message.thinking !== '' ? [{ type: 'reasoning', text: message.thinking, summary: false } as const] : []),
    ...(typeof message.content === 'string' && message.content !== '' ? [{ type: 'text', text: message.content } as const] : []),
    ...(message.images ?? []).map(imageOf),
    ...(message.tool_calls ?? []).map((call, index) => toolCallOf(call, idOf(call) ?? newId(index))),
  ];
}
