/** Answers as servers send them, and the cutting of them into pieces. */
import fc from 'fast-check';
import type { ChatDecoder, ChatEvent } from '../../../src/core/chat/model.ts';

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

export function decodeAll(decoder: ChatDecoder, pieces: readonly Uint8Array[]): ChatEvent[] {
  return [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.end()];
}

export function decodeText(decoder: ChatDecoder, text: string): ChatEvent[] {
  return decodeAll(decoder, [encode(text)]);
}

/** The bytes, cut at any places, empty pieces included. */
export function cuts(bytes: Uint8Array): fc.Arbitrary<Uint8Array[]> {
  return fc.array(fc.nat(bytes.length), { maxLength: 40 }).map((places) => {
    const sorted = [0, ...places.sort((a, b) => a - b), bytes.length];
    return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
  });
}

/** Every byte alone. */
export function crumbs(bytes: Uint8Array): Uint8Array[] {
  return [...bytes].map((byte) => Uint8Array.of(byte));
}

export function textOf(events: readonly ChatEvent[]): string {
  return events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
}

export function reasoningOf(events: readonly ChatEvent[]): string {
  return events.map((event) => (event.type === 'reasoning-delta' ? event.text : '')).join('');
}
