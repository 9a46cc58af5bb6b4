/** Parts of a turn that both sides send: texts, media, and what Google's own tools did. */
import { base64ToText, mediaTypeOfName } from '../media.ts';
import type { IrAudio, IrDocument, IrImage, IrMedia, IrText, JsonObject } from '../ir.ts';
import type { Warn } from '../warnings.ts';
import type { WirePart } from './schema.ts';

const protocol = 'gemini';

export type MediaPart = IrText | IrImage | IrDocument | IrAudio;

interface WireMedia {
  readonly inlineData?: WirePart['inlineData'];
  readonly fileData?: WirePart['fileData'];
}

/** Inline bytes or a reference; undefined (with a warning) for what no other wire has. */
export function decodeMedia(part: WireMedia, warn: Warn): MediaPart | undefined {
  const blob = part.inlineData;
  const file = part.fileData;
  const mediaType = (blob?.mimeType ?? file?.mimeType ?? mediaTypeOfName(pathOf(file?.fileUri ?? ''))).toLowerCase();
  const name = blob?.displayName ?? file?.displayName;
  const title = typeof name === 'string' && name !== '' ? { title: name } : {};
  if (typeof blob?.data === 'string') {
    const media: IrMedia = { type: 'base64', mediaType, data: blob.data };
    if (mediaType.startsWith('image/')) return { type: 'image', media };
    if (mediaType.startsWith('audio/')) return { type: 'audio', media };
    if (isText(mediaType)) {
      const text = base64ToText(blob.data);
      if (text !== undefined) return { type: 'document', media: { type: 'text', text, mediaType }, ...title };
    }
    if (!mediaType.startsWith('video/')) return { type: 'document', media, ...title };
  } else if (typeof file?.fileUri === 'string' && !mediaType.startsWith('video/')) {
    const media: IrMedia = isStored(file.fileUri) ? { type: 'file', id: file.fileUri, origin: protocol } : { type: 'url', url: file.fileUri, mediaType };
    if (mediaType.startsWith('image/')) return { type: 'image', media };
    return mediaType.startsWith('audio/') ? { type: 'audio', media } : { type: 'document', media, ...title };
  }
  warn('unsupported-part', `a part of type ${mediaType} was left out`);
  return undefined;
}

/** What Google's code tool wrote and saw, as the model would have told it; undefined for other parts. */
export function codeText(part: WirePart): string | undefined {
  if (part.executableCode) return `\n\`\`\`${(part.executableCode.language ?? '').toLowerCase().replace('language_unspecified', '')}\n${part.executableCode.code ?? ''}\n\`\`\`\n`;
  if (part.codeExecutionResult) return `\`\`\`\n${part.codeExecutionResult.output ?? ''}\n\`\`\`\n`;
  return undefined;
}

export function encodeMedia(part: IrImage | IrDocument | IrAudio, warn: Warn): JsonObject {
  const { media } = part;
  if (media.type === 'base64') return { inlineData: { mimeType: media.mediaType, data: media.data } };
  if (media.type === 'url') return { fileData: { fileUri: media.url, mimeType: media.mediaType ?? typeOfUrl(media.url, part.type) } };
  if (media.type === 'text') return { text: part.type === 'document' && part.title !== undefined ? `${part.title}\n\n${media.text}` : media.text };
  if (media.origin === protocol) return { fileData: { fileUri: media.id } };
  warn('unsupported-part', `a part of type ${part.type} was left out: it lies in another vendor’s file store`);
  return { text: `[${part.type === 'image' ? 'an image' : 'a file'} was left out: this model cannot read it]` };
}

function typeOfUrl(url: string, kind: MediaPart['type']): string {
  const type = mediaTypeOfName(pathOf(url));
  if (type !== 'application/octet-stream') return type;
  return kind === 'image' ? 'image/jpeg' : kind === 'audio' ? 'audio/mpeg' : 'application/pdf';
}

function pathOf(url: string): string {
  return url.replace(/[?#].*$/s, '');
}

/** In Google's own stores, which nobody else can read. */
function isStored(uri: string): boolean {
  return uri.startsWith('gs://') || /^https:\/\/(?:generativelanguage\.googleapis\.com|(?:www\.)?youtube\.com|youtu\.be)\//.test(uri);
}

function isText(mediaType: string): boolean {
  return mediaType.startsWith('text/') || mediaType === 'application/json';
}
