/** A client's messages → the hub's. */
import { ProtocolError } from '../codec.ts';
import { createFold, type FoldStep } from '../fold.ts';
import type { IrMessage, IrText, IrUserPart } from '../ir.ts';
import type { Warn } from '../warnings.ts';
import { assistantParts, blocksOf, plainPart, toolResult } from './blocks.ts';
import type { WireBlock, WireRequest } from './schema.ts';

/** @throws ProtocolError for a role that nobody knows */
export function decodeMessages(body: WireRequest, warn: Warn): readonly IrMessage[] {
  const system = systemTexts(blocksOf(body.system), 'system', warn);
  const { messages } = decodeTurns(body.messages, { context: undefined, warn });
  return system.length > 0 ? [{ role: 'system', developer: false, parts: system }, ...messages] : messages;
}

type WireTurn = WireRequest['messages'][number];

interface Decoded {
  readonly messages: IrMessage[];
  /** Of tools, by the ids of their calls. */
  readonly names: Map<string, string>;
}

const decodeTurns = createFold<WireTurn, Decoded, undefined>({
  begin: () => ({ messages: [], names: new Map() }),
  step: decodeMessage,
  isBorder: (message, previous) => message.role === 'assistant' && previous.role !== 'assistant',
  copy: ({ messages, names }) => ({ messages: [...messages], names: new Map(names) }),
});

function decodeMessage({ messages, names }: Decoded, message: WireTurn, { index, warn }: FoldStep<undefined>): void {
  const path = `messages.${index}`;
  const blocks = blocksOf(message.content);
  switch (message.role) {
    case 'system': {
      const parts = systemTexts(blocks, path, warn);
      if (parts.length > 0) messages.push({ role: 'system', developer: false, parts });
      break;
    }
    case 'user':
      messages.push({ role: 'user', parts: userParts(blocks, path, names, warn) });
      break;
    case 'assistant': {
      for (const block of blocks) if (block.type === 'tool_use') names.set(block.id ?? '', block.name ?? '');
      const summaries = blocks.filter((block) => block.type === 'compaction').map((block) => summaryOf(block));
      if (summaries.length > 0) messages.push({ role: 'user', parts: summaries });
      const parts = assistantParts(blocks.filter((block) => block.type !== 'compaction'), warn);
      if (parts.length > 0 || summaries.length === 0) messages.push({ role: 'assistant', parts });
      break;
    }
    default:
      throw new ProtocolError(`${path}.role: unknown role`, `${path}.role`);
  }
}

/** Stands for everything that was said before. */
function summaryOf(block: WireBlock): IrText {
  return { type: 'text', text: `Summary of the conversation so far:\n${typeof block.content === 'string' ? block.content : ''}` };
}

function userParts(blocks: readonly WireBlock[], path: string, names: ReadonlyMap<string, string>, warn: Warn): readonly IrUserPart[] {
  return blocks.flatMap((block, index): readonly IrUserPart[] => {
    const options = { warn, path: `${path}.content.${index}` };
    if (block.type === 'tool_result') {
      const result = toolResult(block, options);
      const name = names.get(result.callId);
      return [name === undefined ? result : { ...result, name }];
    }
    const parts = plainPart(block, options);
    if (parts === undefined) warn('unsupported-part', `a block of the type ${block.type.slice(0, 60)} was left out`);
    return parts ?? [];
  });
}

/** Claude's first line of instructions is for billing; it changes with every prompt and would spoil every prefix cache. */
const billingLine = /^x-anthropic-billing-header:/;

function systemTexts(blocks: readonly WireBlock[], path: string, warn: Warn): readonly IrText[] {
  return blocks.flatMap((block, index): readonly IrText[] => {
    // These change the list of tools, which is taken care of where the tools are.
    if (block.type === 'tool_addition' || block.type === 'tool_removal') return [];
    if (block.type === 'text' && billingLine.test(block.text ?? '')) {
      warn('unsupported-setting', 'claude’s line for billing was taken out of the instructions');
      return [];
    }
    const parts = plainPart(block, { warn, path: `${path}.${index}` })?.filter((part) => part.type === 'text');
    if (parts === undefined) warn('unsupported-part', `a block of the type ${block.type.slice(0, 60)} in the instructions was left out`);
    return parts ?? [];
  });
}
