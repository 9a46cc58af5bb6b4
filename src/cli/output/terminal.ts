/** Where the command line writes: a stream, and what it knows about the screen behind it. */
import type { Tone } from '../../core/status/node.ts';

// Not imported: that reads every export and so loads what stands behind each, for three milliseconds of every command.
const { styleText } = process.getBuiltinModule('node:util');

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export interface Output {
  /** A person looks at it. */
  readonly isTerminal: boolean;
  /** The cursor can be moved: a terminal that is not dumb. */
  readonly canMove: boolean;
  /** Columns of the screen; undefined where lines may be of any length. */
  readonly columns: number | undefined;
  write(text: string): void;
  line(text?: string): void;
  /** Colours where there is a screen that wants them, else the text as it is. */
  paint(style: Style | readonly Style[], text: string): string;
}

/** Colour only on a terminal, never with NO_COLOR (https://no-color.org) or TERM=dumb; FORCE_COLOR asks for it anywhere. */
export function wantsColour(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false';
  return isTerminal && env['TERM'] !== 'dumb';
}

export function createOutput(stream: NodeJS.WriteStream, env: Readonly<Record<string, string | undefined>>): Output {
  const isTerminal = stream.isTTY === true;
  const colour = wantsColour(isTerminal, env);
  return {
    isTerminal,
    canMove: isTerminal && env['TERM'] !== 'dumb',
    get columns() {
      return isTerminal && stream.columns > 0 ? stream.columns : undefined;
    },
    write: (text) => void stream.write(text),
    line: (text = '') => void stream.write(`${text}\n`),
    paint: (style, text) => (colour && text !== '' ? styleText(typeof style === 'string' ? style : [...style], text, { validateStream: false }) : text),
  };
}

/** Resolves when everything written so far has left the process. */
export function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else stream.write('', () => resolve());
  });
}

/** The state of a row as a symbol; the words stand beside it. */
export function toneSymbol(output: Output, tone: Tone): string {
  const [symbol, style] = ({ ok: ['✔', 'green'], warning: ['▲', 'yellow'], error: ['✖', 'red'], busy: ['◌', 'cyan'], neutral: ['•', 'dim'] } as const)[tone];
  return output.paint(style, symbol);
}

export function toneStyle(tone: Tone): Style | undefined {
  return ({ ok: 'green', warning: 'yellow', error: 'red', busy: 'cyan', neutral: undefined } as const)[tone];
}

/**
 * Text from files and servers, made harmless for a terminal: escape sequences and other control characters are shown as
 * U+FFFD, line breaks as spaces.
 */
export function harmless(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ').replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
