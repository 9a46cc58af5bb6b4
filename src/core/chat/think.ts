/**
 * Some servers hand on a reasoning model's thoughts as they are: `<think>…</think>` before the answer.
 * This takes them out of the text and makes reasoning of them.
 */
import type { ChatEvent } from './model.ts';

const open = '<think>';
const close = '</think>';

export interface ThinkSplitter {
  push(event: ChatEvent): readonly ChatEvent[];
}

/**
 * Only an answer that begins with the tag is split, so that a model may write about the tag. The text may arrive in
 * pieces of any size. Whatever was held back comes out before `finish` and `error`.
 */
export function createThinkSplitter(): ThinkSplitter {
  let state: 'start' | 'thinking' | 'after' | 'text' = 'start';
  let held = '';

  function text(piece: string): readonly ChatEvent[] {
    if (state === 'text') return [{ type: 'text-delta', text: piece }];
    held += piece;
    if (state === 'start') {
      const begun = held.trimStart();
      if (begun.length < open.length && open.startsWith(begun)) return [];
      if (!begun.startsWith(open)) return release('text');
      held = begun.slice(open.length);
      state = 'thinking';
    }
    const events: ChatEvent[] = [];
    if (state === 'thinking') {
      const end = held.indexOf(close);
      const ready = end >= 0 ? held.slice(0, end) : held.slice(0, held.length - overlap(held, close));
      if (ready !== '') events.push({ type: 'reasoning-delta', text: ready });
      held = held.slice(ready.length);
      if (end < 0) return events;
      held = held.slice(close.length);
      state = 'after';
    }
    // The line breaks between the thoughts and the answer belong to neither.
    const answer = held.trimStart();
    held = answer;
    return answer === '' ? events : [...events, ...release('text')];
  }

  function release(next: typeof state): readonly ChatEvent[] {
    const rest = held;
    held = '';
    const type = state === 'thinking' ? 'reasoning-delta' : 'text-delta';
    state = next;
    return rest === '' ? [] : [{ type, text: rest }];
  }

  return {
    push(event) {
      switch (event.type) {
        case 'text-delta':
          return text(event.text);
        case 'finish':
        case 'error':
          return [...release('text'), event];
        case 'reasoning-delta':
        case 'usage':
          return [event];
      }
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
