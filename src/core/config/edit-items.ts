/** What stands between brackets, separated by commas: taken out, put in, put in another order, with the comments that belong to each item. */
import { indentAt, type Layout, type Span } from './edit-layout.ts';
import { applySplices, type Splice } from './splices.ts';

/** What an item of the result is made of: one that is there, with changes inside it, or a new one. */
export type Slot = { readonly kept: number; readonly splices: readonly Splice[] } | { readonly text: string };

/** Items of `[a, b]` or `{ a = 1, b = 2 }`, brackets included in `container`. */
export interface Items {
  readonly container: Span;
  readonly items: readonly Span[];
}

/** Stretches of the text that change; only those inside items when no item comes, goes or moves. */
export function changeItems(layout: Layout, { container, items }: Items, slots: readonly Slot[]): readonly Splice[] {
  const stays = slots.length === items.length && slots.every((slot, index) => 'kept' in slot && slot.kept === index);
  if (stays) return slots.flatMap((slot) => ('kept' in slot ? slot.splices : []));
  const { source } = layout;
  const chunks = chunksOf(source, container, items);
  const end = container.end - 1;
  const [first] = chunks;
  if (!first) return [fillEmpty(source, container, slots)];
  const tail = source.slice(chunks.at(-1)?.end ?? end, end);
  const isBelowComment = first.start > container.start + 1;
  if (slots.length > 0) return [{ start: first.start, end, text: arrange(layout, { chunks, isBelowComment, tail }, slots) }];
  const rest = tail.trim() === '' ? '' : tail;
  return [{ start: first.start, end, text: isBelowComment && !rest.includes('\n') ? layout.eol + rest : rest }];
}

/** `[]` or `{}`, perhaps with a comment inside, which stays behind the items. */
function fillEmpty(source: string, container: Span, slots: readonly Slot[]): Splice {
  const inside = source.slice(container.start + 1, container.end - 1);
  const space = source[container.start] === '{' ? ' ' : '';
  const text = slots.flatMap((slot) => ('text' in slot ? [slot.text] : [])).join(', ');
  return { start: container.start + 1, end: container.end - 1, text: space + text + (inside.trim() === '' ? space : inside) };
}

/** An item with what is before it, its comma and the comment at the end of its line. */
interface Chunk extends Span {
  readonly item: Span;
  /** Offset of the comma behind it, if there is one. */
  readonly comma: number | undefined;
}

function chunksOf(source: string, container: Span, items: readonly Span[]): readonly Chunk[] {
  const close = container.end - 1;
  let start = container.start + 1 + sameLineComment(source, container.start + 1);
  return items.map((item) => {
    const after = skipToComma(source, item.end, close);
    const comma = source[after] === ',' ? after : undefined;
    const ended = comma === undefined ? item.end : comma + 1;
    const chunk: Chunk = { start, item, comma, end: ended + sameLineComment(source, ended) };
    start = chunk.end;
    return chunk;
  });
}

/** Length of ` # comment` up to the line break, 0 where there is none. */
function sameLineComment(source: string, at: number): number {
  return /^[ \t]*#[^\r\n]*/.exec(source.slice(at, lineBreakAt(source, at)))?.[0].length ?? 0;
}

function lineBreakAt(source: string, at: number): number {
  const end = source.indexOf('\n', at);
  return end < 0 ? source.length : end;
}

function skipToComma(source: string, from: number, close: number): number {
  let at = from;
  while (at < close) {
    if (source[at] === '#') at = lineBreakAt(source, at);
    else if (/\s/.test(source[at] ?? '')) at++;
    else break;
  }
  return at;
}

interface Arrangement {
  readonly chunks: readonly Chunk[];
  /** The first item comes behind a comment in the line of the bracket. */
  readonly isBelowComment: boolean;
  /** Between the last item and the closing bracket. */
  readonly tail: string;
}

function arrange({ source, eol }: Layout, { chunks, isBelowComment, tail }: Arrangement, slots: readonly Slot[]): string {
  const leads = chunks.map((chunk) => source.slice(chunk.start, chunk.item.start));
  const byLine = chunks.find((_, index) => leads[index]?.includes('\n'));
  const ownLine = byLine && eol + indentAt(source, byLine.item.start);
  const [firstLead = '', otherLead = ' '] = leads;
  /** White space within a line goes by position; a line break or a comment before an item belongs to it. */
  const leadAt = (index: number, own: string | undefined): string => {
    if (own !== undefined && /[\n#]/.test(own)) return own;
    if (own === undefined && ownLine !== undefined) return ownLine;
    const usual = index === 0 ? firstLead : otherLead;
    if (!/[\n#]/.test(usual)) return usual;
    return index === 0 ? (ownLine ?? '') : (own ?? ' ');
  };
  const endsWithComma = chunks.at(-1)?.comma !== undefined;
  let text = '';
  let inComment = isBelowComment;
  slots.forEach((slot, index) => {
    const chunk = 'kept' in slot ? chunks[slot.kept] : undefined;
    const comma = index < slots.length - 1 || endsWithComma ? ',' : '';
    const lead = leadAt(index, 'kept' in slot ? leads[slot.kept] : undefined);
    text += inComment && !lead.includes('\n') ? eol + lead : lead;
    inComment = false;
    if ('text' in slot) text += slot.text + comma;
    if (!('kept' in slot) || !chunk) return;
    const { item, comma: place } = chunk;
    const between = place === undefined ? '' : source.slice(item.end, place);
    const trailing = source.slice(place === undefined ? item.end : place + 1, chunk.end);
    text += applySplices(source.slice(item.start, item.end), slot.splices.map((splice) => ({ ...splice, start: splice.start - item.start, end: splice.end - item.start })));
    text += (place === undefined ? comma : between + comma) + trailing;
    inComment = trailing !== '';
  });
  return text + (inComment && !tail.includes('\n') ? eol : '') + tail;
}
