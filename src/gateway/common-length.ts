/** How far two bodies are the same. */

const blockBytes = 16 * 1024;

/** Bytes at the beginning that are the same in both. */
export function commonLength(one: Buffer, other: Buffer): number {
  const length = Math.min(one.length, other.length);
  let at = 0;
  for (let block = blockBytes; block > 0; block = block === 1 ? 0 : Math.max(1, block >> 3)) {
    while (at + block <= length && one.compare(other, at, at + block, at, at + block) === 0) at += block;
  }
  return at;
}
