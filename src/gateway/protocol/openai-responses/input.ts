/** The items of a conversation → messages. Items of one turn of the model become one message, as every other wire has it. */
import { ProtocolError } from '../codec.ts';
import { mediaFromUrl } from '../media.ts';
import { parseWireOnce } from '../parse.ts';
import { decodeOutput, decodeParts } from './content.ts';
import { decodeReasoning } from './reasoning.ts';
import { callOutputSchema, customCallSchema, functionCallSchema, imageCallSchema, messageSchema, reasoningSchema, toolListSchema, toolSearchCallSchema, type WireItem, type WireTool } from './schema.ts';
import type { IrAssistantPart, IrMessage, IrSignature, IrText, IrToolCall, IrToolResult, IrUserPart } from '../ir.ts';
import type { ClientTool, ToolTable } from './tools.ts';
import type { Warn } from '../warnings.ts';

type Mutable =
  | { readonly role: 'system'; readonly developer: boolean; readonly parts: IrText[] }
  | { readonly role: 'user'; readonly parts: IrUserPart[]; readonly results: boolean }
  | { readonly role: 'assistant'; readonly parts: IrAssistantPart[] };

/** Declarations that come as items: codex's small form of a request, and tools that a search of the client found. */
export function toolListsIn(items: readonly WireItem[]): readonly (readonly WireTool[])[] {
  return items.flatMap((item, index) => (item.type === 'additional_tools' || item.type === 'tool_search_output' ? [parseWireOnce(toolListSchema, item, `input.${index}`).tools ?? []] : []));
}

/** @throws ProtocolError for items that only a server with a memory could resolve */
export function decodeInput(input: string | readonly WireItem[], table: ToolTable, warn: Warn): readonly IrMessage[] {
  if (typeof input === 'string') return [{ role: 'user', parts: [{ type: 'text', text: input }] }];
  const messages: Mutable[] = [];
  const names = new Map<string, string>();
  const signatures = new Map<string, IrSignature>();
  const skipped = new Set<string>();

  const assistant = (...parts: IrAssistantPart[]): void => {
    const last = messages.at(-1);
    if (last?.role === 'assistant') last.parts.push(...parts);
    else if (parts.length > 0) messages.push({ role: 'assistant', parts });
  };
  const result = (part: IrToolResult): void => {
    const last = messages.at(-1);
    if (last?.role === 'user' && last.results) last.parts.push(part);
    else messages.push({ role: 'user', parts: [part], results: true });
  };
  const call = (tool: ClientTool, id: string, input: IrToolCall['input']): void => {
    const name = table.nameOf(tool);
    names.set(id, name);
    assistant({ type: 'tool-call', id, name, input });
  };
  const resultOf = (callId: string, content: IrToolResult['content']): void => {
    const name = names.get(callId);
    result({ type: 'tool-result', callId, ...(name === undefined ? {} : { name }), content, isError: false });
  };

  for (const [index, item] of input.entries()) {
    const path = `input.${index}`;
    switch (item.type ?? 'message') {
      case 'message': {
        const message = parseWireOnce(messageSchema, item, path);
        const parts = decodeParts(message.content, warn);
        if (message.role === 'assistant') assistant(...parts.flatMap((part) => (part.type === 'text' || part.type === 'image' || part.type === 'refusal' ? [part] : dropped(part.type, 'an assistant message', warn))));
        else if (message.role === 'system' || message.role === 'developer') {
          messages.push({ role: 'system', developer: message.role === 'developer', parts: parts.flatMap((part) => (part.type === 'text' ? [part] : dropped(part.type, 'an instruction', warn))) });
        } else if (message.role === 'user') messages.push({ role: 'user', results: false, parts: parts.flatMap((part) => (part.type === 'refusal' ? [{ type: 'text', text: part.text } as const] : [part])) });
        else throw new ProtocolError(`${path}.role: must be user, assistant, system or developer`, `${path}.role`);
        break;
      }
      case 'function_call': {
        const { name, namespace, arguments: value, ...ids } = parseWireOnce(functionCallSchema, item, path);
        call(toolOf('function', name, namespace), callIdOf(ids, path), { type: 'json', text: typeof value === 'string' ? value : JSON.stringify(value ?? {}) });
        break;
      }
      case 'custom_tool_call': {
        const { name, namespace, input: text, ...ids } = parseWireOnce(customCallSchema, item, path);
        call(toolOf('custom', name, namespace), callIdOf(ids, path), { type: 'text', text: text ?? '' });
        break;
      }
      case 'tool_search_call': {
        const search = parseWireOnce(toolSearchCallSchema, item, path);
        if (search.execution === 'client' && typeof search.call_id === 'string') {
          call({ kind: 'tool-search', name: 'tool_search' }, search.call_id, { type: 'json', text: typeof search.arguments === 'string' ? search.arguments : JSON.stringify(search.arguments ?? {}) });
        } else skipped.add('tool_search_call');
        break;
      }
      case 'function_call_output':
      case 'custom_tool_call_output': {
        const output = parseWireOnce(callOutputSchema, item, path);
        resultOf(output.call_id, decodeOutput(output.output, `${path}.output`, warn));
        break;
      }
      case 'tool_search_output': {
        const callId = item['call_id'];
        if (typeof callId === 'string' && names.has(callId)) resultOf(callId, [{ type: 'text', text: foundTools(parseWireOnce(toolListSchema, item, path).tools ?? [], table) }]);
        break;
      }
      case 'reasoning':
        assistant(...decodeReasoning(parseWireOnce(reasoningSchema, item, path), warn, (callId, signature) => signatures.set(callId, signature)));
        break;
      case 'image_generation_call': {
        const { result: data } = parseWireOnce(imageCallSchema, item, path);
        if (typeof data === 'string' && data !== '') assistant({ type: 'image', media: mediaFromUrl(`data:image/png;base64,${data}`) });
        break;
      }
      case 'additional_tools':
        break;
      case 'item_reference':
        throw new ProtocolError('this server keeps no items: send the item itself instead of an item_reference (and store: false)', path);
      default:
        skipped.add(item.type ?? 'unknown');
    }
  }
  for (const type of skipped) warn('unsupported-part', `items of type ${type} mean something only to OpenAI's own servers and were left out`);
  return messages.filter((message) => message.parts.length > 0).map((message) => finish(message, signatures));
}

