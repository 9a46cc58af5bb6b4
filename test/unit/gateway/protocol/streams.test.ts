/** The golden corpus of streams: every file of a server's bytes and the events that they mean, and what each client reads of them. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { anthropicMessages } from '../../../../src/gateway/protocol/anthropic-messages/index.ts';
import type { ProtocolCodec, StreamEncoder } from '../../../../src/gateway/protocol/codec.ts';
import type { IrEvent } from '../../../../src/gateway/protocol/ir.ts';
import { ollama } from '../../../../src/gateway/protocol/ollama/index.ts';
import { openAiChat } from '../../../../src/gateway/protocol/openai-chat/index.ts';
import { collect, countedIds, decodeAll, encodeAll, meaningOn, type Wire } from './meaning.ts';
import { assertWellFormed } from './replay.ts';

interface Golden {
  readonly note: string;
  readonly proves: readonly string[];
  readonly events: readonly IrEvent[];
}

interface Fixture extends Golden {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const corpus = join(import.meta.dirname, '../../../fixtures/wire');
const codecs: Readonly<Record<Wire, Pick<ProtocolCodec, 'createStreamDecoder'>>> = { 'openai-chat': openAiChat, 'anthropic-messages': anthropicMessages, ollama };
const wires = Object.keys(codecs) as readonly Wire[];

function fixturesOf(wire: Wire): readonly Fixture[] {
  const folder = join(corpus, wire, 'streams');
  return globSync('*.{sse,ndjson}', { cwd: folder }).sort().map((file) => {
    const name = basename(file).replace(/\.\w+$/, '');
    return { name, bytes: readFileSync(join(folder, file)), ...(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Golden) };
  });
}

/** A client that wants everything that its wire can say. */
function encoderOf(wire: Wire): StreamEncoder {
  switch (wire) {
    case 'openai-chat':
      return openAiChat.createStreamEncoder({ model: 'm', includeUsage: true, customTools: [], usedCallIds: [], created: 1 });
    case 'anthropic-messages':
      return anthropicMessages.createStreamEncoder({ model: 'm', thinking: true, usedCallIds: [] });
    case 'ollama':
      return ollama.createStreamEncoder({ model: 'm', thinking: true, createdAt: '2026-11-20T12:00:00.000Z' });
  }
}

const decode = (wire: Wire, pieces: Iterable<Uint8Array>): readonly IrEvent[] => decodeAll(codecs[wire].createStreamDecoder({ newId: countedIds() }), pieces);

for (const wire of wires) {
  describe(`streams of ${wire}`, () => {
    const fixtures = fixturesOf(wire);

    it('has a corpus', () => assert.ok(fixtures.length > 15));

    for (const { name, note, bytes, events } of fixtures) {
      it(`${name}: ${note}`, () => {
        assert.deepEqual(decode(wire, [bytes]), events);
        assertWellFormed(events);
        assert.deepEqual(decode(wire, Array.from(bytes, (byte) => Uint8Array.of(byte))), events, 'byte by byte');
        fc.assert(
          fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
            const points = [0, ...cuts.sort((a, b) => a - b), bytes.length];
            assert.deepEqual(decode(wire, points.slice(1).map((end, index) => bytes.subarray(points[index], end))), events);
          }),
          { numRuns: 15 },
        );
      });
    }

    it('says nothing after its end', () => {
      for (const { bytes } of fixtures) {
        const decoder = codecs[wire].createStreamDecoder();
        decoder.push(bytes);
        decoder.end();
        assert.deepEqual([...decoder.push(bytes), ...decoder.end()], []);
      }
    });

    for (const client of wires) {
      it(`means the same to a client of ${client}, heartbeats in between included`, () => {
        for (const { name, events } of fixtures) {
          const original = collect(events);
          const text = encodeAll(encoderOf(client), events, true);
          const read = decode(client, [new TextEncoder().encode(text)]);
          const arrived = collect(read);
          assert.equal(arrived.ok, original.ok, name);
          if (original.ok && arrived.ok) assert.deepEqual(withoutProofs(client, arrived.response), withoutProofs(client, { ...original.response }), name);
          else if (!original.ok && !arrived.ok) assert.ok(arrived.error.message.includes(original.error.message), `${name}: ${arrived.error.message}`);
        }
      });
    }
  });
}

/** The envelope around thoughts of other servers is a matter of its own. */
function withoutProofs(client: Wire, response: Parameters<typeof meaningOn>[1]): unknown {
  const parts = response.parts.map((part) => (client === 'anthropic-messages' && part.type === 'reasoning' && part.signature?.value.startsWith('b3BlcmF0b3Iuc2VhbGVk') === true ? { type: part.type, text: part.text, summary: part.summary } : part));
  const shown = parts.filter((part) => !(client === 'anthropic-messages' && part.type === 'reasoning' && part.sealed?.value.startsWith('b3BlcmF0b3Iuc2VhbGVk') === true));
  return meaningOn(client, { ...response, parts: shown });
}
