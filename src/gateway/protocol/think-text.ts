/** Reasoning models whose server leaves the thoughts in the text: `<think>…</think>` before the answer. */

const open = '<think>';
const close = '</think>';

export interface ThinkPiece {
  readonly type: 'text' | 'reasoning';
  readonly text: string;
}

export interface ThinkText {
  push(text: string): readonly ThinkPiece[];
  /** What was held back; an answer that ends inside of its thoughts consists of nothing else. What comes later is text. */
  end(): readonly ThinkPiece[];
}

/**
 * Only text that begins with the tag is split, so that a model may write about the tag. A closing tag that leads the text
 * was left behind by a server that took the thoughts out itself. White space around the thoughts belongs to nobody.
 * Pieces may be cut anywhere.
 */
export function createThinkText(): ThinkText {
  let state: 'start' | 'thinking-start' | 'thinking' | 'after' | 'text' = 'start';
  let held = '';

  function begin(): readonly ThinkPiece[] {
    const begun = held.trimStart();
    for (const tag of [open, close]) {
      if (begun.startsWith(tag)) {
        held = begun.slice(tag.length);
        state = tag === open ? 'thinking-start' : 'after';
        return advance();
      }
    }
    if (open.startsWith(begun) || close.startsWith(begun)) return [];
    return release('text');
  }

  function advance(): readonly ThinkPiece[] {
    if (state === 'start') return begin();
    if (state === 'thinking-start') {
      held = held.trimStart();
      if (held === '') return [];
      state = 'thinking';
    }
    if (state === 'thinking') {
      const end = held.indexOf(close);
      if (end < 0) {
        // The white space before the closing tag waits with the tag's beginning.
        const sure = /\s*$/.exec(held.slice(0, held.length - overlap(held, close)))?.index ?? 0;
        const piece = held.slice(0, sure);
        held = held.slice(sure);
        return piece === '' ? [] : [{ type: 'reasoning', text: piece }];
      }
      const piece = held.slice(0, end).trimEnd();
      held = held.slice(end + close.length);
      state = 'after';
      return [...(piece === '' ? [] : [{ type: 'reasoning', text: piece } as const]), ...advance()];
    }
    if (state === 'after') {
      held = held.trimStart();
      return held === '' ? [] : release('text');
    }
    return release('text');
  }

  function release(type: ThinkPiece['type']): readonly ThinkPiece[] {
    const text = held;
    held = '';
    if (type === 'text') state = 'text';
    return text === '' ? [] : [{ type, text }];
  }

  return {
    push(text) {
      if (state === 'text') return text === '' ? [] : [{ type: 'text', text }];
      held += text;
      return advance();
    },
    end() {
      const rest = release(state === 'thinking' || state === 'thinking-start' ? 'reasoning' : 'text');
      state = 'text';
      return rest;
    },
  };
}

/** How many characters at the end of `text` could be the beginning of `tag`. */
function overlap(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}
