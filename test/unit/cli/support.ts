/** A screen in memory. */
import type { Output } from '../../../src/cli/output/terminal.ts';

/** `columns` makes it a terminal. */
export function memoryOutput(columns?: number): Output & { readonly text: string } {
  let text = '';
  return {
    isTerminal: columns !== undefined,
    canMove: columns !== undefined,
    columns,
    get text() {
      return text;
    },
    write: (piece) => void (text += piece),
    line: (piece = '') => void (text += `${piece}\n`),
    paint: (_style, piece) => piece,
  };
}
