/** Whole answers, both ways. */
import { createCallIds } from '../call-ids.ts';
import { checkedCalls } from '../checked-calls.ts';
import { FailedAnswerError, ProtocolError, type UpstreamContext } from '../codec.ts';
import { unwrapCustomInput, wrapCustomInput } from '../custom-tools.ts';
import { decodeErrorValue, malformedError } from '../error-answers.ts';
import { randomId } from '../ids.ts';
import type { IrAssistantPart, IrResponse, IrToolCall, IrWarning, Json, JsonObject } from '../ir.ts';
import { argumentsText } from '../json.ts';
import { dataUrl } from '../media.ts';
import { parseWire } from '../parse.ts';
import { createThinkText } from '../think-text.ts';
import { announcesCall, decodeFinish, encodeFinish } from './finish.ts';
import { assistantParts } from './message-parts.ts';
import type { ChatContext } from './request.ts';
import { answerSchema } from './schema.ts';
import { encodeUsage, isKnown, usageOf } from './usage.ts';

/** @throws ProtocolError, FailedAnswerError */
export function decodeResponse(body: Json, context: UpstreamContext = {}): { readonly response: IrResponse; readonly warnings: readonly IrWarning[] } {
  const answer = parseWire(answerSchema, body);
  const choice = answer.choices?.find((candidate) => (candidate.index ?? 0) === 0);
  const error = answer.error ?? choice?.error;
  if (error !== null && error !== undefined) throw new FailedAnswerError(decodeErrorValue({ error: error as Json }));
  const message = choice?.message ?? choice?.delta;
  if (!choice || !message) throw new ProtocolError('choices: an answer has at least one', 'choices');
  const newId = context.newId ?? randomId;
  const parts = checkedCalls(splitThoughts(assistantParts(message, () => newId('call_'))).map((part) => (part.type === 'tool-call' ? withClientName(part, context) : part)));
  const calls = parts.filter((part) => part.type === 'tool-call');
  if (announcesCall(choice.finish_reason) && parts.length === 0) throw new FailedAnswerError(malformedError(lostCall));
  const response: IrResponse = {
    id: answer.id ?? newId('chatcmpl-'),
    model: answer.model ?? '',
    parts,
    finish: decodeFinish(choice, calls.length),
    usage: usageOf(answer) ?? {},
  };
  return { response, warnings: [] };
}

export const lostCall = 'the model server said that the answer is a tool call, but sent none';

function withClientName(call: IrToolCall, { toolNames }: UpstreamContext): IrToolCall {
  return toolNames === undefined ? call : { ...call, name: toolNames.fromWire(call.name) };
}

/** `<think>` at the beginning of the text, for servers that leave it there. */
function splitThoughts(parts: readonly IrAssistantPart[]): readonly IrAssistantPart[] {
  const first = parts.findIndex((part) => part.type === 'text');
  const text = parts[first];
  if (text?.type !== 'text') return parts;
  const splitter = createThinkText();
  const pieces: IrAssistantPart[] = [];
  for (const piece of [...splitter.push(text.text), ...splitter.end()]) {
    const last = pieces.at(-1);
    if (last?.type === piece.type && (last.type === 'text' || last.type === 'reasoning')) pieces[pieces.length - 1] = { ...last, text: last.text + piece.text };
    else pieces.push(piece.type === 'text' ? { type: 'text', text: piece.text } : { type: 'reasoning', text: piece.text, summary: false });
  }
  return [...parts.slice(0, first), ...pieces, ...parts.slice(first + 1)];
}

export function encodeResponse(response: IrResponse, context: ChatContext): Json {
  const textOf = (type: 'text' | 'reasoning' | 'refusal'): string => response.parts.flatMap((part) => (part.type === type ? [part.text] : [])).join('');
  const refusal = textOf('refusal');
  const reasoning = textOf('reasoning');
  const text = textOf('text');
  const callId = createCallIds(context.usedCallIds, { maxLength: 40 });
  const calls = response.parts.filter((part) => part.type === 'tool-call').map((call) => encodeCall(call, callId(call.id), context));
  const images = response.parts.filter((part) => part.type === 'image').flatMap(({ media }) => (media.type === 'base64' ? [{ type: 'image_url', image_url: { url: dataUrl(media.mediaType, media.data) } }] : []));
  return {
    id: response.id,
    object: 'chat.completion',
    created: context.created,
    model: context.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' && (calls.length > 0 || refusal !== '') ? null : text,
          refusal: refusal === '' ? null : refusal,
          ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
          ...(images.length === 0 ? {} : { images }),
        },
        logprobs: null,
        finish_reason: encodeFinish(response.finish, refusal !== ''),
      },
    ],
    ...(isKnown(response.usage) ? { usage: encodeUsage(response.usage) } : {}),
  };
}

function encodeCall({ name, input, signature }: IrToolCall, id: string, { customTools }: ChatContext): JsonObject {
  const google: JsonObject = signature?.origin === 'gemini' ? { extra_content: { google: { thought_signature: signature.value } } } : {};
  if (!customTools.includes(name)) return { id, type: 'function', function: { name, arguments: input.type === 'json' ? argumentsText(input.text) : wrapCustomInput(input.text) }, ...google };
  return { id, type: 'custom', custom: { name, input: input.type === 'text' ? input.text : unwrapCustomInput(input.text) }, ...google };
}
