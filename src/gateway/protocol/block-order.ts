/** One block after the other, for wires that cannot interleave them: what comes for a later block waits until it is its turn. */
import type { IrEvent } from './ir.ts';

type BlockEvent = Extract<IrEvent, { readonly block: number }>;

export interface BlockOrder {
  /** The events that can go out now. Before `finish` every block is ended. */
  push(event: IrEvent): readonly IrEvent[];
}

/** The open block's events pass at once; another block is held back until the open one has ended. Blocks keep the order of their starts. */
export function createBlockOrder(): BlockOrder {
  let current: BlockEvent | undefined;
  let waiting: { readonly first: IrEvent; readonly events: IrEvent[]; ended: boolean }[] = [];

  function advance(): readonly IrEvent[] {
    const out: IrEvent[] = [];
    while (current === undefined) {
      const entry = waiting.shift();
      if (entry === undefined) break;
      out.push(...entry.events);
      if (!entry.ended) current = entry.first as BlockEvent;
    }
    return out;
  }

  function ends(): readonly IrEvent[] {
    const out: IrEvent[] = [];
    while (current !== undefined) {
      out.push(endOf(current));
      current = undefined;
      out.push(...advance());
    }
    return out;
  }

  return {
    push(event) {
      switch (event.type) {
        case 'text-start':
        case 'reasoning-start':
        case 'tool-call-start':
          if (current === undefined) {
            current = event;
            return [event];
          }
          waiting.push({ first: event, events: [event], ended: false });
          return [];
        case 'refusal-delta':
        case 'image':
          if (current === undefined) return [event];
          waiting.push({ first: event, events: [event], ended: true });
          return [];
        case 'text-delta':
        case 'reasoning-delta':
        case 'tool-call-delta':
        case 'text-end':
        case 'reasoning-end':
        case 'tool-call-end': {
          const isEnd = event.type.endsWith('-end');
          if (current?.block === event.block) {
            if (!isEnd) return [event];
            current = undefined;
            return [event, ...advance()];
          }
          const entry = waiting.find(({ first, ended }) => 'block' in first && first.block === event.block && !ended);
          entry?.events.push(event);
          if (entry && isEnd) entry.ended = true;
          return [];
        }
        case 'finish':
          return [...ends(), event];
        case 'error':
          waiting = [];
          return [event];
        case 'start':
        case 'usage':
          return [event];
      }
    },
  };
}

function endOf({ type, block }: BlockEvent): IrEvent {
  if (type.startsWith('text')) return { type: 'text-end', block };
  return type.startsWith('reasoning') ? { type: 'reasoning-end', block } : { type: 'tool-call-end', block };
}
