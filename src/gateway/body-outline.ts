/**
 * What a body's bytes tell without being parsed: where its members are, the turns of its conversation, and the long texts
 * (files that a tool read, pages of output) of which nobody has to read more than the beginning and the end.
 *
 * Agents send their whole conversation again with every turn. With the outline of the request before, only what is new is read.
 */
import { isUtf8 } from 'node:buffer';
import { backslash, closeBrace, closeBracket, colon, comma, isDigit, isJsonSpace, minus, openBrace, openBracket, quote, space } from './ascii.ts';
import { maxJsonDepth } from './protocol/json.ts';
import { StringScanner } from './string-scan.ts';

export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export interface Member extends Span {
  readonly name: string;
}

/** The part of a long text that nobody has to read, between two spaces. */
export interface Cut extends Span {
  /** Where the same text is known from the body before, it has the id from there; no other text ever had it. */
  readonly id: number;
}

export interface BodyOutline {
  readonly bytes: Buffer;
  /** Top-level members in document order, with the spans of their values; parsers take the last of a repeated one. */
  readonly members: readonly Member[];
  /** The list of the conversation's turns, where there is exactly one. */
  readonly turns?: { readonly member: Member; readonly spans: readonly Span[] };
  readonly cuts: readonly Cut[];
  /**
   * What is between the cuts can be parsed on its own by `JSON.parse`, and would be what it is when all is parsed: no number
   * that JavaScript cannot hold, no depth that is refused, and where there may be cuts, text in UTF-8.
   */
  readonly isPlain: boolean;
  /** How many of the first turns, and all that stands before them, are the same bytes as in the outline that this one goes on from. */
  readonly knownTurns: number;
  /** Large members that are the same bytes there, if not at the same place. */
  readonly knownMembers: ReadonlySet<Member>;
}

/** Shorter bodies gain nothing from being cut or remembered. */
export const longBody = 32 * 1024;
/** Bytes of a member that is worth a comparison. */
export const largeMember = 2 * 1024;
/** Bytes of a text that is worth a cut. */
const minText = 1024;
/** What stays of a text: protocols look at how one begins (an error in words? a header of the agent?) and trim its end. */
const headLength = 128;
const tailLength = 64;
/** No space in so many characters: not the prose or code that this is for. */
const maxWord = 256;

/** Two bodies may go on from the same one, and what was made of their texts is told apart by these. */
let nextId = 0;

/** The turns of the five wires. */
const conversations = new Set(['messages', 'input', 'contents']);
/** Members in which texts are long, and the keys that they have there. Settings are read to the last word, and so are calls. */
const talk: ReadonlySet<string> = new Set(['text', 'content', 'output']);
const texts: Readonly<Record<string, ReadonlySet<string>>> = { messages: talk, input: talk, contents: talk, system: talk, systemInstruction: talk, tools: new Set(['description']) };

/** Undefined when the bytes are not one JSON object as far as looked; whatever is inside of the values is the server's to judge. */
export function outlineOf(bytes: Buffer, before?: KnownBeginning): BodyOutline | undefined {
  return new Outliner(bytes).read(before);
}

/** Another body whose first `length` bytes are the same. */
export interface KnownBeginning {
  readonly outline: BodyOutline;
  readonly length: number;
}

export function spansOf({ members }: BodyOutline, name: string): readonly Span[] {
  return members.filter((member) => member.name === name);
}

