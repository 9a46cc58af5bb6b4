import assert from 'node:assert/strict';
import { gemini } from '../../../../../src/gateway/protocol/gemini/index.ts';
import { createToolNames } from '../../../../../src/gateway/protocol/tool-names.ts';
import { assertRecorded, assertWellFormed, countedIds, decodePieces, replay, streamsIn } from '../replay.ts';

describe('gemini: streams of a server', () => {
  for (const { name, path, bytes } of streamsIn('gemini/streams')) {
    it(`reads ${name} the same wherever it is cut`, () => {
      const events = replay(() => gemini.createStreamDecoder({ newId: countedIds() }), bytes);
      assertWellFormed(events);
      assertRecorded(path.replace(/\.sse$/, '.events.json'), events);
    });
  }

  it('has a fixture for every case', () => assert.ok(streamsIn('gemini/streams').length >= 33));

  it('gives calls the client’s own names again', () => {
    const toolNames = createToolNames(['mail/send'], { allowed: /[a-z_]/, maxLength: 64 });
    const chunk = `data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"${toolNames.toWire('mail/send')}"}}]},"finishReason":"STOP"}]}\n\n`;
    const events = decodePieces(gemini.createStreamDecoder({ toolNames }), [new TextEncoder().encode(chunk)]);
    assert.ok(events.some((event) => event.type === 'tool-call-start' && event.name === 'mail/send'));
  });

  it('keeps numbers of arguments as the model wrote them', () => {
    const chunk = 'data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"id":9007199254740993,"x":1.50}}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":12.0}}\n\n';
    const argumentsOf = (text: string): unknown => decodePieces(gemini.createStreamDecoder(), [new TextEncoder().encode(text)]).flatMap((event) => (event.type === 'tool-call-delta' ? [event.text] : []));
    assert.deepEqual(argumentsOf(chunk.replace('12.0', '12')), ['{"id":9007199254740993,"x":1.50}']);
    assert.equal(JSON.stringify(argumentsOf(chunk)).includes('1.5'), true, 'a count with a fraction does not break the answer');
  });

  it('gives calls ids that no other call has, also of another answer', () => {
    const chunk = new TextEncoder().encode('data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"ls"}},{"functionCall":{"name":"ls"}}]},"finishReason":"STOP"}]}\n\n');
    const ids = [0, 1].flatMap(() => decodePieces(gemini.createStreamDecoder(), [chunk]).flatMap((event) => (event.type === 'tool-call-start' ? [event.id] : [])));
    assert.equal(new Set(ids).size, 4);
  });
});
