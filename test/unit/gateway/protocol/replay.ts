/** Streams of model servers, replayed as sockets deliver them: whole, byte by byte, and cut at random. */
import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import * as fc from 'fast-check';
import type { StreamDecoder } from '../../../../src/gateway/protocol/codec.ts';
import type { NewId } from '../../../../src/gateway/protocol/ids.ts';
import type { IrEvent } from '../../../../src/gateway/protocol/ir.ts';

export const fixtures = resolve(import.meta.dirname, '../../../fixtures/wire');

/** The bytes of one recorded stream per case, by the case's name. */
export function streamsIn(folder: string): readonly { readonly name: string; readonly path: string; readonly bytes: Uint8Array }[] {
  return globSync('*.{sse,ndjson,json-stream}', { cwd: join(fixtures, folder) }).toSorted().map((file) => {
    const path = join(fixtures, folder, file);
    return { name: basename(file).replace(/\.[^.]+$/, ''), path, bytes: readFileSync(path) };
  });
}

/** The requests of clients in a folder, without what is recorded beside them. */
export function requestsIn(folder: string): readonly { readonly name: string; readonly path: string }[] {
  const recorded = /\.(?:ir|to\.[a-z-]+)\.json$/;
  return globSync('*.json', { cwd: join(fixtures, folder) }).filter((file) => !recorded.test(file)).toSorted().map((file) => ({ name: basename(file, '.json'), path: join(fixtures, folder, file) }));
}

/** Ids that are the same in every run. */
export function countedIds(): NewId {
  let count = 0;
  return (prefix) => `${prefix}${++count}`;
}

export function decodePieces(decoder: StreamDecoder, pieces: Iterable<Uint8Array>): readonly IrEvent[] {
  const events: IrEvent[] = [];
  for (const piece of pieces) events.push(...decoder.push(piece));
  events.push(...decoder.end());
  return events;
}

/** The events of the whole stream, after proving that they are the same wherever it is cut. */
export function replay(create: () => StreamDecoder, bytes: Uint8Array): readonly IrEvent[] {
  const whole = decodePieces(create(), [bytes]);
  assert.deepEqual(decodePieces(create(), Array.from(bytes, (byte) => Uint8Array.of(byte))), whole, 'byte by byte');
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }), (cuts) => {
      assert.deepEqual(decodePieces(create(), piecesAt(bytes, cuts)), whole);
    }),
    { numRuns: 25 },
  );
  return whole;
}

/** @param cuts places in any order, some of them twice */
export function piecesAt(bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

/**
 * Compares with the recorded result beside the fixture. A result that was looked at and found right is recorded with
 * RECORD_FIXTURES=1.
 */
export function assertRecorded(path: string, value: unknown): void {
  if (process.env['RECORD_FIXTURES'] === '1') writeFileSync(path, `${JSON.stringify(value, undefined, 1)}\n`);
  assert.deepEqual(JSON.parse(JSON.stringify(value)), JSON.parse(readFileSync(path, 'utf8')));
}

/** What holds for every stream of events, whatever it came from. */
export function assertWellFormed(events: readonly IrEvent[]): void {
  const open = new Map<number, string>();
  const seen = new Set<number>();
  const ids = new Set<string>();
  let ended = false;
  events.forEach((event, index) => {
    assert.ok(!ended || (event.type === 'usage' && events[index - 1]?.type !== 'error'), `${event.type} after the end`);
    if (event.type === 'start') assert.ok(index === 0 && event.id !== '', 'start is first and has an id');
    const kind = /^(text|reasoning|tool-call)-(start|delta|end)$/.exec(event.type);
    if (kind && 'block' in event) {
      if (kind[2] === 'start') {
        assert.ok(!seen.has(event.block), `block ${event.block} twice`);
        seen.add(event.block);
        open.set(event.block, kind[1] ?? '');
      } else assert.equal(open.get(event.block), kind[1], `${event.type} of block ${event.block}`);
      if (kind[2] === 'end') open.delete(event.block);
    }
    if (event.type === 'tool-call-start') {
      assert.ok(event.id !== '' && event.name !== '' && !ids.has(event.id), 'calls have names and ids of their own');
      ids.add(event.id);
    }
    if (event.type === 'finish') assert.equal(open.size, 0, 'blocks are ended before the finish');
    ended ||= event.type === 'finish' || event.type === 'error';
  });
  assert.ok(ended, 'a stream ends with a finish or an error');
}
