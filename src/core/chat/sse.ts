/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) out of lines. */
import { createParser, type EventSourceMessage } from 'eventsource-parser';

export interface SseDecoder {
  push(line: string): readonly SseMessage[];
  /** Servers leave out the last empty line; their last event counts all the same. */
  end(): readonly SseMessage[];
}

export interface SseMessage {
  readonly event?: string;
  readonly data: string;
}

/** Takes whole lines, so that what comes out cannot depend on how the network cut them. */
export function createSseDecoder(): SseDecoder {
  let messages: SseMessage[] = [];
  const parser = createParser({
    onEvent: ({ event, data }: EventSourceMessage) => messages.push({ ...(event === undefined ? {} : { event }), data }),
    onError(error) {
      // Older builds of llama.cpp report an error in mid-stream as a field of that name, without `data:`.
      if (error.type === 'unknown-field' && error.field === 'error') messages.push({ event: 'error', data: error.value ?? '' });
    },
  });
  function feed(text: string): readonly SseMessage[] {
    messages = [];
    parser.feed(text);
    return messages;
  }
  return { push: (line) => feed(`${line}\n`), end: () => feed('\n') };
}