/** A class for what one reading has found so far. */
class Outliner {
  #bytes: Buffer;
  #strings: StringScanner;
  #members: Member[] = [];
  #cuts: Cut[] = [];
  #turns: Span[] | undefined;
  #conversation: Member | undefined;
  #hasOneConversation = true;
  #isPlain = true;
  #isLong: boolean;
  /** What is gone on from. */
  #before: BodyOutline | undefined;
  #knownMembers = new Set<Member>();

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#strings = new StringScanner(bytes);
    this.#isLong = bytes.length >= longBody;
  }

  read(before: KnownBeginning | undefined): BodyOutline | undefined {
    const known = before && sameTurns(before);
    if (known) this.#before = before.outline;
    const from = before && known ? this.#goOn(before.outline, known) : this.#open();
    if (from === undefined || (from >= 0 && !this.#readMembers(from))) return undefined;
    const newFrom = known ? known.to : 0;
    const isPlain = this.#isPlain && (!this.#isLong || isUtf8(this.#bytes.subarray(newFrom)));
    return {
      bytes: this.#bytes,
      members: this.#members,
      ...(this.#hasOneConversation && this.#conversation && this.#turns && { turns: { member: this.#conversation, spans: this.#turns } }),
      cuts: isPlain ? this.#usableCuts() : [],
      isPlain,
      knownTurns: known?.count ?? 0,
      knownMembers: this.#knownMembers,
    };
  }

  /** The Responses API repeats the tools in its answer, so that there they are needed whole. */
  #usableCuts(): readonly Cut[] {
    const isRepeated = this.#members.some(({ name }) => name === 'input');
    const tools = isRepeated ? this.#members.filter(({ name }) => name === 'tools') : [];
    return tools.length === 0 ? this.#cuts : this.#cuts.filter((cut) => !tools.some(({ start, end }) => cut.start >= start && cut.end <= end));
  }

  /** Index of the first key, -1 behind an empty object, undefined for what is none. */
  #open(): number | undefined {
    let at = this.#skipSpace(0);
    if (this.#bytes[at] !== openBrace) return undefined;
    at = this.#skipSpace(at + 1);
    if (this.#bytes[at] !== closeBrace) return at;
    return this.#isEnd(at + 1) ? -1 : undefined;
  }

  /** Takes over what is the same. Index of the next key, -1 behind the object, undefined for what is none. */
  #goOn({ members, turns, cuts }: BodyOutline, { to, count }: SameTurns): number | undefined {
    if (!turns) return undefined;
    const { name, start } = turns.member;
    this.#members = members.filter((member) => member.end <= start);
    for (const member of this.#members) if (isLarge(member)) this.#knownMembers.add(member);
    this.#cuts = cuts.filter((cut) => cut.end <= to);
    this.#turns = turns.spans.slice(0, count);
    const end = this.#readTurns(this.#skipSpace(to), this.#turns);
    if (end === -1) return undefined;
    this.#conversation = { name, start, end };
    this.#members.push(this.#conversation);
    return this.#next(end);
  }

  /** @returns whether the object ends well, and the bytes with it */
  #readMembers(from: number): boolean {
    const bytes = this.#bytes;
    for (let at: number | undefined = from; at !== -1; ) {
      if (at === undefined || bytes[at] !== quote) return false;
      const keyEnd = this.#strings.end(at + 1);
      if (keyEnd === -1) return false;
      const name = this.#keyText(at, keyEnd + 1);
      at = this.#skipSpace(keyEnd + 1);
      if (name === undefined || bytes[at] !== colon) return false;
      const start = this.#skipSpace(at + 1);
      const same = this.#sameMember(name, start);
      const end = same ? start + same.end - same.start : this.#readValue(name, start);
      if (end === -1) return false;
      const member = { name, start, end };
      this.#members.push(member);
      if (same) this.#takeOver(same, member);
      if (conversations.has(name)) this.#conversation = member;
      at = this.#next(end);
    }
    return true;
  }

  /** The member of the body before whose bytes begin here. Only of values that say themselves where they end. */
  #sameMember(name: string, start: number): Member | undefined {
    const before = this.#before;
    if (!before || conversations.has(name) || !/["[{]/.test(String.fromCharCode(this.#bytes[start] ?? 0))) return undefined;
    return before.members.find((member) => member.name === name && isLarge(member) && start + member.end - member.start <= this.#bytes.length && this.#bytes.compare(before.bytes, member.start, member.end, start, start + member.end - member.start) === 0);
  }

  #takeOver(same: Member, member: Member): void {
    const moved = member.start - same.start;
    for (const { id, start, end } of this.#before?.cuts ?? []) if (start >= same.start && end <= same.end) this.#cuts.push({ id, start: start + moved, end: end + moved });
    this.#knownMembers.add(member);
  }

  /** Behind a value: index of the next key, -1 behind the object, undefined for neither. */
  #next(end: number): number | undefined {
    const at = this.#skipSpace(end);
    if (this.#bytes[at] === closeBrace) return this.#isEnd(at + 1) ? -1 : undefined;
    return this.#bytes[at] === comma ? this.#skipSpace(at + 1) : undefined;
  }

  #readValue(name: string, start: number): number {
    const first = this.#bytes[start];
    if (conversations.has(name)) {
      if (this.#turns || this.#conversation) this.#hasOneConversation = false;
      if (first === openBracket) {
        const turns: Span[] = [];
        this.#turns = turns;
        const end = this.#readTurns(this.#skipSpace(start + 1), turns);
        if (end !== -1) return end;
        // No JSON inside, which the server will say.
        this.#hasOneConversation = false;
        this.#isPlain = false;
      }
    }
    const end = this.#skipValue(start, Object.hasOwn(texts, name) ? texts[name] : undefined);
    if (first === quote && end !== -1 && name === 'system') this.#cut(start + 1, end - 1);
    return end;
  }

  /** Reads on at the beginning of a turn, behind one (at its comma), or at the end of the list. Index behind the list, or -1. */
  #readTurns(from: number, turns: Span[]): number {
    const bytes = this.#bytes;
    let at = from;
    if (turns.length === 0) {
      if (bytes[at] === closeBracket) return at + 1;
    } else {
      if (bytes[at] === closeBracket) return at + 1;
      if (bytes[at] !== comma) return -1;
      at = this.#skipSpace(at + 1);
    }
    for (;;) {
      const end = this.#skipValue(at, talk);
      if (end === -1) return -1;
      turns.push({ start: at, end });
      at = this.#skipSpace(end);
      if (bytes[at] === closeBracket) return at + 1;
      if (bytes[at] !== comma) return -1;
      at = this.#skipSpace(at + 1);
    }
  }

  #isEnd(at: number): boolean {
    return this.#skipSpace(at) === this.#bytes.length;
  }

  #skipSpace(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    for (;;) {
      const byte = bytes[at];
      if (!isJsonSpace(byte)) return at;
      at++;
    }
  }

  #keyText(start: number, end: number): string | undefined {
    const raw = this.#bytes.toString('utf8', start, end);
    if (!raw.includes('\\')) return raw.slice(1, -1);
    const value = readSpan(this.#bytes, { start, end });
    return typeof value === 'string' ? value : undefined;
  }

  /** Index after the value that begins at `from`, or -1. */
  #skipValue(from: number, textKeys: ReadonlySet<string> | undefined): number {
    const first = this.#bytes[from];
    if (first === quote) {
      const end = this.#strings.end(from + 1);
      return end === -1 ? -1 : end + 1;
    }
    return first === openBrace || first === openBracket ? this.#skipNested(from, textKeys) : this.#skipScalar(from);
  }

  /** Brackets are matched by kind, the rest of the grammar is not looked at. */
  #skipNested(from: number, textKeys: ReadonlySet<string> | undefined): number {
    const bytes = this.#bytes;
    const strings = this.#strings;
    const { length } = bytes;
    const open: number[] = [];
    /** Of the value that comes next, when it has one. */
    let keyStart = -1;
    let keyEnd = -1;
    for (let at = from; at < length; at++) {
      const byte = bytes[at] as number;
      switch (byte) {
        case quote: {
          const start = at + 1;
          const end = strings.end(start);
          if (end === -1) return -1;
          at = end;
          if (keyStart === -1 && bytes[this.#skipSpace(end + 1)] === colon) {
            keyStart = start;
            keyEnd = end;
            break;
          }
          if (textKeys && end - start >= minText && keyStart !== -1 && textKeys.has(bytes.toString('latin1', keyStart, keyEnd))) this.#cut(start, end);
          keyStart = -1;
          break;
        }
        case openBrace:
        case openBracket:
          open.push(byte);
          keyStart = -1;
          break;
        case closeBrace:
        case closeBracket:
          if (open.length > maxJsonDepth - 2) this.#isPlain = false;
          // In ASCII a closing bracket is its opening one plus two.
          if (open.pop() !== byte - 2) return -1;
          if (open.length === 0) return at + 1;
          keyStart = -1;
          break;
        case comma:
          keyStart = -1;
          break;
        default:
          if (byte === minus || isDigit(byte)) {
            const end = this.#skipScalar(at);
            at = end - 1;
          }
      }
    }
    return -1;
  }

  /** A number with many digits or an exponent is to be kept as it is written. */
  #skipScalar(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === comma || byte === closeBrace || byte === closeBracket || isJsonSpace(byte)) break;
      if (byte === 0x65 || byte === 0x45) this.#isPlain &&= !isNumber(bytes[from] ?? 0);
    }
    if (at - from >= 16) this.#isPlain = false;
    return at === from ? -1 : at;
  }

  /** Between two spaces, which are parts of no escape and no longer character. */
  #cut(start: number, end: number): void {
    if (!this.#isLong || end - start < minText || !this.#strings.isSound) return;
    const bytes = this.#bytes;
    const from = headEnd(bytes, start);
    const to = bytes.lastIndexOf(space, end - tailLength);
    if (from === undefined || to <= from || end - to > tailLength + maxWord) return;
    const head = bytes.toString('utf8', start, from);
    // Text that may itself be JSON is somebody's data, who may want to read it; an end of nothing but white space may be trimmed.
    if (/^(?:\s|\\[nrt])*[[{\\]/.test(head) || /^(?:\s|\\[nrt])*$/.test(bytes.toString('utf8', to, end))) return;
    this.#cuts.push({ id: nextId++, start: from, end: to });
  }
}

function isLarge({ start, end }: Member): boolean {
  return end - start >= largeMember;
}

function isNumber(first: number): boolean {
  return first === minus || isDigit(first);
}

/** The first space behind the text's first characters; of an escape only one counts. */
function headEnd(bytes: Buffer, start: number): number | undefined {
  let characters = 0;
  for (let at = start; characters < headLength + maxWord; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === space && characters >= headLength) return at;
    if (byte === backslash) at += bytes[at + 1] === 0x75 ? 5 : 1;
    // The further bytes of a character beyond ASCII.
    if ((byte & 0xc0) !== 0x80) characters++;
  }
  return undefined;
}

interface SameTurns {
  /** At least one. */
  readonly count: number;
  /** Behind the last of them. */
  readonly to: number;
}

/** The first turns that are the same, with all that stands before them. */
function sameTurns({ outline: { bytes, turns, isPlain }, length }: KnownBeginning): SameTurns | undefined {
  if (!turns || !isPlain) return undefined;
  let count = 0;
  while (count < turns.spans.length && (turns.spans[count]?.end ?? length) <= length) count++;
  // A number ends with the byte behind it; turns are objects, and say themselves where they end.
  if (bytes[(turns.spans[count - 1]?.end ?? 0) - 1] !== closeBrace) return undefined;
  const last = turns.spans[count - 1];
  return last && { count, to: last.end };
}

/** The value of a span as JSON, or undefined when it is none. */
export function readSpan(bytes: Buffer, { start, end }: Span): unknown {
  try {
    return JSON.parse(bytes.toString('utf8', start, end));
  } catch {
    return undefined; // the caller treats it like an absent member
  }
}

