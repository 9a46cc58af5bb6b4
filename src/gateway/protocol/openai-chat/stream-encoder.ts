/** Events → the stream that a client of this wire reads. */
import { createCallIds } from '../call-ids.ts';
import type { StreamEncoder } from '../codec.ts';
import { unwrapCustomInput, wrapCustomInput } from '../custom-tools.ts';
import { truncatedError } from '../error-answers.ts';
import type { IrError, IrEvent, IrFinish, IrUsage, JsonObject } from '../ir.ts';
import { dataUrl } from '../media.ts';
import { formatSse, formatSseComment } from '../sse.ts';
import { encodeErrorBody } from './error.ts';
import { encodeFinish } from './finish.ts';
import type { ChatContext } from './request.ts';
import { encodeUsage, isKnown } from './usage.ts';

interface OpenCall {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly isCustom: boolean;
  readonly input: 'json' | 'text';
  text: string;
}

/** Every stream that did not fail ends with a finish reason: clients that miss it repeat the request, some without end. */
export function createStreamEncoder(context: ChatContext): StreamEncoder {
  const callId = createCallIds(context.usedCallIds, { maxLength: 40 });
  const calls = new Map<number, OpenCall>();
  let head = '';
  let usage: IrUsage = {};
  let state: 'open' | 'finished' | 'failed' | 'ended' = 'open';
  let refused = false;

  function start(id: string): string {
    if (head !== '') return '';
    head = `{"id":${JSON.stringify(id)},"object":"chat.completion.chunk","created":${context.created},"model":${JSON.stringify(context.model)},`;
    return chunk({ role: 'assistant', content: '' });
  }

  function chunk(delta: JsonObject, finishReason: string | null = null): string {
    const begin = head === '' ? start('chatcmpl-0') : '';
    return `${begin}data: ${head}"choices":[{"index":0,"delta":${JSON.stringify(delta)},"finish_reason":${JSON.stringify(finishReason)}}]}\n\n`;
  }

  /** As `chunk`, of the events that a stream consists of: only the text is not known before. */
  function piece(field: string, text: string): string {
    const begin = head === '' ? start('chatcmpl-0') : '';
    return `${begin}data: ${head}"choices":[{"index":0,"delta":{"${field}":${JSON.stringify(text)}},"finish_reason":null}]}\n\n`;
  }

  function startCall(event: Extract<IrEvent, { type: 'tool-call-start' }>): string {
    const call: OpenCall = { index: calls.size, id: callId(event.id), name: event.name, isCustom: context.customTools.includes(event.name), input: event.input, text: '' };
    calls.set(event.block, call);
    return call.isCustom ? '' : chunk({ tool_calls: [{ index: call.index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }] });
  }

  function callInput(block: number, text: string): string {
    const call = calls.get(block);
    if (!call) return '';
    call.text += text;
    return call.isCustom || call.input === 'text' ? '' : chunk({ tool_calls: [{ index: call.index, function: { arguments: text } }] });
  }

  function endCall({ block, signature }: Extract<IrEvent, { type: 'tool-call-end' }>): string {
    const call = calls.get(block);
    if (!call) return '';
    const google: JsonObject = signature?.origin === 'gemini' ? { extra_content: { google: { thought_signature: signature.value } } } : {};
    if (call.isCustom) {
      const input = call.input === 'text' ? call.text : unwrapCustomInput(call.text);
      return chunk({ tool_calls: [{ index: call.index, id: call.id, type: 'custom', custom: { name: call.name, input }, ...google }] });
    }
    const rest = call.input === 'text' ? wrapCustomInput(call.text) : call.text.trim() === '' ? '{}' : '';
    return rest === '' && signature?.origin !== 'gemini' ? '' : chunk({ tool_calls: [{ index: call.index, ...(rest === '' ? {} : { function: { arguments: rest } }), ...google }] });
  }

  function finish(reason: IrFinish): string {
    state = 'finished';
    return chunk({}, encodeFinish(reason, refused));
  }

  function fail(error: IrError): string {
    state = 'failed';
    return formatSse({ data: JSON.stringify(encodeErrorBody(error)) });
  }

  function encode(event: IrEvent): string {
    if (event.type === 'usage') usage = { ...usage, ...event.usage };
    if (state !== 'open') return '';
    switch (event.type) {
      case 'start':
        return start(event.id);
      case 'text-delta':
        return piece('content', event.text);
      case 'reasoning-delta':
        return piece('reasoning_content', event.text);
      case 'refusal-delta':
        refused = true;
        return chunk({ refusal: event.text });
      case 'image':
        return event.media.type === 'base64' ? chunk({ images: [{ type: 'image_url', image_url: { url: dataUrl(event.media.mediaType, event.media.data) } }] }) : '';
      case 'tool-call-start':
        return startCall(event);
      case 'tool-call-delta':
        return callInput(event.block, event.text);
      case 'tool-call-end':
        return endCall(event);
      case 'finish':
        return finish(event.finish);
      case 'error':
        return fail(event.error);
      case 'text-start':
      case 'text-end':
      case 'reasoning-start':
      case 'reasoning-end':
      case 'usage':
        return '';
    }
  }

  return {
    contentType: 'text/event-stream; charset=utf-8',
    encode,
    heartbeat: () => (state === 'open' ? formatSseComment('keep-alive') : ''),
    end() {
      if (state === 'ended' || state === 'failed') return '';
      if (state === 'open') return fail(truncatedError());
      state = 'ended';
      const counted = context.includeUsage && isKnown(usage) ? `data: ${head}"choices":[],"usage":${JSON.stringify(encodeUsage(usage))}}\n\n` : '';
      return `${counted}data: [DONE]\n\n`;
    },
  };
}
