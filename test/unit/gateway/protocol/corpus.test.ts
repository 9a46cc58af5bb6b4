/** The list of cases is complete, and whatever it names is there and replayed. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { protocols } from '../../../../src/core/protocol.ts';
import { corpus } from './corpus.ts';
import { requestsIn, streamsIn } from './replay.ts';

const root = resolve(import.meta.dirname, '../../../..');
/** What `directions.test.ts` and `request-corpus.test.ts` go through. */
const streams = new Set(protocols.flatMap((protocol) => streamsIn(`${protocol}/streams`).map(({ name }) => `${protocol}/${name}`)));
const requests = new Set(protocols.flatMap((protocol) => requestsIn(`${protocol}/requests`).map(({ name }) => `${protocol}/${name}`)));

describe('the golden corpus', () => {
  it('has each case once, and all seventy requests of the survey', () => {
    const ids = corpus.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(ids.filter((id) => typeof id === 'number'), Array.from({ length: 70 }, (_, index) => index + 1));
    assert.ok(ids.length - 70 >= 26);
  });

  for (const { id, case: name, streams: answers = [], requests: asked = [], tests = [], does, elsewhere } of corpus) {
    it(`${id}: ${name}`, () => {
      for (const stream of answers) assert.ok(streams.has(stream), `${stream} is no stream that is replayed`);
      for (const request of asked) assert.ok(requests.has(request), `${request} is no request that is recorded`);
      for (const { file, title } of tests) {
        assert.ok(existsSync(join(root, file)), `there is no ${file}`);
        assert.ok(readFileSync(join(root, file), 'utf8').includes(title), `${file} has no test “${title}”`);
      }
      assert.ok(does !== undefined || elsewhere !== undefined, 'what the gateway does, or where it belongs');
      if (does !== undefined) assert.ok(answers.length + asked.length + tests.length > 0, 'says what the gateway does and does not prove it');
    });
  }

  it('has a case for every stream of a server', () => {
    const named = new Set(corpus.flatMap(({ streams: answers = [] }) => answers));
    assert.deepEqual([...streams].filter((stream) => !named.has(stream)), []);
  });
});
