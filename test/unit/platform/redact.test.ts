import assert from 'node:assert/strict';
import fc from 'fast-check';
import { OperatorError } from '../../../src/core/errors.ts';
import { createLineLog, redactLog } from '../../../src/platform/log.ts';
import { createRedactor, secretVariableName } from '../../../src/platform/redact.ts';
import { FakeLog } from '../fakes.ts';

describe('the redactor', () => {
  it('masks known keys wherever they stand, and in their encoded forms', () => {
    const redactor = createRedactor();
    redactor.add('pa$$ "word" +/=');
    assert.equal(redactor.redact('a pa$$ "word" +/= b pa%24%24%20%22word%22%20%2B%2F%3D c "pa$$ \\"word\\" +/="'), 'a *** b *** c "***"');
  });

  it('never lets a known key through, whatever surrounds it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 6 }), { minLength: 1, maxLength: 4 }), fc.string(), fc.string(), (secrets, before, after) => {
        const redactor = createRedactor();
        for (const secret of secrets) redactor.add(secret);
        for (const secret of secrets) {
          // The mask itself may spell a secret of asterisks; that gives nothing away.
          if (!secret.includes('*')) assert.ok(!redactor.redact(`${before}${secret}${after}`).includes(secret));
        }
      }),
    );
  });

  it('masks the longer of two keys as a whole', () => {
    const redactor = createRedactor();
    redactor.add('abcdef');
    redactor.add('abcdef-ghijkl');
    assert.equal(redactor.redact('<abcdef-ghijkl>'), '<***>');
  });

  it('does not take every short word for a key', () => {
    const redactor = createRedactor();
    for (const word of [undefined, '', 'x', 'none']) redactor.add(word);
    assert.equal(redactor.redact('none of x'), 'none of x');
  });

  const keyShaped: readonly [string, string][] = [
    ['Authorization: Bearer abc123def', 'Authorization: ***'],
    ['{"authorization":"Bearer abc123def","a":1}', '{"authorization":"***","a":1}'],
    ['sent bearer abc123.def', 'sent bearer ***'],
    ['x-api-key: 0123456789', 'x-api-key: ***'],
    ['OPENAI_API_KEY=0123456789 next', 'OPENAI_API_KEY=*** next'],
    ['sk-ant-api03-abcdefgh_ijk', 'sk-***'],
    ['key AIzaSyA0123456789abcdefghij', 'key AIza***'],
    ['hf_abcdefghijkl and ghp_abcdefghijkl', 'hf_*** and ghp_***'],
    ['http://user:pass@host/v1', 'http://***@host/v1'],
    ['GET https://host/v1beta/models?key=abc&alt=sse', 'GET https://host/v1beta/models?key=***&alt=sse'],
    ['eyJhbGciOiJI.eyJzdWIiOiIx.c2ln', 'eyJ***'],
  ];
  for (const [text, expected] of keyShaped) {
    it(`masks what looks like a key: ${expected}`, () => assert.equal(createRedactor().redact(text), expected));
  }

  it('leaves ordinary log lines alone', () => {
    for (const line of ['probed ollama-local: healthy (listed) in 12 ms', 'task-runner risk-free asking', 'http://localhost:11434/api/tags', 'model qwen2.5-coder:7b', 'the key reference env:MY_KEY is unset']) {
      assert.equal(createRedactor().redact(line), line);
    }
  });

  it('knows which variables hold keys', () => {
    for (const name of ['OPENAI_API_KEY', 'HF_TOKEN', 'my_secret', 'DB_PASSWORD']) assert.match(name, secretVariableName);
    for (const name of ['PATH', 'KEYBOARD', 'TOKENIZERS_PARALLELISM']) assert.doesNotMatch(name, secretVariableName);
  });
});

describe('the log', () => {
  it('masks messages and the errors that come with them', () => {
    const redactor = createRedactor();
    redactor.add('hunter2-hunter2');
    const sink = new FakeLog();
    const log = redactLog(sink, redactor);
    log.info('using hunter2-hunter2');
    log.error('failed', new Error('cannot use hunter2-hunter2'));
    log.error('failed', new OperatorError('credential', 'no hunter2-hunter2', { hint: 'Set it' }));
    assert.equal(sink.lines.length, 3);
    for (const line of sink.lines) assert.ok(!line.includes('hunter2') && line.includes('***'));
    assert.equal(sink.lines[2]?.trim(), 'failed: no ***. Set it');
  });

  it('writes one line per message from its level upwards', () => {
    let written = '';
    const log = createLineLog((line) => (written += line), 'warn', () => 0);
    log.info('quiet');
    log.warn('loud');
    log.error('louder', new OperatorError('io', 'because'));
    assert.equal(written, '00:00:00.000 warn loud\n00:00:00.000 error louder: because\n');
  });
});
