import assert from 'node:assert/strict';
import { openAiResponses } from '../../../../../src/gateway/protocol/openai-responses/index.ts';
import { assertRecorded, assertWellFormed, countedIds, replay, streamsIn } from '../replay.ts';

describe('openai-responses: streams of a server', () => {
  for (const { name, path, bytes } of streamsIn('openai-responses/streams')) {
    it(`reads ${name} the same wherever it is cut`, () => {
      const events = replay(() => openAiResponses.createStreamDecoder({ newId: countedIds() }), bytes);
      assertWellFormed(events);
      assertRecorded(path.replace(/\.sse$/, '.events.json'), events);
    });
  }

  it('has a fixture for every case', () => assert.ok(streamsIn('openai-responses/streams').length >= 36));
});
