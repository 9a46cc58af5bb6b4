/** Images and files between the wires' spellings. */
import { entryOf } from './json.ts';
import type { IrMedia } from './ir.ts';

/** `data:image/png;base64,…` → its content; any other address stays an address. */
export function mediaFromUrl(url: string, mediaType?: string): IrMedia {
  const match = /^data:([^;,]*)((?:;[^;,]*)*),/i.exec(url);
  if (!match) return { type: 'url', url, ...(mediaType === undefined ? {} : { mediaType }) };
  const type = match[1] === undefined || match[1] === '' ? (mediaType ?? 'text/plain') : match[1];
  const content = url.slice(match[0].length);
  return { type: 'base64', mediaType: type, data: /;base64$/i.test(match[2] ?? '') ? content : btoa(unescapePercent(content)) };
}

export function dataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}

/** Text → base64 of its UTF-8 bytes. */
export function textToBase64(text: string): string {
  return btoa(bytesAsCharacters(new TextEncoder().encode(text)));
}

/** Base64 → text, or undefined when it is not base64 or not UTF-8. */
export function base64ToText(data: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(atob(data), (character) => character.charCodeAt(0)));
  } catch {
    return undefined; // bytes, not a text
  }
}

/** By the file's name, for wires that give no media type with it. */
export function mediaTypeOfName(name: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return entryOf(knownTypes, extension) ?? 'application/octet-stream';
}

const knownTypes: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
};

/** Percent escapes → one character per byte. */
function unescapePercent(text: string): string {
  const bytes = new TextEncoder().encode(text.replaceAll(/%([0-9a-f]{2})/gi, '\0$1'));
  return bytesAsCharacters(bytes).replaceAll(/\0([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function bytesAsCharacters(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let from = 0; from < bytes.length; from += 0x8000) pieces.push(String.fromCharCode(...bytes.subarray(from, from + 0x8000)));
  return pieces.join('');
}
