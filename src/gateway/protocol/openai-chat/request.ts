/** Requests, both ways. */
import type { AnswerContext, DecodedRequest, EncodedRequest, RequestLine, UpstreamTraits } from '../codec.ts';
import type { IrRequest, Json, JsonObject } from '../ir.ts';
import { writtenLength } from '../json.ts';
import { parseWire } from '../parse.ts';
import { createToolNames, type ToolNameRule } from '../tool-names.ts';
import { createWarnings } from '../warnings.ts';
import { decodeMessages } from './messages-in.ts';
import { encodeMessages } from './messages-out.ts';
import { requestSchema } from './schema.ts';
import { decodeSettings, encodeSettings } from './settings.ts';
import { decodeTools, encodeTools } from './tools.ts';

export interface ChatContext extends AnswerContext {
  /** The client wants a chunk with the usage at the end of the stream. */
  readonly includeUsage: boolean;
  /** Tools whose input is free text; their calls have another shape. */
  readonly customTools: readonly string[];
  /** Ids of calls in the conversation so far. */
  readonly usedCallIds: readonly string[];
  /** Seconds since 1970. */
  readonly created: number;
}

/** @throws ProtocolError */
export function decodeRequest(body: Json, line: RequestLine): DecodedRequest<ChatContext> {
  const wire = parseWire(requestSchema, body);
  const warnings = createWarnings();
  const { tools, toolChoice } = decodeTools(wire, warnings.add);
  const request: IrRequest = {
    model: line.model ?? wire.model,
    messages: decodeMessages(wire.messages, warnings.add),
    tools,
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...decodeSettings(wire, warnings.add),
    stream: line.stream ?? wire.stream ?? false,
  };
  const context: ChatContext = {
    model: wire.model,
    includeUsage: wire.stream_options?.include_usage === true,
    customTools: tools.filter((tool) => tool.type === 'custom').map((tool) => tool.name),
    usedCallIds: request.messages.flatMap((message) => (message.role === 'assistant' ? message.parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : [])) : [])),
    created: Math.floor((line.receivedAt ?? 0) / 1000),
  };
  return { request, context, warnings: warnings.list() };
}

/** OpenAI's own rule; other servers of this wire take whatever it allows. */
const nameRule: ToolNameRule = { allowed: /[a-zA-Z0-9_-]/, maxLength: 64 };

export function encodeRequest(request: IrRequest, traits: UpstreamTraits): EncodedRequest {
  const warnings = createWarnings();
  const toolNames = createToolNames(request.tools.map((tool) => tool.name), nameRule);
  const messages = encodeMessages(request.messages, { traits, names: toolNames, warn: warnings.add });
  const tools = encodeTools(request, traits, toolNames, warnings.add);
  const inputLength = (): number => writtenLength(messages) + JSON.stringify(tools).length + (request.heldBack ?? 0);
  const body: JsonObject = {
    model: request.model,
    messages,
    ...tools,
    ...encodeSettings(request, traits, inputLength, warnings.add),
    stream: request.stream,
    ...(request.stream && traits.streamUsage !== false ? { stream_options: { include_usage: true } } : {}),
  };
  return { path: '/chat/completions', body, headers: {}, warnings: warnings.list(), context: { toolNames } };
}
