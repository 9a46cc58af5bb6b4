/** Bytes that arrive in any pieces → whole lines of text; the same lines wherever the bytes are cut. */

/** A line longer than this many UTF-16 units is no answer: an image of the largest size that servers send is half of it. */
const maxLineLength = 64 * 1024 * 1024;

/** Thrown for a line without an end. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
}

export interface Utf8LineSplitter {
  /** The lines that `bytes` complete, without their line ends. */
  push(bytes: Uint8Array): readonly string[];
  /** What came after the last line end, if anything. */
  end(): readonly string[];
}

/**
 * Lines end with LF, CRLF or a lone CR. Bytes that are not UTF-8 become U+FFFD; a byte order mark at the start is dropped.
 * A lone CR completes its line at once: waiting for a possible LF would hold back an event until the next one comes.
 *
 * @throws LineTooLongError from `push`
 */
export function createUtf8LineSplitter(): Utf8LineSplitter {
  // The decoder's own removal of the mark also takes one from the middle when the first piece is half a character.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let atStart = true;
  let skipLineFeed = false;
  // Pieces of an unfinished line are joined once: joining at every push would be quadratic for a long line in small pieces.
  let pieces: string[] = [];
  let length = 0;

  function completed(tail: string): string {
    if (pieces.length === 0) return tail;
    const line = pieces.join('') + tail;
    pieces = [];
    length = 0;
    return line;
  }

  function feed(text: string): string[] {
    let from = 0;
    if (text === '') return [];
    if (atStart) {
      atStart = false;
      if (text.startsWith('\ufeff')) from = 1;
    }
    if (skipLineFeed && from < text.length) {
      if (text[from] === '\n') from += 1;
      skipLineFeed = false;
    }
    const lines: string[] = [];
    let lineFeed = text.indexOf('\n', from);
    let carriageReturn = text.indexOf('\r', from);
    while (lineFeed >= 0 || carriageReturn >= 0) {
      const atReturn = carriageReturn >= 0 && (lineFeed < 0 || carriageReturn < lineFeed);
      const end = atReturn ? carriageReturn : lineFeed;
      lines.push(completed(text.slice(from, end)));
      from = end + 1;
      if (atReturn && from === text.length) skipLineFeed = true;
      if (atReturn && lineFeed === from) from += 1;
      if (lineFeed >= 0 && lineFeed < from) lineFeed = text.indexOf('\n', from);
      if (carriageReturn >= 0 && carriageReturn < from) carriageReturn = text.indexOf('\r', from);
    }
    if (from < text.length) {
      pieces.push(from === 0 ? text : text.slice(from));
      length += text.length - from;
      if (length > maxLineLength) throw new LineTooLongError(`a line of more than ${maxLineLength} characters`);
    }
    return lines;
  }

  return {
    push: (bytes) => feed(decoder.decode(bytes, { stream: true })),
    end() {
      const lines = feed(decoder.decode());
      const rest = completed('');
      return rest === '' ? lines : [...lines, rest];
    },
  };
}
