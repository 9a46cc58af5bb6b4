/** Messages → `contents` and `systemInstruction` of a server. Turns alternate, and no part is empty: Gemini refuses both. */
import { wrapCustomInput } from '../custom-tools.ts';
import { createFold } from '../fold.ts';
import { argumentsObject } from '../json.ts';
import { isModelTurn } from '../turns.ts';
import { encodeMedia } from './parts.ts';
import { noSignature } from './signatures.ts';
import type { UpstreamTraits } from '../codec.ts';
import type { IrAssistantPart, IrDocument, IrImage, IrMessage, IrReasoning, IrToolCall, IrToolResult, IrUserPart, JsonObject } from '../ir.ts';
import type { ToolNames } from '../tool-names.ts';
import type { Warn } from '../warnings.ts';
import type { GeminiModel } from './models.ts';

const protocol = 'gemini';

export interface EncodeMessagesOptions {
  readonly names: ToolNames;
  readonly model: GeminiModel;
  readonly traits: UpstreamTraits;
  readonly warn: Warn;
}

interface Turn {
  readonly role: 'user' | 'model';
  readonly parts: readonly JsonObject[];
  /** What it is on the wire, once that was asked for. */
  wire?: JsonObject;
}

interface Encoded {
  readonly turns: Turn[];
  /** Ids of calls. */
  readonly order: string[];
}

export function encodeMessages(messages: readonly IrMessage[], options: EncodeMessagesOptions): { readonly contents: readonly JsonObject[]; readonly systemInstruction: JsonObject | undefined } {
  const { traits, names, model, warn } = options;
  const first = messages.findIndex((message) => message.role !== 'system');
  const leading = first < 0 ? messages : messages.slice(0, first);
  const instructions = leading.flatMap((message) => (message.role === 'system' ? message.parts : [])).filter((part) => part.text !== '');
  const { turns } = encodeTurns(messages.slice(leading.length), { context: options, dependsOn: [traits, names, model], warn });
  if (turns[0]?.role !== 'user') {
    warn('approximated', 'the conversation began with the model; a word of the user was put before it');
    turns.unshift({ role: 'user', parts: [{ text: 'Continue.' }] });
  }
  return {
    contents: turns.map(wireOf),
    systemInstruction: instructions.length === 0 ? undefined : { parts: instructions.map((part) => ({ text: part.text })) },
  };
}

const encodeTurns = createFold<IrMessage, Encoded, EncodeMessagesOptions>({
  begin: () => ({ turns: [], order: [] }),
  step: (encoded, message, { context, warn }) => encodeMessage(encoded, message, { ...context, warn }),
  isBorder: isModelTurn,
  copy: ({ turns, order }) => ({ turns: [...turns], order: [...order] }),
});

function encodeMessage({ turns, order }: Encoded, message: IrMessage, options: EncodeMessagesOptions): void {
  if (message.role === 'assistant') {
    order.push(...message.parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : [])));
    say(turns, 'model', encodeAssistant(message.parts, options));
  } else if (message.role === 'user') say(turns, 'user', encodeUser(message.parts, order, options));
  else {
    options.warn('approximated', 'instructions in the middle of the conversation were handed on as a marked message of the user');
    say(turns, 'user', message.parts.filter((part) => part.text !== '').map((part) => ({ text: `<system-reminder>\n${part.text}\n</system-reminder>` })));
  }
}

/** Neighbours of one role are one turn. */
function say(turns: Turn[], role: Turn['role'], parts: readonly JsonObject[]): void {
  const last = turns.at(-1);
  if (parts.length === 0) return;
  if (last?.role === role) turns[turns.length - 1] = { role, parts: [...last.parts, ...parts] };
  else turns.push({ role, parts });
}

function wireOf(turn: Turn): JsonObject {
  return (turn.wire ??= { role: turn.role, parts: turn.role === 'model' ? signFirstCall(turn.parts) : turn.parts });
}

/** Gemini 3 refuses calls of the current turn unless the first of each step is signed, or says that it cannot be. */
function signFirstCall(parts: readonly JsonObject[]): readonly JsonObject[] {
  const first = parts.findIndex((part) => part['functionCall'] !== undefined);
  const call = parts[first];
  return call === undefined || call['thoughtSignature'] !== undefined ? parts : parts.with(first, { ...call, thoughtSignature: noSignature });
}

