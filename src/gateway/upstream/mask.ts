/**
 * Takes a key out of the answer of the server that it belongs to: some repeat what they were sent, in errors above all, and the
 * agent is not to have it. Stars of the same length, so that everything else stays where it is.
 */

export interface Mask {
  /** What may be passed on by now: all but what may be the beginning of the key. */
  push(chunk: Buffer): Buffer;
  /** The rest. */
  end(): Buffer;
  /** Without those that say the key. */
  headers<T>(headers: Readonly<Record<string, T>>): Readonly<Record<string, T>>;
}

const star = 0x2a;
const nothing = Buffer.alloc(0);

/** Undefined: it is no secret, but one of the words that people write where a server wants any key at all, such as `ollama`. */
export function createMask(key: string): Mask | undefined {
  if (key.length < 8 || !/\d/.test(key)) return undefined;
  const secret = Buffer.from(key);
  const [first] = secret;
  let held = nothing;

  /** Where the end of `bytes` may be the beginning of the key; its length where not. */
  function openAt(bytes: Buffer): number {
    for (let at = Math.max(0, bytes.length - secret.length + 1); at < bytes.length; at++) {
      if (bytes[at] === first && bytes.compare(secret, 0, bytes.length - at, at) === 0) return at;
    }
    return bytes.length;
  }

  return {
    push(chunk) {
      let bytes: Buffer = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
      let found = bytes.indexOf(secret);
      // The chunk is not ours to change.
      if (found !== -1 && bytes === chunk) bytes = Buffer.from(chunk);
      for (; found !== -1; found = bytes.indexOf(secret, found + secret.length)) bytes.fill(star, found, found + secret.length);
      const open = openAt(bytes);
      if (open === bytes.length) {
        held = nothing;
        return bytes;
      }
      held = Buffer.from(bytes.subarray(open));
      return bytes.subarray(0, open);
    },
    end() {
      const rest = held;
      held = nothing;
      return rest;
    },
    headers: (headers) => (Object.values(headers).some((value) => String(value).includes(key)) ? Object.fromEntries(Object.entries(headers).filter(([, value]) => !String(value).includes(key))) : headers),
  };
}
