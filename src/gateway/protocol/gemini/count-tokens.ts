/** `:countTokens`, for servers that can count and for the shape in which clients want the number. */
import { ProtocolError, type DecodedRequest, type EncodedRequest, type RequestLine, type UpstreamTraits } from '../codec.ts';
import { isJsonObject } from '../json.ts';
import { parseWire } from '../parse.ts';
import { decodeRequest, encodeRequest, pathFor, type GeminiContext } from './request.ts';
import { countAnswerSchema, countRequestSchema } from './schema.ts';
import type { IrRequest, Json, JsonObject } from '../ir.ts';

/** Either the contents alone, or a whole request under `generateContentRequest`. @throws ProtocolError */
export function decodeCountRequest(body: Json, line: RequestLine): DecodedRequest<GeminiContext> {
  const wire = parseWire(countRequestSchema, body);
  return decodeRequest(isJsonObject(wire.generateContentRequest) ? wire.generateContentRequest : body, { ...line, stream: false });
}

export function encodeCountAnswer(tokens: number): JsonObject {
  return { totalTokens: tokens };
}

/** Google counts tools and instructions only within `generateContentRequest`, which must name its model. */
export function encodeCountRequest(request: IrRequest, traits: UpstreamTraits): EncodedRequest {
  const { body, ...encoded } = encodeRequest({ ...request, stream: false }, traits);
  const model = request.model.replace(/^models\//, '');
  return { ...encoded, path: pathFor(model, 'countTokens'), body: { generateContentRequest: { model: `models/${model}`, ...(body as JsonObject) } } };
}

/** @throws ProtocolError for an answer without a number */
export function decodeCountAnswer(body: Json): number {
  const { totalTokens } = parseWire(countAnswerSchema, body);
  if (typeof totalTokens !== 'number') throw new ProtocolError('totalTokens: the server’s answer has none', 'totalTokens');
  return totalTokens;
}
