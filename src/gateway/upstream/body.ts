/** A body that is needed whole: bounded. */
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
    end: () => Promise.resolve(size > maxBodyBytes ? fail('it is too large') : ok({ status, headers: flattenHeaders(headers), bytes: Buffer.concat(chunks, size) })),
  };
}

export function flattenHeaders(headers: Readonly<Record<string, string | string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]));
}
