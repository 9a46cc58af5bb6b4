/** Text that is piped in. */
import { fstatSync } from 'node:fs';
import { OperatorError } from '../../core/errors.ts';

/** All of a stream as text. @throws OperatorError 'usage' beyond `maxLength` bytes */
export async function readAll(stream: NodeJS.ReadableStream, maxLength: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let length = 0;
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    length += bytes.length;
    if (length > maxLength) throw new OperatorError('usage', `Standard input is longer than ${maxLength} bytes`);
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * Whether somebody deliberately pipes or redirects something in. Programs that start this one often leave an open socket
 * as standard input that never ends, so that only a shell's pipe or a file counts.
 */
export function isPipeOrFile(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isFIFO() || stats.isFile();
  } catch {
    return false; // standard input is closed
  }
}
