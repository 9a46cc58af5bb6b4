/**
 * Output items of a stream → blocks. Whatever is said twice (pieces, the end of a part, the finished item, the final answer)
 * is taken once, from whichever comes first.
 */
import { uniqueCallId } from '../call-ids.ts';
import { isJsonObject } from '../json.ts';
import { randomId } from '../ids.ts';
import type { UpstreamContext } from '../codec.ts';
import type { IrEvent } from '../ir.ts';
import type { WireItem } from './schema.ts';

type Kind = 'text' | 'reasoning' | 'call';
type ReasoningPart = 'summary' | 'thoughts';

interface Block {
  readonly number: number;
  readonly kind: Kind;
}

/** One item of the output. Parts are named `content 0`, `summary`, `thoughts`, `refusal` and `call`. */
interface Item {
  readonly open: Map<string, Block>;
  /** What has gone out of each part, open or not. */
  readonly sent: Map<string, string>;
  summaryIndex: number;
  done: boolean;
}

export interface ItemReader {
  readonly sawCall: boolean;
  readonly sawRefusal: boolean;
  text(key: string, index: number, piece: string): void;
  /** The whole text of a part, at its end. */
  textDone(key: string, index: number, whole: string | undefined): void;
  refusal(key: string, piece: string): void;
  refusalDone(key: string, whole: string | undefined): void;
  summary(key: string, index: number, piece: string, id: string | undefined): void;
  thoughts(key: string, piece: string, id: string | undefined): void;
  callStart(key: string, item: WireItem): void;
  callInput(key: string, piece: string): void;
  callDone(key: string, whole: string | undefined): void;
  /** @returns false for an item that cannot be used */
  itemDone(key: string, item: WireItem): boolean;
  /** Ends whatever is open. */
  close(): void;
}

