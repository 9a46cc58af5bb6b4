import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { nameProblem, toName, uniqueName } from '../../../src/vscode/names.ts';

describe('names of new entries', () => {
  it('accepts what operator.toml accepts', () => {
    for (const name of ['a', 'ollama-local', 'gpt_4.1', '7b']) assert.equal(nameProblem(name, new Set()), undefined, name);
  });

  it('says why a name cannot be used', () => {
    assert.match(nameProblem('', new Set()) ?? '', /needed/);
    for (const name of ['two words', 'a/b', 'a\nb', '-x', '.hidden', 'é']) assert.match(nameProblem(name, new Set()) ?? '', /letters, digits/, name);
    assert.match(nameProblem('taken', new Set(['taken'])) ?? '', /already/);
  });

  it('makes a usable, free name of any text', () => {
    assert.equal(toName('qwen2.5-coder:7b'), 'qwen2.5-coder-7b');
    assert.equal(uniqueName('a', new Set(['a', 'a-2'])), 'a-3');
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (text, taken) => {
        const names = new Set(taken.map(toName));
        assert.equal(nameProblem(uniqueName(toName(text), names), names), undefined);
      }),
    );
  });
});
