/**
 * A server's own count of a request's tokens: in the client's protocol where the server speaks it, else in another one that
 * can count (llama.cpp, vLLM and Anthropic under `/v1/messages/count_tokens`, Google under `:countTokens`). Whatever goes
 * wrong, there is an estimate to fall back on.
 */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { UpstreamTarget } from '../core/gateway/model.ts';
import type { Protocol } from '../core/protocol.ts';
import { saysRouteAbsent } from './absent-route.ts';
import type { ExchangeDeps } from './exchange-context.ts';
import { requestHeaders } from './headers.ts';
import { ProtocolError } from './protocol/codec.ts';
import { pathFor } from './protocol/gemini/index.ts';
import type { Json } from './protocol/ir.ts';
import { parseJson } from './protocol/json.ts';
import { sealedMark } from './protocol/sealed.ts';
import type { Operation } from './routes.ts';
import type { Session } from './sessions.ts';
import { askServer } from './upstream/ask.ts';
import { traitsOf } from './upstream/traits.ts';

export type CountOperation = Extract<Operation, { type: 'count-tokens' }>;

export interface CountRequest {
  readonly operation: CountOperation;
  readonly session: Session;
  readonly target: UpstreamTarget;
  readonly headers: IncomingHttpHeaders;
  readonly json: Json;
  /** The client's bytes with the server's own model name. */
  readonly renamed: Buffer;
  readonly response: ServerResponse;
  readonly options: ExchangeDeps;
}

/** claude asks for twenty counts at once and shows nothing before it has them. */
const withinMs = 2_000;

/** The body for the client, or undefined where nobody counted in time. */
export async function askForCount(request: CountRequest): Promise<string | undefined> {
  const { operation, session, target, options } = request;
  const absent = session.absent.get(target.server.name);
  const others = (Object.keys(options.codecs) as Protocol[]).filter((protocol) => protocol !== operation.protocol && options.codecs[protocol].counting);
  const protocol = [operation.protocol, ...others].find((one) => target.speaks.includes(one) && absent?.has(one) !== true && !session.uncounted.get(`${target.server.name} ${one}`));
  if (protocol === undefined) return undefined;
  const query = encodeQuery(request, protocol);
  if (!query) return undefined;
  const answer = await askServer({ ...request, protocol, ...query, withinMs });
  if (!('bytes' in answer)) return undefined;
  const text = answer.bytes.toString('utf8');
  if (saysRouteAbsent(answer.status, answer.headers, text, target.model)) session.uncounted.set(`${target.server.name} ${protocol}`, true);
  const tokens = answer.status === 200 ? decodeCount(options, protocol, text) : undefined;
  if (tokens === undefined) return undefined;
  // A vendor's own answer says more than the number.
  return protocol === operation.protocol ? text : JSON.stringify(options.codecs[operation.protocol].counting?.encodeAnswer(tokens));
}

interface CountQuery {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

function encodeQuery({ operation, target, headers, json, renamed, options: { codecs } }: CountRequest, protocol: Protocol): CountQuery | undefined {
  // As with the request itself: what another server signed would be refused.
  if (protocol === operation.protocol && !renamed.includes(sealedMark)) {
    const path = protocol === 'gemini' ? pathFor(target.model, 'countTokens') : '/messages/count_tokens';
    return { path, headers: requestHeaders(headers), body: renamed };
  }
  const client = codecs[operation.protocol].counting;
  const server = codecs[protocol].counting;
  if (!client || !server) return undefined;
  try {
    const { request } = client.decodeRequest(json, { model: operation.model });
    const encoded = server.encodeRequest({ ...request, model: target.model }, traitsOf(target, protocol));
    return { path: encoded.path, headers: { ...encoded.headers, 'accept-encoding': 'identity' }, body: JSON.stringify(encoded.body) };
  } catch (error) {
    if (error instanceof ProtocolError) return undefined; // an estimate needs no more than text
    throw error;
  }
}

function decodeCount({ codecs }: ExchangeDeps, protocol: Protocol, text: string): number | undefined {
  const json = parseJson(text);
  try {
    return json === undefined ? undefined : codecs[protocol].counting?.decodeAnswer(json);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined; // not an answer: the estimate stands
    throw error;
  }
}
