/** A client's messages → the hub's. Most clients of this wire give calls no ids and name the tool in its result instead. */
import { stableId } from '../call-ids.ts';
import { ProtocolError } from '../codec.ts';
import type { IrMessage, IrToolCall, IrToolResult } from '../ir.ts';
import { imageOf } from './images.ts';
import { assistantParts } from './message-parts.ts';
import type { WireMessage, WireRequest } from './schema.ts';

/** Ids are made of a call's place in the conversation, so that they are the same in every turn. @throws ProtocolError */
export function decodeMessages(body: WireRequest): readonly IrMessage[] {
  const decoded: IrMessage[] = [];
  let open: readonly IrToolCall[] = [];

  (body.messages ?? []).forEach((message, index) => {
    const content = message.content ?? '';
    const text = content === '' ? [] : [{ type: 'text', text: content } as const];
    switch (message.role.toLowerCase()) {
      case 'system':
        decoded.push({ role: 'system', developer: false, parts: text });
        break;
      case 'user':
        decoded.push({ role: 'user', parts: [...text, ...(message.images ?? []).map(imageOf)] });
        break;
      case 'assistant': {
        const parts = assistantParts(message, (call) => stableId('call_', index, call));
        open = parts.filter((part) => part.type === 'tool-call');
        decoded.push({ role: 'assistant', parts });
        break;
      }
      case 'tool': {
        const call = callOf(message, open);
        open = open.filter((other) => other !== call);
        const name = call?.name ?? message.tool_name ?? undefined;
        const result: IrToolResult = {
          type: 'tool-result',
          callId: call?.id ?? message.tool_call_id ?? stableId('call_', index),
          ...(name === undefined ? {} : { name }),
          content: [...text, ...(message.images ?? []).map(imageOf)],
          isError: false,
        };
        const last = decoded.at(-1);
        const isRun = last?.role === 'user' && last.parts.length > 0 && last.parts.every((part) => part.type === 'tool-result');
        if (isRun) decoded[decoded.length - 1] = { role: 'user', parts: [...last.parts, result] };
        else decoded.push({ role: 'user', parts: [result] });
        break;
      }
      default:
        throw new ProtocolError(`messages.${index}.role: unknown role`, `messages.${index}.role`);
    }
  });
  return decoded;
}

/** By id, else by the tool's name, else the first call without a result. */
function callOf(message: WireMessage, open: readonly IrToolCall[]): IrToolCall | undefined {
  const { tool_call_id: id, tool_name: name } = message;
  const byId = typeof id === 'string' && id !== '' ? open.find((call) => call.id === id) : undefined;
  const byName = typeof name === 'string' ? open.find((call) => call.name === name) : undefined;
  return byId ?? byName ?? (typeof name === 'string' || (typeof id === 'string' && id !== '') ? undefined : open[0]);
}
