/**
 * Our events → the events of the Responses API. The official SDKs check them strictly: every item and part is added before
 * its first piece, indexes have no gaps, ids never change, and every lifecycle event holds the whole answer so far.
 */
import { unwrapCustomInput } from '../custom-tools.ts';
import { truncatedError } from '../error-answers.ts';
import { formatSse } from '../sse.ts';
import { clientTool, itemId, responseId, responseShell, type ResponsesContext } from './context.ts';
import { streamedError } from './error.ts';
import { argumentsText, callItem, imageItem, imageLink, itemPrefix, messageItem, refusalPart, textPart } from './items.ts';
import { encryptedContent, reasoningItem, sealedCallItem } from './reasoning.ts';
import { encodeFinish, ownReasoningId, silentRefusal, uniqueCallId } from './response.ts';
import { encodeUsage } from './usage.ts';
import type { StreamEncoder } from '../codec.ts';
import type { IrEvent, IrFinish, IrReasoning, IrSignature, IrUsage, JsonObject } from '../ir.ts';
import type { ClientTool } from './tools.ts';

interface OpenItem {
  readonly index: number;
  readonly id: string;
  text: string;
}
interface OpenText extends OpenItem {
  readonly type: 'text' | 'refusal';
}
interface OpenReasoning extends OpenItem {
  readonly type: 'reasoning';
  readonly summary: boolean;
}
interface OpenCall extends OpenItem {
  readonly type: 'call';
  readonly tool: ClientTool;
  readonly callId: string;
  readonly input: 'json' | 'text';
  /** Pieces go out as they come; otherwise the input is converted at the end. */
  readonly live: boolean;
}
type Open = OpenText | OpenReasoning | OpenCall;

