/** A Gemini client's request → ours, and ours → a Gemini server's. Model and streaming are in the address. */
import { type AnswerContext, type DecodedRequest, type EncodedRequest, ProtocolError, type RequestLine, type UpstreamTraits } from '../codec.ts';
import { randomId, type NewId } from '../ids.ts';
import { parseWire } from '../parse.ts';
import { createToolNames } from '../tool-names.ts';
import { arrangeToolResults } from '../tool-results.ts';
import { createWarnings } from '../warnings.ts';
import { decodeMessages } from './messages-in.ts';
import { encodeMessages } from './messages-out.ts';
import { geminiModel } from './models.ts';
import { requestSchema } from './schema.ts';
import { decodeSettings, encodeSettings, present } from './settings.ts';
import { decodeToolChoice, decodeTools, encodeToolChoice, encodeTools } from './tools.ts';
import type { IrMessage, IrRequest, Json, JsonObject } from '../ir.ts';

export interface GeminiContext extends AnswerContext {
  /** `alt=sse`; otherwise a stream is one JSON array. */
  readonly sse: boolean;
  /** The client asked for thoughts; it would take them for the answer otherwise. */
  readonly showsThoughts: boolean;
  readonly newId: NewId;
}

export function decodeRequest(body: Json, line: RequestLine): DecodedRequest<GeminiContext> {
  const wire = parseWire(requestSchema, body);
  const model = line.model ?? wire.model ?? '';
  if (model === '') throw new ProtocolError('the address names no model', 'model');
  if (typeof wire.cachedContent === 'string') throw new ProtocolError('cachedContent lies in Google’s own store: send the content itself', 'cachedContent');
  const warnings = createWarnings();
  const { tools, choice } = decodeToolChoice(wire.toolConfig, decodeTools(wire.tools, warnings.add));
  const messages = decodeMessages(wire, warnings.add);
  if (!messages.some((message) => message.role !== 'system')) throw new ProtocolError('contents: must not be empty', 'contents');
  const settings = decodeSettings(wire.generationConfig, warnings.add);
  const name = withoutFolder(model);
  return {
    request: { model: name, messages, tools, ...(choice === undefined ? {} : { toolChoice: choice }), ...settings, stream: line.stream ?? false },
    context: { model: name, sse: line.sse ?? true, showsThoughts: settings.reasoning?.visible === true, newId: randomId },
    warnings: warnings.list(),
  };
}

function withoutFolder(model: string): string {
  return model.replace(/^models\//, '');
}

/** Google allows twice as many; those between would be cut by a proxy in front of another server. */
const nameRule = { allowed: /[a-zA-Z0-9_.:-]/, first: /[a-zA-Z_]/, maxLength: 64 };
const callIdRule = { maxLength: 128 };

export function encodeRequest(request: IrRequest, traits: UpstreamTraits): EncodedRequest {
  const warnings = createWarnings();
  const warn = warnings.add;
  const messages = arrangeToolResults(request.messages, { warn, ids: callIdRule });
  const names = createToolNames([...request.tools.map((tool) => tool.name), ...calledNames(messages)], nameRule);
  const tools = encodeTools(request.tools, names, traits, warn);
  const body = present({
    ...encodeMessages(messages, { names, model: geminiModel(request.model), traits, warn }),
    tools: tools.length > 0 ? tools : undefined,
    toolConfig: encodeToolChoice(request, names, warn),
    generationConfig: encodeSettings(request, traits, warn),
  }) as JsonObject;
  return { path: pathFor(request.model, request.stream ? 'streamGenerateContent?alt=sse' : 'generateContent'), body, headers: {}, warnings: warnings.list(), context: { toolNames: names } };
}

/** Slashes and colons of a name stay as they are: Google's own folders need them, and proxies read up to the last colon. */
export function pathFor(model: string, method: string): string {
  const name = encodeURI(withoutFolder(model).toWellFormed()).replaceAll('?', '%3F').replaceAll('#', '%23');
  return `/${name.startsWith('tunedModels/') ? '' : 'models/'}${name}:${method}`;
}

function calledNames(messages: readonly IrMessage[]): readonly string[] {
  return messages.flatMap((message) => (message.role === 'assistant' ? message.parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])) : []));
}
