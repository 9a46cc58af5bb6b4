import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createSseParser, formatSse, formatSseComment, type SseItem } from '../../../../src/gateway/protocol/sse.ts';
import { createNdjsonParser, formatNdjson } from '../../../../src/gateway/protocol/ndjson.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function parse(...pieces: readonly Uint8Array[]): SseItem[] {
  const parser = createSseParser();
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
}

const message = (data: string, event?: string): SseItem => (event === undefined ? { type: 'message', data } : { type: 'message', event, data });

describe('server-sent events', () => {
  const cases: readonly (readonly [name: string, wire: string, items: readonly SseItem[]])[] = [
    ['LF', 'data: a\n\ndata: b\n\n', [message('a'), message('b')]],
    ['CRLF', 'event: e\r\ndata: a\r\n\r\n', [message('a', 'e')]],
    ['CR', 'data: a\r\rdata: b\r\r', [message('a'), message('b')]],
    ['mixed line ends', 'data: a\r\n\ndata: b\n\r\n', [message('a'), message('b')]],
    ['no space after the colon', 'data:a\n\n', [message('a')]],
    ['only the first space is taken', 'data:  a\n\n', [message(' a')]],
    ['several data lines', 'data: a\ndata:\ndata: b\n\n', [message('a\n\nb')]],
    ['empty data', 'data:\n\ndata\n\n', [message(''), message('')]],
    ['comments', ': ping\n\n:\ndata: a\n: in between\n\n', [message('a')]],
    ['id and retry', 'id: 1\nretry: 10\ndata: a\n\n', [message('a')]],
    ['event without data', 'event: ping\n\ndata: a\n\n', [message('a')]],
    ['no empty line at the end', 'data: a\n\ndata: b', [message('a'), message('b')]],
    ['byte order mark', '\ufeffdata: a\n\n', [message('a')]],
    ['byte order mark in the text', 'data: \ufeffa\n\n', [message('\ufeffa')]],
    ['multi-byte text', 'data: grüß 日本 👩‍👩‍👧\n\n', [message('grüß 日本 👩‍👩‍👧')]],
    ['line separators that only JavaScript knows', 'data: a\u2028b\u0085c\n\n', [message('a\u2028b\u0085c')]],
    ['a field that does not exist', 'error: {"code":500}\n\n', [{ type: 'stray', text: 'error: {"code":500}' }]],
    ['bare JSON over several lines', 'data: a\n\n{\n "error": 1\n}\n', [message('a'), { type: 'stray', text: '{\n "error": 1\n}' }]],
    ['white space as heartbeat', '   \n\n\n\ndata: a\n\n \t\n\n', [message('a')]],
    ['nothing', '', []],
  ];

  for (const [name, wire, items] of cases) {
    it(`${name}, whole, byte by byte and with each single cut`, () => {
      const bytes = bytesOf(wire);
      assert.deepEqual(parse(bytes), items);
      assert.deepEqual(parse(...Array.from(bytes, (byte) => Uint8Array.of(byte))), items);
      for (let cut = 0; cut <= bytes.length; cut++) assert.deepEqual(parse(bytes.subarray(0, cut), bytes.subarray(cut)), items, `cut at ${cut}`);
    });
  }

  it('dispatches an event as soon as its last byte is there', () => {
    const parser = createSseParser();
    assert.deepEqual(parser.push(bytesOf('data: a\r\n\r')), [message('a')]);
    assert.deepEqual(parser.push(bytesOf('\ndata: b\n')), []);
    assert.deepEqual(parser.push(bytesOf('\n')), [message('b')]);
  });

  it('turns bytes that are no UTF-8 into replacement characters, wherever they are cut', () => {
    const bytes = Uint8Array.from([...bytesOf('data: a'), 0xff, 0xe6, 0x97, ...bytesOf('b\n\n')]);
    const whole = parse(bytes);
    assert.deepEqual(whole, [message('a\ufffd\ufffdb')]);
    assert.deepEqual(parse(...Array.from(bytes, (byte) => Uint8Array.of(byte))), whole);
  });

  it('reads back what it wrote, however the bytes are cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\r', ':', 'é', '日', '👍', '"', '\ufeff') });
    fc.assert(
      fc.property(fc.array(fc.record({ event: fc.option(fc.constantFrom('x', 'content_block_delta'), { nil: undefined }), data: text }), { maxLength: 6 }), fc.array(fc.nat(400)), (messages, cuts) => {
        const bytes = bytesOf(messages.map((item) => formatSse(item) + formatSseComment('ping')).join(''));
        const points = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const items = parse(...points.slice(1).map((end, index) => bytes.subarray(points[index], end)));
        const normal = (value: string): string => value.split(/\r\n|\n|\r/).join('\n');
        assert.deepEqual(items, messages.map(({ event, data }) => message(normal(data), event)));
      }),
    );
  });

  it('joins a long line in time that grows with its length', () => {
    const piece = bytesOf('x'.repeat(1000));
    const parser = createSseParser();
    parser.push(bytesOf('data: '));
    for (let index = 0; index < 5000; index++) parser.push(piece);
    const [item] = parser.push(bytesOf('\n\n'));
    assert.equal(item?.type === 'message' ? item.data.length : 0, 5_000_000);
  });
});

describe('newline-delimited JSON', () => {
  it('reads lines cut anywhere, skips empty ones and takes a last one without an end', () => {
    const wire = `${formatNdjson({ text: 'grüß 👍' })}\r\n \n${formatNdjson([1])}{"done":true}`;
    const bytes = bytesOf(wire);
    const expected = ['{"text":"grüß 👍"}', '[1]', '{"done":true}'];
    for (const size of [bytes.length, 1, 2, 3, 7]) {
      const parser = createNdjsonParser();
      const lines: string[] = [];
      for (let from = 0; from < bytes.length; from += size) lines.push(...parser.push(bytes.subarray(from, from + size)));
      assert.deepEqual([...lines, ...parser.end()], expected, `pieces of ${size}`);
    }
  });
});
