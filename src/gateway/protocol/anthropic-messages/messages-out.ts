/** The hub's messages → what a server of this wire takes. */
import type { UpstreamTraits } from '../codec.ts';
import { customInputField } from '../custom-tools.ts';
import { createFold } from '../fold.ts';
import { argumentsObject } from '../json.ts';
import { base64ToText } from '../media.ts';
import type { IrAssistantPart, IrDocument, IrImage, IrMedia, IrMessage, IrReasoning, IrText, IrToolCall, IrToolResult, IrUserPart, Json, JsonObject } from '../ir.ts';
import type { ToolNames } from '../tool-names.ts';
import { arrangeToolResults } from '../tool-results.ts';
import { isModelTurn } from '../turns.ts';
import type { Warn } from '../warnings.ts';
import { cacheMarkOut } from './cache.ts';

export interface MessageOptions {
  readonly traits: UpstreamTraits;
  readonly names: ToolNames;
  readonly warn: Warn;
}

export interface EncodedMessages {
  readonly system: readonly JsonObject[];
  readonly messages: readonly JsonObject[];
}

/** A message as the wire has it. */
type Turn = {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: readonly JsonObject[];
};

export function encodeMessages(messages: readonly IrMessage[], options: MessageOptions): EncodedMessages {
  const arranged = arrangeToolResults(messages, { warn: options.warn, ids: { maxLength: 64 } });
  const first = arranged.findIndex((message) => message.role !== 'system');
  const leading = first < 0 ? arranged : arranged.slice(0, first);
  const system = leading.flatMap((message) => (message.role === 'system' ? textBlocks(message.parts) : []));
  const turns = encodeTurns(arranged.slice(leading.length), { context: options, dependsOn: [options.traits, options.names], warn: options.warn });
  if (turns[0]?.role !== 'user') {
    options.warn('approximated', 'a conversation that does not begin with the user got a first message');
    turns.unshift({ role: 'user', content: [{ type: 'text', text: '(continued)' }] });
  }
  return { system, messages: trimLast(turns) };
}

const encodeTurns = createFold<IrMessage, Turn[], MessageOptions>({
  begin: () => [],
  step: (turns, message, { context, warn }) => add(turns, encodeMessage(message, turns.at(-1), { ...context, warn })),
  isBorder: isModelTurn,
  copy: (turns) => [...turns],
});

/** Neighbours of one role are one turn. */
function add(turns: Turn[], turn: Turn | undefined): void {
  if (turn === undefined || turn.content.length === 0) return;
  const last = turns.at(-1);
  if (last?.role === turn.role) turns[turns.length - 1] = { role: turn.role, content: [...last.content, ...turn.content] };
  else turns.push(turn);
}

/** The beginning of an answer that the model is to go on with must not end in white space. */
function trimLast(turns: readonly Turn[]): readonly Turn[] {
  const last = turns.at(-1);
  const block = last?.role === 'assistant' ? last.content.at(-1) : undefined;
  if (last === undefined || block === undefined || typeof block['text'] !== 'string') return turns;
  const text = block['text'].trimEnd();
  const content = [...last.content.slice(0, -1), ...(text === '' ? [] : [{ ...block, text }])];
  return [...turns.slice(0, -1), ...(content.length === 0 ? [] : [{ ...last, content }])];
}

function encodeMessage(message: IrMessage, previous: Turn | undefined, options: MessageOptions): Turn | undefined {
  if (message.role === 'assistant') return { role: 'assistant', content: message.parts.flatMap((part) => assistantBlocks(part, options)) };
  if (message.role === 'user') return { role: 'user', content: userTurn(message.parts, options) };
  // Instructions in the middle are taken by few models, and only behind a user's turn.
  if (options.traits.systemAnywhere === true && previous?.role === 'user') return { role: 'system', content: textBlocks(message.parts) };
  const text = message.parts.map((part) => part.text).filter((part) => part !== '').join('\n\n');
  if (text === '') return undefined;
  options.warn('approximated', 'instructions in the middle of the conversation were handed on as a marked message of the user');
  return { role: 'user', content: [{ type: 'text', text: `<system-reminder>\n${text}\n</system-reminder>` }] };
}

/** Results first, as the wire wants it; what a server does not take inside of them follows behind. */
function userTurn(parts: readonly IrUserPart[], options: MessageOptions): readonly JsonObject[] {
  const moved: JsonObject[] = [];
  const results = parts.flatMap((part): readonly JsonObject[] => (part.type === 'tool-result' ? [toolResult(part, moved, options)] : []));
  return [...results, ...moved, ...parts.flatMap((part) => (part.type === 'tool-result' ? [] : userBlocks(part, options)))];
}

