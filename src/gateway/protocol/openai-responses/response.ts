/** Whole answers: ours → the client's, the server's → ours. */
import { uniqueCallId } from '../call-ids.ts';
import { checkedCalls } from '../checked-calls.ts';
import { FailedAnswerError, ProtocolError, type UpstreamContext } from '../codec.ts';
import { decodeErrorValue } from '../error-answers.ts';
import { randomId } from '../ids.ts';
import { parseWire } from '../parse.ts';
import { createWarnings, type Warn } from '../warnings.ts';
import { clientTool, itemId, responseId, responseShell, type ResponsesContext } from './context.ts';
import { callItem, imageItem, imageLink, itemPrefix, messageItem, refusalPart, textPart } from './items.ts';
import { decodeParts } from './content.ts';
import { decodeReasoning, encryptedContent, reasoningItem, sealedCallItem } from './reasoning.ts';
import { customCallSchema, functionCallSchema, imageCallSchema, messageSchema, reasoningSchema, responseSchema, type WireItem, type WireResponse } from './schema.ts';
import { decodeUsage, encodeUsage } from './usage.ts';
import type { IrAssistantPart, IrFinish, IrResponse, IrWarning, Json, JsonObject } from '../ir.ts';

export function encodeResponse(response: IrResponse, context: ResponsesContext): JsonObject {
  const id = responseId(response.id, context.newId);
  return {
    ...responseShell(id, context),
    ...context.largeSettings,
    ...encodeFinish(response.finish),
    output: encodeOutput(id, spoken(response), context),
    usage: encodeUsage(response.usage),
  };
}

/** `incomplete` is all that the wire knows beside `completed`; a refusal and a pause are complete answers. */
export function encodeFinish(finish: IrFinish): JsonObject {
  if (finish.reason === 'length') return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
  if (finish.reason === 'content-filter') return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } };
  return { status: 'completed' };
}

/** What a model is taken to have said that refused without a word about it: the wire has no other way to tell. */
export const silentRefusal = 'The model declined to answer.';

function spoken(response: IrResponse): readonly IrAssistantPart[] {
  const silent = response.finish.reason === 'refusal' && !response.parts.some((part) => part.type === 'refusal');
  return silent ? [...response.parts, { type: 'refusal', text: silentRefusal }] : response.parts;
}

function encodeOutput(id: string, parts: readonly IrAssistantPart[], context: ResponsesContext): readonly JsonObject[] {
  const items: JsonObject[] = [];
  const callIds = new Set<string>();
  let content: JsonObject[] = [];
  const nextId = (prefix: string): string => itemId(prefix, id, items.length);
  const flush = (): void => {
    if (content.length > 0) items.push(messageItem(nextId('msg'), 'completed', content));
    content = [];
  };
  for (const part of parts) {
    if (part.type === 'text') {
      if (part.text !== '') content.push(textPart(part.text));
      continue;
    }
    if (part.type === 'refusal') {
      content.push(context.plainRefusals ? textPart(part.text) : refusalPart(part.text));
      continue;
    }
    if (part.type === 'image' && part.media.type !== 'base64') {
      content.push(textPart(part.media.type === 'url' ? imageLink(part.media.url) : imageLink(part.media.id)));
      continue;
    }
    flush();
    if (part.type === 'reasoning') items.push(reasoningItem(ownReasoningId(part.id, items) ?? nextId('rs'), part.text, encryptedContent(part)));
    else if (part.type === 'image') items.push(imageItem(nextId('ig'), part.media.type === 'base64' ? part.media.data : null, 'completed'));
    else {
      const tool = clientTool(context, part.name);
      const callId = uniqueCallId(part.id, callIds);
      items.push(callItem(tool, nextId(itemPrefix[tool.kind]), callId, part.input, 'completed'));
      const carrier = part.signature === undefined ? undefined : sealedCallItem(nextId('rs'), callId, part.signature);
      if (carrier !== undefined) items.push(carrier);
    }
  }
  flush();
  return items;
}

/** OpenAI's own id of its reasoning, which belongs to what it encrypted. */
export function ownReasoningId(id: string | undefined, items: readonly JsonObject[]): string | undefined {
  return id !== undefined && id.startsWith('rs_') && !items.some((item) => item['id'] === id) ? id : undefined;
}

export function decodeResponse(body: Json, context: UpstreamContext = {}): { readonly response: IrResponse; readonly warnings: readonly IrWarning[] } {
  const wire = parseWire(responseSchema, body);
  const failure = failureOf(wire);
  if (failure !== undefined) throw new FailedAnswerError(failure);
  if (!Array.isArray(wire.output)) throw new ProtocolError('output: the server’s answer has none', 'output');
  const warnings = createWarnings();
  const parts = checkedCalls(wire.output.flatMap((item, index) => decodeItem(item, `output.${index}`, context, warnings.add)));
  const finish = decodeFinish(wire, parts);
  return {
    response: { id: wire.id ?? (context.newId ?? randomId)('resp_'), model: wire.model ?? '', parts, finish, usage: decodeUsage(wire.usage) },
    warnings: warnings.list(),
  };
}

/** What went wrong, for an answer that says that something did. */
export function failureOf(wire: WireResponse): ReturnType<typeof decodeErrorValue> | undefined {
  const failed = wire.status === 'failed' || wire.status === 'cancelled';
  if (!failed && (wire.error === null || wire.error === undefined)) return undefined;
  return decodeErrorValue((wire.error ?? { message: `the answer ended with status ${wire.status}` }) as Json);
}

/** @returns undefined for an answer that is neither complete nor cut at a known limit */
export function decodeFinish(wire: WireResponse, parts: readonly { readonly type: string }[]): IrFinish {
  const reason = wire.incomplete_details?.reason;
  if (wire.status === 'incomplete' || typeof reason === 'string') return { reason: reason === 'content_filter' ? 'content-filter' : 'length' };
  if (parts.some((part) => part.type === 'tool-call')) return { reason: 'tool-calls' };
  return { reason: parts.some((part) => part.type === 'refusal') ? 'refusal' : 'stop' };
}

function decodeItem(item: WireItem, path: string, context: UpstreamContext, warn: Warn): readonly IrAssistantPart[] {
  const nameOf = (name: string): string => context.toolNames?.fromWire(name) ?? name;
  const idOf = (ids: { readonly call_id?: string | null | undefined; readonly id?: string | null | undefined }): string => ids.call_id || ids.id || (context.newId ?? randomId)('call_');
  switch (item.type ?? 'message') {
    case 'message':
      return decodeParts(parseWire(messageSchema, item, path).content, warn).flatMap((part) => (part.type === 'text' || part.type === 'refusal' || part.type === 'image' ? [part] : []));
    case 'function_call': {
      const call = parseWire(functionCallSchema, item, path);
      return [{ type: 'tool-call', id: idOf(call), name: nameOf(call.name), input: { type: 'json', text: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments ?? {}) } }];
    }
    case 'custom_tool_call': {
      const call = parseWire(customCallSchema, item, path);
      return [{ type: 'tool-call', id: idOf(call), name: nameOf(call.name), input: { type: 'text', text: call.input ?? '' } }];
    }
    case 'reasoning':
      return decodeReasoning(parseWire(reasoningSchema, item, path), warn, () => {});
    case 'image_generation_call': {
      const { result } = parseWire(imageCallSchema, item, path);
      return typeof result === 'string' && result !== '' ? [{ type: 'image', media: { type: 'base64', mediaType: 'image/png', data: result } }] : [];
    }
    default:
      warn('unsupported-part', `an item of type ${item.type ?? 'unknown'} in the answer was left out`);
      return [];
  }
}
