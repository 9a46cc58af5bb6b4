/** What arrives from the keyboard, told apart before readline sees it: keys, pastes, Ctrl+C. */

const pasteStart = '\u001b[200~';
const pasteEnd = '\u001b[201~';
/** Written to the terminal so that it marks pastes. */
export const markPastes = '\u001b[?2004h';
export const unmarkPastes = '\u001b[?2004l';

export type Input =
  | { readonly type: 'keys'; readonly text: string }
  | { readonly type: 'paste'; readonly text: string }
  /** Ctrl+J or Alt+Enter: a line end inside the message. */
  | { readonly type: 'newline' }
  | { readonly type: 'interrupt' };

export interface KeyReader {
  push(text: string): readonly Input[];
  /** Something is held back that may be the beginning of a mark, or the Escape key by itself. */
  readonly isHolding: boolean;
  /** Nothing more came for a while: what is held back are keys. */
  flush(): readonly Input[];
}

/** The text may be cut anywhere, inside a mark as well. */
export function createKeyReader(): KeyReader {
  let held = '';
  let pasting = false;

  function readKeys(text: string, inputs: Input[]): void {
    // Ctrl+C, Ctrl+J, Alt+Enter and the rest between them.
    for (const part of text.split(/(\u0003|\u001b[\r\n]|\n)/)) {
      if (part === '\u0003') inputs.push({ type: 'interrupt' });
      else if (part === '\n' || part === '\u001b\r' || part === '\u001b\n') inputs.push({ type: 'newline' });
      // One line per piece, so that the gate can shut between two lines that were typed ahead.
      else for (const keys of part.match(/[^\r]*\r|[^\r]+/g) ?? []) inputs.push({ type: 'keys', text: keys });
    }
  }

  return {
    push(text) {
      // A paste whose end got lost must not take the keyboard with it.
      if (pasting && text === '\u0003') {
        pasting = false;
        held = '';
      }
      const inputs: Input[] = [];
      held += text;
      for (;;) {
        const mark = pasting ? pasteEnd : pasteStart;
        const at = held.indexOf(mark);
        if (at < 0) break;
        if (pasting) inputs.push({ type: 'paste', text: held.slice(0, at) });
        else readKeys(held.slice(0, at), inputs);
        held = held.slice(at + mark.length);
        pasting = !pasting;
      }
      if (pasting) return inputs;
      const keep = Math.max(0, ...[5, 4, 3, 2, 1].filter((length) => held.endsWith(pasteStart.slice(0, length))));
      readKeys(held.slice(0, held.length - keep), inputs);
      held = held.slice(held.length - keep);
      return inputs;
    },
    get isHolding() {
      return held !== '' && !pasting;
    },
    flush() {
      if (pasting) return [];
      const inputs: Input[] = [];
      readKeys(held, inputs);
      held = '';
      return inputs;
    },
  };
}
