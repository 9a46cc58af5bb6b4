/** A body that is needed whole: bounded, decompressed. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { fail, ok, type Result } from '../../base/result.ts';

/** Larger than any answer of a model, smaller than what would hurt. */
export const maxBodyBytes = 64 * 1024 * 1024;

export interface WholeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

export interface WholeReader {
  /** @returns false when the limit is passed; the rest is not wanted */
  push(chunk: Buffer): boolean;
  /** The error is a phrase for a message. */
  end(): Promise<Result<WholeAnswer, string>>;
}

const decoders: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  ...(zstdDecompress ? { zstd: promisify(zstdDecompress) } : {}),
};

export function readWhole(status: number, headers: Readonly<Record<string, string | string[]>>): WholeReader {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    push(chunk) {
      size += chunk.length;
      if (size > maxBodyBytes) return false;
      chunks.push(chunk);
      return true;
    },
    async end() {
      if (size > maxBodyBytes) return fail('it is too large');
      const flat = flattenHeaders(headers);
      let bytes: Buffer = Buffer.concat(chunks, size);
      const codings = (flat['content-encoding'] ?? '').split(',').map((coding) => coding.trim().toLowerCase()).filter((coding) => coding !== '' && coding !== 'identity');
      for (const coding of codings.reverse()) {
        const decode = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
        if (!decode) return fail(`its compression ${coding} is not known`);
        try {
          bytes = await decode(bytes, { maxOutputLength: maxBodyBytes });
        } catch {
          return fail(`its compression ${coding} is broken, or it is too large`);
        }
      }
      return ok({ status, headers: flat, bytes });
    },
  };
}

export function flattenHeaders(headers: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]));
}
