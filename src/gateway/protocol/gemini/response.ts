/** Whole answers: ours → the client's, the server's → ours. */
import { FailedAnswerError, ProtocolError, type UpstreamContext } from '../codec.ts';
import { wrapCustomInput } from '../custom-tools.ts';
import { decodeErrorValue } from '../error-answers.ts';
import { argumentsObject, isJsonObject } from '../json.ts';
import { withDetails } from './error.ts';
import { encodeFinish } from './finish.ts';
import { createAnswerReader } from './answer-reader.ts';
import { createCollector } from '../collect.ts';
import { type CarriedThought, signatureForCall } from './signatures.ts';
import { encodeUsage } from './usage.ts';
import type { IrAssistantPart, IrEvent, IrReasoning, IrResponse, IrToolCall, IrUsage, IrWarning, Json, JsonObject } from '../ir.ts';
import type { GeminiContext } from './request.ts';

/** What a model that refused without a word is taken to have said: gemini asks again and again for an answer without text. */
export const silentRefusal = 'The model declined to answer.';

export function encodeResponse(response: IrResponse, context: GeminiContext): JsonObject {
  const parts: JsonObject[] = [];
  const kept = createThoughtKeeper();
  for (const part of response.parts) {
    if (part.type === 'reasoning') kept.thought(part);
    else if (part.type === 'text' || part.type === 'refusal') kept.text(part.text);
    parts.push(...(part.type === 'tool-call' ? [encodeCall(part, kept.take(), context)] : encodePart(part, context)));
  }
  if (response.finish.reason === 'refusal' && parts.length === 0) parts.push({ text: silentRefusal });
  return { candidates: [{ content: { role: 'model', parts }, finishReason: encodeFinish(response.finish), index: 0 }], ...trailer(response.usage, response.id, context) };
}

export interface ThoughtKeeper {
  thought(reasoning: IrReasoning): void;
  text(text: string): void;
  /** For the next call, and none of them for the one behind it. */
  take(): readonly CarriedThought[];
}

/** The thoughts since the last call. */
export function createThoughtKeeper(): ThoughtKeeper {
  let thoughts: { readonly reasoning: IrReasoning; readonly at: number }[] = [];
  let length = 0;
  return {
    thought: (reasoning) => void thoughts.push({ reasoning, at: length }),
    text: (text) => void (length += text.length),
    take() {
      const taken = thoughts.map(({ reasoning, at }) => ({ reasoning, textBehind: length - at }));
      thoughts = [];
      length = 0;
      return taken;
    },
  };
}

function encodePart(part: Exclude<IrAssistantPart, { type: 'tool-call' }>, context: GeminiContext): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text === '' ? [] : [{ text: part.text }];
    case 'reasoning':
      return encodeThought(part, context);
    case 'image':
      return [encodeImage(part)];
  }
}

/** A signature without words stands alone, as Gemini sends it. */
function encodeThought(part: IrReasoning, context: GeminiContext): readonly JsonObject[] {
  const own: JsonObject = part.signature?.origin === 'gemini' ? { thoughtSignature: part.signature.value } : {};
  if (part.text !== '' && context.showsThoughts) return [{ text: part.text, thought: true, ...own }];
  return 'thoughtSignature' in own ? [{ text: '', ...own }] : [];
}

export function encodeCall(call: IrToolCall, thoughts: readonly CarriedThought[], context: GeminiContext): JsonObject {
  const id = call.id === '' ? context.newId('call_') : call.id;
  const signature = signatureForCall(id, call.signature, thoughts);
  const args = argumentsObject(call.input.type === 'text' ? wrapCustomInput(call.input.text) : call.input.text);
  return { functionCall: { id, name: call.name, args }, ...(signature === undefined ? {} : { thoughtSignature: signature }) };
}

export function encodeImage({ media }: Extract<IrAssistantPart, { type: 'image' }>): JsonObject {
  if (media.type === 'base64') return { inlineData: { mimeType: media.mediaType, data: media.data } };
  return { fileData: { mimeType: media.type === 'url' ? (media.mediaType ?? 'image/png') : 'image/png', fileUri: media.type === 'url' ? media.url : media.id } };
}

/** What stands beside the candidates. */
export function trailer(usage: IrUsage, id: string, context: GeminiContext): JsonObject {
  const usageMetadata = encodeUsage(usage);
  return { ...(usageMetadata === undefined ? {} : { usageMetadata }), modelVersion: context.model, responseId: id };
}

/** @param body one answer, or the chunks of a stream as a list */
export function decodeResponse(body: Json, context: UpstreamContext = {}): { readonly response: IrResponse; readonly warnings: readonly IrWarning[] } {
  const chunks = Array.isArray(body) ? (body as readonly Json[]) : [body];
  if (chunks.length === 0 || !chunks.every(isJsonObject)) throw new ProtocolError('the body: must be an answer', '');
  if (!chunks.some((chunk) => isJsonObject(chunk) && (chunk['candidates'] ?? chunk['promptFeedback'] ?? chunk['prompt_feedback'] ?? chunk['error']) !== undefined)) throw new ProtocolError('candidates: the server’s answer has none', 'candidates');
  const collector = createCollector();
  let failure: Extract<IrEvent, { type: 'error' }>['error'] | undefined;
  const reader = createAnswerReader((event) => {
    if (event.type === 'error') failure ??= event.error;
    collector.push(event);
  }, context);
  for (const chunk of chunks) {
    if (isJsonObject(chunk) && chunk['error'] !== undefined) failure ??= withDetails(decodeErrorValue(chunk), chunk);
    else reader.take(chunk);
  }
  // A whole answer is complete even where its server does not say why it ended.
  reader.conclude('STOP');
  const collected = collector.result();
  if (failure !== undefined || !collected.ok) throw new FailedAnswerError(failure ?? (collected.ok ? decodeErrorValue({}) : collected.error));
  return { response: collected.response, warnings: [] };
}
