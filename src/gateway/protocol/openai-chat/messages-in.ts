/** A client's messages → the hub's. */
import { stableId } from '../call-ids.ts';
import { ProtocolError } from '../codec.ts';
import type { IrMessage, IrText, IrToolCall, IrToolResult, IrUserPart } from '../ir.ts';
import type { Warn } from '../warnings.ts';
import { assistantParts, userParts } from './message-parts.ts';
import type { WireRequest } from './schema.ts';

type WireInput = WireRequest['messages'][number];

/** Neighbouring tool messages become one message of results. @throws ProtocolError for a role that nobody knows */
export function decodeMessages(messages: readonly WireInput[], warn: Warn): readonly IrMessage[] {
  const decoded: IrMessage[] = [];
  let open: IrToolCall[] = [];
  const unknown = (type: string): void => warn('unsupported-part', `a message part of an unknown type (${type.slice(0, 40)}) was left out`);

  const addResult = (result: IrToolResult): void => {
    const last = decoded.at(-1);
    const isRun = last?.role === 'user' && last.parts.length > 0 && last.parts.every((part) => part.type === 'tool-result');
    if (isRun) decoded[decoded.length - 1] = { role: 'user', parts: [...last.parts, result] };
    else decoded.push({ role: 'user', parts: [result] });
  };

  messages.forEach((message, index) => {
    switch (message.role) {
      case 'system':
      case 'developer':
        decoded.push({ role: 'system', developer: message.role === 'developer', parts: userParts(message.content, unknown).filter((part) => part.type === 'text') });
        break;
      case 'user':
        decoded.push({ role: 'user', parts: userParts(message.content, unknown) });
        break;
      case 'assistant': {
        const parts = assistantParts(message, (call) => stableId('call_', index, call));
        if (message.reasoning_details?.some(({ type }) => type === 'reasoning.encrypted')) warn('dropped-signature', 'encrypted thoughts of earlier answers were left out: only the server that made them can read them');
        open = parts.filter((part) => part.type === 'tool-call');
        decoded.push({ role: 'assistant', parts });
        break;
      }
      case 'tool':
      case 'function': {
        const call = callOf(message, open);
        open = open.filter((other) => other !== call);
        const content = userParts(message.content, unknown);
        const name = call?.name ?? message.name ?? undefined;
        addResult({
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
  });
  return decoded.map(withoutEmptyTexts);
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
function withoutEmptyTexts(message: IrMessage): IrMessage {
  const keep = (part: { readonly type: string; readonly text?: string }): boolean => part.type !== 'text' || part.text !== '';
  if (message.role === 'system') return { ...message, parts: message.parts.filter((part: IrText) => keep(part)) };
  if (message.role === 'user') return { ...message, parts: message.parts.filter(keep) };
  return { ...message, parts: message.parts.filter(keep) };
}
