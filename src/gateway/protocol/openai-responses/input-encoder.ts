/** Messages → the items of a Responses server's input. */
import { createFold } from '../fold.ts';
import { isModelTurn } from '../turns.ts';
import { callItem, refusalPart } from './items.ts';
import { encodePart } from './content.ts';
import type { IrAssistantPart, IrMessage, IrReasoning, IrText, IrTool, IrToolCall, IrToolResult, IrUserPart, Json, JsonObject } from '../ir.ts';
import { argumentsObject, isJsonObject, parseJson } from '../json.ts';
import type { UpstreamTraits } from '../codec.ts';
import type { ToolNames } from '../tool-names.ts';
import type { Warn } from '../warnings.ts';

const protocol = 'openai-responses';

export interface EncodeInputOptions {
  readonly traits: UpstreamTraits;
  readonly toolNames: ToolNames;
  readonly tools: readonly IrTool[];
  readonly warn: Warn;
}

/** Instructions before the first turn go where the wire has a place of its own for them; later ones stay where they are. */
export function encodeInput(messages: readonly IrMessage[], options: EncodeInputOptions): { readonly instructions: string | undefined; readonly input: readonly JsonObject[] } {
  const turns = messages.findIndex((message) => message.role !== 'system');
  const leading = turns < 0 ? messages : messages.slice(0, turns);
  const instructions = leading.map(textOf).filter((text) => text !== '').join('\n\n');
  const { traits, toolNames, warn } = options;
  const custom = options.tools.flatMap((tool) => (tool.type === 'custom' ? [tool.name] : []));
  const { input } = encodeTurns(messages.slice(leading.length), { context: { ...options, custom: new Set(custom) }, dependsOn: [traits, toolNames, custom], warn });
  return { instructions: instructions === '' ? undefined : instructions, input };
}

interface Encoded {
  readonly input: JsonObject[];
  /** Ids of calls of custom tools, whose results are items of another type. */
  readonly customCalls: Set<string>;
}

const encodeTurns = createFold<IrMessage, Encoded, EncodeInputOptions & { readonly custom: ReadonlySet<string> }>({
  begin: () => ({ input: [], customCalls: new Set() }),
  step({ input, customCalls }, message, { context, warn }) {
    const options = { ...context, warn };
    switch (message.role) {
      case 'system':
        return void input.push(...encodeSystem(message, options));
      case 'user':
        return void input.push(...encodeUser(message.parts, customCalls, options));
      case 'assistant':
        return void input.push(...encodeAssistant(message.parts, context.custom, customCalls, options));
    }
  },
  isBorder: isModelTurn,
  copy: ({ input, customCalls }) => ({ input: [...input], customCalls: new Set(customCalls) }),
});

function textOf(message: IrMessage): string {
  return message.role === 'system' ? message.parts.map((part) => part.text).join('\n\n') : '';
}

function encodeSystem(message: Extract<IrMessage, { role: 'system' }>, { traits, warn }: EncodeInputOptions): readonly JsonObject[] {
  const content = message.parts.filter((part) => part.text !== '').map((part) => ({ type: 'input_text', text: part.text }));
  if (content.length === 0) return [];
  if (traits.systemAnywhere === false) {
    warn('approximated', 'instructions in the middle of the conversation were handed on as a marked message of the user');
    return [{ type: 'message', role: 'user', content: content.map((part) => ({ ...part, text: `<system-reminder>\n${part.text}\n</system-reminder>` })) }];
  }
  return [{ type: 'message', role: message.developer && traits.systemRole !== 'system' ? 'developer' : 'system', content }];
}

function encodeUser(parts: readonly IrUserPart[], customCalls: ReadonlySet<string>, options: EncodeInputOptions): readonly JsonObject[] {
  const items: JsonObject[] = [];
  let content: JsonObject[] = [];
  const flush = (): void => {
    if (content.length > 0) items.push({ type: 'message', role: 'user', content });
    content = [];
  };
  for (const part of parts) {
    if (part.type === 'tool-result') {
      flush();
      items.push(encodeResult(part, customCalls.has(part.callId), options));
    } else {
      content.push(encodePart(readable(part, options), options.warn));
    }
  }
  flush();
  return items;
}

