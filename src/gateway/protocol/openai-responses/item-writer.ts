/** Blocks → output items of a stream: each added, filled piece by piece, and done. */
import { uniqueCallId } from '../call-ids.ts';
import { unwrapCustomInput } from '../custom-tools.ts';
import { clientTool, itemId, type ResponsesContext } from './context.ts';
import { argumentsText, callItem, imageItem, imageLink, itemPrefix, messageItem, refusalPart, textPart } from './items.ts';
import { encryptedContent, reasoningItem, sealedCallItem } from './reasoning.ts';
import { ownReasoningId } from './response.ts';
import type { IrEvent, IrMedia, IrReasoning, IrSignature, JsonObject } from '../ir.ts';
import type { ClientTool } from './tools.ts';

interface Place {
  readonly index: number;
  readonly id: string;
  text: string;
}
interface OpenText extends Place {
  readonly type: 'text' | 'refusal';
}
interface OpenReasoning extends Place {
  readonly type: 'reasoning';
  readonly summary: boolean;
}
interface OpenCall extends Place {
  readonly type: 'call';
  readonly tool: ClientTool;
  readonly callId: string;
  readonly input: 'json' | 'text';
  /** Pieces go out as they come; otherwise the input is converted at the end. */
  readonly live: boolean;
}
type Open = OpenText | OpenReasoning | OpenCall;
type Proof = Pick<IrReasoning, 'signature' | 'sealed'>;

export type BlockEvent = Exclude<IrEvent, { type: 'start' | 'usage' | 'finish' | 'error' }>;

export interface ItemWriter {
  readonly hasRefusal: boolean;
  write(event: BlockEvent): string;
  /** Ends whatever is open. */
  close(): string;
  /** All items as they are at this moment; open ones with what they have so far. */
  snapshot(openStatus: 'in_progress' | 'incomplete'): readonly JsonObject[];
}

