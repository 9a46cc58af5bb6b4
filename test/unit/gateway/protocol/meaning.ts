/** What is left of an answer on each wire, to compare an answer with what a client reads of it. */
import { createCollector, type Collected } from '../../../../src/gateway/protocol/collect.ts';
import type { StreamDecoder, StreamEncoder } from '../../../../src/gateway/protocol/codec.ts';
import type { IrAssistantPart, IrEvent, IrFinish, IrResponse } from '../../../../src/gateway/protocol/ir.ts';
import { argumentsObject, argumentsText } from '../../../../src/gateway/protocol/json.ts';

export type Wire = 'openai-chat' | 'anthropic-messages' | 'ollama';

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Ids as they would be random, but the same in every run. */
export function countedIds(): (prefix: string) => string {
  let count = 0;
  return (prefix) => `${prefix}new${++count}`;
}

export function decodeAll(decoder: StreamDecoder, pieces: Iterable<Uint8Array>): readonly IrEvent[] {
  const events: IrEvent[] = [];
  for (const piece of pieces) events.push(...decoder.push(piece));
  return [...events, ...decoder.end()];
}

export function encodeAll(encoder: StreamEncoder, events: readonly IrEvent[], heartbeats = false): string {
  let text = heartbeats ? encoder.heartbeat() : '';
  for (const event of events) text += encoder.encode(event) + (heartbeats ? encoder.heartbeat() : '');
  return text + encoder.end();
}

export function collect(events: readonly IrEvent[]): Collected {
  const collector = createCollector();
  for (const event of events) collector.push(event);
  return collector.result();
}

/** An answer without what the wire cannot say, and without the difference between one text and two that follow each other. */
export function meaningOn(wire: Wire, response: IrResponse): Pick<IrResponse, 'parts' | 'finish' | 'usage'> {
  return { parts: join(response.parts.flatMap((part) => partOn(wire, part))), finish: finishOn(wire, response), usage: usageOn(wire, response.usage) };
}

function partOn(wire: Wire, part: IrAssistantPart): readonly IrAssistantPart[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text }];
    case 'refusal':
      return wire === 'openai-chat' ? [part] : [{ type: 'text', text: part.text }];
    case 'image':
      return wire === 'anthropic-messages' ? [{ type: 'text', text: '[The model made a picture, which cannot be shown here]' }] : [part];
    case 'reasoning': {
      if (wire !== 'anthropic-messages') return [{ type: 'reasoning', text: part.text, summary: false }];
      const own = (part.signature ?? part.sealed)?.origin === 'anthropic-messages';
      return [{ type: 'reasoning', text: part.text, summary: false, ...(own && part.signature ? { signature: part.signature } : {}), ...(own && part.sealed ? { sealed: part.sealed } : {}) }];
    }
    case 'tool-call': {
      const text = wire === 'ollama' ? JSON.stringify(argumentsObject(part.input.text)) : argumentsText(part.input.text);
      return [{ type: 'tool-call', id: part.id, name: part.name, input: { type: 'json', text }, ...(wire === 'openai-chat' && part.signature?.origin === 'gemini' ? { signature: part.signature } : {}) }];
    }
  }
}

function join(parts: readonly IrAssistantPart[]): readonly IrAssistantPart[] {
  const joined: IrAssistantPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if ('text' in part && part.text === '' && !('signature' in part) && !('sealed' in part)) continue;
    const mergeable = last?.type === part.type && (part.type === 'text' || part.type === 'refusal' || (part.type === 'reasoning' && !('signature' in last) && !('sealed' in last) && !('signature' in part) && !('sealed' in part)));
    if (mergeable && 'text' in last && 'text' in part) joined[joined.length - 1] = { ...last, text: last.text + part.text };
    else joined.push(part);
  }
  return joined;
}

function finishOn(wire: Wire, { finish, parts }: IrResponse): IrFinish {
  const calls = parts.some((part) => part.type === 'tool-call');
  const refused = parts.some((part) => part.type === 'refusal');
  const plain: IrFinish = { reason: calls ? 'tool-calls' : 'stop' };
  switch (finish.reason) {
    case 'length':
      return finish;
    case 'stop':
    case 'tool-calls':
      return plain;
    case 'stop-sequence':
    case 'pause':
      return wire === 'anthropic-messages' ? finish : plain;
    case 'content-filter':
      return wire === 'openai-chat' ? finish : wire === 'ollama' ? plain : { reason: 'refusal' };
    case 'refusal':
      if (wire === 'openai-chat') return refused ? plain : { reason: 'content-filter' };
      return wire === 'ollama' ? plain : finish;
  }
}

function usageOn(wire: Wire, usage: IrResponse['usage']): IrResponse['usage'] {
  if (Object.values(usage).every((count) => count === undefined)) return wire === 'anthropic-messages' ? { inputUncached: 0, outputText: 0, cacheRead: 0, cacheWrite: 0 } : {};
  const { inputUncached = 0, cacheRead, cacheWrite, outputText = 0, outputReasoning } = usage;
  if (wire === 'ollama') {
    const knowsInput = usage.inputUncached !== undefined || cacheRead !== undefined || cacheWrite !== undefined;
    const knowsOutput = usage.outputText !== undefined || outputReasoning !== undefined;
    return { ...(knowsInput ? { inputUncached: inputUncached + (cacheRead ?? 0) + (cacheWrite ?? 0) } : {}), ...(knowsOutput ? { outputText: outputText + (outputReasoning ?? 0) } : {}) };
  }
  const reasoning = outputReasoning === undefined ? {} : { outputReasoning };
  if (wire === 'anthropic-messages') return { inputUncached, cacheRead: cacheRead ?? 0, cacheWrite: cacheWrite ?? 0, outputText, ...reasoning };
  return { inputUncached, ...(cacheRead === undefined && cacheWrite === undefined ? {} : { cacheRead: cacheRead ?? 0 }), ...(cacheWrite === undefined ? {} : { cacheWrite }), outputText, ...reasoning };
}
