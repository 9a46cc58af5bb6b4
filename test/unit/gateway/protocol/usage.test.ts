/** Usage read out of answers that pass through, and counts of tokens. */
import assert from 'node:assert/strict';
import { anthropicMessages, decodeCountAnswer, encodeCountAnswer, encodeCountRequest } from '../../../../src/gateway/protocol/anthropic-messages/index.ts';
import { ProtocolError } from '../../../../src/gateway/protocol/codec.ts';
import type { IrUsage, JsonObject } from '../../../../src/gateway/protocol/ir.ts';
import { ollama } from '../../../../src/gateway/protocol/ollama/index.ts';
import { openAiChat } from '../../../../src/gateway/protocol/openai-chat/index.ts';

describe('usage of answers that pass through', () => {
  const cases: readonly (readonly [name: string, codec: { readUsage?(value: JsonObject): IrUsage | undefined }, value: JsonObject, usage: IrUsage | undefined])[] = [
    ['the beginning of a message', anthropicMessages, { type: 'message_start', message: { usage: { input_tokens: 9, cache_read_input_tokens: 2, output_tokens: 1 } } }, { inputUncached: 9, cacheRead: 2, outputText: 1 }],
    ['the end of a message', anthropicMessages, { type: 'message_delta', delta: {}, usage: { input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 7 } }, { outputText: 7 }],
    ['a whole message', anthropicMessages, { type: 'message', usage: { input_tokens: 0, output_tokens: 0 } }, { inputUncached: 0, outputText: 0 }],
    ['an event without usage', anthropicMessages, { type: 'content_block_delta', delta: { text: '"usage"' } }, undefined],
    ['a chunk', openAiChat, { choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 } }, { inputUncached: 5, outputText: 2 }],
    ['a chunk with nothing in it', openAiChat, { choices: [{ delta: { content: '"usage"' } }], usage: null }, undefined],
    ['the last line', ollama, { done: true, prompt_eval_count: 5, eval_count: 2 }, { inputUncached: 5, outputText: 2 }],
    ['a line', ollama, { message: { content: 'eval_count' }, done: false }, undefined],
  ];
  for (const [name, codec, value, usage] of cases) it(`is read from ${name}`, () => assert.deepEqual(codec.readUsage?.(value), usage));
});

describe('counts of tokens', () => {
  it('are asked for with everything that counts, and nothing else', () => {
    const { request } = anthropicMessages.decodeRequest({ model: 'claude-opus-5', system: 'Be brief.', messages: [{ role: 'user', content: 'hi' }], tools: [{ name: 'f', input_schema: { type: 'object', properties: {} } }], thinking: { type: 'adaptive' }, temperature: 1, stop_sequences: ['x'], metadata: { user_id: 'u' }, stream: true }, {});
    const { path, body } = encodeCountRequest(request, {});
    assert.equal(path, '/messages/count_tokens');
    assert.deepEqual(body, { model: 'claude-opus-5', system: 'Be brief.', messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }], tools: [{ name: 'f', input_schema: { type: 'object', properties: {} } }], thinking: { type: 'adaptive' } });
  });

  it('are answered in the shape that claude reads', () => {
    assert.deepEqual(encodeCountAnswer(728), { input_tokens: 728 });
    assert.equal(decodeCountAnswer({ input_tokens: 728 }), 728);
    assert.throws(() => decodeCountAnswer({ error: 'no' }), ProtocolError);
  });
});
