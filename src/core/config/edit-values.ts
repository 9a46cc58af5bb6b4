/** Changes of a value where it stands: in inline tables and lists only what differs, in a text its quotes. */
import type { ArrayNode, InlineTableNode, RowNode, ValueNode } from '../language/syntax.ts';
import { sameValue } from './edit-intent.ts';
import { changeItems, type Slot } from './edit-items.ts';
import type { Layout } from './edit-layout.ts';
import { isTable } from './entries.ts';
import type { Splice } from './splices.ts';
import { inOrder, renderKey, renderValue } from './toml-text.ts';

/** `keep`: a text stays in its kind of quotes. `rewrite`: it is written anew, in double ones. */
export type ValueStyle = 'keep' | 'rewrite';

export function changeNode(layout: Layout, node: ValueNode, before: unknown, after: unknown, style: ValueStyle): readonly Splice[] {
  if (sameValue(before, after)) return [];
  if (node.type === 'table' && isTable(before) && isTable(after)) return changeItems(layout, { container: node, items: node.rows }, slotsOfTable(layout, node, before, after, style));
  if (node.type === 'array' && Array.isArray(before) && Array.isArray(after)) return changeItems(layout, { container: node, items: node.items }, slotsOfList(layout, node, before, after, style));
  return [{ start: node.start, end: node.end, text: (style === 'keep' ? inSameQuotes(layout, node, after) : undefined) ?? renderValue(after) }];
}

/** Items at the ends that stay; of those in between as many change in place as there are on both sides. */
function slotsOfList(layout: Layout, { items }: ArrayNode, before: readonly unknown[], after: readonly unknown[], style: ValueStyle): readonly Slot[] {
  const shorter = Math.min(before.length, after.length);
  let first = 0;
  while (first < shorter && sameValue(before[first], after[first])) first++;
  let last = 0;
  while (last < shorter - first && sameValue(before.at(-1 - last), after.at(-1 - last))) last++;
  const shared = shorter - last;
  return after.map((value, index): Slot => {
    const kept = index < shared ? index : index >= after.length - last ? index - after.length + before.length : undefined;
    const item = kept === undefined ? undefined : items[kept];
    return kept === undefined || !item ? { text: renderValue(value) } : { kept, splices: changeNode(layout, item, before[kept], value, style) };
  });
}

type Table = Readonly<Record<string, unknown>>;

function slotsOfTable(layout: Layout, { rows }: InlineTableNode, before: Table, after: Table, style: ValueStyle): readonly Slot[] {
  const kept = new Map<RowNode, readonly Splice[]>();
  const added: string[] = [];
  const visit = (path: readonly string[], from: Table, to: Table): void => {
    for (const [key] of inOrder(path.at(-1) ?? '', { ...from, ...to })) {
      const [own, wanted] = [from[key], to[key]];
      const place = [...path, key];
      const found = rows.filter((row) => place.every((part, index) => row.keys[index]?.name === part));
      const exact = found.find((row) => row.keys.length === place.length);
      if (wanted === undefined) continue;
      if (sameValue(own, wanted)) for (const row of found) kept.set(row, []);
      else if (exact?.value) kept.set(exact, changeNode(layout, exact.value, own, wanted, style));
      // Dotted keys say what a table is only as long as there is one.
      else if (found.length > 0 && isTable(own) && isTable(wanted) && Object.keys(own).some((inner) => wanted[inner] !== undefined)) visit(place, own, wanted);
      else added.push(`${place.map(renderKey).join('.')} = ${renderValue(wanted)}`);
    }
  };
  visit([], before, after);
  const slots = rows.flatMap((row, index): readonly Slot[] => {
    const splices = kept.get(row);
    return splices ? [{ kept: index, splices }] : [];
  });
  return [...slots, ...added.map((text) => ({ text }))];
}

/** The same kind of quotes, where they can hold the text. */
function inSameQuotes({ source, eol }: Layout, node: ValueNode, value: unknown): string | undefined {
  if (node.type !== 'string' || typeof value !== 'string') return undefined;
  const isLiteral = node.quote[0] === "'";
  if (node.quote.length === 1) return isLiteral && !/['\u0000-\u0008\u000a-\u001f\u007f]/.test(value) ? `'${value}'` : undefined;
  // A paragraph that becomes one line is written as one. Its line breaks are part of the value, so they must be the file's own:
  // an editor that makes all of them the same would change it.
  const breaks = new Set(value.match(/\r?\n|\r/g));
  const own = source.slice(node.start, node.end).match(/\r?\n/)?.[0] ?? eol;
  if (breaks.size !== 1 || !breaks.has(own)) return undefined;
  const opening = source.startsWith(own, node.start + 3) ? own : '';
  if (isLiteral) return value.includes("'''") || value.endsWith("'") || /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(value) ? undefined : `'''${opening || leading(value, own)}${value}'''`;
  const escape = (line: string): string => (/""|"$/.test(line) ? renderValue(line).slice(1, -1) : renderValue(line).slice(1, -1).replaceAll('\\"', '"'));
  const escaped = value.split(own).map(escape);
  return `"""${opening || leading(value, own)}${escaped.join(own)}"""`;
}

/** A line break right behind the opening quotes is not part of the value: one that is needs another before it. */
function leading(value: string, own: string): string {
  return value.startsWith(own) ? own : '';
}
