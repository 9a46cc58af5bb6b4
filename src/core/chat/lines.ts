/** Bytes that arrive in any pieces → lines of text. */

/** A line longer than this many UTF-16 units is not an answer to a chat. */
const maxLineLength = 8 * 1024 * 1024;

export interface LineDecoder {
  push(bytes: Uint8Array): string[];
  /** What came after the last line end, if anything. */
  end(): string[];
}

/** Thrown for a line without an end. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
}

/**
 * Lines end with LF, CRLF or a lone CR, as the event stream format has it. Bytes that are not UTF-8 become U+FFFD,
 * and a byte order mark at the start is dropped. The lines are the same wherever the bytes are cut.
 */
export function createLineDecoder(): LineDecoder {
  // Node's own removal of the byte order mark also takes one from the middle when the first piece is half a character.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let atStart = true;
  let pending: string[] = [];
  let pendingLength = 0;
  let lastWasCarriageReturn = false;

  function feed(text: string): string[] {
    let rest = text;
    if (atStart && rest !== '') {
      atStart = false;
      if (rest.startsWith('\ufeff')) rest = rest.slice(1);
    }
    if (lastWasCarriageReturn && rest !== '') {
      if (rest.startsWith('\n')) rest = rest.slice(1);
      lastWasCarriageReturn = false;
    }
    const pieces = rest.split(/\r\n|\n|\r/);
    if (rest.endsWith('\r')) lastWasCarriageReturn = true;
    const tail = pieces.pop() ?? '';
    const lines = pieces.map((piece, index) => {
      if (index > 0) return piece;
      const line = pending.join('') + piece;
      pending = [];
      pendingLength = 0;
      return line;
    });
    if (tail !== '') {
      pending.push(tail);
      pendingLength += tail.length;
      if (pendingLength > maxLineLength) throw new LineTooLongError(`a line of more than ${maxLineLength} characters`);
    }
    return lines;
  }

  return {
    push: (bytes) => feed(decoder.decode(bytes, { stream: true })),
    end() {
      const lines = feed(decoder.decode());
      const rest = pending.join('');
      pending = [];
      return rest === '' ? lines : [...lines, rest];
    },
  };
}
