/** A client's body → the body that the server understands, with long texts as they came. */
import type { ReadBody } from './body-memory.ts';
import { parseBody } from './exchange-context.ts';
import { takeLongTexts } from './long-texts.ts';
import type { Pieces } from './pieces.ts';
import type { AnswerContext, EncodedRequest, ProtocolCodec, RequestLine, UpstreamTraits } from './protocol/codec.ts';
import type { IrRequest, IrWarning, Json, JsonObject } from './protocol/ir.ts';
import { writeBody } from './write-body.ts';

export interface RequestTranslation {
  readonly client: Pick<ProtocolCodec, 'decodeRequest'>;
  readonly upstream: Pick<ProtocolCodec, 'encodeRequest'>;
  readonly line: RequestLine;
  /** What the gateway itself changes between the two. */
  prepare(request: IrRequest): IrRequest;
  readonly traits: UpstreamTraits;
  /** Members that the configuration adds. */
  readonly extraBody?: Readonly<Record<string, unknown>>;
}

export interface TranslatedRequest {
  /** Its own body holds marks for long texts; what is sent is {@link body}. */
  readonly encoded: EncodedRequest;
  readonly body: string | Buffer | Pieces;
  readonly context: AnswerContext;
  readonly warnings: readonly IrWarning[];
}

/** @throws ProtocolError when the request cannot be understood */
export function translateRequest(body: ReadBody, options: RequestTranslation): TranslatedRequest {
  return translateAround(body, options) ?? finish(convert(parseBody(body), options));
}

function translateAround(body: ReadBody, options: RequestTranslation): TranslatedRequest | undefined {
  const texts = takeLongTexts(body.outline, body.before);
  if (!texts) return undefined;
  const { parsed, length: heldBack } = texts;
  const converted = convert(parsed.json, { ...options, prepare: (request) => options.prepare({ ...request, heldBack }) });
  const written = writeBody(converted.encoded.body, texts);
  if (!written) return undefined;
  body.remember(parsed);
  return { ...converted, body: written };
}

type Converted = Omit<TranslatedRequest, 'body'>;

function convert(json: Json, { client, upstream, line, prepare, traits, extraBody }: RequestTranslation): Converted {
  const { request, context, warnings } = client.decodeRequest(json, line);
  const { body, ...rest } = upstream.encodeRequest(prepare(request), traits);
  const encoded = { ...rest, body: extraBody ? { ...body, ...(extraBody as JsonObject) } : body };
  return { encoded, context, warnings: [...warnings, ...encoded.warnings] };
}

function finish(converted: Converted): TranslatedRequest {
  return { ...converted, body: JSON.stringify(converted.encoded.body) };
}
