/** Cells of tables whose text comes from files and servers. */
import type { Tone } from '../../core/status/node.ts';
import type { Cell } from './table.ts';
import { harmless, type Output, toneStyle, toneSymbol } from './terminal.ts';

export function dim(output: Output, text: string): Cell {
  return { text: harmless(text), paint: (plain) => output.paint('dim', plain) };
}

/** Coloured as its state. */
export function toned(output: Output, tone: Tone, text: string): Cell {
  const style = toneStyle(tone);
  return { text: harmless(text), ...(style && { paint: (plain: string) => output.paint(style, plain) }) };
}

/** The state as a symbol, which is one column wide everywhere. */
export function symbol(output: Output, tone: Tone): Cell {
  return { text: '•', paint: () => toneSymbol(output, tone) };
}
