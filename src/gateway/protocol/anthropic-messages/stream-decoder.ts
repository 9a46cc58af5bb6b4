/** A server's stream → events. */
import { uniqueCallId } from '../call-ids.ts';
import type { StreamDecoder, UpstreamContext } from '../codec.ts';
import { decodeErrorValue, malformedError, truncatedError } from '../error-answers.ts';
import { randomId } from '../ids.ts';
import type { Json, JsonObject } from '../ir.ts';
import { isJsonObject } from '../json.ts';
import { createSseAnswerDecoder, isErrorValue, type EventSink, type SseAnswer } from '../sse-answer.ts';
import { decodeFinish, type WireStop } from './finish.ts';
import { decodeResponse } from './response.ts';
import { eventSchema, type WireBlock, type WireEvent, type WireUsage } from './schema.ts';
import { decodeUsage, mergeUsage } from './usage.ts';

export function createStreamDecoder(context: UpstreamContext = {}): StreamDecoder {
  return createSseAnswerDecoder((sink) => createEventReader(sink, context));
}

type Kind = 'text' | 'reasoning' | 'tool-call';

interface OpenBlock {
  readonly kind: Kind;
  readonly block: number;
  signature: string;
  /** Arguments that came with the beginning of the block; by the book they are empty and come in pieces. */
  readonly input: string;
  hasInput: boolean;
}

/**
 * Other servers of this wire are sloppy with blocks: pieces of thoughts inside of text, blocks that never end or never
 * begin, a second beginning of the message. Each piece is taken for what it says that it is.
 */
