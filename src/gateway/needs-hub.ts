/**
 * Whether a body cannot pass as it stands although its server speaks the client's protocol: the server would refuse it, or
 * the model would never hear of a part of it, and the hub takes out or rewrites what is foreign. Marks are looked for in the
 * bytes; nothing is parsed. A false alarm costs a translation.
 */
import type { BodyMarks, ProtocolCodec, UpstreamTraits } from './protocol/codec.ts';
import { sealedMark } from './protocol/sealed.ts';
import type { Span } from './json-span.ts';

export interface HubQuestion {
  readonly codec: ProtocolCodec;
  readonly traits: UpstreamTraits;
  readonly body: Buffer;
  /** Where the body declares its tools: of them alone, so that what a conversation says never changes the way in its midst. */
  readonly tools: Span | undefined;
}

/** Pictures on the five wires. Within a text the quotes would be escaped. */
const pictures = ['"image"', '"image_url"', '"input_image"', '"images"', '"inlineData"', '"inline_data"'];
/** A keyword with a text; a parameter of that name has an object. */
const pattern = /"pattern"\s*:\s*"/;

export function needsHub({ codec, traits, body, tools }: HubQuestion): boolean {
  const marks = bodyMarks(body, tools);
  return (
    // What another server signed in this conversation.
    marks.includes(sealedMark) ||
    codec.needsHub?.(marks, traits) === true ||
    (traits.images === false && pictures.some((mark) => marks.includes(mark))) ||
    // One pattern that the grammar cannot take fails the whole request.
    (traits.plainSchemas === true && pattern.test(marks.tools()))
  );
}

export function bodyMarks(body: Buffer, tools: Span | undefined): BodyMarks {
  return {
    includes: (mark) => body.includes(mark, 0, 'latin1'),
    indexOf: (mark, from) => body.indexOf(mark, from, 'latin1'),
    byteAt: (index) => body[index],
    tools: () => (tools === undefined ? '' : body.toString('latin1', tools.start, tools.end)),
  };
}
