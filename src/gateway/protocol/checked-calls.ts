/** The calls of a whole answer, held to what the decoders of streams hold theirs to. */
import { uniqueCallId } from './call-ids.ts';
import { FailedAnswerError } from './codec.ts';
import { malformedError } from './error-answers.ts';
import type { IrAssistantPart } from './ir.ts';

/** Each call with an id of its own. @throws FailedAnswerError for one without a name */
export function checkedCalls(parts: readonly IrAssistantPart[]): readonly IrAssistantPart[] {
  const taken = new Set<string>();
  return parts.map((part) => {
    if (part.type !== 'tool-call') return part;
    if (part.name === '') throw new FailedAnswerError(malformedError('the model server sent a tool call without a name'));
    return { ...part, id: uniqueCallId(part.id, taken) };
  });
}
