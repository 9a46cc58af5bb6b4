/** What the demo's models answer to Operator's model tests: they follow its rules honestly, all but the poet, who will not be told. */
import type { Protocol } from '../../../src/core/protocol.ts';
import { dialects, type ScriptedToolCall } from '../dialects/index.ts';
import { speakByRules } from '../proving-model.ts';
import { type DemoModel, readMessages, type Reply } from './models.ts';

export interface RuledReply extends Reply {
  readonly calls: readonly ScriptedToolCall[];
}

/** A model test's answer where that is asked, else what the model says to everybody. */
export function replyOf(model: DemoModel, protocol: Protocol, body: unknown): RuledReply {
  const dialect = dialects[protocol];
  const parts = followsRules(model) ? speakByRules({ text: JSON.stringify(body), offeredTools: dialect.offeredTools(body), toolResults: dialect.toolResults(body), pictures: dialect.pictures(body) }) : undefined;
  const usual = model.reply(readMessages(body));
  if (!parts) return { ...usual, calls: [] };
  return {
    ...(usual.thinking !== undefined && { thinking: usual.thinking }),
    text: parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join(''),
    calls: parts.flatMap((part) => (part.type === 'call' ? [{ name: part.name, arguments: part.arguments }] : [])),
  };
}

export function followsRules({ name }: DemoModel): boolean {
  return name !== 'demo-poet';
}
