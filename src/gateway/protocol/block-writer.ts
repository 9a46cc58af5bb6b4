/** Blocks for wires that have none: text, thoughts and calls come mixed, and a block ends where another kind begins. */
import { uniqueCallId } from './call-ids.ts';
import type { IrEvent, IrMedia, IrSignature } from './ir.ts';

export interface BlockWriter {
  text(text: string): void;
  reasoning(text: string, options?: { readonly summary?: boolean }): void;
  /** Ends the open thoughts with their proof; where none are open, the proof stands for thoughts without words. */
  prove(signature: IrSignature): void;
  refusal(text: string): void;
  image(media: IrMedia): void;
  /** Opens a call, which stays open beside whatever follows. @param signature if it is known already @returns its block number */
  startCall(id: string, name: string, signature?: IrSignature): number;
  callInput(block: number, text: string): void;
  endCall(block: number, signature?: IrSignature): void;
  /** Ends the open text or thoughts. */
  close(): void;
}

/** Empty pieces write nothing, so that a server's empty deltas make no empty blocks. */
export function createBlockWriter(emit: (event: IrEvent) => void): BlockWriter {
  const callIds = new Set<string>();
  let next = 0;
  let open: { readonly type: 'text' | 'reasoning'; readonly block: number } | undefined;

  function close(): void {
    if (open) emit({ type: open.type === 'text' ? 'text-end' : 'reasoning-end', block: open.block });
    open = undefined;
  }

  return {
    text(text) {
      if (text === '') return;
      if (open?.type !== 'text') {
        close();
        open = { type: 'text', block: next++ };
        emit({ type: 'text-start', block: open.block });
      }
      emit({ type: 'text-delta', block: open.block, text });
    },
    reasoning(text, { summary = false } = {}) {
      if (text === '') return;
      if (open?.type !== 'reasoning') {
        close();
        open = { type: 'reasoning', block: next++ };
        emit({ type: 'reasoning-start', block: open.block, summary });
      }
      emit({ type: 'reasoning-delta', block: open.block, text });
    },
    prove(signature) {
      if (open?.type !== 'reasoning') {
        close();
        open = { type: 'reasoning', block: next++ };
        emit({ type: 'reasoning-start', block: open.block, summary: true });
      }
      emit({ type: 'reasoning-end', block: open.block, signature });
      open = undefined;
    },
    refusal(text) {
      if (text === '') return;
      close();
      emit({ type: 'refusal-delta', text });
    },
    image(media) {
      close();
      emit({ type: 'image', media });
    },
    startCall(id, name, signature) {
      close();
      const block = next++;
      emit({ type: 'tool-call-start', block, id: uniqueCallId(id, callIds), name, input: 'json', ...(signature === undefined ? {} : { signature }) });
      return block;
    },
    callInput(block, text) {
      if (text !== '') emit({ type: 'tool-call-delta', block, text });
    },
    endCall(block, signature) {
      emit({ type: 'tool-call-end', block, ...(signature === undefined ? {} : { signature }) });
    },
    close,
  };
}
