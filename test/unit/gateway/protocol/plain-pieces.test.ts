import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { StreamDecoder } from '../../../../src/gateway/protocol/codec.ts';
import type { JsonObject } from '../../../../src/gateway/protocol/ir.ts';
import { ollama } from '../../../../src/gateway/protocol/ollama/index.ts';
import { openAiChat } from '../../../../src/gateway/protocol/openai-chat/index.ts';
import { plainMessage } from '../../../../src/gateway/protocol/ollama/plain-line.ts';
import { plainText } from '../../../../src/gateway/protocol/openai-chat/plain-chunk.ts';
import { countedIds, decodePieces } from './replay.ts';

const piece = fc.oneof(fc.constantFrom('', ' ', '<think>', '</think>', 'a\u2028b', '\ud800'), fc.string({ unit: 'grapheme' }));
const field = fc.option(piece, { nil: null });
const fields = (...names: readonly string[]): fc.Arbitrary<object> => fc.record(Object.fromEntries(names.map((name) => [name, field])), { requiredKeys: [], noNullPrototype: true });

const decode = (decoder: StreamDecoder, text: string): unknown => decodePieces(decoder, [Buffer.from(text)]);
const sse = (events: readonly object[]): string => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

/** Each pair of streams says the same; something that means nothing takes the second one off the short way. */
describe('pieces of text that take the short way', () => {
  it('say in openai-chat what they say on the long one', () => {
    fc.assert(
      fc.property(fc.array(fields('content', 'role', 'reasoning_content', 'refusal')), (deltas) => {
        const stream = (more: object): string => sse([...deltas.map((delta) => ({ id: '1', choices: [{ index: 0, delta, finish_reason: null }], ...more })), { id: '1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }]);
        const events = (text: string): unknown => decode(openAiChat.createStreamDecoder({ newId: countedIds() }), text);
        assert.deepEqual(events(stream({})), events(stream({ timings: {} })));
      }),
    );
    assert.equal(plainText({ choices: [{ index: 0, delta: { content: 'a', tool_calls: null }, finish_reason: null, logprobs: null }] }), 'a');
    for (const more of [{ usage: {} }, { timings: {} }, { choices: [] }] as readonly JsonObject[]) assert.equal(plainText({ choices: [{ index: 0, delta: { content: 'a' } }], ...more }), undefined);
    for (const more of [{ finish_reason: 'stop' }, { index: 1 }, { delta: { content: ['a'] } }, { delta: { content: 'a', tool_calls: [] } }, { error: 'x' }] as readonly JsonObject[]) assert.equal(plainText({ choices: [{ index: 0, delta: { content: 'a' }, ...more }] }), undefined);
  });

  it('say in ollama what they say on the long one', () => {
    fc.assert(
      fc.property(fc.array(fields('content', 'role', 'thinking')), (messages) => {
        const stream = (more: object): string => [...messages.map((message) => ({ model: 'm', message: { ...message, ...more }, done: false })), { model: 'm', message: {}, done: true, done_reason: 'stop' }].map((line) => `${JSON.stringify(line)}\n`).join('');
        const events = (text: string): unknown => decode(ollama.createStreamDecoder({ newId: countedIds() }), text);
        assert.deepEqual(events(stream({})), events(stream({ images: [] })));
      }),
    );
    assert.deepEqual(plainMessage({ message: { content: 'a' }, done: false }), { content: 'a' });
    for (const more of [{ done: true }, { error: 'x' }, { message: { content: 1 } }, { message: { content: 'a', tool_calls: [] } }] as readonly JsonObject[]) assert.equal(plainMessage({ message: { content: 'a' }, done: false, ...more }), undefined);
  });
});
