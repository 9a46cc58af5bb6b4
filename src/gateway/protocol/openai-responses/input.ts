/** The items of a conversation → messages. Items of one turn of the model become one message, as every other wire has it. */
import { ProtocolError } from '../codec.ts';
import { createFold, type FoldStep } from '../fold.ts';
import { mediaFromUrl } from '../media.ts';
import { parseWire, parseWireOnce } from '../parse.ts';
import { decodeOutput, decodeParts } from './content.ts';
import { decodeReasoning } from './reasoning.ts';
import { callOutputSchema, customCallSchema, functionCallSchema, imageCallSchema, messageSchema, reasoningSchema, toolListSchema, toolSearchCallSchema, type WireInputMessage, type WireItem, type WireTool } from './schema.ts';
import type { IrAssistantPart, IrMessage, IrSignature, IrToolCall, IrToolResult } from '../ir.ts';
import type { ClientTool, ToolTable } from './tools.ts';
import type { Warn } from '../warnings.ts';

/** Declarations that come as items: codex's small form of a request, and tools that a search of the client found. */
export function toolListsIn(items: readonly WireItem[]): readonly (readonly WireTool[])[] {
  return items.flatMap((item, index) => (item.type === 'additional_tools' || item.type === 'tool_search_output' ? [parseWireOnce(toolListSchema, item, `input.${index}`).tools ?? []] : []));
}

/** A message whose further items may follow. */
type OpenMessage = { readonly role: 'assistant'; readonly parts: IrAssistantPart[] } | { readonly role: 'user'; readonly parts: IrToolResult[] };

interface KnownCall {
  readonly name: string;
  /** Of its message among all. */
  readonly message: number;
}

interface Decoded {
  readonly messages: IrMessage[];
  /** Behind all of `messages`. */
  open: OpenMessage | undefined;
  readonly calls: Map<string, KnownCall>;
  readonly signatures: Map<string, IrSignature>;
}

/** @throws ProtocolError for items that only a server with a memory could resolve */
export function decodeInput(input: string | readonly WireItem[], table: ToolTable, warn: Warn): readonly IrMessage[] {
  if (typeof input === 'string') return [{ role: 'user', parts: [{ type: 'text', text: input }] }];
  const decoded = decodeItems(input, { context: table, dependsOn: [...table.byName], warn });
  close(decoded);
  return decoded.messages;
}

const decodeItems = createFold<WireItem, Decoded, ToolTable>({
  begin: () => ({ messages: [], open: undefined, calls: new Map(), signatures: new Map() }),
  step: decodeItem,
  isBorder: (item, previous) => isOfModel(item) && isOfClient(previous),
  atBorder: close,
  copy: ({ messages, calls, signatures }) => ({ messages: [...messages], open: undefined, calls: new Map(calls), signatures: new Map(signatures) }),
});

/** Whether an answer may begin with it. */
function isOfModel({ type = 'message', role }: WireItem): boolean {
  return type === 'message' ? role === 'assistant' : type === 'reasoning' || type === 'function_call' || type === 'custom_tool_call';
}

/** Whether no answer goes on behind it. */
function isOfClient({ type = 'message', role }: WireItem): boolean {
  return type === 'message' ? role !== 'assistant' : type === 'function_call_output' || type === 'custom_tool_call_output';
}

