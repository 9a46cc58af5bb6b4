/** The body of a response: decompressed, read with back-pressure, its connection ended when it ends or is left. */
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, type Zlib } from 'node:zlib';

export interface BodyHooks {
  /** Turns what went wrong while reading into what the reader gets to see. */
  readonly fail: (error: unknown) => Error;
  /** The body was read to its end, or left. */
  readonly end: () => void;
}

export function openBody(stream: Readable, headers: Readonly<Record<string, string>>, hooks: BodyHooks): AsyncIterable<Uint8Array> {
  const { decoded, isEmpty } = decompress(stream, headers['content-encoding']);
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
            const failure = hooks.fail(error);
            if (isEmpty(error)) return { done: true, value: undefined };
            throw failure;
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
function decompress(stream: Readable, encoding: string | undefined): { readonly decoded: Readable; isEmpty(error: unknown): boolean } {
  let current = stream;
  let first: Zlib | undefined;
  for (const coding of (encoding ?? '').split(',').map((part) => part.trim().toLowerCase()).reverse()) {
    const decoder = coding === 'gzip' || coding === 'x-gzip' ? createGunzip() : coding === 'br' ? createBrotliDecompress() : coding === 'deflate' ? createInflate() : undefined;
    if (!decoder) continue;
    first ??= decoder;
    current = pipeline(current, decoder, () => {}); // an error arrives at the reader through the decoder
  }
  return {
    decoded: current,
    // Answers without a body (HEAD, 204) often name a coding all the same, and nothing at all is not well compressed.
    isEmpty: (error) => first?.bytesWritten === 0 && stream.readableEnded && error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR',
  };
}
