import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { customToolAsFunction, unwrapCustomInput, wrapCustomInput } from '../../../../src/gateway/protocol/custom-tools.ts';

describe('custom tools as functions', () => {
  it('tell the model the grammar that no function can enforce', () => {
    const warned: string[] = [];
    const tool = customToolAsFunction({ type: 'custom', name: 'apply_patch', description: 'Edits files.', grammar: { syntax: 'lark', definition: 'start: hunk+' } }, (code) => void warned.push(code));
    assert.deepEqual(warned, ['approximated']);
    assert.equal(tool.name, 'apply_patch');
    assert.equal(tool.description, 'Edits files.\n\nThe input must match this lark grammar:\nstart: hunk+');
    assert.deepEqual(tool.schema['required'], ['input']);
  });

  it('wrap and unwrap any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(unwrapCustomInput(wrapCustomInput(text)), text)));
  });

  it('understand models that do it another way', () => {
    assert.equal(unwrapCustomInput('{"patch":"*** Begin Patch"}'), '*** Begin Patch');
    assert.equal(unwrapCustomInput('"*** Begin Patch"'), '*** Begin Patch');
    assert.equal(unwrapCustomInput('*** Begin Patch\n+a'), '*** Begin Patch\n+a');
    assert.equal(unwrapCustomInput('{"a":"1","b":"2"}'), '{"a":"1","b":"2"}');
  });
});
