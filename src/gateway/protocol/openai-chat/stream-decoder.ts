/** A server's stream → events. */
import { createBlockWriter } from '../block-writer.ts';
import type { StreamDecoder, UpstreamContext } from '../codec.ts';
import { decodeErrorValue, malformedError, truncatedError } from '../error-answers.ts';
import { randomId } from '../ids.ts';
import type { IrUsage, Json } from '../ir.ts';
import { createSseAnswerDecoder, isErrorValue, type EventSink, type SseAnswer } from '../sse-answer.ts';
import { createThinkText, type ThinkPiece } from '../think-text.ts';
import { createCallTracker } from './call-tracker.ts';
import { announcesCall, decodeFinish } from './finish.ts';
import { contentPieces, imagesOf, reasoningOf } from './message-parts.ts';
import { plainText } from './plain-chunk.ts';
import { decodeResponse, lostCall } from './response.ts';
import { answerSchema, type WireAnswer, type WireChoice, type WireMessage } from './schema.ts';
import { isKnown, usageOf } from './usage.ts';

export function createStreamDecoder(context: UpstreamContext = {}): StreamDecoder {
  return createSseAnswerDecoder((sink) => createChunkReader(sink, context));
}

/**
 * The finish is held back until the stream says that it is over: servers send arguments, and most of them the usage, behind it.
 * Where it only closes behind a finish that is enough, unless arguments are still missing.
 */
function createChunkReader(sink: EventSink, context: UpstreamContext): SseAnswer {
  const newId = context.newId ?? randomId;
  let isStarted = false;
  let hasContent = false;
  let finish: WireChoice | undefined;
  let usage: IrUsage = {};

  const writer = createBlockWriter((event) => {
    hasContent = true;
    sink.emit(event);
  });
  const calls = createCallTracker({ writer, newId: () => newId('call_'), clientName: (name) => context.toolNames?.fromWire(name) ?? name });
  const thoughts = createThinkText();

  function take(value: Json): void {
    if (isErrorValue(value)) return sink.fail(decodeErrorValue(value));
    const text = isStarted ? plainText(value) : undefined;
    if (text !== undefined) return writePieces(thoughts.push(text));
    const parsed = answerSchema.safeParse(value);
    if (!parsed.success) return sink.fail(malformedError('the model server sent an event that is not a chunk of an answer'));
    const answer = parsed.data;
    usage = { ...usage, ...usageOf(answer) };
    const choice = answer.choices?.find((candidate) => (candidate.index ?? 0) === 0);
    if (choice) takeChoice(answer, choice);
    else if (finish !== undefined && answer.usage) conclude();
  }

  function takeChoice(answer: WireAnswer, choice: WireChoice): void {
    if (choice.error !== null && choice.error !== undefined) return sink.fail(decodeErrorValue({ error: choice.error as Json }));
    start(answer);
    // Some repeat the whole message in the last chunk, behind the pieces of it.
    const message = choice.delta ?? (hasContent ? undefined : choice.message);
    if (message) takeMessage(message);
    if (typeof choice.finish_reason === 'string' && choice.finish_reason !== '') finish = choice;
  }

  function start(answer: WireAnswer): void {
    if (isStarted) return;
    isStarted = true;
    const id = answer.id === null || answer.id === undefined || answer.id === '' ? newId('chatcmpl-') : answer.id;
    sink.emit({ type: 'start', id, model: answer.model ?? '' });
  }

  function takeMessage(message: WireMessage): void {
    writer.reasoning(reasoningOf(message));
    for (const piece of contentPieces(message.content)) {
      if (piece.type === 'text') writePieces(thoughts.push(piece.text));
      else if (piece.type === 'reasoning') writer.reasoning(piece.text);
      else if (piece.type === 'refusal') writer.refusal(piece.text);
      else writer.image(piece.image.media);
    }
    if (typeof message.refusal === 'string') writer.refusal(message.refusal);
    for (const image of imagesOf(message)) writer.image(image.media);
    const pieces = message.tool_calls ?? [];
    if (pieces.length > 0 || message.function_call) writePieces(thoughts.end());
    for (const call of pieces) calls.take(call);
    if (message.function_call) calls.take({ index: 0, function: message.function_call });
  }

  function writePieces(pieces: readonly ThinkPiece[]): void {
    for (const piece of pieces) {
      if (piece.type === 'text') writer.text(piece.text);
      else writer.reasoning(piece.text);
    }
  }

  /** The server says that this was all. */
  function conclude(): void {
    if (finish === undefined) return sink.fail(truncatedError('the model server ended the stream without saying why the answer ended'));
    if (finish.finish_reason === 'error') return sink.fail(malformedError('the model server broke off its answer with an error'));
    writePieces(thoughts.end());
    writer.close();
    const wrong = calls.finish();
    if (wrong !== undefined) return sink.fail(malformedError(wrong));
    if (announcesCall(finish.finish_reason) && !hasContent) return sink.fail(malformedError(lostCall));
    if (isKnown(usage)) sink.emit({ type: 'usage', usage });
    sink.emit({ type: 'finish', finish: decodeFinish(finish, calls.count) });
    sink.end();
  }

  return {
    get isStarted() {
      return isStarted;
    },
    take,
    takeDone: conclude,
    takeClose: () => (finish === undefined || (finish.finish_reason !== 'length' && calls.isCut) ? sink.fail(truncatedError()) : conclude()),
    decodeWhole: (body) => decodeResponse(body, context).response,
  };
}
