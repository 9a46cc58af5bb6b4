/** The difference between two texts, as `diff -u` shows it. */
import { hidden, isSecretName, maskText } from '../../core/launch/mask.ts';
import { harmless, type Output } from './terminal.ts';

export interface DiffLine {
  readonly type: 'kept' | 'removed' | 'added';
  readonly text: string;
}

/** Lines around a change that are shown with it. */
const contextLines = 3;
/** Beyond this many comparisons the changed stretch is shown as replaced altogether. */
const maxComparisons = 4_000_000;

/** Unified: two lines of names, then each stretch with its context. Keys in the text are masked. Empty for the same texts. */
export function diffLines(file: string, before: string, after: string): readonly string[] {
  if (before === after) return [];
  const lines = compare(split(before), split(after));
  return [`--- ${before === '' ? '/dev/null' : file}`, `+++ ${file}`, ...hunks(lines)];
}

export function paintDiff(output: Output, lines: readonly string[]): readonly string[] {
  return lines.map((line) => {
    const text = harmless(line);
    if (line.startsWith('@@')) return output.paint('cyan', text);
    if (line.startsWith('---') || line.startsWith('+++')) return output.paint('bold', text);
    return line.startsWith('+') ? output.paint('green', text) : line.startsWith('-') ? output.paint('red', text) : text;
  });
}

function split(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Every line of both texts, the fewest possible as removed and added. */
export function compare(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const kept = (text: string): DiffLine => ({ type: 'kept', text });
  return [...a.slice(0, start).map(kept), ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)), ...a.slice(a.length - end).map(kept)];
}

function middle(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  if (a.length * b.length > maxComparisons) return [...a.map((text): DiffLine => ({ type: 'removed', text })), ...b.map((text): DiffLine => ({ type: 'added', text }))];
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const result: DiffLine[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      result.push({ type: 'kept', text: a[i++] ?? '' });
      j++;
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) result.push({ type: 'removed', text: a[i++] ?? '' });
    else result.push({ type: 'added', text: b[j++] ?? '' });
  }
  return result;
}

function hunks(lines: readonly DiffLine[]): readonly string[] {
  const near = new Set<number>();
  lines.forEach(({ type }, index) => {
    if (type !== 'kept') for (let offset = -contextLines; offset <= contextLines; offset++) near.add(index + offset);
  });
  const result: string[] = [];
  let oldLine = 1;
  let newLine = 1;
  let hunk: { readonly oldStart: number; readonly newStart: number; readonly lines: string[]; oldCount: number; newCount: number } | undefined;
  const close = (): void => {
    // A stretch without lines of its own begins behind the line that it follows.
    const place = (start: number, count: number): string => `${count === 0 ? start - 1 : start},${count}`;
    if (hunk) result.push(`@@ -${place(hunk.oldStart, hunk.oldCount)} +${place(hunk.newStart, hunk.newCount)} @@`, ...hunk.lines);
    hunk = undefined;
  };
  lines.forEach(({ type, text }, index) => {
    if (near.has(index)) {
      hunk ??= { oldStart: oldLine, newStart: newLine, lines: [], oldCount: 0, newCount: 0 };
      hunk.lines.push(`${{ kept: ' ', removed: '-', added: '+' }[type]}${maskLine(text)}`);
      if (type !== 'added') hunk.oldCount++;
      if (type !== 'removed') hunk.newCount++;
    } else close();
    if (type !== 'added') oldLine++;
    if (type !== 'removed') newLine++;
  });
  close();
  return result;
}

/** A key that stands in the file already is not shown on its way out either. */
function maskLine(line: string): string {
  const masked = line.replaceAll(/(["']?)([A-Za-z][\w-]*)\1(\s*=\s*)(["'])((?:\\.|(?!\4).)*)\4/g, (whole, quote: string, name: string, equals: string, open: string, value: string) =>
    isSecretName(name) && !/^(?:(?:env|secret|file):.*|\{\w+\}|)$/.test(value) ? `${quote}${name}${quote}${equals}${open}${hidden}${open}` : whole,
  );
  // Where a key is may be seen.
  return masked
    .split(/(\b(?:env|secret|file):[\w./~-]+)/)
    .map((part, index) => (index % 2 === 1 ? part : maskText(part)))
    .join('');
}
