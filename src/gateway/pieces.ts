/**
 * Long bodies as a list of pieces. Memory for a whole conversation in one piece has to come from the operating system page
 * by page, which costs more than all that is done with its bytes: they stay where they were read.
 */

/** Never empty pieces; the bytes are not to be changed. */
export type Pieces = readonly Buffer[];

/** Up to here one copy is cheaper than a second write. */
const packBytes = 32 * 1024;

/** The same bytes in few pieces: short neighbours are copied together, long ones stay as they are. One Buffer where that is all. */
export function packPieces(pieces: Pieces): Buffer | Pieces {
  const packed: Buffer[] = [];
  let short: Buffer[] = [];
  let size = 0;
  const flush = (): void => {
    if (size > 0) packed.push(short.length === 1 && short[0] ? short[0] : Buffer.concat(short, size));
    short = [];
    size = 0;
  };
  for (const piece of pieces) {
    if (piece.length >= packBytes) {
      flush();
      packed.push(piece);
      continue;
    }
    if (size + piece.length > 2 * packBytes) flush();
    short.push(piece);
    size += piece.length;
  }
  flush();
  return packed.length === 1 && packed[0] ? packed[0] : packed;
}

/** Bytes of all together. */
export function piecesLength(pieces: Pieces): number {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
}
