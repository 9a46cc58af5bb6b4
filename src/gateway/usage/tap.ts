/** Reads the usage out of an answer that passes through, without parsing the rest: only what mentions it is looked at. */
import { lineFeed, openBrace } from '../ascii.ts';
import type { Protocol } from '../../core/protocol.ts';
import type { IrUsage, Json, JsonObject } from '../protocol/ir.ts';
import { isJsonObject, parseJson } from '../protocol/json.ts';
import { lastMember } from './last-member.ts';

export interface UsageTap {
  push(chunk: Buffer): void;
  end(): void;
}

/** Names under which the five protocols report usage; Ollama's counts stand beside the answer. */
const names: Readonly<Record<Protocol, string>> = {
  'anthropic-messages': 'usage',
  'openai-chat': 'usage',
  'openai-responses': 'usage',
  gemini: 'usageMetadata',
  ollama: 'eval_count',
};

/** What has no end is followed this far: a line, or a whole answer. */
const maxBytes = 1024 * 1024;
/** Of a longer answer. */
const endBytes = 64 * 1024;

export interface UsageTapOptions {
  readonly protocol: Protocol;
  /** The protocol's own reader of a wire object; the last report counts, an earlier one fills its gaps. */
  readonly readUsage: (value: JsonObject) => IrUsage | undefined;
  readonly onUsage: (usage: IrUsage) => void;
}

/** For a stream of lines. */
export function createStreamTap(options: UsageTapOptions): UsageTap {
  const reader = createReader(options);
  let rest: Buffer | undefined;
  return {
    push(chunk) {
      const last = chunk.lastIndexOf(lineFeed);
      const bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
      if (last === -1) {
        rest = bytes.length > maxBytes ? undefined : bytes;
        return;
      }
      const end = bytes.length - (chunk.length - last - 1);
      reader.lines(bytes.subarray(0, end));
      rest = end < bytes.length ? bytes.subarray(end) : undefined;
    },
    end() {
      if (rest) reader.lines(rest);
      reader.report();
    },
  };
}

/** For an answer in one piece, on however many lines it is written; some streams call themselves one. */
export function createWholeTap(options: UsageTapOptions): UsageTap {
  const reader = createReader(options);
  let chunks: Buffer[] = [];
  let size = 0;
  return {
    push(chunk) {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= maxBytes) return;
      // The counts stand at the end, behind a picture perhaps.
      chunks = [(chunk.length >= endBytes ? chunk : Buffer.concat(chunks)).subarray(-endBytes)];
    },
    end() {
      const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      if (size <= maxBytes) reader.whole(bytes);
      else reader.end(bytes);
      reader.report();
    },
  };
}

interface Reader {
  lines(bytes: Buffer): void;
  whole(bytes: Buffer): void;
  /** The end of an answer in one piece. */
  end(bytes: Buffer): void;
  /** Tells what was found, if anything. */
  report(): void;
}

function createReader({ protocol, readUsage, onUsage }: UsageTapOptions): Reader {
  const name = names[protocol];
  const mark = `"${name}"`;
  let usage: IrUsage | undefined;

  /** @returns whether it tells anything */
  function take(value: Json | undefined): boolean {
    const found = isJsonObject(value) ? readUsage(value) : undefined;
    if (found) usage = { ...usage, ...defined(found) };
    return found !== undefined;
  }

  function lines(bytes: Buffer): void {
    if (!bytes.includes(mark)) return;
    for (let from = 0; from < bytes.length; ) {
      const next = bytes.indexOf(lineFeed, from);
      const to = next === -1 ? bytes.length : next;
      const line = bytes.subarray(from, to);
      if (line.includes(mark)) take(valueOf(line));
      from = to + 1;
    }
  }

  /** All but the counts is left unread where that can be. */
  function takeCounts(bytes: Buffer): boolean {
    const text = lastMember(bytes, name);
    return text !== undefined && take({ [name]: parseJson(text) ?? null });
  }

  return {
    lines,
    whole(bytes) {
      // llama.cpp says beside them what came from its cache.
      if (!bytes.includes(mark) || (bytes[0] === openBrace && !bytes.includes('"timings"') && takeCounts(bytes))) return;
      const value = parseJson(bytes.toString('utf8'));
      if (value === undefined) lines(bytes);
      else for (const one of Array.isArray(value) ? (value as readonly Json[]) : [value]) take(one);
    },
    end: (bytes) => void takeCounts(bytes),
    report() {
      if (usage) onUsage(usage);
    },
  };
}

/** Of a line, without the field's name of an event and what is around an item of Gemini's list. */
function valueOf(line: Buffer): Json | undefined {
  const text = line.toString('utf8');
  const start = text.indexOf('{');
  return start === -1 ? undefined : parseJson(text.slice(start).replace(/[\s,\]]+$/, ''));
}

function defined(usage: IrUsage): IrUsage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined));
}
