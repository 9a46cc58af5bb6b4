/**
 * The last bodies of a session, so that of the next one, which holds the conversation so far once more, only what is new is
 * read. In memory only, and gone with the session.
 */
import { type BodyOutline, longBody, outlineOf } from './body-outline.ts';
import { commonLength } from './common-length.ts';
import type { ParsedBody } from './long-texts.ts';

export interface ReadBody {
  readonly outline: BodyOutline;
  /** Whether the bytes hold these characters, all of them ASCII. */
  includes(mark: string): boolean;
  /** The body that it goes on from, where that was parsed. */
  readonly before?: { readonly outline: BodyOutline; readonly parsed: ParsedBody };
  /** Keeps what was made of it. */
  remember(parsed: ParsedBody): void;
}

export interface BodyMemory {
  /** Undefined for what is no JSON object. */
  read(bytes: Buffer): ReadBody | undefined;
}

interface Remembered {
  readonly outline: BodyOutline;
  /** Marks that were looked for in vain. */
  readonly absent: Set<string>;
  parsed?: ParsedBody;
}

/** An agent and a few that work for it, each with a conversation of its own. */
const maxBodies = 4;
/** Longer ones are read anew each time. */
const maxBodyBytes = 4 * 1024 * 1024;

export function createBodyMemory(): BodyMemory {
  /** The latest last. */
  const bodies: Remembered[] = [];

  /** The one that has most in common with the bytes. */
  function closest(bytes: Buffer): { readonly body: Remembered; readonly length: number } | undefined {
    let found: { readonly body: Remembered; readonly length: number } | undefined;
    for (const body of bodies) {
      const length = commonLength(bytes, body.outline.bytes);
      if (length > (found?.length ?? 0)) found = { body, length };
    }
    return found;
  }

  return {
    read(bytes) {
      if (bytes.length < longBody || bytes.length > maxBodyBytes) {
        const outline = outlineOf(bytes);
        return outline && { outline, includes: (mark) => bytes.includes(mark, 0, 'latin1'), remember: () => {} };
      }
      const found = closest(bytes);
      const outline = outlineOf(bytes, found && { outline: found.body.outline, length: found.length });
      if (!outline) return undefined;
      const before = outline.knownTurns > 0 ? found?.body : undefined;
      const own: Remembered = { outline, absent: new Set() };
      // A conversation that went on takes the place of what it was; another one that begins alike does not.
      if (found && found.length > found.body.outline.bytes.length / 2) bodies.splice(bodies.indexOf(found.body), 1);
      bodies.push(own);
      if (bodies.length > maxBodies) bodies.shift();
      const includes = (mark: string): boolean => {
        if (own.absent.has(mark)) return false;
        const from = found?.body.absent.has(mark) ? Math.max(0, found.length - mark.length) : 0;
        const isThere = bytes.includes(mark, from, 'latin1');
        if (!isThere) own.absent.add(mark);
        return isThere;
      };
      return { outline, includes, ...(before?.parsed && { before: { outline: before.outline, parsed: before.parsed } }), remember: (parsed) => void (own.parsed = parsed) };
    },
  };
}
