/**
 * Several lines in a prompt that has one. Line ends and tabs are shown as their symbols while they are edited, and a long
 * paste as a token that stands for it; both become what they mean when the message is sent.
 */

const newlineSymbol = '\u2424'; // ␤
const tabSymbol = '\u2409'; // ␉

/** Longer ones would make editing slow and push the conversation off the screen. */
const maxShown = 400;
const maxShownLines = 8;

export interface PasteBoard {
  /** What is put into the line for pasted text. */
  put(pasted: string): string;
  /** What a line means. Works for lines out of the history too. */
  expand(line: string): string;
}

export function createPasteBoard(): PasteBoard {
  const pastes: string[] = [];
  return {
    put(pasted) {
      const text = clean(pasted);
      const lines = text.split('\n').length;
      if (text.length <= maxShown && lines <= maxShownLines) return symbolize(text);
      pastes.push(text);
      return `[paste ${pastes.length}: ${lines > 1 ? `${lines} lines` : `${text.length} characters`}]`;
    },
    expand(line) {
      const whole = line.replaceAll(/\[paste (\d+): \d+ (?:lines|characters)\]/g, (token, number: string) => pastes[Number(number) - 1] ?? token);
      return whole.replaceAll(newlineSymbol, '\n').replaceAll(tabSymbol, '\t');
    },
  };
}

export function symbolize(text: string): string {
  return text.replaceAll('\n', newlineSymbol).replaceAll('\t', tabSymbol);
}

/** Terminals paste line ends as CR. Other control characters would be taken for keys. */
function clean(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
}
