/** Random answers and requests in our own representation, for properties that hold for all of them. */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { createCollector } from '../../../../src/gateway/protocol/collect.ts';
import type { IrAssistantPart, IrEvent, IrFinish, IrResponse, IrUsage } from '../../../../src/gateway/protocol/ir.ts';

/** Some wires tell a picture's type by its first bytes alone. */
const pngBeginning = 'iVBORw0KGgoA';

const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const origin = fc.constantFrom('anthropic-messages', 'gemini', 'openai-responses', 'openai-chat') as fc.Arbitrary<'anthropic-messages' | 'gemini' | 'openai-responses' | 'openai-chat'>;
const proof = fc.record({ origin, value: fc.base64String({ minLength: 4, maxLength: 60 }) });

export const argumentsJson = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }).map((value) => JSON.stringify(value));

export interface AnswerOptions {
  /** Names that calls may have, by kind of their input. */
  readonly functions?: readonly string[];
  readonly custom?: readonly string[];
  readonly signatures?: boolean;
  readonly refusals?: boolean;
  readonly images?: boolean;
}

export function assistantParts({ functions = ['read_file', 'bash'], custom = [], signatures = true, refusals = true, images = false }: AnswerOptions = {}): fc.Arbitrary<readonly IrAssistantPart[]> {
  const optionalProof = signatures ? fc.option(proof, { nil: undefined }) : fc.constant(undefined);
  const text = words.map((value): IrAssistantPart => ({ type: 'text', text: value }));
  const reasoning = fc.record({ text: words, summary: fc.boolean(), signature: optionalProof }).map(({ text: value, summary, signature }): IrAssistantPart => ({ type: 'reasoning', text: value, summary, ...(signature ? { signature } : {}) }));
  const call = fc.record({ name: fc.constantFrom(...functions), text: argumentsJson, signature: optionalProof }).map(({ name, text: value, signature }): IrAssistantPart => ({ type: 'tool-call', id: '', name, input: { type: 'json', text: value }, ...(signature ? { signature } : {}) }));
  const kinds: fc.Arbitrary<IrAssistantPart>[] = [text, reasoning, call];
  if (custom.length > 0) kinds.push(fc.record({ name: fc.constantFrom(...custom), text: words }).map(({ name, text: value }): IrAssistantPart => ({ type: 'tool-call', id: '', name, input: { type: 'text', text: value } })));
  if (refusals) kinds.push(words.map((value): IrAssistantPart => ({ type: 'refusal', text: value })));
  if (images) kinds.push(fc.base64String().map((data): IrAssistantPart => ({ type: 'image', media: { type: 'base64', mediaType: 'image/png', data: pngBeginning + data } })));
  return fc.array(fc.oneof(...kinds), { maxLength: 6 }).map((parts) => parts.map((part, index) => (part.type === 'tool-call' ? { ...part, id: `call_${index}` } : part)));
}

export const usages: fc.Arbitrary<IrUsage> = fc.record(
  { inputUncached: fc.nat(100_000), cacheRead: fc.nat(100_000), cacheWrite: fc.nat(1000), outputText: fc.nat(1000), outputReasoning: fc.nat(1000) },
  { noNullPrototype: true },
);

export function answers(options: AnswerOptions = {}): fc.Arbitrary<IrResponse> {
  return fc.record({ parts: assistantParts(options), usage: usages, cut: fc.boolean() }).map(({ parts, usage, cut }) => ({ id: 'resp_1', model: 'm', parts, usage, finish: finishOf(parts, cut) }));
}

function finishOf(parts: readonly IrAssistantPart[], cut: boolean): IrFinish {
  if (cut) return { reason: 'length' };
  if (parts.some((part) => part.type === 'tool-call')) return { reason: 'tool-calls' };
  return { reason: parts.some((part) => part.type === 'refusal') ? 'refusal' : 'stop' };
}

/** The answer that a stream makes, however it was cut. */
export function collect(events: readonly IrEvent[]): IrResponse {
  const collector = createCollector();
  for (const event of events) collector.push(event);
  const result = collector.result();
  assert.ok(result.ok, result.ok ? '' : result.error.message);
  return result.response;
}
