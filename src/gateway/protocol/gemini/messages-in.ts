/** `contents` and `systemInstruction` of a client → messages. */
import { createFold } from '../fold.ts';
import { isJsonObject } from '../json.ts';
import { createCallMatcher, type CallMatcher } from './call-matcher.ts';
import { codeText, decodeMedia } from './parts.ts';
import { type CarriedThought, openSignature } from './signatures.ts';
import type { IrAssistantPart, IrDocument, IrImage, IrMessage, IrText, IrToolResult, IrUserPart, Json } from '../ir.ts';
import type { Warn } from '../warnings.ts';
import type { WireContent, WirePart, WireRequest } from './schema.ts';

export function decodeMessages({ contents, systemInstruction }: Pick<WireRequest, 'contents' | 'systemInstruction'>, warn: Warn): readonly IrMessage[] {
  const list = Array.isArray(contents) ? contents : contents ? [contents] : [];
  const { messages } = decodeTurns(list, { context: undefined, warn });
  return [...decodeSystem(systemInstruction), ...messages];
}

interface Decoded {
  readonly messages: IrMessage[];
  readonly matcher: CallMatcher;
}

const decodeTurns = createFold<WireContent, Decoded, undefined>({
  begin: () => ({ messages: [], matcher: createCallMatcher() }),
  step: ({ messages, matcher }, content, { warn }) => void messages.push(...decodeContent(content, matcher, warn)),
  isBorder: (content, previous) => content.role === 'model' && previous.role !== 'model',
  copy: ({ messages, matcher }) => ({ messages: [...messages], matcher: matcher.copy() }),
});

function decodeContent(content: WireContent, matcher: CallMatcher, warn: Warn): readonly IrMessage[] {
  const parts = content.parts ?? [];
  if (content.role === 'system') return decodeSystem(content);
  if (content.role !== 'model') return nonEmpty({ role: 'user', parts: decodeUserParts(parts, matcher, warn) });
  return nonEmpty({ role: 'assistant', parts: decodeModelParts(parts, matcher, warn) });
}

function nonEmpty(message: IrMessage): readonly IrMessage[] {
  return message.parts.length > 0 ? [message] : [];
}

function decodeSystem(content: string | WireContent | null | undefined): readonly IrMessage[] {
  if (content === null || content === undefined) return [];
  const texts = typeof content === 'string' ? [content] : (content.parts ?? []).flatMap((part) => (typeof part.text === 'string' ? [part.text] : []));
  const parts = texts.filter((text) => text !== '').map((text): IrText => ({ type: 'text', text }));
  return nonEmpty({ role: 'system', developer: false, parts });
}

function decodeUserParts(parts: readonly WirePart[], matcher: CallMatcher, warn: Warn): readonly IrUserPart[] {
  return parts.flatMap((part): readonly IrUserPart[] => {
    if (part.functionResponse) return [decodeResult(part.functionResponse, matcher, warn)];
    if (typeof part.text === 'string') return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    const code = codeText(part);
    if (code !== undefined) return [{ type: 'text', text: code }];
    if (part.inlineData || part.fileData) return list(decodeMedia(part, warn));
    return unknownPart(part, warn);
  });
}

