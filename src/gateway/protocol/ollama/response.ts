/** Whole answers, both ways. */
import { checkedCalls } from '../checked-calls.ts';
import { FailedAnswerError, ProtocolError, type UpstreamContext } from '../codec.ts';
import { decodeErrorValue } from '../error-answers.ts';
import { randomId } from '../ids.ts';
import type { IrAssistantPart, IrResponse, IrToolCall, IrWarning, Json, JsonObject } from '../ir.ts';
import { argumentsObject } from '../json.ts';
import { parseWire } from '../parse.ts';
import { createThinkText } from '../think-text.ts';
import { decodeFinish, encodeFinish } from './finish.ts';
import { assistantParts } from './message-parts.ts';
import type { OllamaContext } from './request.ts';
import { answerSchema } from './schema.ts';
import { decodeUsage, encodeUsage } from './usage.ts';

/** @throws ProtocolError, FailedAnswerError */
export function decodeResponse(body: Json, context: UpstreamContext = {}): { readonly response: IrResponse; readonly warnings: readonly IrWarning[] } {
  const answer = parseWire(answerSchema, body);
  if (answer.error !== null && answer.error !== undefined) throw new FailedAnswerError(decodeErrorValue(answer as Json));
  if (!answer.message) throw new ProtocolError('message: an answer has one', 'message');
  const newId = context.newId ?? randomId;
  const named = splitThoughts(assistantParts(answer.message, () => newId('call_'))).map((part) => (part.type === 'tool-call' ? { ...part, name: context.toolNames?.fromWire(part.name) ?? part.name } : part));
  const parts = checkedCalls(named);
  const hasCalls = parts.some((part) => part.type === 'tool-call');
  return { response: { id: newId('chat_'), model: answer.model ?? '', parts, finish: decodeFinish(answer.done_reason, hasCalls), usage: decodeUsage(answer) }, warnings: [] };
}

/** `<think>` at the beginning of the text, from models whose template Ollama does not know. */
function splitThoughts(parts: readonly IrAssistantPart[]): readonly IrAssistantPart[] {
  return parts.flatMap((part): readonly IrAssistantPart[] => {
    if (part.type !== 'text') return [part];
    const splitter = createThinkText();
    const pieces = [...splitter.push(part.text), ...splitter.end()];
    const join = (type: 'text' | 'reasoning'): string => pieces.flatMap((piece) => (piece.type === type ? [piece.text] : [])).join('');
    const [reasoning, text] = [join('reasoning'), join('text')];
    return [...(reasoning === '' ? [] : [{ type: 'reasoning', text: reasoning, summary: false } as const]), ...(text === '' ? [] : [{ type: 'text', text } as const])];
  });
}

export function encodeResponse(response: IrResponse, context: OllamaContext): Json {
  const textOf = (...types: readonly string[]): string => response.parts.flatMap((part) => ('text' in part && types.includes(part.type) ? [part.text] : [])).join('');
  const thinking = context.thinking ? textOf('reasoning') : '';
  const calls = response.parts.filter((part) => part.type === 'tool-call').map((call, index) => encodeCall(call.id, index, call.name, call.input));
  const images = response.parts.flatMap((part) => (part.type === 'image' && part.media.type === 'base64' ? [part.media.data] : []));
  const message: JsonObject = {
    role: 'assistant',
    content: textOf('text', 'refusal'),
    ...(thinking === '' ? {} : { thinking }),
    ...(images.length === 0 ? {} : { images }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return { model: context.model, created_at: context.createdAt, message, done: true, done_reason: encodeFinish(response.finish), ...encodeUsage(response.usage) };
}

export function encodeCall(id: string, index: number, name: string, input: IrToolCall['input']): JsonObject {
  return { id, function: { index, name, arguments: input.type === 'json' ? argumentsObject(input.text) : { input: input.text } } };
}
