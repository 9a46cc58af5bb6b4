/**
 * Our events → chunks. gemini's own parser knows nothing but `data: ` with one line of JSON and an empty line behind it:
 * a comment or an `event:` line ends the stream for it. A line end alone is safe, and so is an error as bare JSON.
 */
import { createBlockOrder } from '../block-order.ts';
import { truncatedError } from '../error-answers.ts';
import { encodeError } from './error.ts';
import { encodeFinish } from './finish.ts';
import { createThoughtKeeper, encodeCall, encodeImage, silentRefusal, trailer } from './response.ts';
import type { StreamEncoder } from '../codec.ts';
import type { IrEvent, IrFinish, IrToolCall, IrUsage, JsonObject } from '../ir.ts';
import type { GeminiContext } from './request.ts';

interface OpenThought {
  readonly summary: boolean;
  readonly pieces: string[];
}
interface OpenCall {
  readonly call: IrToolCall;
  readonly pieces: string[];
}

export function createStreamEncoder(context: GeminiContext): StreamEncoder {
  const order = createBlockOrder();
  const write = context.sse ? writeSse : createArrayWriter();
  let id = '';
  let usage: IrUsage = {};
  let finish: IrFinish | undefined;
  let hasWords = false;
  let ended = false;
  /** gemini keeps nothing of its model's thoughts but what is beside the next call. */
  const kept = createThoughtKeeper();
  let thought: OpenThought | undefined;
  let open: OpenCall | undefined;

  function chunk(parts: readonly JsonObject[], more: JsonObject = {}): string {
    if (id === '') id = context.newId('gemini_');
    return write.chunk({ candidates: [{ content: { role: 'model', parts }, index: 0, ...more }], ...trailer(more['finishReason'] === undefined ? {} : usage, id, context) });
  }

  function say(part: JsonObject): string {
    hasWords = true;
    return chunk([part]);
  }

  function encodeBlock(event: IrEvent): string {
    switch (event.type) {
      case 'text-delta':
      case 'refusal-delta':
        kept.text(event.text);
        return event.text === '' ? '' : say({ text: event.text });
      case 'reasoning-start':
        thought = { summary: event.summary, pieces: [] };
        return '';
      case 'reasoning-delta':
        thought?.pieces.push(event.text);
        return context.showsThoughts && event.text !== '' ? chunk([{ text: event.text, thought: true }]) : '';
      case 'reasoning-end':
        return endThought(event);
      case 'tool-call-start':
        open = { call: { type: 'tool-call', id: event.id, name: event.name, input: { type: event.input, text: '' } }, pieces: [] };
        return '';
      case 'tool-call-delta':
        open?.pieces.push(event.text);
        return '';
      case 'tool-call-end':
        return endCall(event);
      case 'image':
        return say(encodeImage({ type: 'image', media: event.media }));
      default:
        return '';
    }
  }

  function endThought({ signature, sealed }: Extract<IrEvent, { type: 'reasoning-end' }>): string {
    const text = thought?.pieces.join('') ?? '';
    kept.thought({ type: 'reasoning', text, summary: thought?.summary ?? true, ...(signature === undefined ? {} : { signature }), ...(sealed === undefined ? {} : { sealed }) });
    thought = undefined;
    if (signature?.origin !== 'gemini') return '';
    return chunk([{ text: '', ...(text === '' ? {} : { thought: true }), thoughtSignature: signature.value }]);
  }

  /** A call is one part: its arguments are an object, which half of a text is not. */
  function endCall({ signature }: Extract<IrEvent, { type: 'tool-call-end' }>): string {
    if (open === undefined) return '';
    const { call, pieces } = open;
    const part = encodeCall({ ...call, input: { ...call.input, text: pieces.join('') }, ...(signature === undefined ? {} : { signature }) }, kept.take(), context);
    open = undefined;
    return say(part);
  }

  function encode(event: IrEvent): string {
    if (ended) return '';
    switch (event.type) {
      case 'start':
        id = event.id;
        return '';
      case 'usage':
        usage = { ...usage, ...event.usage };
        return '';
      case 'error':
        ended = true;
        return write.error(encodeError(event.error).body);
      case 'finish':
        finish = event.finish;
        return order.push(event).map(encodeBlock).join('');
      default:
        return order.push(event).map(encodeBlock).join('');
    }
  }

  return {
    // Its parser takes what it reads at once for one error, or for no error at all; the elements of an array need no such care.
    errorsStandAlone: context.sse,
    contentType: context.sse ? 'text/event-stream' : 'application/json; charset=utf-8',
    encode,
    heartbeat: () => (ended ? '' : '\n'),
    end() {
      if (!ended && finish === undefined) return encode({ type: 'error', error: truncatedError() }) + write.close();
      if (ended || finish === undefined) return write.close();
      const said = finish.reason === 'refusal' && !hasWords ? say({ text: silentRefusal }) : '';
      const last = chunk([], { finishReason: encodeFinish(finish) });
      ended = true;
      return said + last + write.close();
    },
  };
}

interface ChunkWriter {
  chunk(value: JsonObject): string;
  error(value: JsonObject): string;
  close(): string;
}

/** JSON on what gemini's parser takes for one line: its pattern's `.` stops at U+2028 and U+2029 too, which JSON leaves as they are. */
function oneLine(value: JsonObject): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

const writeSse: ChunkWriter = {
  chunk: (value) => `data: ${oneLine(value)}\n\n`,
  // Without a line end: gemini's parser takes what is left at the end of the stream for an error, and an event that is none for nothing.
  error: oneLine,
  close: () => '',
};

function createArrayWriter(): ChunkWriter {
  let state: 'empty' | 'open' | 'closed' = 'empty';
  const element = (value: JsonObject): string => {
    const before = state === 'empty' ? '[' : ',\r\n';
    state = 'open';
    return before + JSON.stringify(value);
  };
  return {
    chunk: element,
    error: element,
    close() {
      if (state === 'closed') return '';
      const text = state === 'empty' ? '[]' : ']';
      state = 'closed';
      return text;
    },
  };
}