export function createStreamEncoder(context: ResponsesContext): StreamEncoder {
  let id: string | undefined;
  let sequence = 0;
  let usage: IrUsage = {};
  let finish: IrFinish | undefined;
  let closed = false;
  let refusal: OpenText | undefined;
  const items: JsonObject[] = [];
  const blocks = new Map<number, Open>();
  const callIds = new Set<string>();

  const write = (type: string, fields: JsonObject): string => formatSse({ event: type, data: JSON.stringify({ type, sequence_number: sequence++, ...fields }) });
  const responseWith = (fields: JsonObject): JsonObject => ({ ...responseShell(id ?? '', context), output: snapshot(), ...fields });
  const at = (item: OpenItem): JsonObject => ({ item_id: item.id, output_index: item.index });

  /** Items as they are at this moment: open ones with what they have so far. */
  function snapshot(): readonly JsonObject[] {
    const now = [...items];
    for (const item of [...blocks.values(), ...(refusal ? [refusal] : [])]) now[item.index] = itemOf(item, closed ? 'incomplete' : 'in_progress');
    return now;
  }

  function itemOf(item: Open, status: 'in_progress' | 'completed' | 'incomplete', proof: Pick<IrReasoning, 'signature' | 'sealed'> = {}): JsonObject {
    switch (item.type) {
      case 'text':
        return messageItem(item.id, status, [textPart(item.text)]);
      case 'refusal':
        return messageItem(item.id, status, [refusalPart(item.text)]);
      case 'reasoning': {
        const encrypted = status === 'completed' ? encryptedContent({ type: 'reasoning', text: item.text, summary: item.summary, ...proof }) : undefined;
        return reasoningItem(item.id, item.text, encrypted);
      }
      case 'call':
        // Half of the arguments is no JSON yet, but it is what the client has been sent.
        if (status !== 'completed' && item.live && item.tool.kind !== 'tool-search') {
          return { ...callItem(item.tool, item.id, item.callId, { type: item.input, text: '' }, 'in_progress'), [item.tool.kind === 'custom' ? 'input' : 'arguments']: item.text };
        }
        return callItem(item.tool, item.id, item.callId, { type: item.input, text: item.text }, status);
    }
  }

  function begin(upstreamId: string): string {
    if (id !== undefined) return '';
    id = responseId(upstreamId, context.newId);
    return write('response.created', { response: responseWith({}) }) + write('response.in_progress', { response: responseWith({}) });
  }

  function add<T extends OpenItem>(prefix: string, make: (place: { readonly index: number; readonly id: string; text: string }) => T, wantedId?: string): T {
    const index = items.length;
    const item = make({ index, id: ownReasoningId(wantedId, items) ?? itemId(prefix, id ?? '', index), text: '' });
    items.push({});
    return item;
  }

  function added(item: Open, shape: JsonObject): string {
    items[item.index] = shape;
    return write('response.output_item.added', { output_index: item.index, item: shape });
  }

  function done(item: Open, proof?: Pick<IrReasoning, 'signature' | 'sealed'>): string {
    const shape = itemOf(item, 'completed', proof);
    items[item.index] = shape;
    return write('response.output_item.done', { output_index: item.index, item: shape });
  }

  function openText(type: 'text' | 'refusal'): { readonly item: OpenText; readonly out: string } {
    const item = add('msg', (place): OpenText => ({ ...place, type }));
    const out = added(item, messageItem(item.id, 'in_progress', [])) + write('response.content_part.added', { ...at(item), content_index: 0, part: type === 'text' ? textPart('') : refusalPart('') });
    return { item, out };
  }

  function textDelta(item: OpenText, text: string): string {
    item.text += text;
    const place = { ...at(item), content_index: 0, delta: text };
    return item.type === 'text' ? write('response.output_text.delta', { ...place, logprobs: [] }) : write('response.refusal.delta', place);
  }

  function closeText(item: OpenText): string {
    const place = { ...at(item), content_index: 0 };
    const ended = item.type === 'text' ? write('response.output_text.done', { ...place, text: item.text, logprobs: [] }) : write('response.refusal.done', { ...place, refusal: item.text });
    return ended + write('response.content_part.done', { ...place, part: item.type === 'text' ? textPart(item.text) : refusalPart(item.text) }) + done(item);
  }

  function reasoningDelta(item: OpenReasoning, text: string): string {
    const place = { ...at(item), summary_index: 0 };
    const begun = item.text === '' ? write('response.reasoning_summary_part.added', { ...place, part: { type: 'summary_text', text: '' } }) : '';
    item.text += text;
    return begun + write('response.reasoning_summary_text.delta', { ...place, delta: text });
  }

  function closeReasoning(item: OpenReasoning, proof: Pick<IrReasoning, 'signature' | 'sealed'>): string {
    if (item.text === '') return done(item, proof);
    const place = { ...at(item), summary_index: 0 };
    const ended = write('response.reasoning_summary_text.done', { ...place, text: item.text }) + write('response.reasoning_summary_part.done', { ...place, part: { type: 'summary_text', text: item.text } });
    return ended + done(item, proof);
  }

  function openCall(event: Extract<IrEvent, { type: 'tool-call-start' }>): { readonly item: OpenCall; readonly out: string } {
    const tool = clientTool(context, event.name);
    const live = tool.kind === (event.input === 'json' ? 'function' : 'custom');
    const item = add(itemPrefix[tool.kind], (place): OpenCall => ({ ...place, type: 'call', tool, callId: uniqueCallId(event.id, callIds), input: event.input, live }));
    return { item, out: added(item, callItem(tool, item.id, item.callId, { type: event.input, text: '' }, 'in_progress')) };
  }

  function callDelta(item: OpenCall, text: string): string {
    item.text += text;
    if (!item.live) return '';
    return write(item.tool.kind === 'custom' ? 'response.custom_tool_call_input.delta' : 'response.function_call_arguments.delta', { ...at(item), delta: text });
  }

  function closeCall(item: OpenCall, signature: IrSignature | undefined): string {
    let out = '';
    if (item.tool.kind === 'custom') {
      const input = item.live ? item.text : unwrapCustomInput(item.text);
      if (!item.live) out += write('response.custom_tool_call_input.delta', { ...at(item), delta: input });
      out += write('response.custom_tool_call_input.done', { ...at(item), input });
    } else if (item.tool.kind === 'function') {
      const text = argumentsText({ type: item.input, text: item.text }, 'completed');
      if (!item.live || item.text === '') out += write('response.function_call_arguments.delta', { ...at(item), delta: text });
      out += write('response.function_call_arguments.done', { ...at(item), name: item.tool.name, arguments: text });
    }
    out += done(item);
    const carrier = signature === undefined ? undefined : sealedCallItem(itemId('rs', id ?? '', items.length), item.callId, signature);
    if (carrier === undefined) return out;
    const index = items.push(carrier) - 1;
    return out + write('response.output_item.added', { output_index: index, item: { ...carrier, encrypted_content: '' } }) + write('response.output_item.done', { output_index: index, item: carrier });
  }

  function close(block: number, proof: Pick<IrReasoning, 'signature' | 'sealed'> = {}): string {
    const item = blocks.get(block);
    if (item === undefined) return '';
    blocks.delete(block);
    if (item.type === 'reasoning') return closeReasoning(item, proof);
    return item.type === 'call' ? closeCall(item, proof.signature) : closeText(item);
  }

  function closeRefusal(): string {
    const item = refusal;
    refusal = undefined;
    return item === undefined ? '' : closeText(item);
  }

  function closeAll(): string {
    return closeRefusal() + [...blocks.keys()].map((block) => close(block)).join('');
  }

  function fail(error: Extract<IrEvent, { type: 'error' }>['error']): string {
    closed = true;
    const { code, message, type } = streamedError(error);
    const begun = begin('');
    // SDKs stop at the first of the two, codex knows only the second; the first is spelt in both ways that are in use.
    return begun + write('error', { code, message, param: null, error: { type, code, message, param: null } }) + write('response.failed', { response: responseWith({ status: 'failed', error: { code, message } }) });
  }

  function encodeBlock(event: IrEvent): string {
    switch (event.type) {
      case 'text-start': {
        const { item, out } = openText('text');
        blocks.set(event.block, item);
        return out;
      }
      case 'reasoning-start': {
        const item = add('rs', (place): OpenReasoning => ({ ...place, type: 'reasoning', summary: event.summary }), event.id);
        blocks.set(event.block, item);
        return added(item, itemOf(item, 'in_progress'));
      }
      case 'tool-call-start': {
        const { item, out } = openCall(event);
        blocks.set(event.block, item);
        return out;
      }
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-call-delta': {
        const item = blocks.get(event.block);
        if (item === undefined || event.text === '') return '';
        if (item.type === 'reasoning') return reasoningDelta(item, event.text);
        return item.type === 'call' ? callDelta(item, event.text) : textDelta(item, event.text);
      }
      case 'text-end':
      case 'reasoning-end':
      case 'tool-call-end':
        return close(event.block, event.type === 'text-end' ? {} : event);
      case 'image': {
        if (event.media.type !== 'base64') {
          const { item, out } = openText('text');
          return out + textDelta(item, imageLink(event.media.type === 'url' ? event.media.url : event.media.id)) + closeText(item);
        }
        const item = imageItem(itemId('ig', id ?? '', items.length), event.media.data, 'completed');
        const index = items.push(item) - 1;
        return write('response.output_item.added', { output_index: index, item: { ...item, result: null, status: 'generating' } }) + write('response.output_item.done', { output_index: index, item });
      }
      default:
        return '';
    }
  }

  function encode(event: IrEvent): string {
    if (closed) return '';
    switch (event.type) {
      case 'start':
        return begin(event.id);
      case 'usage':
        usage = { ...usage, ...event.usage };
        return '';
      case 'finish':
        finish = event.finish;
        return closeAll();
      case 'error':
        return fail(event.error);
      case 'refusal-delta': {
        let out = begin('');
        if (refusal === undefined) {
          const opened = openText(context.plainRefusals ? 'text' : 'refusal');
          refusal = opened.item;
          out += opened.out;
        }
        return out + textDelta(refusal, event.text);
      }
      default:
        return begin('') + closeRefusal() + encodeBlock(event);
    }
  }

  return {
    contentType: 'text/event-stream; charset=utf-8',
    encode,
    /** A repeated lifecycle event: comments do not keep codex's own clock for silent streams from running out. */
    heartbeat() {
      if (closed) return '';
      const begun = begin('');
      return begun === '' ? write('response.in_progress', { response: responseWith({}) }) : begun;
    },
    end() {
      if (closed) return '';
      if (finish === undefined) return fail(truncatedError());
      let out = '';
      if (finish.reason === 'refusal' && !items.some((item) => item['type'] !== 'reasoning')) out = encode({ type: 'refusal-delta', text: silentRefusal }) + closeRefusal();
      closed = true;
      const fields = encodeFinish(finish);
      return begin('') + out + write(fields['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed', { response: responseWith({ ...fields, usage: encodeUsage(usage) }) });
    },
  };
}
