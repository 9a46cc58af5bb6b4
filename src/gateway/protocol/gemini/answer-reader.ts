/** Chunks of an answer, or one whole answer, → events. */
import { createBlockWriter } from '../block-writer.ts';
import { malformedError, truncatedError } from '../error-answers.ts';
import { randomId } from '../ids.ts';
import { blockedText, decodeFinish, withheldText } from './finish.ts';
import { codeText } from './parts.ts';
import { answerSchema, type WireAnswer, type WireCandidate, type WirePart } from './schema.ts';
import { decodeUsage } from './usage.ts';
import type { UpstreamContext } from '../codec.ts';
import type { IrError, IrEvent, IrUsage, Json } from '../ir.ts';

export interface AnswerReader {
  readonly isStarted: boolean;
  /** @param exact the same chunk with its numbers as they were written, for arguments */
  take(chunk: Json, exact?: Json): void;
  /** The answer is over: `finish`, or `error` where its end is missing. @param assumed the reason where the server gave none */
  conclude(assumed?: string): void;
}

/** The finish waits for the end: some servers give a reason with every chunk, and the usage behind it. After an error nothing follows. */
export function createAnswerReader(emit: (event: IrEvent) => void, context: UpstreamContext): AnswerReader {
  const newId = context.newId ?? randomId;
  let isStarted = false;
  let isOver = false;
  let hasCalls = false;
  let hasContent = false;
  let usage: IrUsage = {};
  let ending: WireCandidate | undefined;
  let blocked: WireAnswer['promptFeedback'];
  const writer = createBlockWriter(emit);

  function fail(error: IrError): void {
    if (!isOver) emit({ type: 'error', error });
    isOver = true;
  }

  function take(chunk: Json, exact: Json = chunk): void {
    if (isOver) return;
    // Counts that are written as 12.0 are no numbers any more when they are kept exactly.
    const first = answerSchema.safeParse(exact);
    const parsed = first.success ? first : answerSchema.safeParse(chunk);
    if (!parsed.success) return fail(malformedError('the model server sent something that is no part of an answer'));
    const answer = parsed.data;
    if (!isStarted) emit({ type: 'start', id: answer.responseId || newId('gemini_'), model: answer.modelVersion ?? '' });
    isStarted = true;
    usage = { ...usage, ...decodeUsage(answer.usageMetadata) };
    if (answer.promptFeedback?.blockReason) blocked = answer.promptFeedback;
    const candidate = answer.candidates?.find(({ index }) => (index ?? 0) === 0);
    for (const part of candidate?.content?.parts ?? []) takePart(part);
    if (candidate?.finishReason && candidate.finishReason !== 'FINISH_REASON_UNSPECIFIED') ending = candidate;
  }

  function takePart(part: WirePart): void {
    if (part.thought === true) writer.reasoning(part.text ?? '', { summary: true });
    else if (part.functionCall) return takeCall(part.functionCall, part.thoughtSignature);
    else takeSaid(part);
    if (!part.thoughtSignature) return;
    // A proof beside words is a part of its own, and not the proof of the thoughts before them.
    if (part.thought !== true) writer.close();
    writer.prove({ origin: 'gemini', value: part.thoughtSignature });
  }

  function takeCall({ id, name, args }: NonNullable<WirePart['functionCall']>, signature: string | null | undefined): void {
    if (typeof name !== 'string' || name === '') return fail(malformedError('the model server sent a tool call without a name'));
    hasCalls = true;
    hasContent = true;
    const proof = signature ? ({ origin: 'gemini', value: signature } as const) : undefined;
    const block = writer.startCall(id || newId('call_'), context.toolNames?.fromWire(name) ?? name, proof);
    writer.callInput(block, typeof args === 'string' ? args : JSON.stringify(args ?? {}));
    writer.endCall(block, proof);
  }

  function takeSaid(part: WirePart): void {
    const text = part.text ?? codeText(part) ?? '';
    const blob = part.inlineData;
    hasContent ||= text !== '';
    writer.text(text);
    if (!blob?.data || !blob.mimeType?.startsWith('image/')) return;
    hasContent = true;
    writer.image({ type: 'base64', mediaType: blob.mimeType, data: blob.data });
  }

  function conclude(assumed?: string): void {
    if (isOver) return;
    const reason = ending?.finishReason ?? (hasContent ? assumed : undefined);
    const block = blocked?.blockReason ?? undefined;
    if (reason === undefined && block === undefined) return fail(truncatedError());
    const end = reason === undefined ? decodeFinish('SAFETY', undefined, false) : decodeFinish(reason, ending?.finishMessage, hasCalls);
    if (end.type === 'error') return fail(end.error);
    // Without a word about it, the client would take an answer that was held back for an empty one, and ask again.
    if (!hasContent && block !== undefined) writer.refusal(blockedText(block, blocked?.blockReasonMessage));
    else if (!hasContent && reason !== undefined && end.finish.reason === 'content-filter') writer.refusal(withheldText(reason, ending?.finishMessage));
    writer.close();
    if (Object.keys(usage).length > 0) emit({ type: 'usage', usage });
    emit(end);
    isOver = true;
  }

  return {
    get isStarted() {
      return isStarted;
    },
    take,
    conclude,
  };
}
