/** Events → the stream that a client of this wire reads. */
import { createBlockOrder } from '../block-order.ts';
import { createCallIds } from '../call-ids.ts';
import type { StreamEncoder } from '../codec.ts';
import { wrapCustomInput } from '../custom-tools.ts';
import { truncatedError } from '../error-answers.ts';
import type { IrError, IrEvent, IrFinish, IrReasoning, IrSignature, IrUsage, JsonObject } from '../ir.ts';
import { formatSse } from '../sse.ts';
import { encodeErrorBody } from './error.ts';
import { encodeFinish } from './finish.ts';
import type { MessagesContext } from './request.ts';
import { callIdRule, encodeCallSignature, encodeReasoning, envelope, messageId, pictureNote } from './response.ts';
import { encodeUsage } from './usage.ts';

type EventOf<Type extends IrEvent['type']> = Extract<IrEvent, { type: Type }>;

/**
 * The order that claude insists on: message_start, then blocks one after the other (each with start, deltas and stop), then
 * message_delta with the reason, then message_stop. A block that was begun is always ended: claude takes an answer without
 * its content_block_stop for an empty one.
 */
export function createStreamEncoder(context: MessagesContext): StreamEncoder {
  const order = createBlockOrder();
  const callId = createCallIds(context.usedCallIds, callIdRule);
  let state: 'new' | 'open' | 'finished' | 'failed' | 'ended' = 'new';
  let index = 0;
  let usage: IrUsage = {};
  let finish: IrFinish | undefined;
  let refusal = '';
  /** The block that is open on the wire. */
  let open: 'text' | 'thinking' | 'tool_use' | undefined;
  let thought: { readonly start: EventOf<'reasoning-start'>; text: string } | undefined;
  let call: { readonly id: string; readonly name: string; readonly isFreeText: boolean; readonly isSealed: boolean; pieces: string[]; hasInput: boolean } | undefined;

  const event = (type: string, fields: JsonObject): string => `event: ${type}\ndata: {"type":"${type}",${JSON.stringify(fields).slice(1)}\n\n`;

  function start(id: string): string {
    if (state !== 'new') return '';
    state = 'open';
    const counts = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0, ...encodeUsage(usage) };
    return event('message_start', { message: { id: messageId(id), type: 'message', role: 'assistant', model: context.model, content: [], stop_reason: null, stop_sequence: null, usage: counts } });
  }

  function startBlock(type: NonNullable<typeof open>, block: JsonObject): string {
    open = type;
    return event('content_block_start', { index, content_block: block });
  }

  const delta = (fields: JsonObject): string => event('content_block_delta', { index, delta: fields });

  /** As `delta`, of the events that a stream consists of: only the text is not known before. */
  const pieceOf = (type: string, field: string, text: string): string =>
    `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${field}":${JSON.stringify(text)}}}\n\n`;

  function stopBlock(): string {
    if (open === undefined) return '';
    open = undefined;
    return event('content_block_stop', { index: index++ });
  }

  const wholeBlock = (block: JsonObject): string => event('content_block_start', { index, content_block: block }) + event('content_block_stop', { index: index++ });

  function text(piece: string): string {
    const begin = open === 'text' ? '' : stopBlock() + startBlock('text', { type: 'text', text: '' });
    return begin + pieceOf('text_delta', 'text', piece);
  }

  function thinking(piece: string): string {
    if (thought === undefined) return '';
    thought.text += piece;
    const begin = open === 'thinking' ? '' : startBlock('thinking', { type: 'thinking', thinking: '', signature: '' });
    return begin + pieceOf('thinking_delta', 'thinking', piece);
  }

  function endThinking({ signature, sealed }: EventOf<'reasoning-end'>): string {
    if (thought === undefined) return '';
    const { start: begun, text: whole } = thought;
    thought = undefined;
    const reasoning: IrReasoning = { type: 'reasoning', text: whole, summary: begun.summary, ...(begun.id === undefined ? {} : { id: begun.id }), ...(signature === undefined ? {} : { signature }), ...(sealed === undefined ? {} : { sealed }) };
    if (open !== 'thinking') return encodeReasoning(reasoning).map(sealedBlock).join('');
    const proof = signature?.origin === 'anthropic-messages' ? signature.value : envelope(reasoning);
    return (proof === '' ? '' : delta({ type: 'signature_delta', signature: proof })) + stopBlock();
  }

  /** Thoughts without text: sealed ones, and those of which a client asked to see only the signature. */
  function sealedBlock(block: JsonObject): string {
    if (block['type'] !== 'thinking') return wholeBlock(block);
    return startBlock('thinking', { type: 'thinking', thinking: '', signature: '' }) + delta({ type: 'signature_delta', signature: block['signature'] ?? '' }) + stopBlock();
  }

  /** A signature that is not known at the start is best written before the call all the same: the call waits until its second piece. */
  function input(piece: string): string {
    if (call === undefined) return '';
    if (open === 'tool_use') return pieceOf('input_json_delta', 'partial_json', piece);
    call.pieces.push(piece);
    return call.isFreeText || (context.thinking && !call.isSealed && call.pieces.length < 2) ? '' : beginCall();
  }

  function beginCall(): string {
    if (call === undefined) return '';
    const { id, name, pieces } = call;
    call.hasInput ||= pieces.some((piece) => piece.trim() !== '');
    return startBlock('tool_use', { type: 'tool_use', id, name, input: {} }) + pieces.map((piece) => delta({ type: 'input_json_delta', partial_json: piece })).join('');
  }

  function startCall(event: EventOf<'tool-call-start'>): string {
    const id = callId(event.id);
    const end = stopBlock();
    const sealed = sealCall(id, event.signature);
    call = { id, name: event.name, isFreeText: event.input === 'text', isSealed: sealed !== '', pieces: [], hasInput: false };
    return end + sealed + (call.isFreeText || (context.thinking && sealed === '') ? '' : beginCall());
  }

  function sealCall(id: string, signature: IrSignature | undefined): string {
    return context.thinking ? encodeCallSignature(id, signature).map(wholeBlock).join('') : '';
  }

  function endCall({ signature }: EventOf<'tool-call-end'>): string {
    if (call === undefined) return '';
    if (call.isFreeText) call.pieces = [wrapCustomInput(call.pieces.join(''))];
    const { id, isSealed } = call;
    const seal = (): string => (isSealed ? '' : sealCall(id, signature));
    const before = open === 'tool_use' ? '' : seal() + beginCall();
    const empty = call.hasInput ? '' : delta({ type: 'input_json_delta', partial_json: '{}' });
    call = undefined;
    const end = empty + stopBlock();
    return before === '' ? end + seal() : before + end;
  }

  function write(item: IrEvent): string {
    switch (item.type) {
      case 'start':
      case 'text-start':
        return '';
      case 'text-delta':
        return text(item.text);
      case 'text-end':
        return open === 'text' ? stopBlock() : '';
      case 'reasoning-start':
        if (context.thinking) thought = { start: item, text: '' };
        return stopBlock();
      case 'reasoning-delta':
        return thinking(item.text);
      case 'reasoning-end':
        return endThinking(item);
      case 'tool-call-start':
        return startCall(item);
      case 'tool-call-delta':
        if (call && item.text.trim() !== '') call.hasInput = true;
        return input(item.text);
      case 'tool-call-end':
        return endCall(item);
      case 'refusal-delta':
        refusal += item.text;
        return text(item.text);
      case 'image':
        return text(pictureNote);
      case 'usage':
        usage = { ...usage, ...item.usage };
        return finish === undefined ? '' : closing(finish);
      case 'finish':
        finish = item.finish;
        state = 'finished';
        return stopBlock() + closing(item.finish);
      case 'error':
        return fail(item.error);
    }
  }

  /** May come more than once: a later one has later counts. */
  const closing = (reason: IrFinish): string => event('message_delta', { delta: encodeFinish(reason, refusal), usage: encodeUsage(usage) });

  function fail(error: IrError): string {
    state = 'failed';
    return formatSse({ event: 'error', data: JSON.stringify(encodeErrorBody(error)) });
  }

  return {
    contentType: 'text/event-stream; charset=utf-8',
    encode(item) {
      if (state === 'failed' || state === 'ended' || (state === 'finished' && item.type !== 'usage')) return '';
      if (item.type === 'start') return start(item.id);
      const begin = state === 'new' && item.type !== 'error' && item.type !== 'usage' ? start('0') : '';
      let out = begin;
      for (const one of order.push(item)) out += write(one);
      return out;
    },
    heartbeat: () => (state === 'new' || state === 'open' ? 'event: ping\ndata: {"type": "ping"}\n\n' : ''),
    end() {
      if (state === 'failed' || state === 'ended') return '';
      if (state !== 'finished') return fail(truncatedError());
      state = 'ended';
      return formatSse({ event: 'message_stop', data: '{"type":"message_stop"}' });
    },
  };
}
