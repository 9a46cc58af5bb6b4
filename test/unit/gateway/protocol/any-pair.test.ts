/**
 * Any request and any answer, from every client to every server and back: what was said is still said, or a warning tells
 * what was lost. (What each wire keeps exactly is in `requests.test.ts` and `answers.test.ts`.)
 */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { protocols } from '../../../../src/core/protocol.ts';
import type { UpstreamTraits } from '../../../../src/gateway/protocol/codec.ts';
import { codecs } from '../../../../src/gateway/protocol/codecs.ts';
import { responseEvents } from '../../../../src/gateway/protocol/collect.ts';
import { unwrapCustomInput, wrapCustomInput } from '../../../../src/gateway/protocol/custom-tools.ts';
import type { IrAssistantPart, IrMessage, IrRequest, IrResponse, IrUserPart, Json } from '../../../../src/gateway/protocol/ir.ts';
import { argumentsObject, parseBodyJson } from '../../../../src/gateway/protocol/json.ts';
import { arrangeToolResults } from '../../../../src/gateway/protocol/tool-results.ts';
import { answers, argumentsJson, collect, conversations, tools } from './arbitrary.ts';
import { readOfficially } from './official-readers.ts';
import { countedIds, decodePieces } from './replay.ts';
import { contextOf } from './wanting-clients.ts';

const line = { model: 'm', stream: true, sse: true };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (body: Json): Json => parseBodyJson(JSON.stringify(body)) ?? null;

const requests: fc.Arbitrary<IrRequest> = fc
  .record({ messages: conversations, toolChoice: fc.constantFrom<IrRequest['toolChoice']>(undefined, { type: 'auto' }, { type: 'none' }, { type: 'required' }, { type: 'tool', name: 'bash' }), maxOutputTokens: fc.option(fc.integer({ min: 1, max: 9000 }), { nil: undefined }), stream: fc.boolean() })
  .map(({ messages: said, stream, toolChoice, maxOutputTokens }) => ({ model: 'm', messages: structuredClone(said), tools, stream, ...(toolChoice === undefined ? {} : { toolChoice }), ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }) }));

const generous: UpstreamTraits = { systemAnywhere: true, reasoningField: 'reasoning_content', documents: true, images: true, streamUsage: true, unsignedThinking: true, thinkValues: 'levels' };
const strict: UpstreamTraits = { systemAnywhere: false, documents: false, images: false, plainSchemas: true, customTools: false, resultMedia: false, efforts: [], thinkValues: 'none' };

/** A call's input, whether it went as free text or as the one argument of a function. */
function inputOf(input: Extract<IrAssistantPart, { type: 'tool-call' }>['input'], name: string): unknown {
  if (name === 'patch') return input.type === 'text' ? input.text : unwrapCustomInput(input.text);
  return JSON.parse(JSON.stringify(argumentsObject(input.type === 'text' ? wrapCustomInput(input.text) : input.text)));
}

interface Talk {
  readonly texts: readonly string[];
  readonly calls: readonly unknown[];
  readonly results: readonly number[];
  readonly media: number;
}

function talkOf(list: readonly IrMessage[]): Talk {
  const [texts, calls, results, ids]: [string[], unknown[], number[], Map<string, number>] = [[], [], [], new Map()];
  let media = 0;
  const see = (part: IrUserPart | IrAssistantPart): void => {
    switch (part.type) {
      case 'text':
      case 'refusal':
        texts.push(part.text);
        return;
      case 'tool-call':
        ids.set(part.id, ids.size);
        calls.push([part.name, inputOf(part.input, part.name)]);
        return;
      case 'tool-result':
        results.push(ids.get(part.callId) ?? -1);
        part.content.forEach(see);
        return;
      case 'reasoning':
        return;
      case 'image':
      case 'document':
      case 'audio':
        media += 1;
    }
  };
  for (const message of list) message.parts.forEach(see);
  return { texts: texts.map((said) => said.replaceAll(/\s/g, '')).filter((said) => said !== ''), calls, results: results.toSorted((a, b) => a - b), media };
}

describe('any request', () => {
  for (const server of protocols) {
    for (const [kind, traits] of Object.entries({ generous, strict })) {
      it(`arrives at a ${kind} ${server} server, or a warning tells what was lost`, () => {
        fc.assert(
          fc.property(requests, (request) => {
            const encoded = codecs[server].encodeRequest(request, traits);
            const arrived = codecs[server].decodeRequest(read(encoded.body), { model: 'm', ...(server === 'gemini' ? { stream: request.stream } : {}) }).request;
            const arranged = talkOf(arrangeToolResults(request.messages, { warn: () => {}, ids: { maxLength: 64 } }));
            const got = talkOf(arrived.messages);
            assert.deepEqual(got.calls, arranged.calls);
            assert.deepEqual(got.results, arranged.results);
            const all = got.texts.join('\n');
            for (const said of arranged.texts) assert.ok(all.includes(said), `${said} is not in ${all}`);
            const warned = encoded.warnings.some(({ code }) => code === 'unsupported-part' || code === 'approximated');
            assert.ok(got.media === arranged.media || warned, `${arranged.media} pictures and files became ${got.media} without a warning`);
            assert.equal(arrived.stream, request.stream);
            for (const { message } of encoded.warnings) assert.ok(!request.messages.some(({ parts }) => parts.some((part) => part.type === 'text' && part.text.length > 8 && message.includes(part.text))), 'warnings have no words of the user');
          }),
          { numRuns: 120 },
        );
      });
    }
  }

  for (const client of protocols) {
    for (const server of protocols) {
      it(`of ${client} is the same for ${server}, whether it came over the wire or not`, () => {
        fc.assert(
          fc.property(requests, (request) => {
            // What the client's own wire cannot say is lost before we see it.
            const heard = codecs[client].decodeRequest(read(codecs[client].encodeRequest(request, generous).body), line).request;
            const arrived = codecs[server].decodeRequest(read(codecs[server].encodeRequest(heard, generous).body), line).request;
            const [before, after] = [talkOf(heard.messages), talkOf(arrived.messages)];
            assert.deepEqual(after.calls, before.calls);
            assert.deepEqual(after.results, before.results);
            for (const said of before.texts) assert.ok(after.texts.join('\n').includes(said), said);
          }),
          { numRuns: 25 },
        );
      });
    }
  }
});


