/** What users and tools say: text, pictures, files and sound, as far as the server takes them. */
import type { UpstreamTraits } from '../codec.ts';
import type { IrDocument, IrImage, IrMedia, IrToolResult, IrUserPart } from '../ir.ts';
import { base64ToText, dataUrl } from '../media.ts';
import type { Warn } from '../warnings.ts';
import type { ChatMessage, ChatPart } from './message-join.ts';

export interface PartOptions {
  readonly traits: UpstreamTraits;
  readonly warn: Warn;
}

export function encodeUserParts(parts: readonly IrUserPart[], options: PartOptions): readonly ChatPart[] {
  return parts.flatMap((part) => encodePart(part, options));
}

/**
 * Results hold only text on this wire: pictures and files of all results of a turn follow in a message of the user,
 * because nothing may stand between the results.
 */
export function encodeResultMessages(parts: readonly IrUserPart[], options: PartOptions): readonly ChatMessage[] {
  const results: ChatMessage[] = [];
  const moved: ChatPart[] = [];
  const rest: ChatPart[] = [];
  for (const part of parts) {
    if (part.type === 'tool-result') {
      const { texts, media } = splitResult(part, options);
      results.push({ role: 'tool', id: part.callId, parts: [{ type: 'text', text: texts.join('\n') }] });
      if (media.length > 0) moved.push({ type: 'text', text: attachmentLabel(part) }, ...media);
    } else rest.push(...encodePart(part, options));
  }
  const following = [...moved, ...rest];
  return following.length === 0 ? results : [...results, { role: 'user', parts: following }];
}

function attachmentLabel({ name, callId }: IrToolResult): string {
  return `Attached to the result of ${name === undefined ? 'the call' : name} (${callId}):`;
}

function splitResult(result: IrToolResult, options: PartOptions): { readonly texts: readonly string[]; readonly media: readonly ChatPart[] } {
  const texts: string[] = [];
  const media: ChatPart[] = [];
  for (const part of result.content) {
    for (const encoded of encodePart(part, options)) {
      if (encoded.type === 'text') texts.push(encoded.text);
      else media.push(encoded);
    }
  }
  if (media.length > 0) {
    texts.push('(The attached content follows in the next message.)');
    options.warn('approximated', 'pictures and files in tool results were moved into a message of their own');
  }
  return { texts: result.isError ? markError(texts) : texts, media };
}

/** This wire has no flag for a failed call, so that the text must tell. */
function markError(texts: readonly string[]): readonly string[] {
  const [first = '', ...rest] = texts;
  return /^\W{0,3}(?:\w+[_ ]){0,2}error/i.test(first) ? texts : [`Error: ${first === '' ? 'the call failed' : first}`, ...rest];
}

function encodePart(part: IrUserPart, options: PartOptions): readonly ChatPart[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    case 'image':
      return encodeImage(part, options);
    case 'document':
      return encodeDocument(part, options);
    case 'audio':
      return encodeAudio(part.media, options);
    case 'tool-result':
      return [];
  }
}

function leftOut(what: string, options: PartOptions): readonly ChatPart[] {
  options.warn('unsupported-part', `${what} was left out, because the server does not take it`);
  return [{ type: 'text', text: `[${what} was left out: this model cannot read it]` }];
}

function encodeImage({ media, detail }: IrImage, options: PartOptions): readonly ChatPart[] {
  if (options.traits.images === false || media.type === 'file') return leftOut('a picture', options);
  const url = media.type === 'url' ? media.url : dataUrl(media.mediaType, media.data);
  return [{ type: 'other', wire: { type: 'image_url', image_url: { url, ...(detail === undefined ? {} : { detail: detail === 'original' ? 'high' : detail }) } } }];
}

function encodeDocument({ media, title }: IrDocument, options: PartOptions): readonly ChatPart[] {
  const text = media.type === 'text' ? media.text : media.type === 'base64' && /^text\/|json|xml/.test(media.mediaType) ? base64ToText(media.data) : undefined;
  if (text !== undefined) return [{ type: 'text', text: title === undefined ? text : `${title}:\n${text}` }];
  if (media.type === 'file' && media.origin === 'openai-chat') return [{ type: 'other', wire: { type: 'file', file: { file_id: media.id } } }];
  if (media.type !== 'base64' || options.traits.documents !== true) return leftOut(title === undefined ? 'a document' : `the document ${title}`, options);
  return [{ type: 'other', wire: { type: 'file', file: { filename: title ?? 'document.pdf', file_data: dataUrl(media.mediaType, media.data) } } }];
}

function encodeAudio(media: IrMedia, options: PartOptions): readonly ChatPart[] {
  const format = media.type === 'base64' ? /^audio\/(?:x-)?(wav|mp3|mpeg)/.exec(media.mediaType)?.[1] : undefined;
  if (media.type !== 'base64' || format === undefined) return leftOut('a sound', options);
  return [{ type: 'other', wire: { type: 'input_audio', input_audio: { data: media.data, format: format === 'mpeg' ? 'mp3' : format } } }];
}