function textBlocks(parts: readonly IrText[]): readonly JsonObject[] {
  return parts.filter((part) => part.text !== '').map((part) => ({ type: 'text', text: part.text, ...cacheMarkOut(part.cache) }));
}

function userBlocks(part: Exclude<IrUserPart, IrToolResult>, options: MessageOptions): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return textBlocks([part]);
    case 'image':
      return image(part, options);
    case 'document':
      return document(part, options);
    case 'audio':
      return leftOut('a sound', options);
  }
}

function leftOut(what: string, { warn }: MessageOptions): readonly JsonObject[] {
  warn('unsupported-part', `${what} was left out, because the server does not take it`);
  return [{ type: 'text', text: `[${what} was left out: this model cannot read it]` }];
}

function source(media: IrMedia): Json | undefined {
  if (media.type === 'base64') return { type: 'base64', media_type: media.mediaType, data: media.data };
  if (media.type === 'url') return { type: 'url', url: media.url };
  return media.origin === 'anthropic-messages' ? { type: 'file', file_id: media.id } : undefined;
}

function image({ media, cache }: IrImage, options: MessageOptions): readonly JsonObject[] {
  const from = options.traits.images === false ? undefined : source(media);
  return from === undefined ? leftOut('a picture', options) : [{ type: 'image', source: from, ...cacheMarkOut(cache) }];
}

function document({ media, title, cache }: IrDocument, options: MessageOptions): readonly JsonObject[] {
  const outer: JsonObject = { ...(title === undefined ? {} : { title }), ...cacheMarkOut(cache) };
  const text = media.type === 'text' ? media.text : media.type === 'base64' && /^text\/|json|xml/.test(media.mediaType) ? base64ToText(media.data) : undefined;
  if (text !== undefined) return [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: text }, ...outer }];
  const from = media.type === 'text' || options.traits.documents === false ? undefined : source(media);
  return from === undefined ? leftOut(title === undefined ? 'a document' : `the document ${title}`, options) : [{ type: 'document', source: from, ...outer }];
}

function toolResult(result: IrToolResult, moved: JsonObject[], options: MessageOptions): JsonObject {
  const blocks = result.content.flatMap((part) => userBlocks(part, options));
  const outside = options.traits.resultMedia === false ? blocks.filter((block) => block['type'] !== 'text') : [];
  const content = blocks.filter((block) => !outside.includes(block));
  if (outside.length > 0) {
    options.warn('approximated', 'pictures and files in tool results were moved behind them');
    content.push({ type: 'text', text: '(The attached content follows behind the results.)' });
    moved.push({ type: 'text', text: `Attached to the result of ${result.name ?? result.callId}:` }, ...outside);
  }
  return { type: 'tool_result', tool_use_id: result.callId, content, ...(result.isError ? { is_error: true } : {}), ...cacheMarkOut(result.cache) };
}

function assistantBlocks(part: IrAssistantPart, options: MessageOptions): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return textBlocks([part]);
    case 'refusal':
      return textBlocks([{ type: 'text', text: part.text }]);
    case 'image':
      options.warn('unsupported-part', 'pictures of earlier answers were left out');
      return [];
    case 'reasoning':
      return reasoning(part, options);
    case 'tool-call':
      return [toolUse(part, options)];
  }
}

/** Thoughts go only to whom they came from: Anthropic refuses a conversation with thoughts that it did not sign. */
function reasoning({ text, signature, sealed }: IrReasoning, { traits, warn }: MessageOptions): readonly JsonObject[] {
  if (sealed?.origin === 'anthropic-messages') return [{ type: 'redacted_thinking', data: sealed.value }];
  if (signature?.origin === 'anthropic-messages') return [{ type: 'thinking', thinking: text, signature: signature.value }];
  if (signature !== undefined || sealed !== undefined) warn('dropped-signature', 'signatures of earlier thoughts were left out');
  if (traits.unsignedThinking === true && text !== '') return [{ type: 'thinking', thinking: text, signature: '' }];
  warn('unsupported-part', 'thoughts of earlier answers were left out');
  return [];
}

function toolUse({ id, name, input, signature, cache }: IrToolCall, { names, warn }: MessageOptions): JsonObject {
  if (signature !== undefined) warn('dropped-signature', 'signatures of earlier calls were left out');
  return { type: 'tool_use', id, name: names.toWire(name), input: input.type === 'text' ? { [customInputField]: input.text } : argumentsObject(input.text), ...cacheMarkOut(cache) };
}
