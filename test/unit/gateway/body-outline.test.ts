import assert from 'node:assert/strict';
import fc from 'fast-check';
import { editBytes, replaceMember } from '../../../src/gateway/body-edit.ts';
import { outlineOf, readSpan, type Span, spansOf } from '../../../src/gateway/body-outline.ts';

/** The text with every top-level model replaced, by the code under test. */
function rename(text: string, name: string): string | undefined {
  const bytes = Buffer.from(text);
  const outline = outlineOf(bytes);
  return outline && Buffer.concat(editBytes(bytes, replaceMember(outline, 'model', name))).toString();
}

describe('members of a JSON body', () => {
  it('changes the model and not one other byte', () => {
    const text = '{ "a" : 1.50e3,\r\n\t"model" :  "old\\"x" ,"messages":[{"model":"inner","content":"\\u00e9 \\"model\\": 1"}],"x":{"model":2} }';
    assert.equal(rename(text, 'new'), text.replace('"old\\"x"', '"new"'));
  });

  it('changes every one of repeated keys, also escaped ones', () => {
    assert.equal(rename('{"model":"a","\\u006dodel":"b","model":null}', 'c'), '{"model":"c","\\u006dodel":"c","model":"c"}');
  });

  it('refuses what is not one object', () => {
    for (const text of ['', '[]', '"x"', '{', '{"model"', '{"model":', '{"model":"a"', '{"model":"a"}}', '{"model":"a",}', '{"a":[}]}', '{model:1}', '{"a":"x}', '{"a":1 2}']) {
      assert.equal(outlineOf(Buffer.from(text)), undefined, text);
    }
  });

  it('agrees with JSON.parse on any object, in any spelling', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('model', 'stream', 'messages', 'input', 'system', '__proto__')), fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const bytes = Buffer.from(JSON.stringify(value, undefined, indent));
        const found = outlineOf(bytes);
        assert.ok(found);
        for (const key of Object.keys(value)) {
          const span: Span | undefined = spansOf(found, key).at(-1);
          assert.ok(span, key);
          assert.deepEqual(readSpan(bytes, span), JSON.parse(JSON.stringify(value[key])));
        }
      }),
    );
  });

  it('never throws and never reads past the end', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void outlineOf(Buffer.from(bytes))));
    fc.assert(fc.property(fc.jsonValue(), fc.nat(), (value, cut) => {
      const bytes = Buffer.from(JSON.stringify({ model: 'm', value }));
      const short = bytes.subarray(0, cut % bytes.length);
      assert.equal(outlineOf(short), undefined);
    }));
  });
});
