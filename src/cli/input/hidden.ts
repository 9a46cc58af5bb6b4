/** Asks for a key without showing it. */
import type { ReadStream } from 'node:tty';
import { OperatorError } from '../../core/errors.ts';
import type { Output } from '../output/terminal.ts';

/** @throws OperatorError 'cancelled' on Ctrl+C, Ctrl+D on an empty line, and the end of the input */
export function readHidden(input: ReadStream, output: Output, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = '';
    const decoder = new TextDecoder();
    const finish = (settle: () => void): void => {
      input.off('data', onData);
      input.off('end', onEnd);
      input.setRawMode(false);
      input.pause();
      output.write('\n');
      settle();
    };
    const cancel = (): void => finish(() => reject(new OperatorError('cancelled', 'Cancelled, nothing was kept')));
    const onEnd = (): void => cancel();
    const onData = (bytes: Uint8Array): void => {
      // A paste arrives in marks on terminals that have them switched on.
      for (const character of decoder.decode(bytes, { stream: true }).replaceAll(/\u001b\[20[01]~/g, '')) {
        if (character === '\r' || character === '\n') return finish(() => resolve(typed));
        if (character === '\u0003') return cancel();
        if (character === '\u0004') {
          if (typed === '') return cancel();
        } else if (character === '\u007f' || character === '\b') typed = [...typed].slice(0, -1).join('');
        else if (character === '\u0015') typed = '';
        else if (character >= ' ') typed += character;
      }
    };
    // Silent before it asks: nothing that is typed at once may be seen.
    input.setRawMode(true);
    input.on('data', onData);
    input.on('end', onEnd);
    input.resume();
    output.write(question);
  });
}
