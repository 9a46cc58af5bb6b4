/**
 * Every client on every server, 5 × 5: what the client said arrives, what the server answered comes back, and what one of them
 * signed survives a turn in the other's hands. The way between is our own representation and nothing else.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Protocol, protocols } from '../../../../src/core/protocol.ts';
import type { AnswerContext, ProtocolCodec, RequestLine, UpstreamTraits } from '../../../../src/gateway/protocol/codec.ts';
import { codecs } from '../../../../src/gateway/protocol/codecs.ts';
import { responseEvents } from '../../../../src/gateway/protocol/collect.ts';
import { unwrapCustomInput } from '../../../../src/gateway/protocol/custom-tools.ts';
import type { IrAssistantPart, IrAudio, IrDocument, IrEvent, IrImage, IrRequest, IrResponse, IrText, IrUsage, Json, JsonObject } from '../../../../src/gateway/protocol/ir.ts';
import { argumentsObject } from '../../../../src/gateway/protocol/json.ts';
import { arrangeToolResults } from '../../../../src/gateway/protocol/tool-results.ts';
import { collect } from './arbitrary.ts';
import { assertWellFormed, countedIds, decodePieces, requestsIn, streamsIn } from './replay.ts';

const line: RequestLine = { model: 'some-model', stream: true, sse: true };
/** Servers that take the most, so that what is lost is lost by the wire. */
const traits: UpstreamTraits = { systemAnywhere: true, reasoningField: 'reasoning_content', documents: true, images: true, efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'], thinkValues: 'levels', streamUsage: true };
const pairs = protocols.flatMap((client) => protocols.map((server) => ({ client, server })));
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function requestsOf(protocol: Protocol): readonly { readonly name: string; readonly body: Json }[] {
  return requestsIn(`${protocol}/requests`).map(({ name, path }) => ({ name, body: JSON.parse(readFileSync(path, 'utf8')) as Json }));
}

describe('bridges: what a client says', () => {
  for (const { client, server } of pairs) {
    it(`${client} → ${server}`, () => {
      const requests = requestsOf(client);
      assert.ok(requests.length > 0);
      for (const { name, body } of requests) {
        const { request } = codecs[client].decodeRequest(body, line);
        const encoded = codecs[server].encodeRequest(request, traits);
        const sent = JSON.parse(JSON.stringify(encoded.body)) as Json;
        assert.doesNotMatch(JSON.stringify(sent), /b3BlcmF0b3Iuc2VhbGVk/, `${name}: no envelope of ours reaches a server`);
        const arrived = codecs[server].decodeRequest(sent, line).request;
        // Results that came twice, late or for no call are put in order for every wire.
        const messages = arrangeToolResults(request.messages, { warn: () => {}, ids: { maxLength: 64 } });
        const [before, after] = [topicsOf({ ...request, messages }), topicsOf(arrived)];
        assert.deepEqual(after.calls, before.calls, `${name}: calls`);
        assert.deepEqual(after.results, before.results, `${name}: results`);
        assert.deepEqual(after.tools, offered(server, request), `${name}: tools`);
        for (const text of before.texts) assert.ok(after.all.includes(text), `${name}: ${text.slice(0, 60)}`);
        for (const lost of ['image', 'document', 'audio'] as const) {
          const isWarned = encoded.warnings.some(({ code }) => code === 'unsupported-part' || code === 'approximated');
          assert.ok(after[lost] === before[lost] || isWarned, `${name}: ${before[lost]} ${lost} became ${after[lost]} without a warning`);
        }
      }
    });
  }
});

/** Ollama knows no choice of a tool: it is offered the chosen one alone, or none. */
function offered(server: Protocol, { tools, toolChoice }: IrRequest): readonly string[] {
  const isLeft = (name: string): boolean => server !== 'ollama' || (toolChoice?.type === 'tool' ? name === toolChoice.name : toolChoice?.type !== 'none');
  return tools.map(({ name }) => name).filter(isLeft);
}

/** What a conversation is about, without the differences in how wires cut it into messages. */
function topicsOf(request: IrRequest): { readonly texts: readonly string[]; readonly all: string; readonly calls: readonly unknown[]; readonly results: readonly unknown[]; readonly tools: readonly string[]; readonly image: number; readonly document: number; readonly audio: number } {
  const texts: string[] = [];
  const calls: unknown[] = [];
  const results: (number | undefined)[] = [];
  const count = { image: 0, document: 0, audio: 0 };
  const ids = new Map<string, number>();
  const see = (part: IrText | IrImage | IrDocument | IrAudio): void => {
    if (part.type === 'document' && part.media.type === 'text') texts.push(part.media.text);
    else if (part.type !== 'text') count[part.type] += 1;
  };
  for (const message of request.messages) {
    for (const part of message.parts) {
      if (part.type === 'text' || part.type === 'refusal') texts.push(part.text);
      else if (part.type === 'tool-call') {
        ids.set(part.id, ids.size);
        calls.push([part.name, part.input.type === 'text' ? part.input.text : plainInput(part.input.text)]);
      } else if (part.type === 'tool-result') {
        results.push(ids.get(part.callId));
        texts.push(...part.content.flatMap((piece) => (piece.type === 'text' ? [piece.text] : [])));
        part.content.forEach(see);
      } else if (part.type !== 'reasoning') see(part);
    }
  }
  const said = texts.map((text) => text.trim()).filter((text) => text !== '');
  return { texts: said, all: said.join('\n'), calls, results: results.toSorted(), tools: request.tools.map(({ name }) => name), ...count };
}

/** A custom tool's text is the one argument of a function where the wire has no custom tools. */
function plainInput(text: string): unknown {
  const value = JSON.parse(JSON.stringify(argumentsObject(text))) as JsonObject;
  return Object.keys(value).length === 1 && typeof value['input'] === 'string' ? unwrapCustomInput(text) : JSON.stringify(value);
}

describe('bridges: what a server answers', () => {
  for (const { client, server } of pairs) {
    it(`${client} ← ${server}`, () => {
      const streams = streamsIn(`${server}/streams`);
      assert.ok(streams.length > 0);
      for (const { name, bytes } of streams) {
        const events = decodePieces(codecs[server].createStreamDecoder({ newId: countedIds() }), [bytes]);
        assertWellFormed(events);
        const read = readBack(client, events);
        assertWellFormed(read);
        const failed = events.some((event) => event.type === 'error');
        assert.equal(read.some((event) => event.type === 'error'), failed, `${name}: a failure is a failure for the client`);
        // A server calls custom tools only of clients that have some.
        if (failed || (name.startsWith('custom') && client !== 'openai-responses')) continue;
        const answer = collect(events);
        assertSame(client, collect(read), answer, name);
        assertSame(client, codecs[client].decodeResponse(JSON.parse(JSON.stringify(codecs[client].encodeResponse(answer, contextOf(client)))) as Json).response, answer, `${name}, not streamed`);
      }
    });
  }
});

const bodies: Readonly<Record<Protocol, Json>> = {
  'anthropic-messages': { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }], thinking: { type: 'enabled', budget_tokens: 2000 }, stream: true },
  'openai-chat': { model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true, stream_options: { include_usage: true } },
  'openai-responses': { model: 'm', input: 'hi', stream: true },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }], generationConfig: { thinkingConfig: { includeThoughts: true } } },
  ollama: { model: 'm', messages: [{ role: 'user', content: 'hi' }], think: true },
};

