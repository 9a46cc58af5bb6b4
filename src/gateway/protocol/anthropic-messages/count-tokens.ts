/** `/messages/count_tokens`, for servers that can count and for the shape in which claude wants the number. */
import * as z from 'zod';
import type { EncodedRequest, UpstreamTraits } from '../codec.ts';
import type { IrRequest, Json, JsonObject } from '../ir.ts';
import { parseWire } from '../parse.ts';
import { encodeRequest } from './request.ts';

/** The fields of a request that count; others are refused. */
const counted = new Set(['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config']);

export function encodeCountRequest(request: IrRequest, traits: UpstreamTraits): EncodedRequest {
  const { body, ...encoded } = encodeRequest({ ...request, stream: false }, traits);
  const fields = Object.entries(body as JsonObject).filter(([field]) => counted.has(field));
  return { ...encoded, path: '/messages/count_tokens', body: Object.fromEntries(fields) };
}

/** @throws ProtocolError for an answer without a number */
export function decodeCountAnswer(body: Json): number {
  return parseWire(z.looseObject({ input_tokens: z.number() }), body).input_tokens;
}

export function encodeCountAnswer(tokens: number): JsonObject {
  return { input_tokens: tokens };
}
