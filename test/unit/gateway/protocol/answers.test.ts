/** Any answer at all keeps its meaning on its way to a client, whole or as a stream. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { anthropicMessages } from '../../../../src/gateway/protocol/anthropic-messages/index.ts';
import type { ProtocolCodec, StreamEncoder } from '../../../../src/gateway/protocol/codec.ts';
import { responseEvents } from '../../../../src/gateway/protocol/collect.ts';
import type { IrAssistantPart, IrEvent, IrResponse, Json } from '../../../../src/gateway/protocol/ir.ts';
import { ollama } from '../../../../src/gateway/protocol/ollama/index.ts';
import { openAiChat } from '../../../../src/gateway/protocol/openai-chat/index.ts';
import { unseal } from '../../../../src/gateway/protocol/sealed.ts';
import { answers } from './arbitrary.ts';
import { bytesOf, collect, countedIds, decodeAll, encodeAll, meaningOn, type Wire } from './meaning.ts';

interface Side {
  readonly codec: Pick<ProtocolCodec, 'createStreamDecoder' | 'decodeResponse'>;
  readonly encoder: () => StreamEncoder;
  readonly encodeResponse: (response: IrResponse) => Json;
}

const chat = { model: 'm', includeUsage: true, customTools: [], usedCallIds: [], created: 1 };
const messages = { model: 'm', thinking: true, usedCallIds: [] };
const local = { model: 'm', thinking: true, createdAt: '2026-11-20T12:00:00.000Z' };
const sides: Readonly<Record<Wire, Side>> = {
  'openai-chat': { codec: openAiChat, encoder: () => openAiChat.createStreamEncoder(chat), encodeResponse: (response) => openAiChat.encodeResponse(response, chat) },
  'anthropic-messages': { codec: anthropicMessages, encoder: () => anthropicMessages.createStreamEncoder(messages), encodeResponse: (response) => anthropicMessages.encodeResponse(response, messages) },
  ollama: { codec: ollama, encoder: () => ollama.createStreamEncoder(local), encodeResponse: (response) => ollama.encodeResponse(response, local) },
};

/** Text that begins like thoughts is taken for thoughts, which is meant. */
const plain = answers({ images: true }).map((answer) => structuredClone(answer)).filter(({ parts }) => parts.every((part) => part.type !== 'text' || !/^\s*</.test(part.text)));

/** Envelopes of ours, opened as they are when the client sends the conversation back. */
function opened(response: IrResponse): IrResponse {
  const signatures = new Map<string, unknown>();
  const parts = response.parts.flatMap((part): readonly IrAssistantPart[] => {
    if (part.type !== 'reasoning') return [part];
    const items = unseal(part.signature?.value ?? part.sealed?.value ?? '', part.text);
    if (items === undefined) return [part];
    return items.flatMap((item) => {
      if (item.type === 'reasoning') return [item.reasoning];
      signatures.set(item.callId, item.signature);
      return [];
    });
  });
  return { ...response, parts: parts.map((part) => (part.type === 'tool-call' && signatures.has(part.id) ? { ...part, signature: signatures.get(part.id) as never } : part)) };
}

/** Other wires than Anthropic's lose thoughts’ order among the texts in a whole answer, because they have one field for each. */
function byKind(wire: Wire, parts: readonly IrAssistantPart[]): unknown {
  if (wire === 'anthropic-messages') return parts;
  const text = (type: string): string => parts.flatMap((part) => ('text' in part && part.type === type ? [part.text] : [])).join('');
  return { reasoning: text('reasoning'), text: text('text'), refusal: text('refusal'), calls: parts.filter((part) => part.type === 'tool-call'), images: parts.filter((part) => part.type === 'image') };
}

for (const wire of Object.keys(sides) as readonly Wire[]) {
  const { codec, encoder, encodeResponse } = sides[wire];
  describe(`answers for clients of ${wire}`, () => {
    it('keep their meaning in a stream', () => {
      fc.assert(
        fc.property(plain, fc.boolean(), (response, heartbeats) => {
          const text = encodeAll(encoder(), responseEvents(response), heartbeats);
          const read = collect(decodeAll(codec.createStreamDecoder({ newId: countedIds() }), [bytesOf(text)]));
          assert.ok(read.ok, text);
          const arrived = wire === 'anthropic-messages' ? opened(read.response) : read.response;
          assert.deepEqual(meaningOn(wire, arrived), meaningOn(wire, response));
        }),
        { numRuns: 200 },
      );
    });

    it('keep their meaning as a whole', () => {
      fc.assert(
        fc.property(plain, (response) => {
          const wired = JSON.parse(JSON.stringify(encodeResponse(response))) as Json;
          const decoded = codec.decodeResponse(wired, { newId: countedIds() }).response;
          const arrived = meaningOn(wire, wire === 'anthropic-messages' ? opened(decoded) : decoded);
          const sent = meaningOn(wire, response);
          assert.deepEqual(byKind(wire, arrived.parts), byKind(wire, sent.parts));
          assert.deepEqual(arrived.finish, sent.finish);
        }),
        { numRuns: 200 },
      );
    });

    it('come out one block after the other, however the server mixed them', () => {
      fc.assert(
        fc.property(plain, fc.infiniteStream(fc.nat(100)), (response, random) => {
          const events = interleave(responseEvents(response), random);
          const read = collect(decodeAll(codec.createStreamDecoder({ newId: countedIds() }), [bytesOf(encodeAll(encoder(), events))]));
          assert.ok(read.ok);
          assert.deepEqual(meaningOn(wire, read.response).finish, meaningOn(wire, response).finish);
          const calls = (answer: IrResponse): unknown => meaningOn(wire, answer).parts.filter((part) => part.type === 'tool-call');
          assert.deepEqual(calls(read.response), calls(response));
        }),
      );
    });
  });
}

/** The events of neighbouring calls mixed, each call's own in order. */
function interleave(events: readonly IrEvent[], random: fc.Stream<number>): readonly IrEvent[] {
  const mixed: IrEvent[] = [];
  let queues: IrEvent[][] = [];
  const flush = (): void => {
    const starts = queues.map((queue) => queue.shift()).filter((event) => event !== undefined);
    mixed.push(...starts);
    while (queues.length > 0) {
      const pick = (random.next().value ?? 0) % queues.length;
      const event = queues[pick]?.shift();
      if (event === undefined) queues = queues.filter((_, index) => index !== pick);
      else mixed.push(event);
    }
  };
  for (const event of events) {
    if (event.type === 'tool-call-start') queues.push([event]);
    else if (event.type === 'tool-call-delta' || event.type === 'tool-call-end') queues.at(-1)?.push(event);
    else {
      flush();
      mixed.push(event);
    }
  }
  return mixed;
}
