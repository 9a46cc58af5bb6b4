/** A question that is answered with yes or no. */
import { createInterface } from 'node:readline/promises';
import type { Output } from '../output/terminal.ts';

/** No, unless somebody types yes; no at the end of the input, and at Ctrl+C. */
export async function confirm(input: NodeJS.ReadStream, output: NodeJS.WriteStream & { readonly isTTY: boolean }, screen: Output, question: string): Promise<boolean> {
  const lines = createInterface({ input, output, terminal: true });
  const aborted = new AbortController();
  lines.once('close', () => aborted.abort());
  lines.once('SIGINT', () => {
    screen.line();
    aborted.abort();
  });
  try {
    return /^\s*y(?:es)?\s*$/i.test(await lines.question(`${question} [y/N] `, { signal: aborted.signal }));
  } catch (error) {
    if (aborted.signal.aborted) return false;
    throw error;
  } finally {
    lines.close();
  }
}
