/** Random answers and requests in our own representation, for properties that hold for all of them. */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { createCollector } from '../../../../src/gateway/protocol/collect.ts';
import type { IrAssistantPart, IrEvent, IrFinish, IrMessage, IrResponse, IrTool, IrToolResult, IrUsage, IrUserPart } from '../../../../src/gateway/protocol/ir.ts';

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

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 16 }).map((text) => `x${text}`);
const data = fc.base64String({ minLength: 8, maxLength: 16 });
const text = word.map((value): IrUserPart => ({ type: 'text', text: value }));
const picture = data.map((value): IrUserPart => ({ type: 'image', media: { type: 'base64', mediaType: 'image/png', data: `iVBORw0KGgoA${value}` } }));
const linked = fc.webUrl().map((url): IrUserPart => ({ type: 'image', media: { type: 'url', url } }));
const stored = fc.constant<IrUserPart>({ type: 'image', media: { type: 'file', id: 'file_1', origin: 'anthropic-messages' } });
const pdf = data.map((value): IrUserPart => ({ type: 'document', media: { type: 'base64', mediaType: 'application/pdf', data: value }, title: 'a.pdf' }));
const sound = data.map((value): IrUserPart => ({ type: 'audio', media: { type: 'base64', mediaType: 'audio/wav', data: value } }));
const saidParts = fc.array(fc.oneof({ weight: 4, arbitrary: text }, picture, linked, stored, pdf, sound), { minLength: 1, maxLength: 3 }).map((parts): readonly IrUserPart[] => [...parts, { type: 'text', text: 'and?' }]);

/** Turns as clients have them after a crash, a compaction or a change of servers: results missing, late, twice or of nothing. */
const turn = fc.record({
  parts: assistantParts({ custom: ['patch'] }),
  results: fc.array(fc.record({ of: fc.nat(5), said: word, isError: fc.boolean(), media: fc.option(fc.oneof(picture, pdf), { nil: undefined }) }), { maxLength: 5 }),
  said: saidParts,
  reminder: fc.option(word, { nil: undefined }),
});

/** Messages of a whole conversation; the calls of its answers are of {@link tools}. */
export const conversations = fc.record({ system: fc.array(word, { maxLength: 2 }), first: saidParts, turns: fc.array(turn, { maxLength: 3 }) }).map(({ system, first, turns }): readonly IrMessage[] => {
  const list: IrMessage[] = system.map((value) => ({ role: 'system', developer: false, parts: [{ type: 'text', text: value }] }));
  list.push({ role: 'user', parts: first });
  turns.forEach(({ parts, results, said, reminder }, index) => {
    const own = parts.map((part): IrAssistantPart => (part.type === 'tool-call' ? { ...part, id: `t${index}_${part.id}` } : part));
    if (own.length > 0) list.push({ role: 'assistant', parts: own });
    const given = results.map(({ of, said: value, isError, media }): IrToolResult => ({ type: 'tool-result', callId: `t${index}_call_${of}`, content: [{ type: 'text', text: value }, ...(media?.type === 'image' || media?.type === 'document' ? [media] : [])], isError }));
    if (given.length > 0) list.push({ role: 'user', parts: given });
    if (reminder !== undefined) list.push({ role: 'system', developer: true, parts: [{ type: 'text', text: reminder }] });
    list.push({ role: 'user', parts: said });
  });
  return list;
});

export const tools: readonly IrTool[] = [
  { type: 'function', name: 'read_file', schema: { type: 'object', properties: { path: { type: ['string', 'null'] } } } },
  { type: 'function', name: 'bash', description: 'Runs.', schema: { type: 'object', properties: { pair: { type: 'array', items: [{ type: 'string' }, { type: 'number' }] } } } },
  { type: 'custom', name: 'patch', grammar: { syntax: 'lark', definition: 'start: "x"' } },
];
