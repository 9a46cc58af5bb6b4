/** Changes of single members of a body, whose other bytes all stay as they are. */
import { type BodyOutline, type Span, spansOf } from './body-outline.ts';

/** JSON in the place of a span; of an empty one, before what stands there. */
export interface Replacement extends Span {
  readonly json: string;
}

/** Gives a member another value wherever the body has it: readers take the last of a repeated one, or the first. */
export function replaceMember(outline: BodyOutline, name: string, value: unknown): readonly Replacement[] {
  const json = JSON.stringify(value);
  return spansOf(outline, name).map(({ start, end }) => ({ start, end, json }));
}

/** Members behind the last one, or in the place of those of the same names. */
export function setMembers(outline: BodyOutline, values: Readonly<Record<string, unknown>>): readonly Replacement[] {
  const { members, bytes } = outline;
  const end = members.at(-1)?.end ?? bytes.indexOf('{') + 1;
  let separator = members.length === 0 ? '' : ',';
  return Object.entries(values).flatMap(([name, value]): readonly Replacement[] => {
    const replaced = replaceMember(outline, name, value);
    if (replaced.length > 0) return replaced;
    const json = `${separator}${JSON.stringify(name)}:${JSON.stringify(value)}`;
    separator = ',';
    return [{ start: end, end, json }];
  });
}

/** The bytes with the replacements, as pieces of them. */
export function editBytes(bytes: Buffer, replacements: readonly Replacement[]): readonly Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  // Sorting is stable: what comes behind the last member keeps its order.
  for (const { start, end, json } of replacements.toSorted((one, other) => one.start - other.start)) {
    pieces.push(bytes.subarray(at, start), Buffer.from(json));
    at = end;
  }
  pieces.push(bytes.subarray(at));
  return pieces;
}
