import assert from 'node:assert/strict';
import { closest, listOf, plural, truncate } from '../../../src/base/text.ts';

describe('text for messages', () => {
  it('finds the nearest name, and none when nothing is near', () => {
    assert.equal(closest('olama', ['ollama', 'openai-compat', 'vllm']), 'ollama');
    assert.equal(closest('claud', ['codex', 'claude']), 'claude');
    assert.equal(closest('modle_server', ['model', 'model_server']), 'model_server');
    assert.equal(closest('x', ['claude', 'codex']), undefined);
    assert.equal(closest('', ['claude']), undefined);
  });

  it('counts and lists', () => {
    assert.deepEqual([plural(0, 'model'), plural(1, 'model'), plural(2, 'entry', 'entries')], ['0 models', '1 model', '2 entries']);
    assert.deepEqual([listOf([]), listOf(['a']), listOf(['a', 'b', 'c'], 'or')], ['', 'a', 'a, b or c']);
  });

  it('cuts between characters', () => {
    assert.equal(truncate('👍👍👍', 2), '👍…');
    assert.equal(truncate('abc', 3), 'abc');
  });
});
