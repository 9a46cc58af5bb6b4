/**
 * Server-sent events, both ways (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 *
 * Our own parser rather than a library: model servers put things between the events that are no events at all (llama.cpp's
 * `error: {…}` field, Gemini's bare `{"error":…}`, a proxy's HTML page under status 200), and a bridge must report them
 * instead of skipping them as a browser does.
 */
import { createUtf8LineSplitter } from './utf8-lines.ts';

export type SseItem =
  /** `event` is absent where the wire has no such field; `data` of several lines is joined with LF. */
  | { readonly type: 'message'; readonly event?: string; readonly data: string }
  /** Lines that belong to no field of the format, up to the next empty line. */
  | { readonly type: 'stray'; readonly text: string };

export interface SseParser {
  /** @throws LineTooLongError */
  push(bytes: Uint8Array): readonly SseItem[];
  /** Servers leave out the last empty line; their last event counts all the same. */
  end(): readonly SseItem[];
}

/** The same items come out wherever the bytes are cut. Comments, `id` and `retry` are dropped; so is an event without data. */
export function createSseParser(): SseParser {
  const splitter = createUtf8LineSplitter();
  let event: string | undefined;
  let data: string | undefined;
  let stray: string | undefined;

  function dispatch(items: SseItem[]): void {
    if (stray !== undefined) items.push({ type: 'stray', text: stray });
    if (data !== undefined) items.push(event === undefined ? { type: 'message', data } : { type: 'message', event, data });
    event = undefined;
    data = undefined;
    stray = undefined;
  }

  function take(line: string, items: SseItem[]): void {
    if (line === '') return dispatch(items);
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
    else if (field === 'event') event = value;
    // White space alone is a heartbeat of some proxies and nobody's content.
    else if (field !== 'id' && field !== 'retry' && line.trim() !== '') stray = stray === undefined ? line : `${stray}\n${line}`;
  }

  return {
    push(bytes) {
      const items: SseItem[] = [];
      for (const line of splitter.push(bytes)) take(line, items);
      return items;
    },
    end() {
      const items: SseItem[] = [];
      for (const line of splitter.end()) take(line, items);
      dispatch(items);
      return items;
    },
  };
}

/** One event. `data` with line ends becomes several `data:` lines; JSON never needs that. */
export function formatSse(message: { readonly event?: string; readonly data: string }): string {
  const data = message.data.includes('\n') || message.data.includes('\r') ? message.data.split(/\r\n|\n|\r/).join('\ndata: ') : message.data;
  return message.event === undefined ? `data: ${data}\n\n` : `event: ${message.event}\ndata: ${data}\n\n`;
}

/** A comment, which parsers of the format skip. Not for gemini's own client: its parser takes it for a broken event. */
export function formatSseComment(text: string): string {
  return `: ${text}\n\n`;
}