function createEventReader(sink: EventSink, context: UpstreamContext): SseAnswer {
  const newId = context.newId ?? randomId;
  const open = new Map<number, OpenBlock>();
  const callIds = new Set<string>();
  let next = 0;
  let calls = 0;
  let isStarted = false;
  let stop: (WireStop & { readonly explanation?: string | null }) | undefined;
  let hasText = false;
  let usage: WireUsage | undefined;

  function take(value: Json): void {
    if (isErrorValue(value)) return sink.fail(decodeErrorValue(value));
    if (takePiece(value)) return;
    const parsed = eventSchema.safeParse(value);
    if (!parsed.success) return sink.fail(malformedError('the model server sent an event that is not part of an answer'));
    const event = parsed.data;
    switch (event.type) {
      case 'message_start':
        return start(event);
      case 'content_block_start':
        return startBlock(event.index ?? next, event.content_block);
      case 'content_block_delta':
        return takeDelta(event.index ?? next - 1, event.delta);
      case 'content_block_stop':
        return endBlock(event.index ?? next - 1);
      case 'message_delta':
        return takeStop(event);
      case 'message_stop':
        return conclude();
    }
  }

  /** Nearly all events are pieces of text or arguments: checking those against the whole wire costs more than all else. */
  function takePiece(value: Json): boolean {
    if (!isJsonObject(value) || value['type'] !== 'content_block_delta' || typeof value['index'] !== 'number' || !isJsonObject(value['delta'])) return false;
    const { index, delta: { type, text, partial_json: input } } = value as { readonly index: number; readonly delta: JsonObject };
    if (type === 'text_delta' && typeof text === 'string') takeText(index, 'text', text);
    else if (type === 'input_json_delta' && typeof input === 'string') takeInput(index, input);
    else return false;
    return true;
  }

  function start({ message }: WireEvent): void {
    if (message?.usage) usage = mergeUsage(usage, message.usage);
    if (isStarted) return;
    isStarted = true;
    sink.emit({ type: 'start', id: message?.id ?? newId('msg_'), model: message?.model ?? '' });
  }

  function startBlock(index: number, block: WireBlock | null | undefined): void {
    start({ type: 'message_start' });
    endBlock(index);
    // Only calls may be open side by side; text and thoughts end where the next block begins.
    for (const [other, { kind }] of [...open]) if (kind !== 'tool-call') endBlock(other);
    switch (block?.type) {
      case 'text':
        return takeText(index, 'text', block.text ?? '');
      case 'thinking':
        openBlock(index, 'reasoning');
        takeText(index, 'reasoning', block.thinking ?? '');
        return takeSignature(index, block.signature);
      case 'redacted_thinking': {
        const number = next++;
        sink.emit({ type: 'reasoning-start', block: number, summary: false });
        return sink.emit({ type: 'reasoning-end', block: number, ...(typeof block.data === 'string' ? { sealed: { origin: 'anthropic-messages', value: block.data } } : {}) });
      }
      case 'tool_use':
        return startCall(index, block);
    }
  }

  function startCall(index: number, { id, name, input }: WireBlock): void {
    const given = typeof input === 'string' ? input : input === null || input === undefined || Object.keys(input).length === 0 ? '' : JSON.stringify(input);
    const number = next++;
    open.set(index, { kind: 'tool-call', block: number, signature: '', input: given, hasInput: false });
    calls += 1;
    if (name === null || name === undefined || name === '') return sink.fail(malformedError('the model server sent a tool call without a name'));
    sink.emit({ type: 'tool-call-start', block: number, id: uniqueCallId(id || newId('toolu_'), callIds), name: context.toolNames?.fromWire(name) ?? name, input: 'json' });
  }

  function openBlock(index: number, kind: 'text' | 'reasoning'): OpenBlock {
    const entry: OpenBlock = { kind, block: next++, signature: '', input: '', hasInput: false };
    open.set(index, entry);
    sink.emit(kind === 'text' ? { type: 'text-start', block: entry.block } : { type: 'reasoning-start', block: entry.block, summary: false });
    return entry;
  }

  function takeDelta(index: number, delta: WireEvent['delta']): void {
    switch (delta?.type) {
      case 'text_delta':
        return takeText(index, 'text', delta.text ?? '');
      case 'thinking_delta':
        return takeText(index, 'reasoning', delta.thinking ?? '');
      case 'signature_delta':
        return takeSignature(index, delta.signature);
      case 'input_json_delta':
        return takeInput(index, delta.partial_json ?? '');
    }
  }

  /** A piece of another kind than its block ends that block and begins one of its own. */
  function takeText(index: number, kind: 'text' | 'reasoning', text: string): void {
    if (text === '') return;
    const known = open.get(index);
    if (known !== undefined && known.kind !== kind) endBlock(index);
    const entry = known?.kind === kind ? known : openBlock(index, kind);
    if (kind === 'text') hasText = true;
    sink.emit({ type: kind === 'text' ? 'text-delta' : 'reasoning-delta', block: entry.block, text });
  }

  function takeSignature(index: number, signature: string | null | undefined): void {
    const entry = open.get(index);
    if (entry?.kind === 'reasoning' && typeof signature === 'string') entry.signature += signature;
  }

  function takeInput(index: number, text: string): void {
    const entry = open.get(index) ?? [...open.values()].findLast((block) => block.kind === 'tool-call');
    if (text === '' || entry === undefined) return;
    if (entry.kind !== 'tool-call') return sink.fail(malformedError('the model server sent arguments outside of a tool call'));
    entry.hasInput = true;
    sink.emit({ type: 'tool-call-delta', block: entry.block, text });
  }

  function endBlock(index: number): void {
    const entry = open.get(index);
    if (!entry) return;
    open.delete(index);
    if (entry.kind === 'text') return sink.emit({ type: 'text-end', block: entry.block });
    if (entry.kind === 'reasoning') return sink.emit({ type: 'reasoning-end', block: entry.block, ...(entry.signature === '' ? {} : { signature: { origin: 'anthropic-messages', value: entry.signature } }) });
    if (!entry.hasInput && entry.input !== '') sink.emit({ type: 'tool-call-delta', block: entry.block, text: entry.input });
    sink.emit({ type: 'tool-call-end', block: entry.block });
  }

  function takeStop({ delta, usage: counts }: WireEvent): void {
    usage = mergeUsage(usage, counts);
    if (typeof delta?.stop_reason === 'string') stop = { stop_reason: delta.stop_reason, stop_sequence: delta.stop_sequence, explanation: delta.stop_details?.explanation ?? null };
  }

  function conclude(): void {
    if (!isStarted) return sink.fail(truncatedError('the model server ended the stream without an answer'));
    for (const index of [...open.keys()]) endBlock(index);
    const finish = decodeFinish(stop ?? {}, calls > 0);
    if (stop?.stop_reason === 'tool_use' && calls === 0 && !hasText) return sink.fail(malformedError('the model server said that the answer is a tool call, but sent none'));
    if (finish.reason === 'refusal' && !hasText && typeof stop?.explanation === 'string' && stop.explanation !== '') sink.emit({ type: 'refusal-delta', text: stop.explanation });
    const counts = decodeUsage(usage ?? {});
    if (Object.keys(counts).length > 0) sink.emit({ type: 'usage', usage: counts });
    sink.emit({ type: 'finish', finish });
    sink.end();
  }

  /** The reason has come, but neither the end of a call nor that of the message. */
  function isCut({ stop_reason: reason }: WireStop): boolean {
    return reason !== 'max_tokens' && [...open.values()].some(({ kind }) => kind === 'tool-call');
  }

  return {
    get isStarted() {
      return isStarted;
    },
    take,
    takeDone() {
      if (stop !== undefined) conclude();
    },
    takeClose: () => (stop === undefined || isCut(stop) ? sink.fail(truncatedError()) : conclude()),
    decodeWhole: (body) => decodeResponse(body, context).response,
  };
}
