/**
 * Reads the usage out of an answer that passes through, without parsing the rest: only lines that mention it are looked at.
 */
import type { Protocol } from '../../core/protocol.ts';
import type { IrUsage, JsonObject } from '../protocol/ir.ts';
import { isJsonObject, parseJson } from '../protocol/json.ts';

export interface UsageTap {
  push(chunk: Buffer): void;
  end(): void;
}

/** Names under which the five protocols report usage; Ollama's counts stand beside the answer. */
const marks: Readonly<Record<Protocol, string>> = {
  'anthropic-messages': '"usage"',
  'openai-chat': '"usage"',
  'openai-responses': '"usage"',
  gemini: '"usageMetadata"',
  ollama: '"eval_count"',
};

/** A line without an end is followed this far; usage stands in short lines. */
const maxLineBytes = 1024 * 1024;
const lineFeed = 0x0a;

/** @param readUsage the protocol's own reader of a wire object; the last report counts, an earlier one fills its gaps */
export function createUsageTap(protocol: Protocol, readUsage: (value: JsonObject) => IrUsage | undefined, onUsage: (usage: IrUsage) => void): UsageTap {
  const mark = marks[protocol];
  let rest: Buffer | undefined;
  let usage: IrUsage | undefined;

  function look(line: Buffer): void {
    if (!line.includes(mark)) return;
    const text = line.toString('utf8');
    const start = text.indexOf('{');
    const value = start === -1 ? undefined : parseJson(text.slice(start).replace(/[\s,\]]+$/, ''));
    const found = isJsonObject(value) ? readUsage(value) : undefined;
    if (found) usage = { ...usage, ...defined(found) };
  }

  return {
    push(chunk) {
      const last = chunk.lastIndexOf(lineFeed);
      const bytes = rest ? Buffer.concat([rest, chunk]) : chunk;
      if (last === -1) {
        rest = bytes.length > maxLineBytes ? undefined : bytes;
        return;
      }
      const end = bytes.length - (chunk.length - last - 1);
      const complete = bytes.subarray(0, end);
      if (complete.includes(mark)) {
        for (let from = 0; from < complete.length; ) {
          const to = complete.indexOf(lineFeed, from);
          look(complete.subarray(from, to));
          from = to + 1;
        }
      }
      rest = end < bytes.length ? bytes.subarray(end) : undefined;
    },
    end() {
      if (rest) look(rest);
      if (usage) onUsage(usage);
    },
  };
}

function defined(usage: IrUsage): IrUsage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined));
}
