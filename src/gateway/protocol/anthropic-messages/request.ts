/** Requests, both ways; a request to count tokens is one without a limit for the answer. */
import type { AnswerContext, DecodedRequest, EncodedRequest, RequestLine, UpstreamTraits } from '../codec.ts';
import type { IrRequest, Json, JsonObject } from '../ir.ts';
import { parseWire } from '../parse.ts';
import { createToolNames, type ToolNameRule } from '../tool-names.ts';
import { createWarnings } from '../warnings.ts';
import { claudeModel } from './claude-models.ts';
import { decodeMessages } from './messages-in.ts';
import { encodeMessages } from './messages-out.ts';
import { requestSchema } from './schema.ts';
import { decodeSettings, encodeSettings } from './settings.ts';
import { decodeToolChoice, decodeTools, encodeTools } from './tools.ts';

export interface MessagesContext extends AnswerContext {
  /** The client asked for thinking; others take the first block of an answer for its text. */
  readonly thinking: boolean;
  /** Ids of calls in the conversation so far. */
  readonly usedCallIds: readonly string[];
}

/** @throws ProtocolError */
export function decodeRequest(body: Json, line: RequestLine): DecodedRequest<MessagesContext> {
  const wire = parseWire(requestSchema, body);
  const warnings = createWarnings();
  const request: IrRequest = {
    model: line.model ?? wire.model,
    messages: decodeMessages(wire, warnings.add),
    tools: decodeTools(wire, warnings.add),
    ...decodeToolChoice(wire),
    ...decodeSettings(wire, warnings.add),
    stream: line.stream ?? wire.stream ?? false,
  };
  const context: MessagesContext = {
    model: wire.model,
    thinking: request.reasoning?.enabled === true,
    usedCallIds: request.messages.flatMap((message) => (message.role === 'assistant' ? message.parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : [])) : [])),
  };
  return { request, context, warnings: warnings.list() };
}

const nameRule: ToolNameRule = { allowed: /[a-zA-Z0-9_-]/, maxLength: 128 };

export function encodeRequest(request: IrRequest, traits: UpstreamTraits): EncodedRequest {
  const warnings = createWarnings();
  const toolNames = createToolNames(request.tools.map((tool) => tool.name), nameRule);
  const { system, messages } = encodeMessages(request.messages, { traits, names: toolNames, warn: warnings.add });
  const settings = encodeSettings(request, traits, warnings.add);
  const body: JsonObject = {
    model: request.model,
    ...encodeSystem(settings.instruction === undefined ? system : [...system, { type: 'text', text: settings.instruction }]),
    messages,
    ...encodeTools(request, traits, toolNames, warnings.add),
    ...settings.fields,
    ...automaticCache(request),
    stream: request.stream,
  };
  return { path: '/messages', body, headers: { 'anthropic-version': '2023-06-01', ...settings.headers }, warnings: warnings.list(), context: { toolNames } };
}

/** One text where nothing is marked for the cache: some servers glue a list together without a space. */
function encodeSystem(blocks: readonly JsonObject[]): JsonObject {
  if (blocks.length === 0) return {};
  return { system: blocks.some((block) => 'cache_control' in block) ? blocks : blocks.map((block) => block['text'] as string).join('\n\n') };
}

/**
 * Other wires cache prompts by themselves, and their clients count on it; here it must be asked for. Worth its price for
 * an agent, which sends its conversation again with every turn.
 */
function automaticCache(request: IrRequest): JsonObject {
  const isMarked = request.tools.some((tool) => tool.type === 'function' && tool.cache !== undefined) || request.messages.some((message) => message.parts.some((part) => 'cache' in part && part.cache !== undefined));
  return request.tools.length > 0 && !isMarked && claudeModel(request.model).version !== undefined ? { cache_control: { type: 'ephemeral' } } : {};
}
