/**
 * A request as it is sent: JSON with the long texts in their places. Turns and tools that were written for an earlier request
 * are taken from there.
 */
import type { LongTexts } from './long-texts.ts';
import { packPieces, type Pieces } from './pieces.ts';
import { createFold } from './protocol/fold.ts';
import type { Json, JsonObject } from './protocol/ir.ts';

type Texts = Pick<LongTexts, 'restore'>;

/** Undefined: a mark was changed, so that the texts cannot be put back. */
export function writeBody(body: JsonObject, texts: Texts): Buffer | Pieces | undefined {
  const pieces: Buffer[] = [];
  let text = '';
  let isWhole = true;
  const flush = (): void => {
    const restored = texts.restore(text);
    if (restored) pieces.push(...restored);
    else isWhole = false;
    text = '';
  };
  let separator = '{';
  for (const [name, value] of Object.entries(body)) {
    // What is absent is not written, as in JSON.stringify.
    if (value === undefined) continue;
    text += `${separator}${JSON.stringify(name)}:`;
    separator = ',';
    if (!isListOfObjects(value)) {
      text += JSON.stringify(value);
      continue;
    }
    text += '[';
    flush();
    const list = writeList(value, { context: texts, warn: () => {} });
    if (list.isBroken) isWhole = false;
    pieces.push(...list.packed, ...list.loose);
    text = ']';
  }
  text += separator === '{' ? '{}' : '}';
  flush();
  return isWhole ? packPieces(pieces) : undefined;
}

function isListOfObjects(value: Json): value is readonly JsonObject[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null);
}

interface WrittenList {
  readonly packed: Buffer[];
  /** Those that are not worth a piece of their own yet. */
  loose: Buffer[];
  looseBytes: number;
  /** A text could not be put back. */
  isBroken: boolean;
}

const packBytes = 64 * 1024;

/** Copies, because a piece of a body would keep all of it in memory. */
const writeList = createFold<JsonObject, WrittenList, Texts>({
  begin: () => ({ packed: [], loose: [], looseBytes: 0, isBroken: false }),
  step(list, item, { index, context }) {
    const restored = context.restore(`${index === 0 ? '' : ','}${JSON.stringify(item)}`);
    if (!restored) {
      list.isBroken = true;
      return;
    }
    const written = Buffer.concat(restored);
    list.loose.push(written);
    list.looseBytes += written.length;
    if (list.looseBytes < packBytes) return;
    list.packed.push(Buffer.concat(list.loose, list.looseBytes));
    list.loose = [];
    list.looseBytes = 0;
  },
  isBorder: () => true,
  copy: ({ packed, loose, looseBytes, isBroken }) => ({ packed: [...packed], loose: [...loose], looseBytes, isBroken }),
});
