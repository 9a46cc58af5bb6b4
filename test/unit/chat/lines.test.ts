import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createLineDecoder, LineTooLongError } from '../../../src/core/chat/lines.ts';
import { createSseDecoder, type SseMessage } from '../../../src/core/chat/sse.ts';
import { crumbs, cuts, encode } from './support.ts';

function linesOf(pieces: readonly Uint8Array[]): string[] {
  const decoder = createLineDecoder();
  return [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.end()];
}

describe('lines out of bytes', () => {
  it('end with LF, CRLF or CR', () => {
    assert.deepEqual(linesOf([encode('a\nb\r\nc\rd\n\n\r\n\re')]), ['a', 'b', 'c', 'd', '', '', '', 'e']);
  });

  it('do not double a CRLF that is cut in two', () => {
    assert.deepEqual(linesOf([encode('a\r'), encode('\nb')]), ['a', 'b']);
    assert.deepEqual(linesOf([encode('a\r'), encode(''), encode('\n\nb')]), ['a', '', 'b']);
  });

  it('survive characters that are cut in two, and lose a byte order mark', () => {
    assert.deepEqual(linesOf(crumbs(encode('\ufeffGrüß 世界 🌍\nx'))), ['Grüß 世界 🌍', 'x']);
  });

  it('show bytes that are no text instead of failing', () => {
    assert.deepEqual(linesOf([Uint8Array.of(0x61, 0xff, 0x0a, 0xe4)]), ['a\ufffd', '\ufffd']);
  });

  it('are the same for any cut of any bytes', () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.array(fc.constantFrom('\r', '\n', 'a', 'ü', '🌍', '\ufeff'), { maxLength: 40 }).map((parts) => encode(parts.join(''))));
    fc.assert(fc.property(bytes.chain((all) => fc.tuple(fc.constant(all), cuts(all))), ([all, pieces]) => assert.deepEqual(linesOf(pieces), linesOf([all]))));
  });

  it('stop at a line without an end', () => {
    const decoder = createLineDecoder();
    const piece = encode('x'.repeat(1024 * 1024));
    assert.throws(() => {
      for (let count = 0; count < 20; count++) decoder.push(piece);
    }, LineTooLongError);
  });
});

describe('server-sent events out of lines', () => {
  function messagesOf(...lines: readonly string[]): SseMessage[] {
    const decoder = createSseDecoder();
    return [...lines.flatMap((line) => decoder.push(line)), ...decoder.end()];
  }

  it('join data lines and keep the event name', () => {
    assert.deepEqual(messagesOf('event: a', 'data: 1', 'data:2', '', 'data: 3', ''), [{ event: 'a', data: '1\n2' }, { data: '3' }]);
  });

  it('skip comments, ids and unknown fields', () => {
    assert.deepEqual(messagesOf(': keep-alive', '', 'id: 7', 'retry: 3', 'what: ever', 'data: x', ''), [{ data: 'x' }]);
  });

  it('count the last event although its empty line is missing', () => {
    assert.deepEqual(messagesOf('data: x'), [{ data: 'x' }]);
  });

  it('see an error that comes as a field of its own', () => {
    assert.deepEqual(messagesOf('error: {"message":"no"}', ''), [{ event: 'error', data: '{"message":"no"}' }]);
  });
});
