/** A server's stream → events: server-sent events, or, from servers that do not know `alt=sse`, one JSON array. */
import { decodeErrorValue } from '../error-answers.ts';
import { parseJsonExactly } from '../json.ts';
import { isErrorValue, createSseAnswerDecoder } from '../sse-answer.ts';
import { createAnswerReader } from './answer-reader.ts';
import { withDetails } from './error.ts';
import { decodeResponse } from './response.ts';
import type { StreamDecoder, UpstreamContext } from '../codec.ts';

export function createStreamDecoder(context: UpstreamContext = {}): StreamDecoder {
  return createSseAnswerDecoder((sink) => {
    const reader = createAnswerReader((event) => {
      if (event.type === 'error') return sink.fail(event.error);
      sink.emit(event);
      if (event.type === 'finish') sink.end();
    }, context);
    return {
      take(value, _event, text) {
        if (isErrorValue(value)) sink.fail(withDetails(decodeErrorValue(value), value));
        else reader.take(value, parseJsonExactly(text));
      },
      takeDone: () => reader.conclude(),
      takeClose: () => reader.conclude(),
      get isStarted() {
        return reader.isStarted;
      },
      decodeWhole: (body) => decodeResponse(body, context).response,
    };
  });
}