export function createItemReader(emit: (event: IrEvent) => void, context: UpstreamContext): ItemReader {
  const items = new Map<string, Item>();
  const callIds = new Set<string>();
  let nextBlock = 0;
  let sawCall = false;
  let sawRefusal = false;

  function itemOf(key: string): Item {
    let item = items.get(key);
    if (item === undefined) {
      item = { open: new Map(), sent: new Map(), summaryIndex: 0, done: false };
      items.set(key, item);
    }
    return item;
  }

  /** Texts and thoughts do not interleave; calls may. */
  function closeTexts(): void {
    for (const item of items.values()) for (const [part, { kind }] of [...item.open]) if (kind !== 'call') close(item, part);
  }

  function close(item: Item, part: string, sealed?: string): void {
    const block = item.open.get(part);
    if (block === undefined) return;
    item.open.delete(part);
    if (block.kind === 'text') emit({ type: 'text-end', block: block.number });
    else if (block.kind === 'call') emit({ type: 'tool-call-end', block: block.number });
    else emit({ type: 'reasoning-end', block: block.number, ...(sealed === undefined ? {} : { sealed: { origin: 'openai-responses', value: sealed } }) });
  }

  function openText(item: Item, part: string): Block {
    return item.open.get(part) ?? begin(item, part, 'text', (number) => ({ type: 'text-start', block: number }));
  }

  function openReasoning(item: Item, part: ReasoningPart, id: string | undefined): Block {
    return item.open.get(part) ?? begin(item, part, 'reasoning', (number) => ({ type: 'reasoning-start', block: number, summary: part === 'summary', ...(id === undefined ? {} : { id }) }));
  }

  function begin(item: Item, part: string, kind: Kind, event: (number: number) => IrEvent): Block {
    closeTexts();
    const block = { number: nextBlock++, kind };
    item.open.set(part, block);
    emit(event(block.number));
    return block;
  }

  function send(item: Item, part: string, block: Block, text: string): void {
    if (text === '') return;
    item.sent.set(part, (item.sent.get(part) ?? '') + text);
    emit({ type: block.kind === 'text' ? 'text-delta' : block.kind === 'reasoning' ? 'reasoning-delta' : 'tool-call-delta', block: block.number, text });
  }

  /** What a whole text has beyond its pieces. One that differs from them says nothing new: what went out cannot be taken back. */
  function rest(item: Item, part: string, whole: string | undefined): string {
    const sent = item.sent.get(part) ?? '';
    return whole?.startsWith(sent) ? whole.slice(sent.length) : '';
  }

  function refuse(item: Item, text: string): void {
    if (text === '') return;
    closeTexts();
    sawRefusal = true;
    item.sent.set('refusal', (item.sent.get('refusal') ?? '') + text);
    emit({ type: 'refusal-delta', text });
  }

  function openCall(item: Item, wire: WireItem): Block | undefined {
    const known = item.open.get('call');
    if (known !== undefined || item.sent.has('call')) return known;
    const name = wire['name'];
    if (typeof name !== 'string' || name === '') return undefined;
    const id = [wire['call_id'], wire.id].find((value) => typeof value === 'string' && value !== '');
    sawCall = true;
    const block = begin(item, 'call', 'call', (number) => ({
      type: 'tool-call-start',
      block: number,
      id: uniqueCallId(typeof id === 'string' ? id : (context.newId ?? randomId)('call_'), callIds),
      name: context.toolNames?.fromWire(name) ?? name,
      input: wire.type === 'custom_tool_call' ? 'text' : 'json',
    }));
    const early = item.sent.get('early') ?? '';
    item.sent.set('call', '');
    send(item, 'call', block, early);
    return block;
  }

  function reasoningDone(item: Item, wire: WireItem): void {
    const id = typeof wire.id === 'string' && wire.id !== '' ? wire.id : undefined;
    const value = wire['encrypted_content'];
    const sealed = typeof value === 'string' && value !== '' ? value : undefined;
    const texts = { thoughts: textOf(wire['content']), summary: textOf(wire['summary']) };
    // A summary of thoughts that are there themselves is left out.
    const part: ReasoningPart = item.sent.has('thoughts') || (texts.thoughts !== '' && !item.sent.has('summary')) ? 'thoughts' : 'summary';
    const missing = rest(item, part, texts[part]);
    if (missing !== '' || (sealed !== undefined && !item.open.has(part))) send(item, part, openReasoning(item, part, id), missing);
    close(item, part, sealed);
  }

  function messageDone(item: Item, wire: WireItem): void {
    for (const [index, { text, refusal }] of partsOf(wire['content']).entries()) {
      const part = `content ${index}`;
      const missing = rest(item, part, text);
      if (missing !== '') send(item, part, openText(item, part), missing);
      close(item, part);
      refuse(item, rest(item, 'refusal', refusal));
    }
  }

  function callDone(item: Item, whole: string | undefined): void {
    const block = item.open.get('call');
    if (block !== undefined) send(item, 'call', block, rest(item, 'call', whole));
  }

  return {
    get sawCall() {
      return sawCall;
    },
    get sawRefusal() {
      return sawRefusal;
    },
    text(key, index, piece) {
      const item = itemOf(key);
      if (piece !== '') send(item, `content ${index}`, openText(item, `content ${index}`), piece);
    },
    textDone(key, index, whole) {
      const item = itemOf(key);
      const part = `content ${index}`;
      const missing = rest(item, part, whole);
      if (missing !== '') send(item, part, openText(item, part), missing);
      close(item, part);
    },
    refusal: (key, piece) => refuse(itemOf(key), piece),
    refusalDone: (key, whole) => refuse(itemOf(key), rest(itemOf(key), 'refusal', whole)),
    summary(key, index, piece, id) {
      const item = itemOf(key);
      if (piece === '') return;
      const block = openReasoning(item, 'summary', id);
      // Further parts of a summary are further paragraphs.
      if (index > item.summaryIndex && item.sent.has('summary')) send(item, 'summary', block, '\n\n');
      item.summaryIndex = index;
      send(item, 'summary', block, piece);
    },
    thoughts(key, piece, id) {
      const item = itemOf(key);
      if (piece !== '') send(item, 'thoughts', openReasoning(item, 'thoughts', id), piece);
    },
    callStart: (key, item) => void openCall(itemOf(key), item),
    callInput(key, piece) {
      const item = itemOf(key);
      const block = item.open.get('call');
      if (block !== undefined) send(item, 'call', block, piece);
      else if (!item.sent.has('call')) item.sent.set('early', (item.sent.get('early') ?? '') + piece);
    },
    callDone: (key, whole) => callDone(itemOf(key), whole),
    itemDone(key, wire) {
      const item = itemOf(key);
      if (item.done) return true;
      item.done = true;
      switch (wire.type ?? 'message') {
        case 'message':
          messageDone(item, wire);
          return true;
        case 'reasoning':
          reasoningDone(item, wire);
          return true;
        case 'function_call':
        case 'custom_tool_call': {
          if (openCall(item, wire) === undefined) return item.sent.has('call');
          const input = wire[wire.type === 'function_call' ? 'arguments' : 'input'];
          callDone(item, typeof input === 'string' ? input : input === null || input === undefined ? undefined : JSON.stringify(input));
          close(item, 'call');
          return true;
        }
        case 'image_generation_call': {
          const data = wire['result'];
          if (typeof data === 'string' && data !== '') emit({ type: 'image', media: { type: 'base64', mediaType: 'image/png', data } });
          return true;
        }
        default:
          return true; // work of the server's own tools, of which no other protocol knows
      }
    },
    close() {
      for (const item of items.values()) for (const part of [...item.open.keys()]) close(item, part);
    },
  };
}

function partsOf(value: unknown): readonly { readonly text: string; readonly refusal: string }[] {
  if (typeof value === 'string') return [{ text: value, refusal: '' }];
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).map((part) => ({ text: stringOf(part['text']), refusal: stringOf(part['refusal']) }));
}

function textOf(value: unknown): string {
  return partsOf(value).map((part) => part.text).filter((text) => text !== '').join('\n\n');
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
