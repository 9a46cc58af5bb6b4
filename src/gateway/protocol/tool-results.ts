/**
 * Calls and their results in the order that strict wires ask for: each call with an id of its own, exactly one result for
 * each call, all of them directly behind the calls. Clients send results twice, late, or for calls that a compaction cut away.
 */
import type { IrMessage, IrText, IrToolCall, IrToolResult, IrUserPart } from './ir.ts';
import type { Warn } from './warnings.ts';

export interface ArrangeOptions {
  readonly warn: Warn;
  /** Gives each call an id that is fit for the wire and unique in the conversation. */
  readonly callId: (id: string) => string;
}

interface KnownCall {
  readonly call: IrToolCall;
  readonly turn: number;
  readonly results: IrToolResult[];
}

/** Message order is kept but for results, which move forward to their calls; results name their tool. */
export function arrangeToolResults(messages: readonly IrMessage[], { warn, callId }: ArrangeOptions): readonly IrMessage[] {
  /** By the client's id: the calls of the last turn that had it. */
  const calls = new Map<string, readonly KnownCall[]>();
  /** Per turn with calls: the results of each of its calls, in the order in which the first of each came. */
  const answered: IrToolResult[][][] = [];

  const kept = messages.map((message, turn): IrMessage | undefined => {
    if (message.role === 'assistant') {
      const parts = message.parts.map((part) => {
        if (part.type !== 'tool-call') return part;
        const call = { ...part, id: callId(part.id) };
        // An id that comes again belongs to the later turn from here on.
        const others = (calls.get(part.id) ?? []).filter((other) => other.turn === turn);
        calls.set(part.id, [...others, { call, turn, results: [] }]);
        return call;
      });
      return { ...message, parts };
    }
    if (message.role === 'system') return message;
    const parts = message.parts.flatMap((part): readonly IrUserPart[] => {
      if (part.type !== 'tool-result') return [part];
      const candidates = calls.get(part.callId) ?? [];
      const known = candidates.find((candidate) => candidate.results.length === 0) ?? candidates.at(-1);
      if (known === undefined) {
        warn('approximated', 'a tool result without its call was handed on as text');
        return orphan(part);
      }
      const turnResults = (answered[known.turn] ??= []);
      if (known.results.length === 0) turnResults.push(known.results);
      known.results.push({ ...part, callId: known.call.id, name: known.call.name });
      return [];
    });
    return parts.length === 0 && message.parts.length > 0 ? undefined : { ...message, parts };
  });

  const arranged: IrMessage[] = [];
  kept.forEach((message, turn) => {
    if (message === undefined) return;
    arranged.push(message);
    if (message.role !== 'assistant') return;
    const results = (answered[turn] ?? []).map((list) => mergeResults(list, warn));
    const done = new Set(results.map((result) => result.callId));
    const open = message.parts.filter((part) => part.type === 'tool-call' && !done.has(part.id)) as readonly IrToolCall[];
    if (open.length > 0 && turn < messages.length - 1) {
      warn('approximated', 'a tool call without a result got an empty one');
      results.push(...open.map((call): IrToolResult => ({ type: 'tool-result', callId: call.id, name: call.name, content: [{ type: 'text', text: 'No result was recorded for this call.' }], isError: true })));
    }
    if (results.length > 0) arranged.push({ role: 'user', parts: results });
  });
  return arranged;
}

function mergeResults(results: readonly IrToolResult[], warn: Warn): IrToolResult {
  const [first, ...more] = results as [IrToolResult, ...IrToolResult[]];
  if (more.length === 0) return first;
  warn('approximated', 'several results of one tool call were joined');
  return { ...first, content: results.flatMap((result) => result.content), isError: results.some((result) => result.isError) };
}

function orphan(result: IrToolResult): readonly IrUserPart[] {
  const label: IrText = { type: 'text', text: `Result of an earlier call${result.name === undefined ? '' : ` of ${result.name}`}:` };
  return [label, ...result.content];
}