function decodeModelParts(parts: readonly WirePart[], matcher: CallMatcher, warn: Warn): readonly IrAssistantPart[] {
  const decoded: IrAssistantPart[] = [];
  let carried = false;
  let sinceCall = 0;
  for (const part of parts) {
    const text = part.text ?? '';
    const { own, thoughts, call } = openSignature(part.thoughtSignature, part.thought === true ? text : '', warn);
    carried ||= thoughts.length > 0;
    for (const thought of thoughts) putBack(decoded, sinceCall, thought);
    if (part.functionCall) {
      const { id, name, args } = part.functionCall;
      const signature = own ?? call;
      const input = typeof args === 'string' ? args : JSON.stringify(args ?? {});
      decoded.push({ type: 'tool-call', id: matcher.call(id ?? undefined, name ?? ''), name: name ?? '', input: { type: 'json', text: input }, ...(signature === undefined ? {} : { signature }) });
      sinceCall = decoded.length;
    } else if (part.thought === true) {
      if (thoughts.length === 0 && (text !== '' || own !== undefined)) decoded.push({ type: 'reasoning', text, summary: true, ...(own === undefined ? {} : { signature: own }) });
    } else {
      decoded.push(...decodeSaid(part, warn));
      // A signature beside words proves the thoughts that led to them; it has no words of its own.
      if (own !== undefined) decoded.push({ type: 'reasoning', text: '', summary: true, signature: own });
    }
  }
  // Thoughts that came signed in an envelope are not said a second time by what the client kept of them.
  return carried ? decoded.filter((part) => part.type !== 'reasoning' || part.signature !== undefined || part.sealed !== undefined || !part.summary) : decoded;
}

/** Where they stood among the words: Anthropic refuses a turn whose thoughts do not come first. */
function putBack(decoded: IrAssistantPart[], from: number, { reasoning, textBehind }: CarriedThought): void {
  let left = textBehind;
  let place = decoded.length;
  while (left > 0 && place > from) {
    const part = decoded[place - 1];
    if (part?.type === 'text' && part.text.length > left) {
      const cut = part.text.length - left;
      decoded.splice(place - 1, 1, { type: 'text', text: part.text.slice(0, cut) }, reasoning, { type: 'text', text: part.text.slice(cut) });
      return;
    }
    if (part?.type === 'text') left -= part.text.length;
    place -= 1;
  }
  decoded.splice(place, 0, reasoning);
}

function decodeSaid(part: WirePart, warn: Warn): readonly IrAssistantPart[] {
  if (typeof part.text === 'string') return part.text === '' ? [] : [{ type: 'text', text: part.text }];
  const code = codeText(part);
  if (code !== undefined) return [{ type: 'text', text: code }];
  if (!part.inlineData && !part.fileData) return part.thoughtSignature ? [] : unknownPart(part, warn);
  const media = decodeMedia(part, warn);
  if (media?.type === 'image' || media?.type === 'text') return [media];
  if (media !== undefined) warn('unsupported-part', `a part of type ${media.type} that the model made was left out`);
  return [];
}

function unknownPart(part: WirePart, warn: Warn): [] {
  warn('unsupported-part', `a part of type ${Object.keys(part)[0] ?? 'unknown'} was left out`);
  return [];
}

function decodeResult(wire: NonNullable<WirePart['functionResponse']>, matcher: CallMatcher, warn: Warn): IrToolResult {
  const { callId, name } = matcher.result(wire.id ?? undefined, wire.name ?? '');
  const { text, isError } = resultText(wire.response as Json | undefined);
  const media = (wire.parts ?? []).flatMap((part) => list(decodeMedia(part, warn)));
  return {
    type: 'tool-result',
    callId,
    ...(name === '' ? {} : { name }),
    content: [...(text === '' ? [] : [{ type: 'text', text } as const]), ...media.filter((part): part is IrText | IrImage | IrDocument => part.type !== 'audio')],
    isError,
  };
}

/** What a function gave back, out of the wrappings in use: `output` and `error` (Google's), `result` (its Python SDK), `content` (AI SDK). */
function resultText(response: Json | undefined): { readonly text: string; readonly isError: boolean } {
  if (response === undefined || response === null) return { text: '', isError: false };
  if (!isJsonObject(response)) return { text: textOf(response), isError: false };
  const { name: _, ...fields } = response;
  const names = Object.keys(fields);
  const [only] = names;
  if (names.length === 1 && only !== undefined && ['output', 'error', 'result', 'content'].includes(only)) return { text: textOf(fields[only] ?? null), isError: only === 'error' };
  return { text: JSON.stringify(response), isError: false };
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function list<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

