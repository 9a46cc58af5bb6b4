/**
 * Every stream of every kind of server, for every kind of client: the client gets the same bytes wherever the server's were
 * cut, and the vendor's own client reads what was said, or fails where the server failed.
 */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { type Protocol, protocols } from '../../../../src/core/protocol.ts';
import { codecs } from '../../../../src/gateway/protocol/codecs.ts';
import type { IrEvent, IrResponse } from '../../../../src/gateway/protocol/ir.ts';
import { argumentsObject } from '../../../../src/gateway/protocol/json.ts';
import { collect } from './arbitrary.ts';
import { readOfficially } from './official-readers.ts';
import { countedIds, decodePieces, piecesAt, streamsIn } from './replay.ts';
import { contextOf } from './wanting-clients.ts';

/** What the client gets for the server's pieces, write by write, ids counted on both sides. */
function bridge(server: Protocol, client: Protocol, pieces: Iterable<Uint8Array>): { readonly writes: readonly string[]; readonly contentType: string } {
  const decoder = codecs[server].createStreamDecoder({ newId: countedIds() });
  const encoder = codecs[client].createStreamEncoder({ ...contextOf(client), newId: countedIds() } as never);
  const writes: string[] = [];
  const write = (events: readonly IrEvent[]): void => void writes.push(...events.map((event) => encoder.encode(event)));
  for (const piece of pieces) write(decoder.push(piece));
  write(decoder.end());
  writes.push(encoder.end());
  return { writes, contentType: encoder.contentType };
}

/** What is written where a wire has no other way to say it, or where two texts meet. */
const ownWords = /The ?model ?declined ?to ?answer\.|\[The model made a picture, which cannot be shown here\]|!\[image\]\([^)]*\)|The server withheld the answer \(SAFETY\)|\s/g;

function said({ parts }: IrResponse, ...types: readonly string[]): string {
  return parts.flatMap((part) => ('text' in part && types.includes(part.type) ? [part.text] : [])).join('').replaceAll(ownWords, '');
}

for (const server of protocols) {
  describe(`streams of ${server} servers, in every client's hands`, () => {
    const streams = streamsIn(`${server}/streams`);

    for (const client of protocols) {
      it(`are the same bytes for ${client}, wherever they were cut`, () => {
        assert.ok(streams.length > 20);
        for (const { name, bytes } of streams) {
          const whole = bridge(server, client, [bytes]).writes.join('');
          assert.notEqual(whole, '', name);
          assert.equal(bridge(server, client, Array.from(bytes, (byte) => Uint8Array.of(byte))).writes.join(''), whole, `${name}, byte by byte`);
          fc.assert(
            fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 8 }), (cuts) => assert.equal(bridge(server, client, piecesAt(bytes, cuts)).writes.join(''), whole, name)),
            { numRuns: 5 },
          );
        }
      });

      it(`are read by ${client}'s official client`, async () => {
        for (const { name, bytes } of streams) {
          const events = decodePieces(codecs[server].createStreamDecoder({ newId: countedIds() }), [bytes]);
          const { writes, contentType } = bridge(server, client, [bytes]);
          const reading = readOfficially(client, writes, contentType);
          if (events.at(-1)?.type === 'error') {
            await assert.rejects(reading, Error, `${name}: the failure arrives`);
            continue;
          }
          const answer = collect(events);
          // A server calls custom tools only of clients that have some.
          if (answer.parts.some((part) => part.type === 'tool-call' && part.input.type === 'text')) continue;
          const read = await reading.catch((error: unknown) => assert.fail(`${name}: ${String(error)}`));
          assert.equal(read.text.replaceAll(ownWords, ''), said(answer, 'text', 'refusal'), `${name}: text`);
          assert.equal(read.thoughts.replaceAll(ownWords, ''), said(answer, 'reasoning'), `${name}: thoughts`);
          const calls = answer.parts.flatMap((part) => (part.type === 'tool-call' ? [[part.name, JSON.parse(JSON.stringify(argumentsObject(part.input.text)))]] : []));
          if (answer.finish.reason === 'length') assert.equal(read.calls.length, calls.length, `${name}: calls`);
          else assert.deepEqual(read.calls, calls, `${name}: calls`);
        }
      });
    }
  });
}