function decodeItem(decoded: Decoded, item: WireItem, { index, context: table, warn }: FoldStep<ToolTable>): void {
  const path = `input.${index}`;
  const { calls } = decoded;
  const call = (tool: ClientTool, id: string, input: IrToolCall['input']): void => {
    const name = table.nameOf(tool);
    answer(decoded, { type: 'tool-call', id, name, input });
    // Where it will be once it is closed.
    calls.set(id, { name, message: decoded.messages.length });
  };
  const result = (callId: string, content: IrToolResult['content']): void => {
    const known = calls.get(callId);
    const part: IrToolResult = { type: 'tool-result', callId, ...(known === undefined ? {} : { name: known.name }), content, isError: false };
    if (decoded.open?.role === 'user') decoded.open.parts.push(part);
    else open(decoded, { role: 'user', parts: [part] });
  };
  switch (item.type ?? 'message') {
    case 'message':
      return decodeMessage(decoded, parseWire(messageSchema, item, path), path, warn);
    case 'function_call': {
      const { name, namespace, arguments: value, ...ids } = parseWire(functionCallSchema, item, path);
      return call(toolOf('function', name, namespace), callIdOf(ids, path), { type: 'json', text: typeof value === 'string' ? value : JSON.stringify(value ?? {}) });
    }
    case 'custom_tool_call': {
      const { name, namespace, input: text, ...ids } = parseWire(customCallSchema, item, path);
      return call(toolOf('custom', name, namespace), callIdOf(ids, path), { type: 'text', text: text ?? '' });
    }
    case 'tool_search_call': {
      const search = parseWire(toolSearchCallSchema, item, path);
      if (search.execution !== 'client' || typeof search.call_id !== 'string') return skipped('tool_search_call', warn);
      return call({ kind: 'tool-search', name: 'tool_search' }, search.call_id, { type: 'json', text: typeof search.arguments === 'string' ? search.arguments : JSON.stringify(search.arguments ?? {}) });
    }
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const output = parseWire(callOutputSchema, item, path);
      return result(output.call_id, decodeOutput(output.output, `${path}.output`, warn));
    }
    case 'tool_search_output': {
      const callId = item['call_id'];
      if (typeof callId === 'string' && calls.has(callId)) result(callId, [{ type: 'text', text: foundTools(parseWire(toolListSchema, item, path).tools ?? [], table) }]);
      return;
    }
    case 'reasoning':
      return void answer(decoded, ...decodeReasoning(parseWire(reasoningSchema, item, path), warn, (callId, signature) => sign(decoded, callId, signature)));
    case 'image_generation_call': {
      const { result: data } = parseWire(imageCallSchema, item, path);
      if (typeof data === 'string' && data !== '') answer(decoded, { type: 'image', media: mediaFromUrl(`data:image/png;base64,${data}`) });
      return;
    }
    case 'additional_tools':
      return;
    case 'item_reference':
      throw new ProtocolError('this server keeps no items: send the item itself instead of an item_reference (and store: false)', path);
    default:
      return skipped(item.type ?? 'unknown', warn);
  }
}

function decodeMessage(decoded: Decoded, message: WireInputMessage, path: string, warn: Warn): void {
  const parts = decodeParts(message.content, warn);
  switch (message.role) {
    case 'assistant':
      return void answer(decoded, ...parts.flatMap((part) => (part.type === 'text' || part.type === 'image' || part.type === 'refusal' ? [part] : dropped(part.type, 'an assistant message', warn))));
    case 'system':
    case 'developer':
      return say(decoded, { role: 'system', developer: message.role === 'developer', parts: parts.flatMap((part) => (part.type === 'text' ? [part] : dropped(part.type, 'an instruction', warn))) });
    case 'user':
      return say(decoded, { role: 'user', parts: parts.flatMap((part) => (part.type === 'refusal' ? [{ type: 'text', text: part.text } as const] : [part])) });
    default:
      throw new ProtocolError(`${path}.role: must be user, assistant, system or developer`, `${path}.role`);
  }
}

/** Of the model's turn that is going on, or of a new one. */
function answer(decoded: Decoded, ...parts: readonly IrAssistantPart[]): void {
  if (decoded.open?.role === 'assistant') decoded.open.parts.push(...parts);
  else if (parts.length > 0) open(decoded, { role: 'assistant', parts: [...parts] });
}

function open(decoded: Decoded, message: OpenMessage): void {
  close(decoded);
  decoded.open = message;
}

function say(decoded: Decoded, message: IrMessage): void {
  close(decoded);
  if (message.parts.length > 0) decoded.messages.push(message);
}

function close(decoded: Decoded): void {
  const { open: message, messages, signatures } = decoded;
  decoded.open = undefined;
  if (message === undefined || message.parts.length === 0) return;
  messages.push(message.role === 'user' ? message : { role: 'assistant', parts: message.parts.map((part) => signed(part, signatures)) });
}

/** The signature of a call comes before the call, behind it, or behind all of its turn. */
function sign({ messages, calls, signatures }: Decoded, callId: string, signature: IrSignature): void {
  signatures.set(callId, signature);
  const index = calls.get(callId)?.message ?? messages.length;
  const message = messages[index];
  if (message?.role === 'assistant') messages[index] = { role: 'assistant', parts: message.parts.map((part) => signed(part, signatures)) };
}

function signed(part: IrAssistantPart, signatures: ReadonlyMap<string, IrSignature>): IrAssistantPart {
  const signature = part.type === 'tool-call' ? signatures.get(part.id) : undefined;
  return part.type === 'tool-call' && signature !== undefined ? { ...part, signature } : part;
}

function skipped(type: string, warn: Warn): void {
  warn('unsupported-part', `items of type ${type} mean something only to OpenAI's own servers and were left out`);
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
