/**
 * Plain bytes out of a compressed answer. Answers are asked for uncompressed, because they are read and changed while they
 * pass; some servers and proxies compress all the same.
 */
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import type { UpstreamFlow } from './flow.ts';

export interface DecompressionEvents {
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** Not what the coding says, or cut off. */
  onBroken(error: Error): void;
}

export interface Decompression extends UpstreamFlow {
  /** Pauses `source` while there is more than is taken. */
  write(chunk: Buffer, source: UpstreamFlow): void;
  end(): void;
  destroy(): void;
}

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** The codings of `content-encoding`, in the order in which they were applied; empty for a plain body. */
export function codingsOf(header: string | string[] | undefined): readonly string[] {
  return String(header ?? '').toLowerCase().split(',').map((coding) => coding.trim()).filter((coding) => coding !== '' && coding !== 'identity');
}

/** Undefined: one of the codings is not known. @param codings at least one */
export function createDecompression(codings: readonly string[], { onData, onEnd, onBroken }: DecompressionEvents): Decompression | undefined {
  const chain: Transform[] = [];
  for (const coding of codings.toReversed()) {
    const decoder = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
    if (!decoder) return undefined;
    chain.push(decoder());
  }
  const [first] = chain;
  const last = chain.at(-1);
  if (!first || !last) return undefined;
  let source: UpstreamFlow | undefined;
  for (const [index, decoder] of chain.entries()) {
    decoder.on('error', onBroken);
    const next = chain[index + 1];
    if (next) decoder.pipe(next);
  }
  first.on('drain', () => {
    const waiting = source;
    source = undefined;
    waiting?.resume();
  });
  last.on('data', onData).on('end', onEnd);

  return {
    write(chunk, from) {
      if (first.write(chunk)) return;
      source = from;
      from.pause();
    },
    end: () => void first.end(),
    pause: () => void last.pause(),
    resume: () => void last.resume(),
    destroy() {
      for (const decoder of chain) decoder.destroy();
    },
  };
}
