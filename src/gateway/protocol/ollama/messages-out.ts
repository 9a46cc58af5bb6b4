/** The hub's messages → what an Ollama takes: content is one text, pictures are beside it. */
import type { UpstreamTraits } from '../codec.ts';
import { customInputField } from '../custom-tools.ts';
import { createFold } from '../fold.ts';
import { argumentsObject } from '../json.ts';
import { base64ToText } from '../media.ts';
import type { IrAssistantPart, IrDocument, IrImage, IrMessage, IrText, IrToolCall, IrToolResult, IrUserPart, JsonObject } from '../ir.ts';
import type { ToolNames } from '../tool-names.ts';
import { arrangeToolResults } from '../tool-results.ts';
import { isModelTurn } from '../turns.ts';
import type { Warn } from '../warnings.ts';

export interface MessageOptions {
  readonly traits: UpstreamTraits;
  readonly names: ToolNames;
  readonly warn: Warn;
}

/** What has been said so far, as texts and pictures. */
interface Said {
  readonly texts: readonly string[];
  readonly images: readonly string[];
}

export function encodeMessages(messages: readonly IrMessage[], options: MessageOptions): readonly JsonObject[] {
  const { traits, names, warn } = options;
  const arranged = arrangeToolResults(messages, { warn, ids: { maxLength: 64 } });
  return encodeTurns(arranged, { context: options, dependsOn: [traits, names], warn }).messages;
}

interface Encoded {
  readonly messages: JsonObject[];
  /** Something other than instructions was said. */
  begun: boolean;
}

const encodeTurns = createFold<IrMessage, Encoded, MessageOptions>({
  begin: () => ({ messages: [], begun: false }),
  step(encoded, message, { context, warn }) {
    const options = { ...context, warn };
    for (const wire of encodeMessage(message, encoded.begun, options)) {
      add(encoded.messages, wire, options);
      if (wire['role'] !== 'system') encoded.begun = true;
    }
  },
  isBorder: isModelTurn,
  copy: ({ messages, begun }) => ({ messages: [...messages], begun }),
});

/** Models' templates insist on turns: neighbours of one role become one message, unless they are results. */
function add(encoded: JsonObject[], wire: JsonObject, { traits }: MessageOptions): void {
  const last = encoded.at(-1);
  const joins = traits.systemAnywhere !== true && last !== undefined && last['role'] === wire['role'] && (wire['role'] === 'user' || wire['role'] === 'system');
  if (!joins) encoded.push(wire);
  else {
    const images = [...((last['images'] as readonly string[] | undefined) ?? []), ...((wire['images'] as readonly string[] | undefined) ?? [])];
    const content = [last['content'], wire['content']].filter((text) => text !== '').join('\n\n');
    encoded[encoded.length - 1] = { ...last, content, ...(images.length === 0 ? {} : { images }) };
  }
}

function encodeMessage(message: IrMessage, begun: boolean, options: MessageOptions): readonly JsonObject[] {
  if (message.role === 'system') return encodeSystem(message.parts, begun, options);
  if (message.role === 'assistant') return encodeAssistant(message.parts, options);
  const results = message.parts.filter((part) => part.type === 'tool-result');
  const said = results.map((result) => ({ result, said: collect(result.content, options) }));
  const moved = said.flatMap(({ result, said: { images } }) => (images.length === 0 ? [] : [userMessage({ texts: [`Attached to the result of ${result.name ?? result.callId}:`], images })]));
  const rest = collect(message.parts.filter((part) => part.type !== 'tool-result'), options);
  return [...said.map(({ result, said: content }) => toolMessage(result, content, options)), ...moved, ...(rest.texts.length + rest.images.length === 0 ? [] : [userMessage(rest)])];
}

function userMessage({ texts, images }: Said): JsonObject {
  return { role: 'user', content: texts.join('\n\n'), ...(images.length === 0 ? {} : { images }) };
}

