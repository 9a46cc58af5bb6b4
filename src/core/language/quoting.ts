/** Texts as they are written into the file, and into snippets. */
import { renderValue } from '../config/toml-text.ts';
import type { ValueNode } from './syntax.ts';

/** `text` as a value, in the kind of quotes that stands there already where they can hold it. */
export function quoted(text: string, instead?: ValueNode): string {
  const isLiteral = instead?.type === 'string' && (instead.quote === "'" || instead.quote === "'''");
  return isLiteral && /^[^'\u0000-\u001f\u007f]*$/.test(text) ? `'${text}'` : renderValue(text);
}

/** Plain text inside a snippet. */
export function inSnippet(text: string): string {
  return text.replaceAll(/[\\$}]/g, '\\$&');
}

/** One of several texts to choose from, at a place of a snippet. */
export function choiceInSnippet(place: number, options: readonly string[]): string {
  return `\${${place}|${options.map((option) => option.replaceAll(/[\\$},|]/g, '\\$&')).join(',')}|}`;
}
