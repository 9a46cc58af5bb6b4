/**
 * Long texts of a conversation cross a translation as the bytes that they came in. A JSON string is written the same in every
 * protocol, so that only what is around them needs to be parsed, understood and written again: each is represented by its
 * beginning, a mark and its end, and put back into what comes out.
 *
 * What an agent sends again with every turn is not parsed again either: turns and large members (tools, instructions) whose
 * bytes are those of the request before are the very same values. Nobody may change them.
 *
 * Nothing depends on all that: where anything is out of the ordinary the whole body takes the usual way.
 */
import { backslash, zero } from './ascii.ts';
import { type BodyOutline, type Cut, largeMember, longBody } from './body-outline.ts';
import { parsePlainJson } from './protocol/json.ts';
import type { Json } from './protocol/ir.ts';
import { sealedMark } from './protocol/sealed.ts';

/** A body with marks for its long texts, parsed. */
export interface ParsedBody {
  readonly json: Readonly<Record<string, Json>>;
  /** Letters that no client can know. Of letters: digits might pass for a number that is to be kept exactly. */
  readonly name: string;
  /** Values of large members. */
  readonly members: ReadonlyMap<string, Json>;
  readonly turns: readonly Json[];
}

export interface LongTexts {
  readonly parsed: ParsedBody;
  /** Characters, about, of what was taken out. */
  readonly length: number;
  /** JSON that was made of the parsed body, with the texts in their places. Undefined: a mark was changed, so the way is not open. */
  restore(json: string): readonly Buffer[] | undefined;
}

/** What was made of a body, for the next one that begins as it does. */
export interface KnownBody {
  readonly outline: BodyOutline;
  readonly parsed: ParsedBody;
}

/** Undefined: there is nothing to gain, or it cannot be done. @param before the body that the outline goes on from */
export function takeLongTexts(outline: BodyOutline, before?: KnownBody): LongTexts | undefined {
  if (!outline.isPlain || outline.bytes.length < longBody || (outline.cuts.length === 0 && !before)) return undefined;
  const name = before?.parsed.name ?? newName();
  const skeleton = createSkeleton(outline, name, before);
  // Proofs are bound to the words around them, which must all be there to be compared.
  if (skeleton.text.includes(sealedMark)) return undefined;
  const json = parsePlainJson(skeleton.text);
  if (json === undefined) return undefined;
  const parsed = skeleton.complete(json as Record<string, Json>);
  const byId = new Map(outline.cuts.map((cut) => [cut.id, cut]));
  let length = 0;
  for (const { start, end } of outline.cuts) length += end - start;
  return { parsed, length, restore: (text) => restore(text, outline.bytes, byId, name) };
}

function newName(): string {
  return crypto.randomUUID().replaceAll('-', '').replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? '');
}

interface Skeleton {
  /** JSON with marks, without what is known. */
  readonly text: string;
  /** Puts in what is known. */
  complete(json: Record<string, Json>): ParsedBody;
}

function createSkeleton({ bytes, members, cuts, turns, knownTurns: knownCount, knownMembers }: BodyOutline, name: string, before: KnownBody | undefined): Skeleton {
  const repeated = new Set(members.map((member) => member.name).filter((one, index, all) => all.indexOf(one) !== index));
  const large = members.filter((member) => member.end - member.start >= largeMember && member !== turns?.member && !repeated.has(member.name));
  const kept = large.filter((member) => knownMembers.has(member) && before?.parsed.members.has(member.name));
  const knownTurns = before && turns ? before.parsed.turns.slice(0, knownCount) : [];
  let text = '';
  let at = 0;
  let next = 0;
  /** Everything up to `end`, with marks. */
  const write = (end: number): void => {
    for (; next < cuts.length && (cuts[next] as Cut).start < end; next++) {
      const cut = cuts[next] as Cut;
      text += `${bytes.toString('utf8', at, cut.start)}\\u0001${name}${cut.id}\\u0001`;
      at = cut.end;
    }
    text += bytes.toString('utf8', at, end);
    at = end;
  };
  /** Goes to `end`; what was between is known. */
  const leave = (end: number): void => {
    while (next < cuts.length && (cuts[next] as Cut).start < end) next++;
    at = end;
  };
  const left = [...kept, ...(knownTurns.length > 0 && turns ? [turns.member] : [])].toSorted((one, other) => one.start - other.start);
  for (const member of left) {
    write(member.start);
    if (member === turns?.member) {
      text += '[';
      // The next turn, or the end of the list.
      leave(turns.spans[knownTurns.length]?.start ?? member.end - 1);
    } else {
      text += 'null';
      leave(member.end);
    }
  }
  write(bytes.length);

  return {
    text,
    complete(json) {
      for (const member of kept) json[member.name] = before?.parsed.members.get(member.name) as Json;
      const list = turns && json[turns.member.name];
      const newTurns = Array.isArray(list) ? (list as readonly Json[]) : [];
      const allTurns = knownTurns.length > 0 ? [...knownTurns, ...newTurns] : newTurns;
      if (turns && knownTurns.length > 0) json[turns.member.name] = allTurns;
      return { json, name, members: new Map(large.map((member) => [member.name, json[member.name] as Json])), turns: allTurns };
    },
  };
}

/**
 * A control character is always escaped, and once more in JSON that is inside of a string: the number of backslashes tells
 * where a mark has come to stand.
 */
function restore(json: string, bytes: Buffer, cuts: ReadonlyMap<number, Cut>, name: string): readonly Buffer[] | undefined {
  const made = Buffer.from(json);
  const pieces: Buffer[] = [];
  let at = 0;
  let marks = 0;
  for (let found = made.indexOf(edge); found !== -1; found = made.indexOf(edge, at)) {
    const mark = readMark(made, found, name);
    const cut = mark && cuts.get(mark.id);
    if (!cut) return undefined;
    const text = bytes.subarray(cut.start, cut.end);
    pieces.push(made.subarray(at, mark.start), mark.isNested ? Buffer.from(JSON.stringify(text.toString('utf8')).slice(1, -1)) : text);
    at = mark.end;
    marks++;
  }
  // One that lost both its ends is none any more.
  if (count(json, name) !== marks) return undefined;
  pieces.push(made.subarray(at));
  return pieces;
}

/** What a control character of a mark is in JSON, behind its backslashes. */
const edge = 'u0001';

interface Mark {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  /** In JSON that is inside of a string. */
  readonly isNested: boolean;
}

/** The mark whose first edge was found. Undefined: a text's own control character, or half of a mark. */
function readMark(json: Buffer, found: number, name: string): Mark | undefined {
  let start = found;
  while (json[start - 1] === backslash) start--;
  const digits = found + edge.length + name.length;
  if (json.toString('latin1', found + edge.length, digits) !== name) return undefined;
  let id = 0;
  let end = digits;
  for (let digit = (json[end] ?? 0) - zero; digit >= 0 && digit <= 9; digit = (json[++end] ?? 0) - zero) id = id * 10 + digit;
  const escapes = found - start;
  if (end === digits || escapes > 2) return undefined;
  const behind = end + escapes + edge.length;
  return json.toString('latin1', end, behind) === '\\'.repeat(escapes) + edge ? { id, start, end: behind, isNested: escapes === 2 } : undefined;
}

function count(text: string, part: string): number {
  let found = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) found++;
  return found;
}
