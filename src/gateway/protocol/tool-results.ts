/**
 * Calls and their results in the order that strict wires ask for: each call with an id of its own, exactly one result for
 * each call, all of them directly behind the calls. Clients send results twice, late, or for calls that a compaction cut away.
 */
import { type IdRule, takeCallId } from './call-ids.ts';
import { createFold } from './fold.ts';
import type { IrMessage, IrText, IrToolCall, IrToolResult, IrUserPart } from './ir.ts';
import { isModelTurn } from './turns.ts';
import { createWarnings, type Warn } from './warnings.ts';

export interface ArrangeOptions {
  readonly warn: Warn;
  /** What the wire allows in the id of a call; each call gets one that is unique in the conversation. */
  readonly ids: IdRule;
}

interface KnownCall {
  readonly call: IrToolCall;
  readonly turn: OpenTurn;
  readonly results: IrToolResult[];
}

/** A message whose place in the order, with the results of its calls behind it, is not settled. */
interface OpenTurn {
  /** Undefined: it held nothing but results, which went to their calls. */
  message: IrMessage | undefined;
  /** Of each of its calls that has some, in the order in which the first of each came. */
  readonly results: IrToolResult[][];
  isSettled: boolean;
}

interface Arrangement {
  /** Ids that calls have on the wire. */
  readonly taken: Set<string>;
  /** By the client's id: the calls of the last turn that had it. */
  readonly calls: Map<string, readonly KnownCall[]>;
  readonly settled: IrMessage[];
  open: OpenTurn[];
  /** A result came for a turn that was settled already. */
  isLate: boolean;
}

/** Message order is kept but for results, which move forward to their calls; results name their tool. */
export function arrangeToolResults(messages: readonly IrMessage[], { warn, ids }: ArrangeOptions): readonly IrMessage[] {
  const warnings = createWarnings();
  const arranged = arrangeTurns(messages, { context: ids, dependsOn: ids.maxLength, warn: warnings.add });
  if (arranged.isLate) return arrangeWhole(messages, { warn, ids });
  settle(arranged, warnings.add, 'end');
  for (const { code, message } of warnings.list()) warn(code, message);
  return arranged.settled;
}

/** Nearly always all results of a turn have come when the model takes the next one. */
const arrangeTurns = createFold<IrMessage, Arrangement, IdRule>({
  begin: beginArrangement,
  step: (arrangement, message, { context, warn }) => take(arrangement, message, { ids: context, warn }),
  isBorder: isModelTurn,
  atBorder: (arrangement, warn) => settle(arrangement, warn, 'middle'),
  copy: ({ taken, calls, settled, open, isLate }) => ({ taken: new Set(taken), calls: new Map(calls), settled: [...settled], open: [...open], isLate }),
});

/** Results may come as late as they want. */
function arrangeWhole(messages: readonly IrMessage[], options: ArrangeOptions): readonly IrMessage[] {
  const arrangement = beginArrangement();
  for (const message of messages) take(arrangement, message, options);
  settle(arrangement, options.warn, 'end');
  return arrangement.settled;
}

function beginArrangement(): Arrangement {
  return { taken: new Set(), calls: new Map(), settled: [], open: [], isLate: false };
}

function take(arrangement: Arrangement, message: IrMessage, { ids, warn }: ArrangeOptions): void {
  const { calls, taken, open } = arrangement;
  const turn: OpenTurn = { message, results: [], isSettled: false };
  open.push(turn);
  if (message.role === 'system') return;
  if (message.role === 'assistant') {
    const parts = message.parts.map((part) => {
      if (part.type !== 'tool-call') return part;
      const call = { ...part, id: takeCallId(part.id, taken, ids) };
      // An id that comes again belongs to the later turn from here on.
      const others = (calls.get(part.id) ?? []).filter((other) => other.turn === turn);
      calls.set(part.id, [...others, { call, turn, results: [] }]);
      return call;
    });
    turn.message = { ...message, parts };
    return;
  }
  const parts = message.parts.flatMap((part): readonly IrUserPart[] => {
    if (part.type !== 'tool-result') return [part];
    const candidates = calls.get(part.callId) ?? [];
    const known = candidates.find((candidate) => candidate.results.length === 0) ?? candidates.at(-1);
    if (known === undefined) {
      warn('approximated', 'a tool result without its call was handed on as text');
      return orphan(part);
    }
    if (known.turn.isSettled) {
      arrangement.isLate = true;
      return [];
    }
    if (known.results.length === 0) known.turn.results.push(known.results);
    known.results.push({ ...part, callId: known.call.id, name: known.call.name });
    return [];
  });
  turn.message = parts.length === 0 && message.parts.length > 0 ? undefined : { ...message, parts };
}

/** @param at `end`: a call of the very last message has not been answered yet; anywhere else it never was */
function settle(arrangement: Arrangement, warn: Warn, at: 'middle' | 'end'): void {
  const { open, settled } = arrangement;
  open.forEach((turn, index) => {
    turn.isSettled = true;
    const { message } = turn;
    if (message === undefined) return;
    settled.push(message);
    if (message.role !== 'assistant') return;
    const results = turn.results.map((list) => mergeResults(list, warn));
    const done = new Set(results.map((result) => result.callId));
    const unanswered = message.parts.filter((part) => part.type === 'tool-call' && !done.has(part.id)) as readonly IrToolCall[];
    if (unanswered.length > 0 && (at === 'middle' || index < open.length - 1)) {
      warn('approximated', 'a tool call without a result got an empty one');
      results.push(...unanswered.map((call): IrToolResult => ({ type: 'tool-result', callId: call.id, name: call.name, content: [{ type: 'text', text: 'No result was recorded for this call.' }], isError: true })));
    }
    if (results.length > 0) settled.push({ role: 'user', parts: results });
  });
  arrangement.open = [];
}

/** For wires on which each result is a message of its own: those that follow one another become one message. */
export function addResult(messages: IrMessage[], result: IrToolResult): void {
  const last = messages.at(-1);
  const isRun = last?.role === 'user' && last.parts.length > 0 && last.parts.every((part) => part.type === 'tool-result');
  if (isRun) messages[messages.length - 1] = { role: 'user', parts: [...last.parts, result] };
  else messages.push({ role: 'user', parts: [result] });
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
