/** A conversation that goes on is read and written from where it was, which nobody may notice. */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { protocols } from '../../../../src/core/protocol.ts';
import type { UpstreamTraits } from '../../../../src/gateway/protocol/codec.ts';
import { codecs } from '../../../../src/gateway/protocol/codecs.ts';
import type { IrMessage, IrRequest, Json, JsonObject } from '../../../../src/gateway/protocol/ir.ts';
import { conversations, tools } from './arbitrary.ts';

const line = { model: 'm', stream: true, sse: true, receivedAt: 0 };
const lists = { 'anthropic-messages': 'messages', 'openai-chat': 'messages', 'openai-responses': 'input', gemini: 'contents', ollama: 'messages' } as const;

const traits: readonly UpstreamTraits[] = [
  { systemAnywhere: true, reasoningField: 'reasoning_content', documents: true, images: true, streamUsage: true, unsignedThinking: true, thinkValues: 'levels' },
  { systemAnywhere: false, documents: false, images: false, plainSchemas: true, customTools: false, resultMedia: false, efforts: [], thinkValues: 'none' },
];

/** The same values as other objects, of which nothing is known. */
const anew = <T,>(value: T): T => structuredClone(value);

/** Of the context only what is data: the rest is functions, made for each request. */
function outcome(make: () => { readonly warnings: readonly unknown[]; readonly body?: Json; readonly request?: IrRequest }): unknown {
  try {
    const { warnings, body, request } = make();
    return { warnings, body: JSON.stringify(body), request };
  } catch (error) {
    return String(error);
  }
}

const step = fc.record({
  /** Of the turns so far. */
  keep: fc.oneof({ weight: 2, arbitrary: fc.constant(Number.POSITIVE_INFINITY) }, fc.nat(20)),
  /** Turns of all that there are, by number: others, or the same once more, in any order. */
  add: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, fc.array(fc.nat(60), { maxLength: 5 })),
  hasTools: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
  traits: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.constant(1)),
});

describe('a conversation that goes on', () => {
  for (const client of protocols) {
    it(`is not read and written again, from ${client} to everybody`, () => {
      const said = Array.from({ length: 4 }, (_, turn): readonly IrMessage[] => [
        { role: 'user', parts: [{ type: 'text', text: `question ${turn}` }] },
        { role: 'assistant', parts: [{ type: 'text', text: 'I look.' }, { type: 'tool-call', id: `call_${turn}`, name: 'bash', input: { type: 'json', text: '{"a":1}' } }] },
        { role: 'user', parts: [{ type: 'tool-result', callId: `call_${turn}`, name: 'bash', content: [{ type: 'text', text: 'done' }], isError: false }] },
        { role: 'assistant', parts: [{ type: 'text', text: 'So it is.' }] },
      ]).flat();
      const list = lists[client];
      const whole = anew(codecs[client].encodeRequest({ model: 'm', messages: said, tools, stream: true }, traits[0] as UpstreamTraits).body);
      const turns = whole[list] as readonly Json[];
      const requests = [turns.length - 4, turns.length].map((count) => codecs[client].decodeRequest({ ...whole, [list]: turns.slice(0, count) }, line).request);
      const same = (lists: readonly (readonly unknown[])[]): number => lists[0]?.filter((item, index) => item === lists[1]?.[index]).length ?? 0;
      assert.ok(same(requests.map(({ messages }) => messages)) >= 8, 'messages of the hub');
      assert.ok(same(requests.map(({ tools: declared }) => declared)) >= tools.length - 1, 'tools of the hub');
      for (const server of protocols) {
        const bodies = requests.map((request) => codecs[server].encodeRequest(request, traits[0] as UpstreamTraits).body);
        assert.ok(same(bodies.map((body) => body[lists[server]] as readonly Json[])) >= 6, server);
      }
    });
  }

  for (const client of protocols) {
    it(`means the same as one that is read anew, from ${client} to everybody`, () => {
      const list = lists[client];
      fc.assert(
        fc.property(conversations, conversations, fc.array(step, { minLength: 2, maxLength: 5 }), (one, other, steps) => {
          const [body, otherBody] = [one, other].map((messages) => anew(codecs[client].encodeRequest({ model: 'm', messages: anew(messages), tools, stream: true }, traits[0] as UpstreamTraits).body));
          const turnsOf = (of: JsonObject | undefined): readonly Json[] => (of?.[list] ?? []) as readonly Json[];
          const all = [...turnsOf(body), ...turnsOf(otherBody)];
          let turns: readonly Json[] = [];
          for (const { keep, add, hasTools, traits: index } of steps) {
            const kept = turns.slice(0, keep);
            // Mostly the next turns of the conversation.
            turns = [...kept, ...(add ?? [kept.length, kept.length + 1]).map((number) => all[number % all.length] as Json)];
            const { tools: declared, toolConfig: _, tool_choice: __, ...rest } = body as JsonObject;
            const request: JsonObject = { ...rest, ...(hasTools && declared !== undefined ? { tools: declared } : {}), [list]: turns };
            const read = (): ReturnType<(typeof codecs)[typeof client]['decodeRequest']> => codecs[client].decodeRequest(request, line);
            assert.deepEqual(outcome(read), outcome(() => codecs[client].decodeRequest(anew(request), line)));
            let decoded: ReturnType<typeof read>;
            try {
              decoded = read();
            } catch {
              continue;
            }
            for (const server of protocols) {
              const encode = (what: IrRequest): unknown => outcome(() => codecs[server].encodeRequest(what, traits[index] as UpstreamTraits));
              assert.deepEqual(encode(decoded.request), encode(anew(decoded.request)), server);
            }
          }
        }),
      );
    });
  }
});
