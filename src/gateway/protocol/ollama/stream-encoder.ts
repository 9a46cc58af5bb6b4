/** Events → the stream that a client of this wire reads. */
import { createBlockOrder } from '../block-order.ts';
import type { StreamEncoder } from '../codec.ts';
import { truncatedError } from '../error-answers.ts';
import type { IrError, IrEvent, IrFinish, IrUsage, JsonObject } from '../ir.ts';
import { formatNdjson } from '../ndjson.ts';
import { encodeErrorBody } from './error.ts';
import { encodeFinish } from './finish.ts';
import type { OllamaContext } from './request.ts';
import { encodeCall } from './response.ts';
import { encodeUsage } from './usage.ts';

/** Calls go out whole. The last line tells why the answer ended and what it cost. */
export function createStreamEncoder(context: OllamaContext): StreamEncoder {
  const order = createBlockOrder();
  let state: 'open' | 'finished' | 'failed' | 'ended' = 'open';
  let usage: IrUsage = {};
  let finish: IrFinish | undefined;
  let call: { readonly id: string; readonly name: string; readonly type: 'json' | 'text'; text: string } | undefined;
  let calls = 0;

  function line(message: JsonObject): string {
    return formatNdjson({ model: context.model, created_at: context.createdAt, message: { role: 'assistant', content: '', ...message }, done: false });
  }

  function write(event: IrEvent): string {
    switch (event.type) {
      case 'text-delta':
      case 'refusal-delta':
        return line({ content: event.text });
      case 'reasoning-delta':
        return context.thinking ? line({ thinking: event.text }) : '';
      case 'image':
        return event.media.type === 'base64' ? line({ images: [event.media.data] }) : '';
      case 'tool-call-start':
        call = { id: event.id, name: event.name, type: event.input, text: '' };
        return '';
      case 'tool-call-delta':
        if (call) call.text += event.text;
        return '';
      case 'tool-call-end':
        return endCall();
      case 'usage':
        usage = { ...usage, ...event.usage };
        return '';
      case 'finish':
        finish = event.finish;
        state = 'finished';
        return '';
      case 'error':
        return fail(event.error);
      case 'start':
      case 'text-start':
      case 'text-end':
      case 'reasoning-start':
      case 'reasoning-end':
        return '';
    }
  }

  function endCall(): string {
    if (!call) return '';
    const { id, name, type, text } = call;
    call = undefined;
    return line({ tool_calls: [encodeCall(id, calls++, name, { type, text })] });
  }

  function fail(error: IrError): string {
    state = 'failed';
    return formatNdjson(encodeErrorBody(error));
  }

  return {
    contentType: 'application/x-ndjson',
    encode(event) {
      if (state === 'failed' || state === 'ended' || (state === 'finished' && event.type !== 'usage')) return '';
      return order.push(event).map(write).join('');
    },
    // Clients parse every line, some of them the empty ones too: only a line without content is harmless everywhere.
    heartbeat: () => (state === 'open' ? line({}) : ''),
    end() {
      if (state === 'failed' || state === 'ended') return '';
      if (finish === undefined) return fail(truncatedError());
      state = 'ended';
      return formatNdjson({ model: context.model, created_at: context.createdAt, message: { role: 'assistant', content: '' }, done: true, done_reason: encodeFinish(finish), ...encodeUsage(usage) });
    },
  };
}
