/** Blocks of this wire → parts of the hub's messages. */
import { ProtocolError } from '../codec.ts';
import { isJsonObject } from '../json.ts';
import type { IrAssistantPart, IrCacheMark, IrDocument, IrImage, IrMedia, IrReasoning, IrSignature, IrText, IrToolCall, IrToolResult } from '../ir.ts';
import { parseWire } from '../parse.ts';
import { isSealed, unseal, type SealedItem } from '../sealed.ts';
import type { Warn } from '../warnings.ts';
import { contentSchema, type WireBlock, type WireContent, type WireSource } from './schema.ts';

export interface BlockOptions {
  readonly warn: Warn;
  /** Of the block, for messages about what is wrong with it. */
  readonly path: string;
}

export function cacheMark({ cache_control: control }: Pick<WireBlock, 'cache_control'>): { readonly cache?: IrCacheMark } {
  if (control === null || control === undefined) return {};
  return { cache: control.ttl === '5m' || control.ttl === '1h' ? { ttl: control.ttl } : {} };
}

export function blocksOf(content: WireContent | null | undefined): readonly WireBlock[] {
  if (content === null || content === undefined) return [];
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

/** What users and tools say. Undefined for blocks of another kind. @throws ProtocolError */
export function plainPart(block: WireBlock, options: BlockOptions): readonly (IrText | IrImage | IrDocument)[] | undefined {
  switch (block.type) {
    case 'text':
      if (typeof block.text !== 'string') throw new ProtocolError(`${options.path}.text: a text block has a text`, `${options.path}.text`);
      return block.text === '' ? [] : [{ type: 'text', text: block.text, ...cacheMark(block) }];
    case 'image': {
      const media = mediaOf(block.source);
      return media === undefined ? undefined : [{ type: 'image', media, ...cacheMark(block) }];
    }
    case 'document':
      return documentOf(block, options);
    case 'search_result': {
      const texts = nested(block.content, options).map((inner) => inner.text ?? '');
      return [{ type: 'text', text: [block.title ?? '', typeof block.source === 'string' ? block.source : '', ...texts].filter((line) => line !== '').join('\n'), ...cacheMark(block) }];
    }
    case 'tool_reference':
      return [{ type: 'text', text: `The tool ${block.tool_name ?? ''} is available now.` }];
    default:
      return undefined;
  }
}

function mediaOf(source: WireBlock['source']): IrMedia | undefined {
  if (source === null || source === undefined || typeof source === 'string') return undefined;
  if (source.type === 'base64' && typeof source.data === 'string') return { type: 'base64', mediaType: source.media_type ?? 'application/octet-stream', data: source.data };
  if (source.type === 'url' && typeof source.url === 'string') return { type: 'url', url: source.url };
  if (source.type === 'file' && typeof source.file_id === 'string') return { type: 'file', id: source.file_id, origin: 'anthropic-messages' };
  return undefined;
}

function documentOf(block: WireBlock, options: BlockOptions): readonly (IrText | IrImage | IrDocument)[] | undefined {
  const { source } = block;
  if (source === null || source === undefined || typeof source === 'string') return undefined;
  const outer = { ...(typeof block.title === 'string' ? { title: block.title } : {}), ...cacheMark(block) };
  if (source.type === 'content') return contentDocument(source, outer.title, options);
  if (source.type === 'text' && typeof source.data === 'string') return [{ type: 'document', media: { type: 'text', text: source.data, mediaType: source.media_type ?? 'text/plain' }, ...outer }];
  const media = mediaOf(source);
  return media === undefined ? undefined : [{ type: 'document', media, ...outer }];
}

function contentDocument(source: WireSource, title: string | undefined, options: BlockOptions): readonly (IrText | IrImage | IrDocument)[] {
  const parts = nested(source.content, options).flatMap((inner) => plainPart(inner, options) ?? []);
  return title === undefined ? parts : [{ type: 'text', text: title }, ...parts];
}

function nested(content: unknown, { path }: BlockOptions): readonly WireBlock[] {
  return content === null || content === undefined ? [] : blocksOf(parseWire(contentSchema, content, `${path}.content`));
}

/** @throws ProtocolError */
export function toolResult(block: WireBlock, options: BlockOptions): IrToolResult {
  const content = nested(block.content, options).flatMap((inner) => {
    const parts = plainPart(inner, options);
    if (parts === undefined) options.warn('unsupported-part', `a block of the type ${inner.type.slice(0, 60)} in a tool result was left out`);
    return parts ?? [];
  });
  return { type: 'tool-result', callId: block.tool_use_id ?? '', content, isError: block.is_error === true, ...cacheMark(block) };
}

/** Thoughts, calls and text of an answer; signatures of other servers come out of their envelopes. */
export function assistantParts(blocks: readonly WireBlock[], warn: Warn): readonly IrAssistantPart[] {
  const calls = new Map<string, IrSignature>();
  const parts = blocks.flatMap((block): readonly IrAssistantPart[] => {
    switch (block.type) {
      case 'text':
        return block.text === null || block.text === undefined || block.text === '' ? [] : [{ type: 'text', text: block.text, ...cacheMark(block) }];
      case 'thinking':
        return thinking(block, calls);
      case 'redacted_thinking':
        return redacted(block, calls);
      case 'tool_use':
        return [toolCall(block)];
      // Marks where another model took over; says nothing to a model.
      case 'fallback':
        return [];
      default:
        warn('unsupported-part', `a block of the type ${block.type.slice(0, 60)} in an earlier answer was left out`);
        return [];
    }
  });
  return parts.map((part) => {
    const signature = part.type === 'tool-call' ? calls.get(part.id) : undefined;
    return signature === undefined ? part : { ...part, signature };
  });
}

function toolCall(block: WireBlock): IrToolCall {
  const input = block.input === undefined || block.input === null ? {} : block.input;
  return { type: 'tool-call', id: block.id ?? '', name: block.name ?? '', input: { type: 'json', text: typeof input === 'string' ? input : JSON.stringify(input) }, ...cacheMark(block) };
}

function thinking(block: WireBlock, calls: Map<string, IrSignature>): readonly IrReasoning[] {
  const text = block.thinking ?? '';
  const value = block.signature ?? '';
  if (isSealed(value)) return opened(unseal(value, text), calls) ?? (text === '' ? [] : [{ type: 'reasoning', text, summary: false }]);
  if (value === '') return text === '' ? [] : [{ type: 'reasoning', text, summary: false }];
  return [{ type: 'reasoning', text, summary: false, signature: { origin: 'anthropic-messages', value } }];
}

function redacted(block: WireBlock, calls: Map<string, IrSignature>): readonly IrReasoning[] {
  const value = block.data ?? '';
  if (isSealed(value)) return opened(unseal(value), calls) ?? [];
  return value === '' ? [] : [{ type: 'reasoning', text: '', summary: false, sealed: { origin: 'anthropic-messages', value } }];
}

function opened(items: readonly SealedItem[] | undefined, calls: Map<string, IrSignature>): readonly IrReasoning[] | undefined {
  return items?.flatMap((item): readonly IrReasoning[] => {
    if (item.type === 'reasoning') return [item.reasoning];
    calls.set(item.callId, item.signature);
    return [];
  });
}

/** The tool that a `tool_addition` or `tool_removal` block speaks of. */
export function changedTool(block: WireBlock): { readonly name: string; readonly definition?: unknown } | undefined {
  const { tool } = block;
  if (!isJsonObject(tool)) return undefined;
  const { definition } = tool;
  if (isJsonObject(definition) && typeof definition['name'] === 'string') return { name: definition['name'], definition };
  return typeof tool['name'] === 'string' ? { name: tool['name'] } : undefined;
}
