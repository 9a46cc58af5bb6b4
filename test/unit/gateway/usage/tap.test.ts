import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Protocol } from '../../../../src/core/protocol.ts';
import { codecs } from '../../../../src/gateway/protocol/codecs.ts';
import type { IrUsage } from '../../../../src/gateway/protocol/ir.ts';
import { createStreamTap, createWholeTap } from '../../../../src/gateway/usage/tap.ts';

type Form = 'stream' | 'whole';

/** What is told of an answer that comes in these pieces: at most one report. */
function told(protocol: Protocol, form: Form, pieces: readonly Buffer[]): IrUsage | undefined {
  const reports: IrUsage[] = [];
  const { readUsage } = codecs[protocol];
  assert.ok(readUsage);
  const tap = (form === 'whole' ? createWholeTap : createStreamTap)({ protocol, readUsage, onUsage: (usage) => reports.push(usage) });
  for (const piece of pieces) tap.push(piece);
  tap.end();
  assert.ok(reports.length <= 1);
  return reports[0];
}

const chatUsage = { prompt_tokens: 9, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } };
const chat = { id: 'c', choices: [{ message: { content: '"usage":{"prompt_tokens":7}' } }] };
const gemini = { candidates: [{ content: { parts: [{ text: 'é' }] } }], usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 2 } };
const lines = (...values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const events = (...values: readonly object[]): string => values.map((value) => `data: ${JSON.stringify(value)}\r\n\r\n`).join('');

const cases: readonly (readonly [what: string, protocol: Protocol, form: Form, text: string, usage: IrUsage | undefined])[] = [
  ['a whole answer', 'openai-chat', 'whole', JSON.stringify({ ...chat, usage: chatUsage }), { inputUncached: 5, cacheRead: 4, outputText: 2 }],
  ['one on many lines', 'openai-chat', 'whole', JSON.stringify({ ...chat, usage: chatUsage }, undefined, 2), { inputUncached: 5, cacheRead: 4, outputText: 2 }],
  ['one that says it first', 'openai-chat', 'whole', JSON.stringify({ usage: chatUsage, ...chat }), { inputUncached: 5, cacheRead: 4, outputText: 2 }],
  ['one with the counts in its choice', 'openai-chat', 'whole', JSON.stringify({ choices: [{ ...chat.choices[0], usage: chatUsage }] }), { inputUncached: 5, cacheRead: 4, outputText: 2 }],
  ['llama.cpp’s, which tells what was in its cache elsewhere', 'openai-chat', 'whole', JSON.stringify({ ...chat, usage: { prompt_tokens: 9, completion_tokens: 2 }, timings: { cache_n: 3 } }), { inputUncached: 6, cacheRead: 3, outputText: 2 }],
  ['one without', 'openai-chat', 'whole', JSON.stringify({ ...chat, usage: null }), undefined],
  ['counts that are no numbers', 'openai-chat', 'whole', JSON.stringify({ ...chat, usage: { prompt_tokens: '9', completion_tokens: 2 } }), { outputText: 2 }],
  ['a stream', 'openai-chat', 'stream', `${events(chat, { choices: [], usage: chatUsage })}data: [DONE]\n\n`, { inputUncached: 5, cacheRead: 4, outputText: 2 }],
  ['a stream that calls itself a whole answer', 'openai-chat', 'whole', `${events(chat, { choices: [], usage: chatUsage })}data: [DONE]\n\n`, { inputUncached: 5, cacheRead: 4, outputText: 2 }],
  ['the beginning and the end of a message', 'anthropic-messages', 'stream', events({ type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } }, { type: 'message_delta', delta: {}, usage: { input_tokens: 0, output_tokens: 7 } }), { inputUncached: 9, outputText: 7 }],
  ['a message with a call that speaks of usage', 'anthropic-messages', 'whole', JSON.stringify({ type: 'message', usage: { input_tokens: 9, output_tokens: 7 }, content: [{ type: 'tool_use', input: { usage: { input_tokens: 1 } } }] }), { inputUncached: 9, outputText: 7 }],
  ['the end of a response', 'openai-responses', 'stream', events({ type: 'response.completed', response: { usage: { input_tokens: 9, output_tokens: 7, output_tokens_details: { reasoning_tokens: 3 } } } }), { inputUncached: 9, outputText: 4, outputReasoning: 3 }],
  ['Google’s answer, which is written on many lines', 'gemini', 'whole', JSON.stringify(gemini, undefined, 2), { inputUncached: 9, outputText: 2 }],
  ['Google’s stream as a list', 'gemini', 'whole', JSON.stringify([{ candidates: [] }, gemini], undefined, 2), { inputUncached: 9, outputText: 2 }],
  ['Ollama’s lines', 'ollama', 'stream', lines({ message: { content: 'a' }, done: false }, { done: true, prompt_eval_count: 9, eval_count: 2 }), { inputUncached: 9, outputText: 2 }],
  ['Ollama’s lines from a server that calls them JSON', 'ollama', 'whole', lines({ message: { content: 'a' }, done: false }, { done: true, prompt_eval_count: 9, eval_count: 2 }), { inputUncached: 9, outputText: 2 }],
  ['no JSON', 'openai-chat', 'whole', '{"usage":{"prompt_tokens":9}', undefined],
];

describe('usage of an answer that passes through', () => {
  for (const [what, protocol, form, text, usage] of cases) {
    it(`is read from ${what}, however it is cut`, () => {
      const bytes = Buffer.from(text);
      assert.deepEqual(told(protocol, form, [bytes]), usage);
      fc.assert(
        fc.property(fc.array(fc.nat(bytes.length), { maxLength: 6 }), (cuts) => {
          const borders = [0, ...cuts.toSorted((one, other) => one - other), bytes.length];
          assert.deepEqual(told(protocol, form, borders.slice(1).map((border, index) => bytes.subarray(borders[index], border))), usage);
        }),
      );
    });
  }

  it('is read from the end of an answer of more than a megabyte', () => {
    const long = Buffer.from(JSON.stringify({ ...chat, long: 'x'.repeat(1024 * 1024), usage: chatUsage }));
    const halves = [long.subarray(0, long.length - 30), long.subarray(long.length - 30)];
    for (const pieces of [[long], halves, [Buffer.from(' '), ...halves]]) assert.deepEqual(told('openai-chat', 'whole', pieces), { inputUncached: 5, cacheRead: 4, outputText: 2 });
    assert.equal(told('openai-chat', 'whole', [Buffer.from(JSON.stringify({ ...chat, usage: chatUsage, long: 'x'.repeat(1024 * 1024) }))]), undefined, 'a long way from the end');
  });
});
