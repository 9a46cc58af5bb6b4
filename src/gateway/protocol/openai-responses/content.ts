/** Parts of messages and of tool results, both ways. */
import { isJsonObject } from '../json.ts';
import { base64ToText, dataUrl, mediaFromUrl, mediaTypeOfName } from '../media.ts';
import { parseWire } from '../parse.ts';
import * as z from 'zod';
import { partSchema, type WirePart } from './schema.ts';
import type { IrAudio, IrDocument, IrImage, IrMedia, IrRefusal, IrText, JsonObject } from '../ir.ts';
import type { Warn } from '../warnings.ts';

const protocol = 'openai-responses';
const details = ['low', 'high', 'auto', 'original'] as const;

type DecodedPart = IrText | IrImage | IrDocument | IrAudio | IrRefusal;

export function decodeParts(content: string | readonly WirePart[] | null | undefined, warn: Warn): readonly DecodedPart[] {
  if (content === null || content === undefined) return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.flatMap((part) => decodePart(part, warn) ?? []);
}

function decodePart(part: WirePart, warn: Warn): DecodedPart | undefined {
  switch (part.type) {
    case 'refusal':
      return { type: 'refusal', text: part.refusal ?? part.text ?? '' };
    case 'input_image': {
      const media = imageMedia(part);
      if (media === undefined) break;
      const detail = details.find((value) => value === part.detail);
      return { type: 'image', media, ...(detail === undefined ? {} : { detail }) };
    }
    case 'input_file': {
      const media = fileMedia(part);
      return media === undefined ? drop(part, warn) : { type: 'document', media, ...(typeof part.filename === 'string' ? { title: part.filename } : {}) };
    }
    case 'input_audio':
      return part.input_audio ? { type: 'audio', media: { type: 'base64', mediaType: `audio/${part.input_audio.format ?? 'wav'}`, data: part.input_audio.data } } : drop(part, warn);
    default:
      // input_text, output_text, text, summary_text, reasoning_text, and whatever else says its text
      if (typeof part.text === 'string') return { type: 'text', text: part.text };
  }
  return drop(part, warn);
}

function drop(part: WirePart, warn: Warn): undefined {
  warn('unsupported-part', `a part of type ${part.type ?? 'unknown'} was left out`);
}

function imageMedia(part: WirePart): IrMedia | undefined {
  const url = typeof part.image_url === 'string' ? part.image_url : part.image_url?.url;
  if (url !== undefined && url !== '') return mediaFromUrl(url);
  return typeof part.file_id === 'string' ? { type: 'file', id: part.file_id, origin: protocol } : undefined;
}

function fileMedia(part: WirePart): IrDocument['media'] | undefined {
  if (typeof part.file_data === 'string') {
    const type = mediaTypeOfName(part.filename ?? '');
    return readable(part.file_data.startsWith('data:') ? mediaFromUrl(part.file_data, type) : { type: 'base64', mediaType: type, data: part.file_data });
  }
  if (typeof part.file_url === 'string') return mediaFromUrl(part.file_url);
  return typeof part.file_id === 'string' ? { type: 'file', id: part.file_id, origin: protocol } : undefined;
}

/** Texts become texts: more models read these than files. */
function readable(media: IrMedia): IrDocument['media'] {
  if (media.type !== 'base64' || !/^text\/|^application\/json$/.test(media.mediaType)) return media;
  const text = base64ToText(media.data);
  return text === undefined ? media : { type: 'text', text, mediaType: media.mediaType };
}

/** What a tool gave back: a text, a list of parts, or (against the documentation, but seen) any JSON. */
export function decodeOutput(output: unknown, path: string, warn: Warn): readonly (IrText | IrImage | IrDocument)[] {
  if (output === null || output === undefined) return [];
  if (typeof output === 'string') return output === '' ? [] : [{ type: 'text', text: output }];
  if (Array.isArray(output) && output.every((part) => isJsonObject(part) && typeof part['type'] === 'string')) {
    return decodeParts(parseWire(z.array(partSchema), output, path), warn).flatMap((part) => {
      if (part.type === 'text' || part.type === 'image' || part.type === 'document') return [part];
      if (part.type === 'refusal') return [{ type: 'text', text: part.text } as const];
      warn('unsupported-part', `a part of type ${part.type} in a tool's result was left out`);
      return [];
    });
  }
  return [{ type: 'text', text: JSON.stringify(output) }];
}

/** A part of the user's or of a tool's result, or undefined (with a warning) where the wire cannot say it. */
export function encodePart(part: IrText | IrImage | IrDocument | IrAudio, warn: Warn): JsonObject {
  const leftOut = (what: string): JsonObject => {
    warn('unsupported-part', `${what} was left out`);
    return { type: 'input_text', text: `[${what} was left out: this model cannot read it]` };
  };
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text };
    case 'image': {
      const detail = part.detail ?? 'auto';
      if (part.media.type === 'base64') return { type: 'input_image', image_url: dataUrl(part.media.mediaType, part.media.data), detail };
      if (part.media.type === 'url') return { type: 'input_image', image_url: part.media.url, detail };
      return part.media.origin === protocol ? { type: 'input_image', file_id: part.media.id, detail } : leftOut('an image in another vendor’s file store');
    }
    case 'document': {
      const { media } = part;
      if (media.type === 'url') return { type: 'input_file', file_url: media.url };
      if (media.type === 'file') return media.origin === protocol ? { type: 'input_file', file_id: media.id } : leftOut('a file in another vendor’s file store');
      // Texts go as text: servers of models that read no files read these.
      if (media.type === 'text') return { type: 'input_text', text: part.title === undefined ? media.text : `${part.title}\n\n${media.text}` };
      return { type: 'input_file', filename: part.title ?? nameFor(media.mediaType), file_data: dataUrl(media.mediaType, media.data) };
    }
    case 'audio':
      return leftOut('a sound');
  }
}

function nameFor(mediaType: string): string {
  return `document.${mediaType === 'application/pdf' ? 'pdf' : (/^text\/(\w+)/.exec(mediaType)?.[1] ?? 'bin').replace('plain', 'txt').replace('markdown', 'md')}`;
}