/** @param emit makes an event of a type and its fields */
export function createItemWriter(responseId: string, context: ResponsesContext, emit: (type: string, fields: JsonObject) => string): ItemWriter {
  const items: JsonObject[] = [];
  const blocks = new Map<number, Open>();
  const callIds = new Set<string>();
  let refusal: OpenText | undefined;
  let hasRefusal = false;

  const at = (item: Place): JsonObject => ({ item_id: item.id, output_index: item.index });

  function add<T extends Open>(prefix: string, make: (place: Place) => T, wantedId?: string): { readonly item: T; readonly out: string } {
    const index = items.length;
    const item = make({ index, id: ownReasoningId(wantedId, items) ?? itemId(prefix, responseId, index), text: '' });
    const shape = item.type === 'call' ? callItem(item.tool, item.id, item.callId, { type: item.input, text: '' }, 'in_progress') : item.type === 'reasoning' ? shapeOf(item, 'in_progress') : messageItem(item.id, 'in_progress', []);
    items.push(shape);
    return { item, out: emit('response.output_item.added', { output_index: index, item: shape }) };
  }

  /** An item that is complete as soon as it is there. */
  function addWhole(item: JsonObject, begun: JsonObject): string {
    const index = items.push(item) - 1;
    return emit('response.output_item.added', { output_index: index, item: begun }) + emit('response.output_item.done', { output_index: index, item });
  }

  function done(item: Open, proof?: Proof): string {
    const shape = shapeOf(item, 'completed', proof);
    items[item.index] = shape;
    return emit('response.output_item.done', { output_index: item.index, item: shape });
  }

  function openText(type: 'text' | 'refusal'): { readonly item: OpenText; readonly out: string } {
    const { item, out } = add('msg', (place): OpenText => ({ ...place, type }));
    return { item, out: out + emit('response.content_part.added', { ...at(item), content_index: 0, part: partOf(item) }) };
  }

  function pieceOf(item: Open, text: string): string {
    const isFirst = item.text === '';
    item.text += text;
    switch (item.type) {
      case 'text':
        return emit('response.output_text.delta', { ...at(item), content_index: 0, delta: text, logprobs: [] });
      case 'refusal':
        return emit('response.refusal.delta', { ...at(item), content_index: 0, delta: text });
      case 'reasoning': {
        const begun = isFirst ? emit('response.reasoning_summary_part.added', { ...at(item), summary_index: 0, part: { type: 'summary_text', text: '' } }) : '';
        return begun + emit('response.reasoning_summary_text.delta', { ...at(item), summary_index: 0, delta: text });
      }
      case 'call':
        return item.live ? emit(item.tool.kind === 'custom' ? 'response.custom_tool_call_input.delta' : 'response.function_call_arguments.delta', { ...at(item), delta: text }) : '';
    }
  }

  function end(item: Open, proof: Proof): string {
    switch (item.type) {
      case 'text':
      case 'refusal': {
        const place = { ...at(item), content_index: 0 };
        const ended = item.type === 'text' ? emit('response.output_text.done', { ...place, text: item.text, logprobs: [] }) : emit('response.refusal.done', { ...place, refusal: item.text });
        return ended + emit('response.content_part.done', { ...place, part: partOf(item) }) + done(item);
      }
      case 'reasoning': {
        if (item.text === '') return done(item, proof);
        const place = { ...at(item), summary_index: 0 };
        return emit('response.reasoning_summary_text.done', { ...place, text: item.text }) + emit('response.reasoning_summary_part.done', { ...place, part: { type: 'summary_text', text: item.text } }) + done(item, proof);
      }
      case 'call':
        return inputDone(item) + done(item) + carrierOf(item, proof.signature);
    }
  }

  function inputDone(item: OpenCall): string {
    if (item.tool.kind === 'custom') {
      const input = item.live ? item.text : unwrapCustomInput(item.text);
      const whole = item.live ? '' : emit('response.custom_tool_call_input.delta', { ...at(item), delta: input });
      return whole + emit('response.custom_tool_call_input.done', { ...at(item), input });
    }
    if (item.tool.kind === 'tool-search') return '';
    const text = argumentsText({ type: item.input, text: item.text }, 'completed');
    const whole = item.live && item.text !== '' ? '' : emit('response.function_call_arguments.delta', { ...at(item), delta: text });
    return whole + emit('response.function_call_arguments.done', { ...at(item), name: item.tool.name, arguments: text });
  }

  function carrierOf(item: OpenCall, signature: IrSignature | undefined): string {
    const carrier = signature === undefined ? undefined : sealedCallItem(itemId('rs', responseId, items.length), item.callId, signature);
    return carrier === undefined ? '' : addWhole(carrier, { ...carrier, encrypted_content: '' });
  }

  function open(event: Extract<BlockEvent, { type: 'text-start' | 'reasoning-start' | 'tool-call-start' }>): string {
    const { item, out } = opened(event);
    blocks.set(event.block, item);
    return out;
  }

  function opened(event: Extract<BlockEvent, { type: 'text-start' | 'reasoning-start' | 'tool-call-start' }>): { readonly item: Open; readonly out: string } {
    if (event.type === 'text-start') return openText('text');
    if (event.type === 'reasoning-start') return add('rs', (place): OpenReasoning => ({ ...place, type: 'reasoning', summary: event.summary }), event.id);
    const tool = clientTool(context, event.name);
    const live = tool.kind === (event.input === 'json' ? 'function' : 'custom');
    return add(itemPrefix[tool.kind], (place): OpenCall => ({ ...place, type: 'call', tool, callId: uniqueCallId(event.id, callIds), input: event.input, live }));
  }

  function closeBlock(block: number, proof: Proof): string {
    const item = blocks.get(block);
    blocks.delete(block);
    return item === undefined ? '' : end(item, proof);
  }

  function closeRefusal(): string {
    const item = refusal;
    refusal = undefined;
    return item === undefined ? '' : end(item, {});
  }

  function refuse(text: string): string {
    let out = '';
    hasRefusal = true;
    // codex takes a message with a refusal for no message at all.
    if (refusal === undefined) ({ item: refusal, out } = openText(context.plainRefusals ? 'text' : 'refusal'));
    return out + pieceOf(refusal, text);
  }

  function image(media: IrMedia): string {
    if (media.type === 'base64') {
      const item = imageItem(itemId('ig', responseId, items.length), media.data, 'completed');
      return addWhole(item, { ...item, result: null, status: 'generating' });
    }
    const { item, out } = openText('text');
    return out + pieceOf(item, imageLink(media.type === 'url' ? media.url : media.id)) + end(item, {});
  }

  function writeBlock(event: Exclude<BlockEvent, { type: 'refusal-delta' }>): string {
    switch (event.type) {
      case 'text-start':
      case 'reasoning-start':
      case 'tool-call-start':
        return open(event);
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-call-delta': {
        const item = blocks.get(event.block);
        return item === undefined || event.text === '' ? '' : pieceOf(item, event.text);
      }
      case 'text-end':
        return closeBlock(event.block, {});
      case 'reasoning-end':
      case 'tool-call-end':
        return closeBlock(event.block, event);
      case 'image':
        return image(event.media);
    }
  }

  return {
    get hasRefusal() {
      return hasRefusal;
    },
    write: (event) => (event.type === 'refusal-delta' ? refuse(event.text) : closeRefusal() + writeBlock(event)),
    close: () => closeRefusal() + [...blocks.keys()].map((block) => closeBlock(block, {})).join(''),
    snapshot(openStatus) {
      const now = [...items];
      for (const item of [...blocks.values(), ...(refusal ? [refusal] : [])]) now[item.index] = shapeOf(item, openStatus);
      return now;
    },
  };
}

function partOf(item: OpenText): JsonObject {
  return item.type === 'text' ? textPart(item.text) : refusalPart(item.text);
}

function shapeOf(item: Open, status: 'in_progress' | 'completed' | 'incomplete', proof: Proof = {}): JsonObject {
  switch (item.type) {
    case 'text':
    case 'refusal':
      return messageItem(item.id, status, [partOf(item)]);
    case 'reasoning': {
      const encrypted = status === 'completed' ? encryptedContent({ type: 'reasoning', text: item.text, summary: item.summary, ...proof }) : undefined;
      return reasoningItem(item.id, item.text, encrypted);
    }
    case 'call': {
      if (status === 'completed') return callItem(item.tool, item.id, item.callId, { type: item.input, text: item.text }, status);
      const begun = callItem(item.tool, item.id, item.callId, { type: item.input, text: '' }, 'in_progress');
      // Half of the arguments is no JSON yet, but it is what the client has been sent.
      return { ...begun, status, ...(item.live ? { [item.tool.kind === 'custom' ? 'input' : 'arguments']: item.text } : {}) };
    }
  }
}
