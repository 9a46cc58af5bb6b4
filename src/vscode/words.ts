/** Splits a line of flags into arguments as a shell would, without any of a shell's other powers. Pure. */
import { fail, ok, type Result } from '../base/result.ts';

/** `--a 'b c' "d \"e\"" f\ g` → 4 arguments. Fails with a reason when a quote is left open. */
export function splitArguments(line: string): Result<readonly string[], string> {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let index = 0; index < line.length; index++) {
    const char = line.charAt(index);
    if (quote === "'") {
      if (char === "'") quote = undefined;
      else word += char;
    } else if (char === '\\' && index + 1 < line.length && (quote === undefined ? /[\s'"\\]/ : /["\\]/).test(line.charAt(index + 1))) {
      // Only what would otherwise split or quote is escaped, so that C:\folder stays as it was typed.
      word = (word ?? '') + line.charAt(++index);
    } else if (quote === '"') {
      if (char === '"') quote = undefined;
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quote !== undefined) return fail(`the quote ${quote} is not closed`);
  if (word !== undefined) words.push(word);
  return ok(words);
}
