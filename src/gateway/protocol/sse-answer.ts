/** What every protocol that streams over SSE has in common on the server's side: broken lines, stray text, the end of the connection. */
import { FailedAnswerError, type StreamDecoder } from './codec.ts';
import { responseEvents } from './collect.ts';
import { decodeErrorValue, malformedError, truncatedError } from './error-answers.ts';
import { messageOfForeignBody } from './http-errors.ts';
import type { IrError, IrEvent, IrResponse, Json } from './ir.ts';
import { isJsonObject, parseBodyJson, parseJson } from './json.ts';
import { createSseParser, type SseItem } from './sse.ts';
import { LineTooLongError } from './utf8-lines.ts';

/** Where a protocol puts its events. After `fail` and `end` nothing more is taken. */
export interface EventSink {
  readonly isOver: boolean;
  emit(event: IrEvent): void;
  fail(error: IrError): void;
  /** The answer has had its proper end. */
  end(): void;
}

/** What a protocol does with the stream. */
export interface SseAnswer {
  /** One event's JSON. @param text as it came, for numbers that JavaScript cannot hold */
  take(value: Json, event: string | undefined, text: string): void;
  /** The server's mark behind the last event (`[DONE]`). */
  takeDone(): void;
  /** The connection closed without it. Must end or fail. */
  takeClose(): void;
  /** Whether anything of an answer has come. */
  readonly isStarted: boolean;
  /** A whole answer, from a server that does not stream. @throws ProtocolError, FailedAnswerError */
  decodeWhole(body: Json): IrResponse;
}

const longestStray = 4_000_000;

/** The same events come out wherever the bytes are cut. */
export function createSseAnswerDecoder(build: (sink: EventSink) => SseAnswer): StreamDecoder {
  const parser = createSseParser();
  let events: IrEvent[] = [];
  let isOver = false;
  let stray = '';

  const sink: EventSink = {
    get isOver() {
      return isOver;
    },
    emit(event) {
      if (!isOver) events.push(event);
    },
    fail(error) {
      if (!isOver) events.push({ type: 'error', error });
      isOver = true;
    },
    end() {
      isOver = true;
    },
  };
  const answer = build(sink);

  function takeItem(item: SseItem): void {
    if (isOver) return;
    if (item.type === 'stray') return takeStray(item.text);
    if (item.data === '') return;
    if (item.data.startsWith('[DONE]')) return answer.takeDone();
    const value = parseBodyJson(item.data);
    if (item.event === 'error') sink.fail(decodeErrorValue(value ?? item.data));
    else if (value === undefined) sink.fail(malformedError('the model server sent an event that is not JSON'));
    else answer.take(value, item.event, item.data);
  }

  /** llama.cpp reports an error in mid-stream as a field of that name; others send bare JSON. */
  function takeStray(text: string): void {
    const isField = text.startsWith('error:');
    const value = parseJson(isField ? text.slice('error:'.length) : text);
    if (isJsonObject(value) && (isField || isErrorValue(value))) sink.fail(decodeErrorValue(value));
    else if (stray.length < longestStray) stray += `${text}\n`;
  }

  function close(): void {
    if (isOver) return;
    if (answer.isStarted || stray.trim() === '') return answer.takeClose();
    const value = parseBodyJson(stray);
    if (value === undefined) return sink.fail(malformedError(`the model server answered with something that is no event stream: ${messageOfForeignBody(200, stray)}`));
    try {
      events.push(...responseEvents(answer.decodeWhole(value)));
      isOver = true;
    } catch (error) {
      sink.fail(error instanceof FailedAnswerError ? error.error : malformedError('the model server answered with something that is no event stream'));
    }
  }

  function run(step: () => void): readonly IrEvent[] {
    events = [];
    try {
      step();
    } catch (error) {
      if (!(error instanceof LineTooLongError)) throw error;
      sink.fail(malformedError('the model server sent a line without an end'));
    }
    return events;
  }

  return {
    push: (bytes) =>
      run(() => {
        if (!isOver) for (const item of parser.push(bytes)) takeItem(item);
      }),
    end: () =>
      run(() => {
        if (isOver) return;
        // An event that was cut in the middle is no event.
        for (const item of parser.end()) if (item.type === 'stray' || item.data.startsWith('[DONE]') || parseJson(item.data) !== undefined) takeItem(item);
        close();
        if (!isOver) sink.fail(truncatedError());
      }),
  };
}

/** `{"error":…}`, Anthropic's `{"type":"error",…}` and vLLM's older `{"object":"error",…}`. */
export function isErrorValue(value: Json): boolean {
  return isJsonObject(value) && ((value['error'] !== null && value['error'] !== undefined) || value['object'] === 'error' || value['type'] === 'error');
}
