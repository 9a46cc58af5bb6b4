/** A client's messages → the hub's. */
import { stableId } from '../call-ids.ts';
import { ProtocolError } from '../codec.ts';
import { createFold, type FoldStep } from '../fold.ts';
import type { IrAssistantPart, IrMessage, IrToolCall, IrToolResult, IrUserPart } from '../ir.ts';
import { addResult } from '../tool-results.ts';
import type { Warn } from '../warnings.ts';
import { assistantParts, userParts } from './message-parts.ts';
import type { WireRequest } from './schema.ts';

type WireInput = WireRequest['messages'][number];

interface Decoded {
  readonly messages: IrMessage[];
  /** Calls of the last answer that have no result so far. */
  open: readonly IrToolCall[];
}

/** Neighbouring tool messages become one message of results. @throws ProtocolError for a role that nobody knows */
export function decodeMessages(messages: readonly WireInput[], warn: Warn): readonly IrMessage[] {
  return decodeTurns(messages, { context: undefined, warn }).messages;
}

const decodeTurns = createFold<WireInput, Decoded, undefined>({
  begin: () => ({ messages: [], open: [] }),
  step: decodeMessage,
  isBorder: (message, previous) => message.role === 'assistant' && previous.role !== 'assistant',
  copy: ({ messages, open }) => ({ messages: [...messages], open }),
});

function decodeMessage(decoded: Decoded, message: WireInput, { index, warn }: FoldStep<undefined>): void {
  const { messages, open } = decoded;
  const unknown = (type: string): void => warn('unsupported-part', `a message part of an unknown type (${type.slice(0, 40)}) was left out`);
  switch (message.role) {
    case 'system':
    case 'developer':
      messages.push({ role: 'system', developer: message.role === 'developer', parts: withoutEmptyTexts(userParts(message.content, unknown).filter((part) => part.type === 'text')) });
      break;
    case 'user':
      messages.push({ role: 'user', parts: withoutEmptyTexts(userParts(message.content, unknown)) });
      break;
    case 'assistant': {
      const parts = assistantParts(message, (call) => stableId('call_', index, call));
      if (message.reasoning_details?.some(({ type }) => type === 'reasoning.encrypted')) warn('dropped-signature', 'encrypted thoughts of earlier answers were left out: only the server that made them can read them');
      decoded.open = parts.filter((part) => part.type === 'tool-call');
      messages.push({ role: 'assistant', parts: withoutEmptyTexts(parts) });
      break;
    }
    case 'tool':
    case 'function': {
      const call = callOf(message, open);
      decoded.open = open.filter((other) => other !== call);
      const content = userParts(message.content, unknown);
      const name = call?.name ?? message.name ?? undefined;
      addResult(messages, {
        type: 'tool-result',
        callId: message.tool_call_id ?? call?.id ?? stableId('call_', index),
        ...(name === undefined ? {} : { name }),
        content: content.filter(isResultPart),
        isError: false,
      });
      break;
    }
    default:
      throw new ProtocolError(`messages.${index}.role: unknown role`, `messages.${index}.role`);
  }
}

/** The call that a result belongs to: by its id, else by the tool's name, else the first that has none. */
function callOf(message: WireInput, open: readonly IrToolCall[]): IrToolCall | undefined {
  if (message.tool_call_id !== null && message.tool_call_id !== undefined) return open.find((call) => call.id === message.tool_call_id);
  return open.find((call) => call.name === message.name) ?? (message.name === null || message.name === undefined ? open[0] : undefined);
}

function isResultPart(part: IrUserPart): part is Exclude<IrUserPart, IrToolResult | { readonly type: 'audio' }> {
  return part.type === 'text' || part.type === 'image' || part.type === 'document';
}

/** Empty texts say nothing, and some targets refuse them. */
function withoutEmptyTexts<Part extends IrUserPart | IrAssistantPart>(parts: readonly Part[]): readonly Part[] {
  return parts.filter((part) => part.type !== 'text' || part.text !== '');
}
