import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createBlockOrder } from '../../../../src/gateway/protocol/block-order.ts';
import { createCollector, responseEvents } from '../../../../src/gateway/protocol/collect.ts';
import type { IrEvent } from '../../../../src/gateway/protocol/ir.ts';

const start = (block: number): IrEvent => ({ type: 'tool-call-start', block, id: `id${block}`, name: 'f', input: 'json' });
const delta = (block: number, text: string): IrEvent => ({ type: 'tool-call-delta', block, text });
const end = (block: number): IrEvent => ({ type: 'tool-call-end', block });
const finish: IrEvent = { type: 'finish', finish: { reason: 'tool-calls' } };

const order = (events: readonly IrEvent[]): readonly IrEvent[] => {
  const blocks = createBlockOrder();
  return events.flatMap((event) => blocks.push(event));
};

describe('blocks in order', () => {
  it('the open block passes at once and the others wait', () => {
    const blocks = createBlockOrder();
    assert.deepEqual(blocks.push(start(0)), [start(0)]);
    assert.deepEqual(blocks.push(start(1)), []);
    assert.deepEqual(blocks.push(delta(1, 'b')), []);
    assert.deepEqual(blocks.push(delta(0, 'a')), [delta(0, 'a')]);
    assert.deepEqual(blocks.push(end(0)), [end(0), start(1), delta(1, 'b')]);
    assert.deepEqual(blocks.push(delta(1, 'B')), [delta(1, 'B')]);
  });

  it('what was never ended is ended before the finish', () => {
    assert.deepEqual(order([start(0), start(1), delta(1, 'b'), { type: 'refusal-delta', text: 'no' }, finish]), [start(0), end(0), start(1), delta(1, 'b'), end(1), { type: 'refusal-delta', text: 'no' }, finish]);
  });

  it('an error comes at once', () => {
    const error: IrEvent = { type: 'error', error: { type: 'truncated', status: 502, message: '' } };
    assert.deepEqual(order([start(0), start(1), error]), [start(0), error]);
  });

  it('any interleaving comes out whole, one block after the other', () => {
    const script = fc.array(fc.tuple(fc.nat(3), fc.string({ maxLength: 3 })), { maxLength: 30 });
    fc.assert(
      fc.property(script, (steps) => {
        const opened = new Set<number>();
        const events: IrEvent[] = [];
        for (const [block, text] of steps) {
          if (!opened.has(block)) events.push(start(block));
          opened.add(block);
          events.push(delta(block, text));
        }
        for (const block of opened) events.push(end(block));
        events.push(finish);
        const ordered = order(events);
        let open: number | undefined;
        for (const event of ordered) {
          if (!('block' in event)) continue;
          if (event.type === 'tool-call-start') {
            assert.equal(open, undefined);
            open = event.block;
          }
          assert.equal(open, event.block);
          if (event.type === 'tool-call-end') open = undefined;
        }
        assert.equal(ordered.length, events.length);
        const collect = (list: readonly IrEvent[]): unknown => {
          const collector = createCollector();
          for (const event of list) collector.push(event);
          return collector.result();
        };
        assert.deepEqual(collect(ordered), collect(events));
      }),
    );
  });
});

describe('an answer and its stream', () => {
  it('are the same thing', () => {
    const response = {
      id: 'r1',
      model: 'm',
      parts: [
        { type: 'reasoning', text: 'hm', summary: false, signature: { origin: 'gemini', value: 's' } },
        { type: 'reasoning', text: '', summary: true, id: 'rs_1', sealed: { origin: 'openai-responses', value: 'e' } },
        { type: 'text', text: 'grüß' },
        { type: 'text', text: '' },
        { type: 'tool-call', id: 'c', name: 'f', input: { type: 'json', text: '{"a":1}' }, signature: { origin: 'gemini', value: 't' } },
        { type: 'refusal', text: 'no' },
        { type: 'image', media: { type: 'base64', mediaType: 'image/png', data: 'AA==' } },
      ],
      finish: { reason: 'stop' },
      usage: { inputUncached: 3, outputText: 4 },
    } as const;
    const collector = createCollector();
    for (const event of responseEvents(response)) collector.push(event);
    assert.deepEqual(collector.result(), { ok: true, response });
  });

  it('without its end is an error', () => {
    const collector = createCollector();
    collector.push({ type: 'start', id: 'r', model: 'm' });
    const result = collector.result();
    assert.equal(result.ok ? '' : result.error.type, 'truncated');
  });
});
