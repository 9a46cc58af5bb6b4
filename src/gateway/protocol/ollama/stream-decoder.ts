/** A server's stream → events. */
import { createBlockWriter } from '../block-writer.ts';
import type { StreamDecoder, UpstreamContext } from '../codec.ts';
import { decodeErrorValue, malformedError, truncatedError } from '../error-answers.ts';
import { messageOfForeignBody } from '../http-errors.ts';
import { randomId } from '../ids.ts';
import type { IrError, IrEvent } from '../ir.ts';
import { parseAnswerJson, parseJson } from '../json.ts';
import { createNdjsonParser } from '../ndjson.ts';
import { createThinkText, type ThinkPiece } from '../think-text.ts';
import { LineTooLongError } from '../utf8-lines.ts';
import { decodeFinish } from './finish.ts';
import { imageOf } from './images.ts';
import { argumentsOf, idOf } from './message-parts.ts';
import { plainMessage } from './plain-line.ts';
import { answerSchema, type WireAnswer, type WireMessage, type WireToolCall } from './schema.ts';
import { decodeUsage } from './usage.ts';

/** Calls come whole on this wire. The same events come out wherever the bytes are cut. */
export function createStreamDecoder(context: UpstreamContext = {}): StreamDecoder {
  const parser = createNdjsonParser();
  const newId = context.newId ?? randomId;
  const thoughts = createThinkText();
  let events: IrEvent[] = [];
  let isStarted = false;
  let isOver = false;
  let calls = 0;
  const writer = createBlockWriter((event) => {
    if (!isOver) events.push(event);
  });

  function fail(error: IrError): void {
    if (!isOver) events.push({ type: 'error', error });
    isOver = true;
  }

  function takeLine(line: string): void {
    if (isOver) return;
    const value = parseAnswerJson(line);
    if (value === undefined) return fail(malformedError(`the model server answered with something that is not JSON: ${messageOfForeignBody(200, line)}`));
    const plain = isStarted ? plainMessage(value) : undefined;
    if (plain) return takeMessage(plain);
    const parsed = answerSchema.safeParse(value);
    if (!parsed.success) return fail(malformedError('the model server sent a line that is not part of an answer'));
    if (parsed.data.error !== null && parsed.data.error !== undefined) return fail(decodeErrorValue(value));
    takeAnswer(parsed.data);
  }

  function takeAnswer(answer: WireAnswer): void {
    if (!isStarted) {
      isStarted = true;
      events.push({ type: 'start', id: newId('chat_'), model: answer.model ?? '' });
    }
    if (answer.message) takeMessage(answer.message);
    if (answer.done === true) conclude(answer);
  }

  function takeMessage(message: WireMessage): void {
    writer.reasoning(message.thinking ?? '');
    writePieces(thoughts.push(message.content ?? ''));
    for (const image of message.images ?? []) writer.image(imageOf(image).media);
    for (const call of message.tool_calls ?? []) takeCall(call);
  }

  function takeCall(call: WireToolCall): void {
    writePieces(thoughts.end());
    const name = call.function?.name ?? '';
    if (name === '') return fail(malformedError('the model server sent a tool call without a name'));
    const block = writer.startCall(idOf(call) ?? newId('call_'), context.toolNames?.fromWire(name) ?? name);
    writer.callInput(block, argumentsOf(call));
    writer.endCall(block);
    calls += 1;
  }

  function writePieces(pieces: readonly ThinkPiece[]): void {
    for (const piece of pieces) {
      if (piece.type === 'text') writer.text(piece.text);
      else writer.reasoning(piece.text);
    }
  }

  function conclude(answer: WireAnswer): void {
    if (isOver) return;
    writePieces(thoughts.end());
    writer.close();
    const usage = decodeUsage(answer);
    if (Object.keys(usage).length > 0) events.push({ type: 'usage', usage });
    events.push({ type: 'finish', finish: decodeFinish(answer.done_reason, calls > 0) });
    isOver = true;
  }

  function run(step: () => void): readonly IrEvent[] {
    events = [];
    try {
      if (!isOver) step();
    } catch (error) {
      if (!(error instanceof LineTooLongError)) throw error;
      fail(malformedError('the model server sent a line without an end'));
    }
    return events;
  }

  return {
    push: (bytes) => run(() => parser.push(bytes).forEach(takeLine)),
    end: () =>
      run(() => {
        // A line that was cut in the middle is no line, unless nothing else ever came.
        for (const line of parser.end()) if (!isStarted || parseJson(line) !== undefined) takeLine(line);
        fail(truncatedError());
      }),
  };
}