function toolOf(kind: ClientTool['kind'], name: string, namespace: string | null | undefined): ClientTool {
  return typeof namespace === 'string' && namespace !== '' ? { kind, name, namespace } : { kind, name };
}

function callIdOf(ids: { readonly call_id?: string | null | undefined; readonly id?: string | null | undefined }, path: string): string {
  const id = ids.call_id ?? ids.id;
  if (typeof id === 'string') return id;
  throw new ProtocolError(`${path}.call_id: a call without an id cannot be matched with its output`, `${path}.call_id`);
}

function dropped(type: string, where: string, warn: Warn): [] {
  warn('unsupported-part', `a part of type ${type} in ${where} was left out`);
  return [];
}

/** The model reads which tools it may call now; their declarations are in the request's own list. */
function foundTools(tools: readonly WireTool[], table: ToolTable): string {
  const names = tools.flatMap((tool) =>
    tool.type === 'namespace' ? (tool.tools ?? []).map((inner) => table.nameOf(toolOf('function', inner.name ?? '', tool.name))) : [table.nameOf(toolOf('function', tool.name ?? '', undefined))],
  );
  return names.length === 0 ? 'No tools found' : `These tools can be called now: ${names.join(', ')}`;
}

function finish(message: Mutable, signatures: ReadonlyMap<string, IrSignature>): IrMessage {
  if (message.role === 'system') return { role: 'system', developer: message.developer, parts: message.parts };
  if (message.role === 'user') return { role: 'user', parts: message.parts };
  return {
    role: 'assistant',
    parts: message.parts.map((part) => {
      const signature = part.type === 'tool-call' ? signatures.get(part.id) : undefined;
      return part.type === 'tool-call' && signature !== undefined ? { ...part, signature } : part;
    }),
  };
}
