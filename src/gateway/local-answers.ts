/** Requests that are no conversation: model lists, token counts, embeddings, and what codex and Ollama's clients ask first. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { UpstreamTarget } from '../core/gateway/model.ts';
import { askForCount, type CountOperation } from './count-tokens.ts';
import type { ExchangeDeps } from './exchange-context.ts';
import { requestHeaders } from './headers.ts';
import { editBytes, replaceMember } from './body-edit.ts';
import { outlineOf, readSpan, spansOf } from './body-outline.ts';
import { type ListShape, modelEntry, modelList } from './model-lists.ts';
import type { IrError, JsonObject } from './protocol/ir.ts';
import { parseBodyJson } from './protocol/json.ts';
import type { Operation } from './routes.ts';
import { findTarget } from './routing/target.ts';
import type { Session } from './sessions.ts';
import { estimateTokens } from './token-estimate.ts';
import { askServer } from './upstream/ask.ts';

export interface LocalRequest {
  readonly operation: Exclude<Operation, { type: 'generate' | 'hello' | 'control' }>;
  readonly session: Session;
  readonly body: Buffer;
  readonly headers: IncomingHttpHeaders;
  readonly response: ServerResponse;
  readonly options: ExchangeDeps;
}

/** codex asks Ollama for at least 0.13.4 before it uses its Responses API. */
const ollamaVersion = '0.33.0';

export async function answerLocally(request: LocalRequest): Promise<void> {
  const { operation, session, response } = request;
  const { targets } = session.spec;
  const json = (value: JsonObject, headers: Readonly<Record<string, string>> = {}): void => void response.writeHead(200, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(value));
  switch (operation.type) {
    case 'list-models':
      return json(modelList(targets, shapeOf(request), session.since));
    case 'get-model': {
      const target = findTarget({ targets, strictNames: true }, operation.model);
      return target ? json(modelEntry(targets, target, shapeOf(request), session.since)) : sendError(request, { type: 'not-found', status: 404, message: `There is no model ${operation.model} here` });
    }
    case 'ollama-version':
      return json({ version: ollamaVersion });
    case 'ollama-ps':
      return json({ models: [] });
    case 'ollama-pull':
      // The models of a session are there by definition; downloading is for the user to ask.
      return void response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end('{"status":"success"}\n');
    case 'ollama-show': {
      const target = targetOf(request);
      return target ? json({ details: {}, model_info: target.contextWindow === undefined ? {} : { 'general.architecture': 'operator', 'operator.context_length': target.contextWindow }, capabilities: ['completion', ...(target.capabilities ?? ['tools'])] }) : sendError(request, unknownModel);
    }
    case 'count-tokens':
      return countTokens(request, operation);
    case 'embeddings':
      return embeddings(request);
  }
}

/** The server's own count where it has one, in whatever protocol; otherwise an estimate that says so. */
async function countTokens(request: LocalRequest, operation: CountOperation): Promise<void> {
  const { response, options } = request;
  const target = targetOf(request);
  if (!target) return sendError(request, unknownModel);
  const json = parseBodyJson(request.body.toString('utf8'));
  if (json === undefined) return sendError(request, { type: 'invalid-request', status: 400, message: 'The body is not valid JSON' });
  const counted = await askForCount({ ...request, operation, target, json, renamed: renamed(request.body, target) });
  if (counted) return void response.writeHead(200, { 'content-type': 'application/json' }).end(counted);
  const body = options.codecs[operation.protocol].counting?.encodeAnswer(estimateTokens(json)) ?? {};
  response.writeHead(200, { 'content-type': 'application/json', 'x-operator-estimate': 'true' }).end(JSON.stringify(body));
}

/** The client's body with the server's own model name. */
function renamed(body: Buffer, target: UpstreamTarget): Buffer {
  const outline = outlineOf(body);
  return outline ? Buffer.concat(editBytes(body, replaceMember(outline, 'model', target.model))) : body;
}

const unknownModel: IrError = { type: 'not-found', status: 404, message: 'There is no such model here' };

function shapeOf({ operation, headers }: LocalRequest): ListShape {
  if ('shape' in operation && operation.shape) return operation.shape;
  // Google's SDK lists under /v1, too.
  if (headers['x-goog-api-key'] !== undefined) return 'gemini';
  return headers['anthropic-version'] === undefined ? 'openai' : 'anthropic';
}

function targetOf({ operation, session, body }: LocalRequest): UpstreamTarget | undefined {
  const outline = outlineOf(body);
  const last = outline && spansOf(outline, 'model').at(-1);
  const named = 'model' in operation && operation.model !== undefined ? operation.model : last && readSpan(body, last);
  return findTarget(session.spec, typeof named === 'string' ? named : undefined);
}

async function embeddings(request: LocalRequest): Promise<void> {
  const target = targetOf(request);
  if (!target) return sendError(request, unknownModel);
  const answer = await askServer({ ...request, target, protocol: 'openai-chat', path: '/embeddings', headers: requestHeaders(request.headers), body: renamed(request.body, target) });
  if (!('bytes' in answer)) return sendError(request, answer);
  request.response.writeHead(answer.status, { 'content-type': answer.headers['content-type'] ?? 'application/json' }).end(answer.bytes);
}

function sendError({ operation, response, options, headers }: LocalRequest, error: IrError): void {
  const protocol = 'protocol' in operation ? operation.protocol : 'shape' in operation && operation.shape ? operation.shape : headers['anthropic-version'] === undefined ? 'openai-chat' : 'anthropic-messages';
  const { status, headers: more, body } = options.codecs[protocol].encodeError(error);
  response.writeHead(status, { ...more, 'content-type': 'application/json' }).end(JSON.stringify(body));
}
