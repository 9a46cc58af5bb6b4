/** Newline-delimited JSON (Ollama): one JSON value on each line. */
import { createUtf8LineSplitter } from './utf8-lines.ts';

export interface NdjsonParser {
  /**
   * The text of each complete, non-empty line.
   *
   * @throws LineTooLongError
   */
  push(bytes: Uint8Array): readonly string[];
  /** The last line, which servers may leave without a line end. */
  end(): readonly string[];
}

/** The same lines come out wherever the bytes are cut; empty lines (heartbeats) are dropped. */
export function createNdjsonParser(): NdjsonParser {
  const splitter = createUtf8LineSplitter();
  const filled = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.trim() !== '');
  return { push: (bytes) => filled(splitter.push(bytes)), end: () => filled(splitter.end()) };
}

export function formatNdjson(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
