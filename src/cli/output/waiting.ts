/** A line that says what is waited for, on a terminal only. */
import type { Session } from '../session.ts';
import { cut } from './table.ts';
import { harmless } from './terminal.ts';

const eraseLine = '\r\u001b[K';

export async function whileWaiting<T>({ stderr }: Session, text: string, promise: Promise<T>): Promise<T> {
  if (!stderr.canMove) return promise;
  stderr.write(stderr.paint('dim', cut(harmless(text), (stderr.columns ?? 80) - 1)));
  try {
    return await promise;
  } finally {
    stderr.write(eraseLine);
  }
}
