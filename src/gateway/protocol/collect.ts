/** A whole answer and a stream of it are the same thing: one out of the other, for a client that asked for what its server does not give. */
import type { IrAssistantPart, IrError, IrEvent, IrFinish, IrResponse, IrUsage } from './ir.ts';
import { truncatedError } from './error-answers.ts';

export type Collected = { readonly ok: true; readonly response: IrResponse } | { readonly ok: false; readonly error: IrError };

export interface Collector {
  push(event: IrEvent): void;
  /** The answer, or why there is none; a stream without its end is an error. */
  result(): Collected;
}

export function createCollector(): Collector {
  let id = '';
  let model = '';
  let usage: IrUsage = {};
  let finish: IrFinish | undefined;
  let error: IrError | undefined;
  const parts: { part: IrAssistantPart; pieces: string[] }[] = [];
  const blocks = new Map<number, { part: IrAssistantPart; pieces: string[] }>();

  function open(block: number | undefined, part: IrAssistantPart): void {
    const entry = { part, pieces: [] };
    parts.push(entry);
    if (block !== undefined) blocks.set(block, entry);
  }

  function push(event: IrEvent): void {
    switch (event.type) {
      case 'start':
        ({ id, model } = event);
        break;
      case 'text-start':
        open(event.block, { type: 'text', text: '' });
        break;
      case 'reasoning-start':
        open(event.block, { type: 'reasoning', text: '', summary: event.summary, ...(event.id === undefined ? {} : { id: event.id }) });
        break;
      case 'tool-call-start':
        open(event.block, { type: 'tool-call', id: event.id, name: event.name, input: { type: event.input, text: '' } });
        break;
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-call-delta':
        blocks.get(event.block)?.pieces.push(event.text);
        break;
      case 'reasoning-end':
      case 'tool-call-end': {
        const { type: _, block, ...proof } = event;
        const entry = blocks.get(block);
        if (entry) entry.part = { ...entry.part, ...proof } as IrAssistantPart;
        break;
      }
      case 'refusal-delta':
        if (parts.at(-1)?.part.type !== 'refusal') open(undefined, { type: 'refusal', text: '' });
        parts.at(-1)?.pieces.push(event.text);
        break;
      case 'image':
        open(undefined, { type: 'image', media: event.media });
        break;
      case 'usage':
        usage = { ...usage, ...event.usage };
        break;
      case 'finish':
        ({ finish } = event);
        break;
      case 'error':
        ({ error } = event);
        break;
      case 'text-end':
        break;
    }
  }

  return {
    push,
    result() {
      if (error) return { ok: false, error };
      if (!finish) return { ok: false, error: truncatedError() };
      return { ok: true, response: { id, model, parts: parts.map(({ part, pieces }) => withText(part, pieces.join(''))), finish, usage } };
    },
  };
}

function withText(part: IrAssistantPart, text: string): IrAssistantPart {
  if (part.type === 'tool-call') return { ...part, input: { ...part.input, text } };
  return part.type === 'image' ? part : { ...part, text };
}

/** The answer as the stream that a server would have sent at once. */
export function responseEvents(response: IrResponse): readonly IrEvent[] {
  return [
    { type: 'start', id: response.id, model: response.model },
    ...response.parts.flatMap(partEvents),
    ...(Object.keys(response.usage).length === 0 ? [] : [{ type: 'usage', usage: response.usage } as const]),
    { type: 'finish', finish: response.finish },
  ];
}

function partEvents(part: IrAssistantPart, block: number): readonly IrEvent[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text-start', block }, ...delta('text-delta', block, part.text), { type: 'text-end', block }];
    case 'reasoning':
      return [
        { type: 'reasoning-start', block, summary: part.summary, ...(part.id === undefined ? {} : { id: part.id }) },
        ...delta('reasoning-delta', block, part.text),
        { type: 'reasoning-end', block, ...(part.signature === undefined ? {} : { signature: part.signature }), ...(part.sealed === undefined ? {} : { sealed: part.sealed }) },
      ];
    case 'tool-call':
      return [
        { type: 'tool-call-start', block, id: part.id, name: part.name, input: part.input.type, ...(part.signature === undefined ? {} : { signature: part.signature }) },
        ...delta('tool-call-delta', block, part.input.text),
        { type: 'tool-call-end', block, ...(part.signature === undefined ? {} : { signature: part.signature }) },
      ];
    case 'refusal':
      return part.text === '' ? [] : [{ type: 'refusal-delta', text: part.text }];
    case 'image':
      return [{ type: 'image', media: part.media }];
  }
}

function delta(type: 'text-delta' | 'reasoning-delta' | 'tool-call-delta', block: number, text: string): readonly IrEvent[] {
  return text === '' ? [] : [{ type, block, text }];
}
