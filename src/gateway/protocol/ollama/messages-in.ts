/** A client's messages → the hub's. Most clients of this wire give calls no ids and name the tool in its result instead. */
import { stableId } from '../call-ids.ts';
import { ProtocolError } from '../codec.ts';
import { createFold, type FoldStep } from '../fold.ts';
import type { IrMessage, IrToolCall } from '../ir.ts';
import { addResult } from '../tool-results.ts';
import type { Warn } from '../warnings.ts';
import { imageOf } from './images.ts';
import { assistantParts } from './message-parts.ts';
import type { WireMessage, WireRequest } from './schema.ts';

interface Decoded {
  readonly messages: IrMessage[];
  /** Calls of the last answer that have no result so far. */
  open: readonly IrToolCall[];
}

type WireTurn = NonNullable<WireRequest['messages']>[number];

/** Ids are made of a call's place in the conversation, so that they are the same in every turn. @throws ProtocolError */
export function decodeMessages(body: WireRequest, warn: Warn): readonly IrMessage[] {
  return decodeTurns(body.messages ?? [], { context: undefined, warn }).messages;
}

const decodeTurns = createFold<WireTurn, Decoded, undefined>({
  begin: () => ({ messages: [], open: [] }),
  step: decodeMessage,
  isBorder: (message, previous) => roleOf(message) === 'assistant' && roleOf(previous) !== 'assistant',
  copy: ({ messages, open }) => ({ messages: [...messages], open }),
});

function roleOf({ role }: WireTurn): string {
  return role.toLowerCase();
}

function decodeMessage(decoded: Decoded, message: WireTurn, { index }: FoldStep<undefined>): void {
  const { messages, open } = decoded;
  const content = message.content ?? '';
  const text = content === '' ? [] : [{ type: 'text', text: content } as const];
  switch (roleOf(message)) {
    case 'system':
      messages.push({ role: 'system', developer: false, parts: text });
      break;
    case 'user':
      messages.push({ role: 'user', parts: [...text, ...(message.images ?? []).map(imageOf)] });
      break;
    case 'assistant': {
      const parts = assistantParts(message, (call) => stableId('call_', index, call));
      decoded.open = parts.filter((part) => part.type === 'tool-call');
      messages.push({ role: 'assistant', parts });
      break;
    }
    case 'tool': {
      const call = callOf(message, open);
      decoded.open = open.filter((other) => other !== call);
      const name = call?.name ?? message.tool_name ?? undefined;
      addResult(messages, {
        type: 'tool-result',
        callId: call?.id ?? message.tool_call_id ?? stableId('call_', index),
        ...(name === undefined ? {} : { name }),
        content: [...text, ...(message.images ?? []).map(imageOf)],
        isError: false,
      });
      break;
    }
    default:
      throw new ProtocolError(`messages.${index}.role: unknown role`, `messages.${index}.role`);
  }
}

/** By id, else by the tool's name, else the first call without a result. */
function callOf(message: WireMessage, open: readonly IrToolCall[]): IrToolCall | undefined {
  const { tool_call_id: id, tool_name: name } = message;
  const byId = typeof id === 'string' && id !== '' ? open.find((call) => call.id === id) : undefined;
  const byName = typeof name === 'string' ? open.find((call) => call.name === name) : undefined;
  return byId ?? byName ?? (typeof name === 'string' || (typeof id === 'string' && id !== '') ? undefined : open[0]);
}