/** Pictures of results follow in a message of the user: few templates show those of a tool. */
function toolMessage(result: IrToolResult, { texts, images }: Said, { names, warn }: MessageOptions): JsonObject {
  if (images.length > 0) warn('approximated', 'pictures in tool results were moved into a message of their own');
  const lines = images.length === 0 ? texts : [...texts, '(The attached content follows in the next message.)'];
  const text = lines.join('\n');
  const marked = !result.isError || /^\W{0,3}(?:\w+[_ ]){0,2}error/i.test(text) ? text : `Error: ${text === '' ? 'the call failed' : text}`;
  return { role: 'tool', content: marked, ...(result.name === undefined ? {} : { tool_name: names.toWire(result.name) }), tool_call_id: result.callId };
}

function encodeSystem(parts: readonly IrText[], begun: boolean, { traits, warn }: MessageOptions): readonly JsonObject[] {
  const content = parts.map((part) => part.text).filter((text) => text !== '').join('\n\n');
  if (content === '') return [];
  if (!begun || traits.systemAnywhere === true) return [{ role: 'system', content }];
  warn('approximated', 'instructions in the middle of the conversation were handed on as a marked message of the user');
  return [{ role: 'user', content: `<system-reminder>\n${content}\n</system-reminder>` }];
}

function encodeAssistant(parts: readonly IrAssistantPart[], options: MessageOptions): readonly JsonObject[] {
  const { warn } = options;
  const thoughts = parts.filter((part) => part.type === 'reasoning');
  const thinking = thoughts.map((part) => part.text).filter((text) => text !== '').join('\n\n');
  if (thoughts.some((part) => part.signature !== undefined || part.sealed !== undefined)) warn('dropped-signature', 'signatures of earlier thoughts were left out');
  if (parts.some((part) => part.type === 'image')) warn('unsupported-part', 'pictures of earlier answers were left out');
  const calls = parts.filter((part) => part.type === 'tool-call').map((call, index) => encodeCall(call, index, options));
  const content = parts.flatMap((part) => (part.type === 'text' || part.type === 'refusal' ? [part.text] : [])).join('');
  if (content === '' && thinking === '' && calls.length === 0) return [];
  return [{ role: 'assistant', content, ...(thinking === '' ? {} : { thinking }), ...(calls.length === 0 ? {} : { tool_calls: calls }) }];
}

function encodeCall({ id, name, input, signature }: IrToolCall, index: number, { names, warn }: MessageOptions): JsonObject {
  if (signature !== undefined) warn('dropped-signature', 'signatures of earlier calls were left out');
  return { id, function: { index, name: names.toWire(name), arguments: input.type === 'text' ? { [customInputField]: input.text } : argumentsObject(input.text) } };
}

function collect(parts: readonly IrUserPart[], options: MessageOptions): Said {
  const texts: string[] = [];
  const images: string[] = [];
  for (const part of parts) {
    if (part.type === 'text') texts.push(part.text);
    else if (part.type === 'image') addImage(part, texts, images, options);
    else if (part.type === 'document') texts.push(documentText(part, options));
    else if (part.type === 'audio') texts.push(leftOut('a sound', options));
  }
  return { texts: texts.filter((text) => text !== ''), images };
}

/** Ollama fetches nothing: a picture at an address cannot be handed on. */
function addImage({ media }: IrImage, texts: string[], images: string[], options: MessageOptions): void {
  if (media.type === 'base64' && options.traits.images !== false) images.push(media.data);
  else texts.push(leftOut('a picture', options));
}

function documentText({ media, title }: IrDocument, options: MessageOptions): string {
  const text = media.type === 'text' ? media.text : media.type === 'base64' && /^text\/|json|xml/.test(media.mediaType) ? base64ToText(media.data) : undefined;
  if (text === undefined) return leftOut(title === undefined ? 'a document' : `the document ${title}`, options);
  return title === undefined ? text : `${title}:\n${text}`;
}

function leftOut(what: string, { warn }: MessageOptions): string {
  warn('unsupported-part', `${what} was left out, because the server does not take it`);
  return `[${what} was left out: this model cannot read it]`;
}