function contextOf(client: Protocol): AnswerContext {
  return codecs[client].decodeRequest(bodies[client], line).context;
}

/** Through the client's own wire, heartbeats everywhere, and back. */
function readBack(client: Protocol, events: readonly IrEvent[]): readonly IrEvent[] {
  const codec: ProtocolCodec = codecs[client];
  const encoder = codec.createStreamEncoder(contextOf(client));
  let text = encoder.heartbeat();
  for (const event of events) text += encoder.encode(event) + (event.type === 'error' ? '' : encoder.heartbeat());
  return decodePieces(codec.createStreamDecoder({ newId: countedIds() }), [bytesOf(text + encoder.end())]);
}

/** Without ids, proofs and the order of words among thoughts, which most wires do not have. */
function assertSame(client: Protocol, actual: IrResponse, expected: IrResponse, name: string): void {
  assert.deepEqual(meaningOf(actual), meaningOf(expected), name);
  const [before, after] = [expected.finish.reason, actual.finish.reason];
  assert.equal(after === 'length', before === 'length', `${name}: cut at the limit`);
  if (before === 'content-filter' && client !== 'ollama') assert.match(after, /content-filter|refusal/, `${name}: withheld`);
  // Without a part for it, a refusal is still said in words.
  if (before === 'refusal') assert.ok(after !== 'stop' || actual.parts.some((part) => 'text' in part && part.text !== ''), `${name}: declined`);
}

/** What our own encoders say where a wire has no other way. */
const ownWords = /The ?model ?declined ?to ?answer\.|\[The model made a picture, which cannot be shown here\]|!\[image\]\([^)]*\)|The server withheld the answer \(SAFETY\)/g;