/** The part, or a note in the place of one that the model cannot read. */
function readable<Part extends Exclude<IrUserPart, IrToolResult>>(part: Part, { traits, warn }: EncodeInputOptions): Part | IrText {
  const image = part.type === 'image' && traits.images === false;
  const file = part.type === 'document' && part.media.type !== 'text' && traits.documents === false;
  if (!image && !file) return part;
  const what = image ? 'an image' : 'a file';
  warn('unsupported-part', `${what} was left out: the model reads none`);
  return { type: 'text', text: `[${what} was left out: this model cannot read it]` };
}

function encodeResult(result: IrToolResult, custom: boolean, options: EncodeInputOptions): JsonObject {
  const content = result.content.map((part) => readable(part, options));
  const output: Json = content.every((part) => part.type === 'text') ? content.map((part) => part.text).join('\n') : content.map((part) => encodePart(part, options.warn));
  return { type: custom ? 'custom_tool_call_output' : 'function_call_output', call_id: result.callId, output: result.isError ? markError(output) : output };
}

/** The wire has no flag for it. */
function markError(output: Json): Json {
  if (typeof output === 'string') return output.startsWith('Error: ') ? output : `Error: ${output}`;
  return Array.isArray(output) ? [{ type: 'input_text', text: 'Error:' }, ...(output as readonly Json[])] : output;
}

function encodeAssistant(parts: readonly IrAssistantPart[], custom: ReadonlySet<string>, customCalls: Set<string>, options: EncodeInputOptions): readonly JsonObject[] {
  const items: JsonObject[] = [];
  let content: JsonObject[] = [];
  const flush = (): void => {
    if (content.length > 0) items.push({ type: 'message', role: 'assistant', content });
    content = [];
  };
  for (const part of parts) {
    if (part.type === 'text') {
      if (part.text !== '') content.push({ type: 'output_text', text: part.text });
      continue;
    }
    if (part.type === 'refusal') {
      content.push(refusalPart(part.text));
      continue;
    }
    flush();
    if (part.type === 'reasoning') items.push(...encodeThought(part, options));
    else if (part.type === 'image') options.warn('unsupported-part', 'an image that the model made was left out');
    else {
      const kind = custom.has(part.name) || (part.input.type === 'text' && options.traits.customTools !== false) ? 'custom' : 'function';
      if (kind === 'custom') customCalls.add(part.id);
      if (part.signature !== undefined) options.warn('dropped-signature', 'the signature of a call was left out: it is another vendor’s');
      const { id: _, ...item } = callItem({ kind, name: options.toolNames.toWire(part.name) }, '', part.id, kind === 'function' ? earlierInput(part.input, options.warn) : part.input, 'completed');
      items.push(item);
    }
  }
  flush();
  return items;
}

/** vLLM parses the arguments of earlier calls too, and refuses the whole conversation for one that the model got wrong (github.com/vllm-project/vllm/pull/48922). */
function earlierInput(input: IrToolCall['input'], warn: Warn): IrToolCall['input'] {
  if (input.type === 'text' || input.text.trim() === '') return input;
  const value = parseJson(input.text);
  if (isJsonObject(value)) return input;
  if (value !== null) warn('approximated', 'arguments of an earlier call that are no JSON object were wrapped');
  return { type: 'json', text: JSON.stringify(argumentsObject(input.text)) };
}

/** Its own encrypted reasoning goes back to OpenAI. Thoughts in plain words only to servers that are known to take them. */
function encodeThought(part: IrReasoning, { traits, warn }: EncodeInputOptions): readonly JsonObject[] {
  if (part.sealed?.origin === protocol) {
    const summary = part.summary && part.text !== '' ? [{ type: 'summary_text', text: part.text }] : [];
    return [{ type: 'reasoning', ...(part.id === undefined ? {} : { id: part.id }), summary, encrypted_content: part.sealed.value }];
  }
  if (traits.reasoningField !== undefined && part.text !== '') {
    return [{ type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: part.text }] }];
  }
  warn('dropped-signature', 'earlier thoughts were left out: another vendor’s model had them');
  return [];
}
