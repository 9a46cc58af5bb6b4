/** The hub's messages → what a server of this wire takes. */
import type { UpstreamTraits } from '../codec.ts';
import { wrapCustomInput } from '../custom-tools.ts';
import { createFold } from '../fold.ts';
import type { IrAssistantPart, IrMessage, IrText, IrToolCall, Json, JsonObject } from '../ir.ts';
import { argumentsObject, argumentsText, isJsonObject, parseJson } from '../json.ts';
import type { ToolNames } from '../tool-names.ts';
import { arrangeToolResults } from '../tool-results.ts';
import { isModelTurn } from '../turns.ts';
import type { Warn } from '../warnings.ts';
import { type ChatMessage, type ChatPart, type JoinedMessage, joinMessage, type JoinOptions, wireOf } from './message-join.ts';
import { encodeResultMessages, encodeUserParts } from './user-parts.ts';

export interface MessageOptions {
  readonly traits: UpstreamTraits;
  readonly names: ToolNames;
  readonly warn: Warn;
}

export function encodeMessages(messages: readonly IrMessage[], options: MessageOptions): readonly JsonObject[] {
  const { traits, names, warn } = options;
  const arranged = arrangeToolResults(messages, { warn, ids: { maxLength: 40 } });
  const { joined } = encodeTurns(arranged, { context: options, dependsOn: [traits, names], warn });
  // Servers refuse an empty conversation, which codex sends to have a model loaded.
  if (joined.every(({ message }) => message.role === 'system')) joinMessage(joined, { role: 'user', parts: [{ type: 'text', text: '(continued)' }] }, joinOptions(options));
  return joined.map(wireOf);
}

interface Encoded {
  readonly joined: JoinedMessage[];
  /** Something other than instructions was said. */
  begun: boolean;
}

const encodeTurns = createFold<IrMessage, Encoded, MessageOptions>({
  begin: () => ({ joined: [], begun: false }),
  step(encoded, message, { context, warn }) {
    for (const one of encodeMessage(encoded, message, { ...context, warn })) joinMessage(encoded.joined, one, joinOptions(context));
  },
  isBorder: isModelTurn,
  copy: ({ joined, begun }) => ({ joined: [...joined], begun }),
});

function joinOptions({ traits }: MessageOptions): JoinOptions {
  return { strictTurns: traits.systemAnywhere !== true };
}

function encodeMessage(encoded: Encoded, message: IrMessage, options: MessageOptions): readonly ChatMessage[] {
  if (message.role === 'system') return encodeSystem(message.parts, encoded.begun, options);
  encoded.begun = true;
  if (message.role === 'assistant') return encodeAssistant(message.parts, options);
  return message.parts.some((part) => part.type === 'tool-result') ? encodeResultMessages(message.parts, options) : userMessage(encodeUserParts(message.parts, options));
}

function userMessage(parts: readonly ChatPart[]): readonly ChatMessage[] {
  return parts.length === 0 ? [] : [{ role: 'user', parts }];
}

/** Many models' templates take instructions only at the beginning; later ones then come as marked text of the user. */
function encodeSystem(parts: readonly IrText[], begun: boolean, { traits, warn }: MessageOptions): readonly ChatMessage[] {
  const texts = parts.map((part) => part.text).filter((text) => text !== '');
  if (texts.length === 0) return [];
  if (!begun || traits.systemAnywhere === true) return [{ role: 'system', name: traits.systemRole ?? 'system', parts: texts.map((text) => ({ type: 'text', text })) }];
  warn('approximated', 'instructions in the middle of the conversation were handed on as a marked message of the user');
  return [{ role: 'user', parts: [{ type: 'text', text: `<system-reminder>\n${texts.join('\n\n')}\n</system-reminder>` }] }];
}

function encodeAssistant(parts: readonly IrAssistantPart[], { traits, names, warn }: MessageOptions): readonly ChatMessage[] {
  const reasoning = reasoningField(parts, traits, warn);
  const calls = parts.filter((part) => part.type === 'tool-call').map((call) => encodeCall(call, names, warn));
  if (parts.some((part) => part.type === 'image')) warn('unsupported-part', 'pictures of earlier answers were left out');
  const text = answerText(parts);
  if (text === '' && calls.length === 0 && Object.keys(reasoning).length === 0) return [];
  return [{ role: 'assistant', text, calls, extra: reasoning }];
}

/** Texts that follow one another are pieces of one text; where a call or a thought came in between, a new one begins. */
function answerText(parts: readonly IrAssistantPart[]): string {
  let text = '';
  let adjacent = true;
  for (const part of parts) {
    if (part.type !== 'text' && part.type !== 'refusal') adjacent = false;
    else if (part.text !== '') {
      text += (text === '' || adjacent ? '' : '\n\n') + part.text;
      adjacent = true;
    }
  }
  return text;
}

function reasoningField(parts: readonly IrAssistantPart[], { reasoningField: field }: UpstreamTraits, warn: Warn): JsonObject {
  const thoughts = parts.filter((part) => part.type === 'reasoning');
  if (thoughts.length === 0) return {};
  const text = thoughts.map((part) => part.text).filter((thought) => thought !== '').join('\n\n');
  if (field === undefined || text === '') {
    warn('unsupported-part', 'thoughts of earlier answers were left out');
    return {};
  }
  if (thoughts.some((part) => part.signature !== undefined || part.sealed !== undefined)) warn('dropped-signature', 'signatures of earlier thoughts were left out');
  return { [field]: text };
}

function encodeCall(call: IrToolCall, names: ToolNames, warn: Warn): JsonObject {
  const google: JsonObject = call.signature?.origin === 'gemini' ? { extra_content: { google: { thought_signature: call.signature.value } } } : {};
  if (call.signature !== undefined && call.signature.origin !== 'gemini') warn('dropped-signature', 'signatures of earlier calls were left out');
  return { id: call.id, type: 'function', function: { name: names.toWire(call.name), arguments: callArguments(call, warn) }, ...google };
}

/** Servers parse the arguments of earlier calls too, and refuse the whole conversation for one that the model got wrong. */
function callArguments({ input }: IrToolCall, warn: Warn): string {
  if (input.type === 'text') return wrapCustomInput(input.text);
  const text = argumentsText(input.text);
  const value: Json | undefined = parseJson(text);
  if (isJsonObject(value)) return text;
  if (value !== null) warn('approximated', 'arguments of an earlier call that are no JSON object were wrapped');
  return JSON.stringify(argumentsObject(text));
}
