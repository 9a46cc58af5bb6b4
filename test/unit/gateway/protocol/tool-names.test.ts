import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { createToolNames, uniqueName } from '../../../../src/gateway/protocol/tool-names.ts';

const openAi = { allowed: /[a-zA-Z0-9_-]/, maxLength: 64 };
const gemini = { allowed: /[a-zA-Z0-9_.:-]/, first: /[a-zA-Z_]/, maxLength: 128 };

describe('tool names', () => {
  it('leave names that fit alone', () => {
    const names = createToolNames(['Bash', 'mcp__server__do-it'], openAi);
    assert.equal(names.toWire('Bash'), 'Bash');
    assert.equal(names.toWire('mcp__server__do-it'), 'mcp__server__do-it');
  });

  it('never change one name into another that exists', () => {
    const names = createToolNames(['a.b', 'a b', 'a_b'], openAi);
    assert.deepEqual(['a.b', 'a b', 'a_b'].map(names.toWire), ['a_b_2', 'a_b_3', 'a_b']);
  });

  it('begin as the target wants it', () => {
    assert.equal(createToolNames(['1st', ''], gemini).toWire('1st'), '_1st');
    assert.equal(createToolNames([''], gemini).toWire(''), '_');
  });

  it('fit, are different, and lead back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 60, maxLength: 200 }), fc.constantFrom('a.b', 'a_b', 'a:b', '-a'))), fc.constantFrom(openAi, gemini), (all, rule) => {
        const names = createToolNames(all, rule);
        const wire = all.map(names.toWire);
        assert.equal(new Set(wire).size, all.length);
        assert.deepEqual(wire.map(names.fromWire), all);
        for (const name of wire) {
          assert.ok(name.length >= 1 && name.length <= rule.maxLength, name);
          assert.ok([...name].every((character) => rule.allowed.test(character)), name);
        }
      }),
    );
  });

  it('make names fit that nobody declared (an earlier turn had other tools)', () => {
    assert.equal(createToolNames([], openAi).toWire('old.tool'), 'old_tool');
    assert.equal(createToolNames([], openAi).fromWire('invented'), 'invented');
  });

  it('number within the length', () => {
    assert.equal(uniqueName('abcdef', 6, (name) => name === 'abcdef' || name === 'abcd_2'), 'abcd_3');
  });
});
