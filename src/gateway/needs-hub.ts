/**
 * Whether a body cannot pass as it stands although its server speaks the client's protocol: the server would refuse it, or
 * the model would never hear of a part of it, and the hub takes out or rewrites what is foreign. Marks are looked for in the
 * bytes; nothing is parsed. A false alarm costs a translation.
 */
import type { BodyMarks, ProtocolCodec, UpstreamTraits } from './protocol/codec.ts';
import { sealedMark } from './protocol/sealed.ts';
import type { ReadBody } from './body-memory.ts';
import { spansOf } from './body-outline.ts';

export interface HubQuestion {
  readonly codec: ProtocolCodec;
  readonly traits: UpstreamTraits;
  readonly body: ReadBody;
}

/** Pictures on the five wires. Within a text the quotes would be escaped. */
const pictures = ['"image"', '"image_url"', '"input_image"', '"images"', '"inlineData"', '"inline_data"'];
/** A keyword with a text; a parameter of that name has an object. */
const pattern = /"pattern"\s*:\s*"/;

export function needsHub({ codec, traits, body }: HubQuestion): boolean {
  const marks = bodyMarks(body);
  return (
    // What another server signed in this conversation.
    marks.includes(sealedMark) ||
    codec.needsHub?.(marks, traits) === true ||
    (traits.images === false && pictures.some((mark) => marks.includes(mark))) ||
    // One pattern that the grammar cannot take fails the whole request.
    (traits.plainSchemas === true && pattern.test(marks.tools()))
  );
}

export function bodyMarks({ outline, includes }: ReadBody): BodyMarks {
  const { bytes } = outline;
  return {
    includes,
    indexOf: (mark, from) => (includes(mark) ? bytes.indexOf(mark, from, 'latin1') : -1),
    byteAt: (index) => bytes[index],
    // Of them alone, so that what a conversation says never changes the way in its midst.
    tools() {
      const last = spansOf(outline, 'tools').at(-1);
      return last === undefined ? '' : bytes.toString('latin1', last.start, last.end);
    },
  };
}
