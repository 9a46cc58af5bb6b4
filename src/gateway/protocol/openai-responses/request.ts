/** A Responses client's request → ours, and ours → a Responses server's. */
import { customToolAsFunction } from '../custom-tools.ts';
import { type DecodedRequest, type EncodedRequest, ProtocolError, type RequestLine, type UpstreamTraits } from '../codec.ts';
import { randomId } from '../ids.ts';
import { isJsonObject, writtenLength } from '../json.ts';
import { parseWire } from '../parse.ts';
import { createToolNames } from '../tool-names.ts';
import { arrangeToolResults } from '../tool-results.ts';
import { createWarnings, type Warn } from '../warnings.ts';
import { decodeInput, toolListsIn } from './input.ts';
import { encodeInput } from './input-encoder.ts';
import { requestSchema, type WireRequest } from './schema.ts';
import { decodeSettings, encodeSettings, nameRule, present } from './settings.ts';
import { decodeToolChoice, decodeTools, encodeTools, type ToolTable } from './tools.ts';
import type { IrMessage, IrRequest, IrTool, IrToolChoice, Json, JsonObject } from '../ir.ts';
import type { ResponsesContext } from './context.ts';

export function decodeRequest(body: Json, line: RequestLine): DecodedRequest<ResponsesContext> {
  const wire = parseWire(requestSchema, body);
  refuseMemory(wire);
  const warnings = createWarnings();
  const items = typeof wire.input === 'string' ? [] : (wire.input ?? []);
  const table = decodeTools([wire.tools ?? [], ...toolListsIn(items)], warnings.add);
  const { tools, choice } = decodeToolChoice(wire.tool_choice, table, warnings.add);
  const request: IrRequest = {
    model: wire.model,
    messages: [...decodeInstructions(wire, table, warnings.add), ...decodeInput(wire.input ?? [], table, warnings.add)],
    tools,
    ...(choice === undefined ? {} : { toolChoice: choice }),
    ...decodeSettings(wire, warnings.add),
    stream: line.stream ?? wire.stream ?? false,
  };
  return { request, context: contextOf(wire, body, line, table), warnings: warnings.list() };
}

/** Answers are not stored, so nothing can be built upon an earlier one. */
function refuseMemory(wire: WireRequest): void {
  const refuse = (field: string, instead: string): never => {
    throw new ProtocolError(`${field} is not supported, because this server keeps no answers: ${instead}`, field);
  };
  if (typeof wire.previous_response_id === 'string') refuse('previous_response_id', 'send the whole conversation in input');
  if (wire.conversation !== null && wire.conversation !== undefined) refuse('conversation', 'send the whole conversation in input');
  if (wire.background === true) refuse('background', 'send the request with background: false');
  if (wire.prompt !== null && wire.prompt !== undefined) refuse('prompt', 'send the prompt’s text in input');
}

function decodeInstructions({ instructions }: WireRequest, table: ToolTable, warn: Warn): readonly IrMessage[] {
  if (instructions === null || instructions === undefined || instructions === '') return [];
  if (typeof instructions === 'string') return [{ role: 'system', developer: false, parts: [{ type: 'text', text: instructions }] }];
  return decodeInput(instructions, table, warn);
}

const echoed = ['max_output_tokens', 'metadata', 'parallel_tool_calls', 'prompt_cache_key', 'reasoning', 'safety_identifier', 'temperature', 'tool_choice', 'top_p', 'truncation', 'user'];
const echoedWhole = ['instructions', 'text', 'tools'];

function contextOf(wire: WireRequest, body: Json, line: RequestLine, table: ToolTable): ResponsesContext {
  const given = isJsonObject(body) ? body : {};
  const pick = (names: readonly string[]): JsonObject => present(Object.fromEntries(names.map((name) => [name, given[name]]))) as JsonObject;
  return {
    model: wire.model,
    tools: table.byName,
    plainRefusals: Object.keys(wire.client_metadata ?? {}).some((key) => key.startsWith('x-codex-')),
    settings: pick(echoed),
    largeSettings: pick(echoedWhole),
    createdAt: Math.floor((line.receivedAt ?? 0) / 1000),
    newId: randomId,
  };
}

const callIdRule = { maxLength: 64 };

export function encodeRequest(request: IrRequest, traits: UpstreamTraits): EncodedRequest {
  const warnings = createWarnings();
  const warn = warnings.add;
  const messages = arrangeToolResults(request.messages, { warn, ids: callIdRule });
  const declared = traits.customTools === false ? request.tools.map((tool) => (tool.type === 'custom' ? customToolAsFunction(tool, warn) : tool)) : request.tools;
  const toolNames = createToolNames([...request.tools.map((tool) => tool.name), ...calledNames(messages)], nameRule);
  const { instructions, input } = encodeInput(messages, { traits, toolNames, tools: declared, warn });
  const tools = encodeTools(declared, { names: toolNames, traits, warn });
  const withTools = { tools, tool_choice: encodeToolChoice(request.toolChoice, declared, toolNames.toWire), parallel_tool_calls: request.parallelToolCalls };
  const inputLength = (): number => writtenLength(input) + JSON.stringify([instructions ?? '', tools]).length + (request.heldBack ?? 0);
  const body = present({
    model: request.model,
    instructions,
    input,
    ...(tools.length > 0 ? withTools : {}),
    ...encodeSettings(request, traits, inputLength, warn),
    stream: request.stream,
    store: false,
  }) as JsonObject;
  return { path: '/responses', body, headers: request.stream ? { accept: 'text/event-stream' } : {}, warnings: warnings.list(), context: { toolNames } };
}

function calledNames(messages: readonly IrMessage[]): readonly string[] {
  return messages.flatMap((message) => (message.role === 'assistant' ? message.parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])) : []));
}

function encodeToolChoice(choice: IrToolChoice | undefined, tools: readonly IrTool[], nameOf: (name: string) => string): Json | undefined {
  if (choice?.type !== 'tool') return choice?.type;
  const custom = tools.some((tool) => tool.name === choice.name && tool.type === 'custom');
  return { type: custom ? 'custom' : 'function', name: nameOf(choice.name) };
}
