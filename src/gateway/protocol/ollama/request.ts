/** Requests, both ways. */
import type { AnswerContext, DecodedRequest, EncodedRequest, RequestLine, UpstreamTraits } from '../codec.ts';
import type { IrRequest, Json, JsonObject } from '../ir.ts';
import { parseWire } from '../parse.ts';
import { createToolNames, type ToolNameRule } from '../tool-names.ts';
import { createWarnings } from '../warnings.ts';
import { decodeMessages } from './messages-in.ts';
import { encodeMessages } from './messages-out.ts';
import { requestSchema } from './schema.ts';
import { decodeSettings, encodeSettings } from './settings.ts';
import { decodeTools, encodeTools } from './tools.ts';

export interface OllamaContext extends AnswerContext {
  /** False where the client said that the model must not think. */
  readonly thinking: boolean;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** Answers are streams unless the client says otherwise. @throws ProtocolError */
export function decodeRequest(body: Json, line: RequestLine): DecodedRequest<OllamaContext> {
  const wire = parseWire(requestSchema, body);
  const warnings = createWarnings();
  const request: IrRequest = {
    model: line.model ?? wire.model,
    messages: decodeMessages(wire, warnings.add),
    tools: decodeTools(wire, warnings.add),
    ...decodeSettings(wire, warnings.add),
    stream: line.stream ?? wire.stream ?? true,
  };
  return { request, context: { model: wire.model, thinking: wire.think !== false, createdAt: new Date(line.receivedAt ?? 0).toISOString() }, warnings: warnings.list() };
}

const nameRule: ToolNameRule = { allowed: /[a-zA-Z0-9_-]/, maxLength: 128 };

export function encodeRequest(request: IrRequest, traits: UpstreamTraits): EncodedRequest {
  const warnings = createWarnings();
  const toolNames = createToolNames(request.tools.map((tool) => tool.name), nameRule);
  const body: JsonObject = {
    model: request.model,
    messages: encodeMessages(request.messages, { traits, names: toolNames, warn: warnings.add }),
    ...encodeTools(request, toolNames, warnings.add),
    ...encodeSettings(request, traits, warnings.add),
    stream: request.stream,
    // Left to itself Ollama cuts off the beginning of a conversation that is too long, instructions first, and tells nobody.
    truncate: false,
    shift: false,
  };
  return { path: '/chat', body, headers: {}, warnings: warnings.list(), context: { toolNames } };
}
