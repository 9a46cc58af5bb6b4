/** The parts of a message, in every spelling that servers and clients of this wire have for them. */
import { mediaFromUrl, mediaTypeOfName } from '../media.ts';
import type { IrAssistantPart, IrAudio, IrCacheMark, IrDocument, IrImage, IrText, IrToolCall } from '../ir.ts';
import type { WireContent, WireMessage, WirePart, WireToolCall } from './schema.ts';

/** The thoughts in a message or a chunk. A server that says the same under two names is heard once. */
export function reasoningOf(message: WireMessage): string {
  const direct = [message.reasoning_content, message.reasoning, message.reasoning_text].find((value) => typeof value === 'string' && value !== '');
  if (typeof direct === 'string') return direct;
  return (message.reasoning_details ?? []).map((detail) => detail.text ?? detail.summary ?? '').join('');
}

export type ContentPiece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | { readonly type: 'refusal'; readonly text: string }
  | { readonly type: 'image'; readonly image: IrImage };

/** An answer's content as a list of pieces; content is a text, a list of parts, or nothing. */
export function contentPieces(content: WireContent): readonly ContentPiece[] {
  if (content === null || content === undefined) return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.flatMap((part): readonly ContentPiece[] => {
    if (typeof part === 'string') return [{ type: 'text', text: part }];
    if (typeof part.refusal === 'string') return [{ type: 'refusal', text: part.refusal }];
    if (part.thinking !== undefined && part.thinking !== null) {
      return [{ type: 'reasoning', text: typeof part.thinking === 'string' ? part.thinking : part.thinking.map((piece) => piece.text ?? '').join('') }];
    }
    const image = imageOf(part);
    if (image) return [{ type: 'image', image }];
    return typeof part.text === 'string' ? [{ type: part.type === 'reasoning' || part.type === 'thinking' ? 'reasoning' : 'text', text: part.text }] : [];
  });
}

/** A user's content; parts that nobody knows are left to `unknown`. */
export function userParts(content: WireContent, unknown: (type: string) => void): readonly (IrText | IrImage | IrDocument | IrAudio)[] {
  if (content === null || content === undefined) return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.flatMap((part): readonly (IrText | IrImage | IrDocument | IrAudio)[] => {
    if (typeof part === 'string') return [{ type: 'text', text: part }];
    const image = imageOf(part);
    if (image) return [image];
    if (part.input_audio) return [{ type: 'audio', media: { type: 'base64', mediaType: `audio/${part.input_audio.format ?? 'wav'}`, data: part.input_audio.data } }];
    if (part.file) return fileOf(part.file, unknown);
    if (typeof part.text === 'string') return [{ type: 'text', text: part.text, ...cacheMark(part) }];
    if (typeof part.refusal === 'string') return [{ type: 'text', text: part.refusal }];
    unknown(part.type ?? 'part without a type');
    return [];
  });
}

function cacheMark({ cache_control: control, prompt_cache_breakpoint: breakpoint }: WirePart): { readonly cache?: IrCacheMark } {
  const isMarked = (control !== null && control !== undefined) || (breakpoint !== null && breakpoint !== undefined);
  return isMarked ? { cache: control?.ttl === '5m' || control?.ttl === '1h' ? { ttl: control.ttl } : {} } : {};
}

function imageOf(part: Pick<WirePart, 'image_url'>): IrImage | undefined {
  if (part.image_url === null || part.image_url === undefined) return undefined;
  const { url, detail } = typeof part.image_url === 'string' ? { url: part.image_url, detail: undefined } : part.image_url;
  const known = detail === 'low' || detail === 'high' || detail === 'auto' || detail === 'original' ? detail : undefined;
  return { type: 'image', media: mediaFromUrl(url), ...(known === undefined ? {} : { detail: known }) };
}

export function imagesOf(message: WireMessage): readonly IrImage[] {
  return (message.images ?? []).flatMap((image) => imageOf(image) ?? []);
}

function fileOf(file: NonNullable<WirePart['file']>, unknown: (type: string) => void): readonly IrDocument[] {
  const title = file.filename === null || file.filename === undefined ? {} : { title: file.filename };
  if (typeof file.file_data === 'string') {
    const media = mediaFromUrl(file.file_data);
    // Some give the bare base64 text instead of a data URL.
    const whole = media.type === 'url' && !/^https?:/i.test(media.url) ? { type: 'base64' as const, mediaType: mediaTypeOfName(file.filename ?? ''), data: file.file_data } : media;
    return [{ type: 'document', media: whole, ...title }];
  }
  if (typeof file.file_id === 'string') return [{ type: 'document', media: { type: 'file', id: file.file_id, origin: 'openai-chat' }, ...title }];
  unknown('file without content');
  return [];
}

/** Arguments as text, whatever the server made of them. */
export function argumentsOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A whole call. `id` is given where the wire has none. */
export function toolCallOf(call: WireToolCall, id: string): IrToolCall {
  const value = call.extra_content?.google?.thought_signature;
  const signature = typeof value === 'string' ? { signature: { origin: 'gemini', value } as const } : {};
  if (call.custom) return { type: 'tool-call', id, name: call.custom.name ?? '', input: { type: 'text', text: call.custom.input ?? '' }, ...signature };
  return { type: 'tool-call', id, name: call.function?.name ?? '', input: { type: 'json', text: argumentsOf(call.function?.arguments) }, ...signature };
}

/** An earlier answer in a request. `newId` is asked where a call has no id. */
export function assistantParts(message: WireMessage, newId: (index: number) => string): readonly IrAssistantPart[] {
  const thoughts = reasoningOf(message);
  const calls = message.tool_calls ?? [];
  return [
    ...(thoughts === '' ? [] : [{ type: 'reasoning', text: thoughts, summary: false } as const]),
    ...contentPieces(message.content).flatMap((piece): readonly IrAssistantPart[] => {
      if (piece.type === 'image') return [piece.image];
      if (piece.text === '') return [];
      return piece.type === 'reasoning' ? [{ type: 'reasoning', text: piece.text, summary: false }] : [{ type: piece.type, text: piece.text }];
    }),
    ...(typeof message.refusal === 'string' && message.refusal !== '' ? [{ type: 'refusal', text: message.refusal } as const] : []),
    ...imagesOf(message),
    ...calls.map((call, index) => toolCallOf(call, call.id === null || call.id === undefined || call.id === '' ? newId(index) : call.id)),
    ...(message.function_call ? [toolCallOf({ function: message.function_call }, newId(calls.length))] : []),
  ];
}
