/** A whole answer as the events of a stream, for clients that stream on servers that do not. */
import { assertNever } from '../../base/assert.ts';
import type { IrAssistantPart, IrEvent, IrResponse } from './ir.ts';

export function responseEvents({ id, model, parts, finish, usage }: IrResponse): readonly IrEvent[] {
  return [{ type: 'start', id, model }, ...parts.flatMap(partEvents), { type: 'usage', usage }, { type: 'finish', finish }];
}

function partEvents(part: IrAssistantPart, block: number): readonly IrEvent[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text-start', block }, { type: 'text-delta', block, text: part.text }, { type: 'text-end', block }];
    case 'reasoning':
      return [
        { type: 'reasoning-start', block, summary: part.summary, id: part.id },
        ...(part.text === '' ? [] : [{ type: 'reasoning-delta' as const, block, text: part.text }]),
        { type: 'reasoning-end', block, signature: part.signature, sealed: part.sealed },
      ];
    case 'tool-call':
      return [
        { type: 'tool-call-start', block, id: part.id, name: part.name, input: part.input.type },
        { type: 'tool-call-delta', block, text: part.input.text },
        { type: 'tool-call-end', block, signature: part.signature },
      ];
    case 'refusal':
      return [{ type: 'refusal-delta', text: part.text }];
    case 'image':
      return [{ type: 'image', media: part.media }];
    default:
      return assertNever(part);
  }
}
