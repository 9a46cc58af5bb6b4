/** What the decoders of all protocols share: lines in, events out, and exactly one last event. */
import { createLineDecoder, LineTooLongError } from './lines.ts';
import type { ChatDecoder, ChatEvent } from './model.ts';
import { createSseDecoder, type SseMessage } from './sse.ts';

/** The part that differs: what a message of the protocol means. */
export interface AnswerReader<Message> {
  read(message: Message): readonly ChatEvent[];
  /** The connection ended; events for an answer that is complete all the same. */
  end(): readonly ChatEvent[];
}

/** For protocols with one JSON text per line. Empty lines are skipped. */
export function createNdjsonDecoder(reader: AnswerReader<string>): ChatDecoder {
  return guard({
    line: (line) => (line.trim() === '' ? [] : reader.read(line)),
    end: () => reader.end(),
  });
}

/** For protocols of server-sent events. */
export function createEventStreamDecoder(reader: AnswerReader<SseMessage>): ChatDecoder {
  const sse = createSseDecoder();
  return guard({
    line: (line) => sse.push(line).flatMap((message) => reader.read(message)),
    end: () => [...sse.end().flatMap((message) => reader.read(message)), ...reader.end()],
  });
}

interface LineReader {
  line(line: string): readonly ChatEvent[];
  end(): readonly ChatEvent[];
}

/** Cuts after the first `finish` or `error`, and adds an `error` where the stream ends without either. */
function guard(reader: LineReader): ChatDecoder {
  const lines = createLineDecoder();
  let done = false;

  function take(events: readonly ChatEvent[], out: ChatEvent[]): void {
    for (const event of events) {
      if (done) return;
      out.push(event);
      done = event.type === 'finish' || event.type === 'error';
    }
  }

  function run(produce: (out: ChatEvent[]) => void): readonly ChatEvent[] {
    const out: ChatEvent[] = [];
    if (done) return out;
    try {
      produce(out);
    } catch (error) {
      if (!(error instanceof LineTooLongError)) throw error;
      take([malformed('sent a line without an end')], out);
    }
    return out;
  }

  return {
    push: (bytes) =>
      run((out) => {
        for (const line of lines.push(bytes)) take(reader.line(line), out);
      }),
    end: () =>
      run((out) => {
        for (const line of lines.end()) take(reader.line(line), out);
        take(reader.end(), out);
        take([truncated()], out);
      }),
  };
}

/** `what` continues the sentence "The server …". */
export function malformed(what: string): ChatEvent {
  return {
    type: 'error',
    failure: { kind: 'malformed', message: `The server ${what}`, hint: 'Check that the address and the protocol belong together' },
  };
}

export function truncated(): ChatEvent {
  return {
    type: 'error',
    failure: { kind: 'truncated', message: 'The connection ended in the middle of the answer', hint: "Ask again; if it keeps happening, look at the server's log" },
  };
}

/** An error that the server reported inside an answer that began well. */
export function reported(message: string | undefined): ChatEvent {
  return { type: 'error', failure: { kind: 'server', message: message ? `The server stopped with an error: ${message}` : 'The server stopped with an error that it does not explain' } };
}