function meaningOf({ parts, usage }: IrResponse): unknown {
  const words = (...types: readonly IrAssistantPart['type'][]): string => parts.flatMap((part) => ('text' in part && types.includes(part.type) ? [part.text] : [])).join('').replaceAll(ownWords, '').replaceAll(/\s+/g, '');
  return {
    words: words('text', 'refusal'),
    thoughts: words('reasoning'),
    calls: parts.flatMap((part) => (part.type === 'tool-call' ? [[part.name, part.input.type === 'text' ? part.input.text : plainInput(part.input.text)]] : [])),
    output: totalOutput(usage),
  };
}

function totalOutput(usage: IrUsage): number {
  return (usage.outputText ?? 0) + (usage.outputReasoning ?? 0);
}

describe('bridges: what a server signed', () => {
  const ask: IrRequest = { model: 'gemini-3-pro', messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }], tools: [{ type: 'function', name: 'ls', schema: { type: 'object', properties: { path: { type: 'string' } } } }], stream: true };
  const thought = { type: 'reasoning', text: 'I should look.', summary: false } as const;
  const call = { type: 'tool-call', id: 'toolu_1', name: 'ls', input: { type: 'json', text: '{"path":"a"}' } } as const;
  /** What each vendor signs, and where. */
  const turns: readonly { readonly server: Protocol; readonly parts: readonly IrAssistantPart[]; readonly proof: string }[] = [
    { server: 'anthropic-messages', parts: [{ ...thought, signature: { origin: 'anthropic-messages', value: 'EqQBPROOF' } }, call], proof: 'EqQBPROOF' },
    { server: 'gemini', parts: [{ ...thought, summary: true }, { ...call, signature: { origin: 'gemini', value: 'R0VNPROOF' } }], proof: 'R0VNPROOF' },
    { server: 'openai-responses', parts: [{ ...thought, summary: true, id: 'rs_1', sealed: { origin: 'openai-responses', value: 'gAAAPROOF' } }, call], proof: 'gAAAPROOF' },
  ];
  /** Their clients keep a turn as it came; chat's and Ollama's own clients have no place for a proof. */
  const keepers: readonly Protocol[] = ['anthropic-messages', 'openai-responses', 'gemini'];

  for (const { server, parts, proof } of turns) {
    for (const client of protocols) {
      const streamed = responseEvents({ id: 'r1', model: 'm', parts, finish: { reason: 'tool-calls' }, usage: {} });
      /** The next request of a client that sends back what it was sent. */
      const again = (target: Protocol): { readonly sent: string; readonly request: IrRequest } => {
        const kept = collect(readBack(client, streamed)).parts;
        const results = kept.flatMap((part) => (part.type === 'tool-call' ? [{ type: 'tool-result' as const, callId: part.id, name: part.name, content: [{ type: 'text' as const, text: 'a b' }], isError: false }] : []));
        const body = codecs[client].encodeRequest({ ...ask, messages: [...ask.messages, { role: 'assistant', parts: kept }, { role: 'user', parts: results }] }, { reasoningField: 'reasoning_content', unsignedThinking: true }).body;
        const { request } = codecs[client].decodeRequest(JSON.parse(JSON.stringify(body)) as Json, line);
        return { request, sent: JSON.stringify(codecs[target].encodeRequest({ ...request, model: 'gemini-3-pro' }, {}).body) };
      };

      it(`${server} gets its proof back from ${client}`, () => {
        const { sent, request } = again(server);
        const said = request.messages.flatMap((message) => (message.role === 'assistant' ? message.parts : []));
        assert.deepEqual(said.filter((part) => part.type === 'tool-call').map(({ name, input }) => [name, input.text]), [['ls', '{"path":"a"}']]);
        if (!keepers.includes(client)) return assert.doesNotMatch(sent, /b3BlcmF0b3Iuc2VhbGVk/);
        assert.match(sent, new RegExp(proof));
        assert.doesNotMatch(sent, /b3BlcmF0b3Iuc2VhbGVk|skip_thought_signature_validator/);
        if (server === 'anthropic-messages') assert.match(sent, /"thinking":"I should look\."[^}]*"signature":"EqQBPROOF"/);
      });

      it(`nobody else gets the proof of ${server} from ${client}`, () => {
        for (const other of protocols) {
          // Google's own chat endpoint takes Gemini's signatures in a field of its own.
          if (other !== server && !(server === 'gemini' && other === 'openai-chat')) assert.doesNotMatch(again(other).sent, new RegExp(`${proof}|b3BlcmF0b3Iuc2VhbGVk`), other);
        }
      });
    }
  }
});