/** Results come in the order of their calls: servers that go by the name alone take the first for the first. */
function encodeUser(parts: readonly IrUserPart[], order: readonly string[], options: EncodeMessagesOptions): readonly JsonObject[] {
  const results = parts.filter((part) => part.type === 'tool-result').toSorted((a, b) => order.indexOf(a.callId) - order.indexOf(b.callId));
  const after: JsonObject[] = [];
  const encoded = results.map((result) => encodeResult(result, after, options));
  const said = parts.flatMap((part): readonly JsonObject[] => {
    if (part.type === 'tool-result') return [];
    if (part.type === 'text') return part.text === '' ? [] : [{ text: part.text }];
    return media(part, options);
  });
  return [...encoded, ...after, ...said];
}

function media(part: Exclude<IrUserPart, { type: 'text' | 'tool-result' }>, { traits, warn }: EncodeMessagesOptions): readonly JsonObject[] {
  if ((part.type === 'image' && traits.images === false) || (part.type === 'document' && part.media.type !== 'text' && traits.documents === false)) {
    warn('unsupported-part', `a part of type ${part.type} was left out: the model reads none`);
    return [{ text: `[${part.type === 'image' ? 'an image' : 'a file'} was left out: this model cannot read it]` }];
  }
  const encoded = encodeMedia(part, warn);
  return encoded['text'] === '' ? [] : [encoded];
}

/** @param after parts that must stand behind the results, because the model takes none within them */
function encodeResult(result: IrToolResult, after: JsonObject[], options: EncodeMessagesOptions): JsonObject {
  const text = result.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  const rest = result.content.filter((part): part is IrImage | IrDocument => part.type !== 'text').flatMap((part) => media(part, options));
  const inside = options.model.imagesInResults ? rest.filter((part) => part['text'] === undefined) : [];
  after.push(...rest.filter((part) => !inside.includes(part)));
  return {
    functionResponse: {
      id: result.callId,
      name: options.names.toWire(result.name ?? result.callId),
      response: { [result.isError ? 'error' : 'output']: text },
      ...(inside.length > 0 ? { parts: inside } : {}),
    },
  };
}

function encodeAssistant(parts: readonly IrAssistantPart[], options: EncodeMessagesOptions): readonly JsonObject[] {
  const encoded: JsonObject[] = [];
  for (const part of parts) {
    switch (part.type) {
      case 'text':
      case 'refusal':
        if (part.text !== '') encoded.push({ text: part.text });
        break;
      case 'image':
        encoded.push(...media(part, options));
        break;
      case 'tool-call':
        encoded.push(encodeCall(part, options));
        break;
      case 'reasoning':
        encodeThought(part, encoded, options.warn);
    }
  }
  return encoded;
}

function encodeCall(call: IrToolCall, { names, warn }: EncodeMessagesOptions): JsonObject {
  const signature = call.signature?.origin === protocol ? call.signature.value : undefined;
  if (call.signature !== undefined && signature === undefined) warn('dropped-signature', 'the signature of a call was left out: it is another vendor’s');
  const args = argumentsObject(call.input.type === 'text' ? wrapCustomInput(call.input.text) : call.input.text);
  return { functionCall: { id: call.id, name: names.toWire(call.name), args }, ...(signature === undefined ? {} : { thoughtSignature: signature }) };
}

/** Only what Gemini signed itself means anything to it. A signature without words belongs to the words before it. */
function encodeThought(thought: IrReasoning, encoded: JsonObject[], warn: Warn): void {
  const signature = thought.signature?.origin === protocol ? thought.signature.value : undefined;
  if (signature === undefined) {
    // An unsigned summary of Gemini's own is of no use to it; anything else was meant to be read again.
    if (thought.signature !== undefined || thought.sealed !== undefined || !thought.summary) warn('dropped-signature', 'earlier thoughts were left out: another vendor’s model had them');
    return;
  }
  if (thought.text !== '') encoded.push({ text: thought.text, thought: true, thoughtSignature: signature });
  else {
    const last = encoded.at(-1);
    if (typeof last?.['text'] === 'string' && last['thought'] !== true && last['thoughtSignature'] === undefined) encoded[encoded.length - 1] = { ...last, thoughtSignature: signature };
    else encoded.push({ text: '', thoughtSignature: signature });
  }
}
