/** Whole answers, both ways. */
import { createCallIds } from '../call-ids.ts';
import { checkedCalls } from '../checked-calls.ts';
import { FailedAnswerError, ProtocolError, type UpstreamContext } from '../codec.ts';
import { decodeErrorValue } from '../error-answers.ts';
import { randomId } from '../ids.ts';
import type { IrAssistantPart, IrReasoning, IrResponse, IrToolCall, IrWarning, Json, JsonObject } from '../ir.ts';
import { argumentsObject } from '../json.ts';
import { parseWire } from '../parse.ts';
import { seal } from '../sealed.ts';
import { isErrorValue } from '../sse-answer.ts';
import { createWarnings } from '../warnings.ts';
import { assistantParts } from './blocks.ts';
import { decodeFinish, encodeFinish } from './finish.ts';
import type { MessagesContext } from './request.ts';
import { messageSchema } from './schema.ts';
import { decodeUsage, encodeUsage } from './usage.ts';

/** @throws ProtocolError, FailedAnswerError */
export function decodeResponse(body: Json, context: UpstreamContext = {}): { readonly response: IrResponse; readonly warnings: readonly IrWarning[] } {
  if (isErrorValue(body)) throw new FailedAnswerError(decodeErrorValue(body));
  const message = parseWire(messageSchema, body);
  if (!message.content) throw new ProtocolError('content: an answer has content', 'content');
  const warnings = createWarnings();
  const newId = context.newId ?? randomId;
  const parts = checkedCalls(assistantParts(message.content, warnings.add).map((part) => (part.type === 'tool-call' ? clientCall(part, context) : part)));
  const finish = decodeFinish(message, parts.some((part) => part.type === 'tool-call'));
  const explanation = finish.reason === 'refusal' && !parts.some((part) => part.type === 'text') ? (message.stop_details?.explanation ?? '') : '';
  const response: IrResponse = {
    id: message.id ?? newId('msg_'),
    model: message.model ?? '',
    parts: explanation === '' ? parts : [...parts, { type: 'refusal', text: explanation }],
    finish,
    usage: message.usage ? decodeUsage(message.usage) : {},
  };
  return { response, warnings: warnings.list() };
}

function clientCall(call: IrToolCall, { toolNames, newId = randomId }: UpstreamContext): IrToolCall {
  return { ...call, id: call.id === '' ? newId('toolu_') : call.id, name: toolNames?.fromWire(call.name) ?? call.name };
}

export function encodeResponse(response: IrResponse, context: MessagesContext): Json {
  const callId = createCallIds(context.usedCallIds, callIdRule);
  const refusal = response.parts.flatMap((part) => (part.type === 'refusal' ? [part.text] : [])).join('');
  return {
    id: messageId(response.id),
    type: 'message',
    role: 'assistant',
    model: context.model,
    content: response.parts.flatMap((part) => encodePart(part, callId, context)),
    ...encodeFinish(response.finish, refusal),
    usage: encodeUsage(response.usage),
  };
}

/** Anthropic's own ids are far shorter. */
export const callIdRule = { maxLength: 64 };

export function messageId(id: string): string {
  return id.startsWith('msg_') ? id : `msg_${id.replaceAll(/[^a-zA-Z0-9]/g, '').slice(0, 60)}`;
}

function encodePart(part: IrAssistantPart, callId: (id: string) => string, { thinking }: MessagesContext): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    case 'image':
      return [{ type: 'text', text: pictureNote }];
    case 'reasoning':
      return thinking ? encodeReasoning(part) : [];
    case 'tool-call': {
      const id = callId(part.id);
      const input = part.input.type === 'json' ? argumentsObject(part.input.text) : { input: part.input.text };
      return [...(thinking ? encodeCallSignature(id, part.signature) : []), { type: 'tool_use', id, name: part.name, input }];
    }
  }
}

export const pictureNote = '[The model made a picture, which cannot be shown here]';

/** Thoughts of other models travel with an envelope for a signature, so that they find their way back to their server. */
export function encodeReasoning(part: IrReasoning): readonly JsonObject[] {
  const { text, signature, sealed } = part;
  if (sealed?.origin === 'anthropic-messages') return [{ type: 'redacted_thinking', data: sealed.value }];
  if (signature?.origin === 'anthropic-messages') return [{ type: 'thinking', thinking: text, signature: signature.value }];
  if (text !== '') return [{ type: 'thinking', thinking: text, signature: envelope(part) }];
  const data = signature === undefined && sealed === undefined ? '' : envelope(part);
  return data === '' ? [] : [{ type: 'redacted_thinking', data }];
}

export function envelope(reasoning: IrReasoning): string {
  return seal([{ type: 'reasoning', reasoning }]) ?? '';
}

/** Calls cannot be signed on this wire; a sealed thought before the call carries the signature. */
export function encodeCallSignature(callId: string, signature: IrToolCall['signature']): readonly JsonObject[] {
  if (signature === undefined || signature.origin === 'anthropic-messages') return [];
  const data = seal([{ type: 'call', callId, signature }]);
  return data === undefined ? [] : [{ type: 'redacted_thinking', data }];
}