function meaningOf({ parts, finish }: Pick<IrResponse, 'parts' | 'finish'>): unknown {
  const words = (...types: readonly string[]): string => parts.flatMap((part) => ('text' in part && types.includes(part.type) ? [part.text] : [])).join('').replaceAll(/\s/g, '').replaceAll('Themodeldeclinedtoanswer.', '');
  return { words: words('text', 'refusal'), thoughts: words('reasoning'), calls: parts.flatMap((part) => (part.type === 'tool-call' ? [[part.name, inputOf(part.input, part.name)]] : [])), cut: finish.reason === 'length' };
}

describe('any answer', () => {
  /** Text that begins like thoughts is taken for thoughts, which is meant; where a wire has one field for each kind, refusals come last. */
  const plain = answers().map((answer): IrResponse => ({ ...structuredClone(answer), parts: structuredClone([...answer.parts.filter(({ type }) => type !== 'refusal'), ...answer.parts.filter(({ type }) => type === 'refusal')]) })).filter(({ parts }) => parts.every((part) => part.type !== 'text' || !/^\s*</.test(part.text)));

  for (const server of protocols) {
    for (const client of protocols) {
      it(`of ${server} means the same to ${client}, streamed and whole`, () => {
        fc.assert(
          fc.property(plain, fc.boolean(), (answer, isStreamed) => {
            const upstream = codecs[server].createStreamEncoder(contextOf(server));
            const heard = isStreamed
              ? collect(decodePieces(codecs[server].createStreamDecoder({ newId: countedIds() }), [bytesOf(responseEvents(answer).map((event) => upstream.encode(event)).join('') + upstream.end())]))
              : codecs[server].decodeResponse(read(codecs[server].encodeResponse(answer, contextOf(server)))).response;
            assert.deepEqual(meaningOf(heard), meaningOf(answer), `what a ${server} server says`);
            const encoder = codecs[client].createStreamEncoder(contextOf(client));
            const streamed = collect(decodePieces(codecs[client].createStreamDecoder({ newId: countedIds() }), [bytesOf(responseEvents(heard).map((event) => encoder.encode(event)).join('') + encoder.end())]));
            assert.deepEqual(meaningOf(streamed), meaningOf(heard), 'streamed');
            const whole = codecs[client].decodeResponse(read(codecs[client].encodeResponse(heard, contextOf(client)))).response;
            assert.deepEqual(meaningOf(whole), meaningOf(heard), 'whole');
          }),
          { numRuns: 60 },
        );
      });
    }
  }

  for (const client of protocols) {
    it(`is understood by ${client}'s official client`, async () => {
      await fc.assert(
        fc.asyncProperty(plain, async (answer) => {
          const encoder = codecs[client].createStreamEncoder(contextOf(client));
          const writes = [encoder.heartbeat(), ...responseEvents(answer).flatMap((event) => [encoder.encode(event), encoder.heartbeat()]), encoder.end()];
          const got = await readOfficially(client, writes, encoder.contentType);
          const { words, thoughts, calls } = meaningOf(answer) as { readonly words: string; readonly thoughts: string; readonly calls: unknown };
          assert.equal(got.text.replaceAll(/\s/g, '').replaceAll('Themodeldeclinedtoanswer.', ''), words);
          assert.equal(got.thoughts.replaceAll(/\s/g, ''), thoughts);
          assert.deepEqual(got.calls, calls);
        }),
        { numRuns: 60 },
      );
    });
  }
});

describe('any arguments', () => {
  for (const client of protocols) {
    it(`reach ${client} as they are, however the server cut them`, () => {
      fc.assert(
        fc.property(argumentsJson, fc.array(fc.nat(60), { maxLength: 5 }), (input, cuts) => {
          const places = [0, ...cuts.filter((at) => at < input.length).toSorted((a, b) => a - b), input.length];
          const encoder = codecs[client].createStreamEncoder(contextOf(client));
          const pieces = places.slice(1).map((end, index) => input.slice(places[index], end));
          const written = [
            encoder.encode({ type: 'start', id: 'x', model: 'm' }),
            encoder.encode({ type: 'tool-call-start', block: 0, id: 'call_1', name: 'bash', input: 'json' }),
            ...pieces.map((piece) => encoder.encode({ type: 'tool-call-delta', block: 0, text: piece })),
            encoder.encode({ type: 'tool-call-end', block: 0 }),
            encoder.encode({ type: 'finish', finish: { reason: 'tool-calls' } }),
            encoder.end(),
          ];
          const answer = collect(decodePieces(codecs[client].createStreamDecoder(), [bytesOf(written.join(''))]));
          const [call] = answer.parts;
          assert.ok(call?.type === 'tool-call');
          assert.deepEqual(JSON.parse(call.input.text), JSON.parse(input));
        }),
        { numRuns: 100 },
      );
    });
  }
});
