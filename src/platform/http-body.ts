/** The body of a response: decompressed, read with back-pressure, its connection ended when it ends or is left. */
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

export interface BodyHooks {
  /** Turns what went wrong while reading into what the reader gets to see. */
  readonly fail: (error: unknown) => Error;
  /** The body was read to its end, or left. */
  readonly end: () => void;
}

export function openBody(stream: Readable, headers: Readonly<Record<string, string>>, hooks: BodyHooks): AsyncIterable<Uint8Array> {
  const decoded = decompress(stream, headers['content-encoding']);
  return {
    [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
      const chunks = decoded[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
      return {
        async next() {
          try {
            const result = await chunks.next();
            if (result.done) hooks.end();
            return result;
          } catch (error) {
            throw hooks.fail(error);
          }
        },
        async return() {
          decoded.on('error', () => {}); // leaving early is not a failure
          decoded.destroy();
          stream.destroy();
          hooks.end();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** Undoes the codings in reverse order. One that nobody asked for is handed on as it is. */
function decompress(stream: Readable, encoding: string | undefined): Readable {
  let current = stream;
  for (const coding of (encoding ?? '').split(',').map((part) => part.trim().toLowerCase()).reverse()) {
    const decoder = coding === 'gzip' || coding === 'x-gzip' ? createGunzip() : coding === 'br' ? createBrotliDecompress() : coding === 'deflate' ? createInflate() : undefined;
    if (decoder) current = pipeline(current, decoder, () => {}); // an error arrives at the reader through the decoder
  }
  return current;
}
