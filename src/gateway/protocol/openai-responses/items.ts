/** Items of an answer, as the client expects them. */
import { unwrapCustomInput, wrapCustomInput } from '../custom-tools.ts';
import { parseJsonExactly } from '../json.ts';
import type { Json, JsonObject } from '../ir.ts';
import type { ClientTool } from './tools.ts';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export function textPart(text: string): JsonObject {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}

export function refusalPart(text: string): JsonObject {
  return { type: 'refusal', refusal: text };
}

export function messageItem(id: string, status: ItemStatus, content: readonly JsonObject[]): JsonObject {
  return { id, type: 'message', status, role: 'assistant', content };
}

/** An image that lies elsewhere: the wire has items only for the content itself. */
export function imageLink(url: string): string {
  return `![image](${url})`;
}

export function imageItem(id: string, data: string | null, status: ItemStatus | 'generating'): JsonObject {
  return { id, type: 'image_generation_call', status, result: data };
}

export const itemPrefix: Readonly<Record<ClientTool['kind'], string>> = { function: 'fc', custom: 'ctc', 'tool-search': 'tsc' };

/** `input` is JSON text, or free text for a custom tool; what the model wrote for the other kind is converted. */
export function callItem(tool: ClientTool, id: string, callId: string, input: { readonly type: 'json' | 'text'; readonly text: string }, status: ItemStatus): JsonObject {
  const head = { id, status, call_id: callId };
  const name = { name: tool.name, ...(tool.namespace === undefined ? {} : { namespace: tool.namespace }) };
  switch (tool.kind) {
    case 'function':
      return { ...head, type: 'function_call', ...name, arguments: argumentsText(input, status) };
    case 'custom':
      return { ...head, type: 'custom_tool_call', ...name, input: customText(input, status) };
    case 'tool-search':
      return { ...head, type: 'tool_search_call', execution: 'client', arguments: parseJsonExactly(input.text) ?? ({} satisfies Json) };
  }
}

/** Clients parse the arguments, and codex takes none at all for an error. */
export function argumentsText(input: { readonly type: 'json' | 'text'; readonly text: string }, status: ItemStatus): string {
  if (status === 'in_progress') return '';
  if (input.type === 'text') return wrapCustomInput(input.text);
  return input.text.trim() === '' ? '{}' : input.text;
}

export function customText(input: { readonly type: 'json' | 'text'; readonly text: string }, status: ItemStatus): string {
  if (status === 'in_progress') return '';
  return input.type === 'text' ? input.text : unwrapCustomInput(input.text);
}
