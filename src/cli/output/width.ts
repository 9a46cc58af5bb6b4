/** How many columns a text takes on a terminal. */
import { eastAsianWidth } from 'get-east-asian-width';

/** Latin, arrows, and the symbols of our own tables. */
const narrow = /^[\u0020-\u007e\u00a0-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25ff\u2714\u2716]*$/;

let segmenter: Intl.Segmenter | undefined;

/**
 * Counts what a person sees as one character once: combining marks take nothing, emoji and East Asian wide characters two.
 * The package string-width does the same and takes 20 ms to load, which is more than a whole command may lose.
 */
export function textWidth(text: string): number {
  if (narrow.test(text)) return text.length;
  let width = 0;
  for (const { segment } of characters(text)) width += characterWidth(segment);
  return width;
}

/** What a person sees as characters. */
export function characters(text: string): Iterable<{ readonly segment: string }> {
  return (segmenter ??= new Intl.Segmenter()).segment(text);
}

function characterWidth(character: string): number {
  if (/^[\p{Control}\p{Mark}\p{Format}\p{Surrogate}]+$/u.test(character)) return 0;
  // Drawn as a picture by its nature, or because a selector or a partner says so.
  if (/\p{Emoji_Presentation}|\ufe0f|\u200d\p{Extended_Pictographic}/u.test(character)) return 2;
  return eastAsianWidth(character.codePointAt(0) ?? 0);
}
