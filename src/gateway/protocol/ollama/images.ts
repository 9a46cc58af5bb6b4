/** Pictures on this wire are base64 text without a type; the first bytes tell what they are. */
import type { IrImage } from '../ir.ts';

const beginnings: readonly (readonly [base64: RegExp, mediaType: string])[] = [
  [/^iVBORw0KGgo/, 'image/png'],
  [/^\/9j\//, 'image/jpeg'],
  [/^R0lGOD/, 'image/gif'],
  [/^UklGR/, 'image/webp'],
  // "BM" ends within the third character.
  [/^Qk[0-3]/, 'image/bmp'],
];

export function imageOf(value: string): IrImage {
  const url = /^data:([^;,]+);base64,/.exec(value);
  const data = url === null ? value : value.slice(url[0].length);
  const mediaType = url?.[1] ?? beginnings.find(([beginning]) => beginning.test(data))?.[1] ?? 'image/png';
  return { type: 'image', media: { type: 'base64', mediaType, data } };
}
