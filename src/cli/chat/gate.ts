/** Stands between the keyboard and readline: pastes stay in one line, and nothing is echoed into an answer. */
import { Readable, Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { createKeyReader, type Input, markPastes, unmarkPastes } from './keys.ts';
import { symbolize } from './paste.ts';

/** What a terminal sends for one key arrives together; after this long an Escape is the key itself. */
const escapeMs = 50;

export interface Gate {
  /** For readline. */
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** While it is shut, keys wait (type-ahead) and readline draws nothing; Ctrl+C goes to `onInterrupt`. */
  shut(onInterrupt: () => void): void;
  /** Readline may draw again; keys still wait. */
  hold(): void;
  /** What was typed meanwhile arrives now. */
  open(): void;
  dispose(): void;
}

/** Looks like a terminal to readline. What is typed reaches readline at once and not a tick later, so that the gate shuts in time. */
class KeyInput extends Readable {
  readonly isTTY = true;
  #stdin: ReadStream;

  constructor(stdin: ReadStream) {
    super();
    this.#stdin = stdin;
  }

  get isRaw(): boolean {
    return this.#stdin.isRaw;
  }

  setRawMode(mode: boolean): this {
    this.#stdin.setRawMode(mode);
    return this;
  }

  type(text: string): void {
    this.emit('data', text);
  }

  override _read(): void {}
}

export interface GateOptions {
  /** The terminal understands escape sequences. */
  readonly canMove: boolean;
  /** What a paste looks like in the line. */
  put(pasted: string): string;
}

export function createGate(stdin: ReadStream, stdout: WriteStream, { canMove, put }: GateOptions): Gate {
  const reader = createKeyReader();
  const decoder = new TextDecoder();
  let onInterrupt: (() => void) | undefined;
  let waiting: Input[] = [];
  let quiet = false;

  const input = new KeyInput(stdin);

  function pass(item: Input): void {
    switch (item.type) {
      case 'keys':
        input.type(item.text);
        return;
      case 'interrupt':
        input.type('\u0003');
        return;
      case 'newline':
        input.type(symbolize('\n'));
        return;
      case 'paste':
        input.type(put(item.text));
    }
  }

  function take(items: readonly Input[]): void {
    for (const item of items) {
      if (!onInterrupt) pass(item);
      else if (item.type === 'interrupt') {
        waiting = [];
        onInterrupt();
      } else waiting.push(item);
    }
  }

  let escape: NodeJS.Timeout | undefined;
  const onData = (bytes: Uint8Array): void => {
    clearTimeout(escape);
    take(reader.push(decoder.decode(bytes, { stream: true })));
    if (reader.isHolding) escape = setTimeout(() => take(reader.flush()), escapeMs);
  };
  const onEnd = (): void => void input.emit('end');
  stdin.on('data', onData);
  stdin.on('end', onEnd);
  stdin.resume();

  // Readline redraws its prompt when the window changes its size, which must not happen inside an answer.
  const output = Object.assign(
    new Writable({
      decodeStrings: false,
      write(chunk: string | Uint8Array, _encoding, done) {
        if (!quiet) stdout.write(chunk);
        done();
      },
    }),
    { isTTY: true, columns: stdout.columns, rows: stdout.rows },
  );
  const onResize = (): void => {
    output.columns = stdout.columns;
    output.rows = stdout.rows;
    output.emit('resize');
  };
  stdout.on('resize', onResize);
  if (canMove) stdout.write(markPastes);

  return {
    input,
    output,
    shut(listener) {
      onInterrupt = listener;
      quiet = true;
    },
    hold() {
      quiet = false;
    },
    open() {
      onInterrupt = undefined;
      quiet = false;
      const items = waiting;
      waiting = [];
      for (const item of items) {
        // A line that was typed ahead starts the next answer and shuts the gate again.
        if (onInterrupt) waiting.push(item);
        else pass(item);
      }
    },
    dispose() {
      clearTimeout(escape);
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      stdout.off('resize', onResize);
      if (canMove) stdout.write(unmarkPastes);
      stdin.pause();
    },
  };
}
