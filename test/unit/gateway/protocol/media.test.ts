import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { base64ToText, dataUrl, mediaFromUrl, mediaTypeOfName, textToBase64 } from '../../../../src/gateway/protocol/media.ts';

describe('media', () => {
  it('come out of data addresses', () => {
    assert.deepEqual(mediaFromUrl('data:image/png;base64,iVBORw0KGgo='), { type: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' });
    assert.deepEqual(mediaFromUrl('data:text/plain;charset=utf-8;base64,aGk='), { type: 'base64', mediaType: 'text/plain', data: 'aGk=' });
    assert.deepEqual(mediaFromUrl('data:text/plain,gr%C3%BC%C3%9Fe%20ü'), { type: 'base64', mediaType: 'text/plain', data: btoa('gr\xc3\xbc\xc3\x9fe \xc3\xbc') });
    assert.deepEqual(mediaFromUrl('data:;base64,aGk=', 'image/gif'), { type: 'base64', mediaType: 'image/gif', data: 'aGk=' });
  });

  it('stay addresses otherwise', () => {
    assert.deepEqual(mediaFromUrl('https://example.com/a.png'), { type: 'url', url: 'https://example.com/a.png' });
    assert.deepEqual(mediaFromUrl('gs://bucket/a', 'image/png'), { type: 'url', url: 'gs://bucket/a', mediaType: 'image/png' });
  });

  it('write what they read, a photo as fast as an icon', () => {
    const data = 'A'.repeat(8_000_000);
    assert.deepEqual(mediaFromUrl(dataUrl('image/jpeg', data)), { type: 'base64', mediaType: 'image/jpeg', data });
  });

  it('hold texts as UTF-8', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => assert.equal(base64ToText(textToBase64(text)), text)));
    assert.equal(base64ToText(textToBase64('\ufeffa')), '\ufeffa');
    assert.equal(base64ToText('/w=='), undefined);
    assert.equal(base64ToText('%'), undefined);
  });

  it('have the type that their name says', () => {
    assert.equal(mediaTypeOfName('Report.PDF'), 'application/pdf');
    assert.equal(mediaTypeOfName('noname'), 'application/octet-stream');
  });
});
