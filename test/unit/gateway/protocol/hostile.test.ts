/** What nobody sends on purpose: values of the wrong kind in any place, JSON without a bottom, names of JavaScript's own. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { type Protocol, protocols } from '../../../../src/core/protocol.ts';
import { FailedAnswerError, ProtocolError } from '../../../../src/gateway/protocol/codec.ts';
import { codecs } from '../../../../src/gateway/protocol/codecs.ts';
import { responseEvents } from '../../../../src/gateway/protocol/collect.ts';
import type { IrAssistantPart, IrEvent, Json, JsonObject } from '../../../../src/gateway/protocol/ir.ts';
import { parseBodyJson } from '../../../../src/gateway/protocol/json.ts';
import { contextOf } from './wanting-clients.ts';
import { assertWellFormed, countedIds, decodePieces, requestsIn, streamsIn } from './replay.ts';

const line = { model: 'm', stream: true, sse: true };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const deep = (depth: number, inside = '1'): string => `${'{"a":['.repeat(depth)}${inside}${']}'.repeat(depth)}`;
/** As JSON text: some of it is nothing that `JSON.stringify` writes. */
const hostileText = fc.oneof(
  fc.constantFrom('null', 'true', '0', '-1', '1e400', '1e-400', '9007199254740993', '1.50', '""', '[]', '{}', '[[]]', '[null]', '[{}]', '{"type":null}', '[{"type":"text"}]', '{"type":"tool_use"}'),
  fc.constantFrom('"constructor"', '"__proto__"', '"toString"', '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"a\\u0000b\\u2028\\u2029"', '"\\uffff"', '"data:image/png;base64,"', '"data:;base64,\\u0000"', '"http://["'),
  fc.constantFrom('{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}', '{"toString":1,"hasOwnProperty":2}', '[{"__proto__":null}]', '{"length":4294967295}', '{"then":1}', '{"toJSON":1}', '{"toString":1,"valueOf":1}'),
  fc.constantFrom(deep(3), deep(60), deep(5000), `"${'x'.repeat(5000)}"`),
  fc.json({ maxDepth: 3 }),
);

type Path = readonly (string | number)[];

function pathsOf(value: Json, path: Path = []): readonly Path[] {
  if (Array.isArray(value)) return [path, ...(value as readonly Json[]).flatMap((item, index) => pathsOf(item, [...path, index]))];
  return typeof value === 'object' && value !== null ? [path, ...Object.entries(value).flatMap(([key, field]) => pathsOf(field, [...path, key]))] : [path];
}

/** The value with what is at the path replaced, as text. */
function withHostile(value: Json, [key, ...rest]: Path, text: string): string {
  if (key === undefined) return text;
  const inside = (own: string | number, field: Json): string => (own === key ? withHostile(field, rest, text) : JSON.stringify(field));
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map((item, index) => inside(index, item)).join(',')}]`;
  return `{${Object.entries(value as JsonObject).map(([name, field]) => `${JSON.stringify(name)}:${inside(name, field)}`).join(',')}}`;
}

/** One or two places of a good value spoiled. */
function spoiled(value: Json): fc.Arbitrary<string> {
  const once = (good: Json): fc.Arbitrary<string> => fc.tuple(fc.constantFrom(...pathsOf(good)), hostileText).map(([path, text]) => withHostile(good, path, text));
  return fc.oneof(once(value), once(value).chain((text) => {
    const again = JSON.parse(text) as Json;
    return text.length > 20_000 ? fc.constant(text) : once(again);
  }));
}

function requestsOf(protocol: Protocol): readonly Json[] {
  return requestsIn(`${protocol}/requests`).map(({ path }) => JSON.parse(readFileSync(path, 'utf8')) as Json);
}

/** @returns false where the request is refused as it should be */
function survives(client: Protocol, text: string): boolean {
  const body = parseBodyJson(text);
  if (body === undefined) return false;
  try {
    const { request, context } = codecs[client].decodeRequest(body, line);
    // What was understood can be sent to everybody.
    for (const server of protocols) JSON.stringify(codecs[server].encodeRequest(request, {}).body);
    const encoder = codecs[client].createStreamEncoder(context);
    for (const event of responseEvents({ id: 'x', model: 'm', parts: [{ type: 'text', text: 'a' }], finish: { reason: 'stop' }, usage: {} })) encoder.encode(event);
    return true;
  } catch (error) {
    assert.ok(error instanceof ProtocolError, `${String(error instanceof Error ? error.stack : error)}\n${text.slice(0, 2000)}`);
    assert.ok(error.message !== '');
    return false;
  }
}

function assertUnpolluted(): void {
  assert.equal(({} as { readonly polluted?: unknown }).polluted, undefined);
}

describe('hostile requests', () => {
  for (const client of protocols) {
    it(`are refused, or understood, by what ${client} clients are answered with`, () => {
      const bodies = requestsOf(client);
      assert.ok(bodies.length > 3);
      for (const body of bodies) fc.assert(fc.property(spoiled(body), (text) => void survives(client, text)), { numRuns: 10 });
      assertUnpolluted();
    });

    it(`of ${client} clients have a bottom, wherever they go deep`, () => {
      for (const body of requestsOf(client)) {
        fc.assert(fc.property(fc.constantFrom(...pathsOf(body)), fc.constantFrom(60, 240, 2000, 20_000), (path, depth) => void survives(client, withHostile(body, path, deep(depth)))), { numRuns: 12 });
      }
    });

    it(`without any sense from ${client} clients`, () => {
      fc.assert(fc.property(fc.oneof(hostileText, fc.json()), (text) => void survives(client, text)), { numRuns: 200 });
      assertUnpolluted();
    });
  }
});

it('half a character in the name of a model is no reason to fail', () => {
  const { request } = codecs['openai-chat'].decodeRequest({ model: 'a\udc00', messages: [{ role: 'user', content: 'hi' }] }, line);
  for (const server of protocols) assert.ok(codecs[server].encodeRequest(request, {}).path.startsWith('/'), server);
});

describe('names that every JavaScript object has', () => {
  const hi = [{ role: 'user', content: 'hi' }];

  it('are no types of a schema that we know', () => {
    const parameters: Json = { type: 'object', properties: { a: { type: ['constructor', 'string'] }, b: { type: ['toString', 'null'] } } };
    const { request } = codecs['openai-chat'].decodeRequest({ model: 'm', messages: hi, tools: [{ type: 'function', function: { name: 'f', parameters } }] }, line);
    for (const server of protocols) assert.match(JSON.stringify(codecs[server].encodeRequest(request, { plainSchemas: true }).body), /"a":/, server);
  });

  it('are no choices of a tool, no kinds of a file and no codes of an error', () => {
    const { request } = codecs['anthropic-messages'].decodeRequest({ model: 'm', messages: hi, tools: [{ name: 'f', input_schema: { type: 'object' } }], tool_choice: { type: 'constructor' } }, line);
    assert.equal(request.toolChoice, undefined);
    const { request: withFile } = codecs['openai-chat'].decodeRequest({ model: 'm', messages: [{ role: 'user', content: [{ type: 'file', file: { filename: 'a.constructor', file_data: 'aGk=' } }] }] }, line);
    assert.deepEqual(withFile.messages[0]?.parts[0], { type: 'document', media: { type: 'base64', mediaType: 'application/octet-stream', data: 'aGk=' }, title: 'a.constructor' });
    for (const server of protocols) assert.equal(codecs[server].decodeError(500, {}, '{"error":{"message":"m","code":"constructor","type":"toString"}}').type, 'server', server);
  });
});

/** What the server says, spoiled; other lines stay. */
function spoiledStream(protocol: Protocol, bytes: Uint8Array): fc.Arbitrary<string> {
  const lines = new TextDecoder().decode(bytes).split('\n');
  const prefix = protocol === 'ollama' ? '' : 'data: ';
  const good = lines.flatMap((text, index) => {
    const value = text.startsWith(prefix) ? parseBodyJson(text.slice(prefix.length).trim()) : undefined;
    return typeof value === 'object' && value !== null ? [{ index, value }] : [];
  });
  if (good.length === 0) return fc.constant(lines.join('\n'));
  return fc.constantFrom(...good).chain(({ index, value }) => spoiled(value).map((text) => lines.with(index, `${prefix}${text}`).join('\n')));
}

/** Answers may be wrong in any way: there is always an end, and every client gets it. */
function assertEnds(server: Protocol, text: string): void {
  const events: readonly IrEvent[] = decodePieces(codecs[server].createStreamDecoder({ newId: countedIds() }), [bytesOf(text)]);
  assertWellFormed(events);
  for (const client of protocols) {
    const encoder = codecs[client].createStreamEncoder(contextOf(client));
    assert.equal(typeof (events.map((event) => encoder.encode(event)).join('') + encoder.end()), 'string');
  }
}

describe('hostile answers', () => {
  for (const server of protocols) {
    it(`streamed by ${server} servers have an end`, () => {
      for (const { bytes } of streamsIn(`${server}/streams`)) fc.assert(fc.property(spoiledStream(server, bytes), (text) => assertEnds(server, text)), { numRuns: 12 });
      assertUnpolluted();
    });

    it(`of ${server} servers that are no stream have an end`, () => {
      fc.assert(fc.property(fc.oneof(hostileText, fc.json(), fc.string({ unit: 'binary' }), hostileText.map((text) => `data: ${text}\n\n`), hostileText.map((text) => `event: error\ndata: ${text}\n\n`)), (text) => assertEnds(server, text)), { numRuns: 200 });
      fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => assertWellFormed(decodePieces(codecs[server].createStreamDecoder(), [bytes]))), { numRuns: 100 });
    });

    it(`of ${server} servers in one piece are understood, or refused`, () => {
      const answer = JSON.parse(JSON.stringify(codecs[server].encodeResponse({ id: 'x', model: 'm', parts: [{ type: 'reasoning', text: 'a', summary: false }, { type: 'text', text: 'b' }, { type: 'tool-call', id: 'c', name: 'f', input: { type: 'json', text: '{"a":1}' } }], finish: { reason: 'tool-calls' }, usage: { inputUncached: 1, outputText: 2 } }, contextOf(server)))) as Json;
      fc.assert(
        fc.property(fc.oneof(spoiled(answer), hostileText), (text) => {
          try {
            const { response } = codecs[server].decodeResponse(parseBodyJson(text) ?? null);
            for (const client of protocols) JSON.stringify(codecs[client].encodeResponse(response, contextOf(client)));
          } catch (error) {
            assert.ok(error instanceof ProtocolError || error instanceof FailedAnswerError, String(error instanceof Error ? error.stack : error));
          }
        }),
        { numRuns: 300 },
      );
    });

    it(`that say that a ${server} server failed are an error, whatever they are`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 300, max: 599 }), fc.oneof(hostileText, hostileText.map((text) => `{"error":${text}}`), hostileText.map((text) => `[{"error":{"message":${text},"code":${text},"details":[${text}]}}]`), fc.string({ unit: 'binary' })), (status, body) => {
          const error = codecs[server].decodeError(status, {}, body);
          assert.ok(typeof error.message === 'string' && error.message !== '' && Number.isInteger(error.status), JSON.stringify(error));
          for (const client of protocols) JSON.stringify(codecs[client].encodeError(error));
        }),
        { numRuns: 200 },
      );
    });
  }
});

/** Gemini's older models say with every chunk that they stopped; between two of them a cut looks like an end, and only the connection tells. */
const indistinguishable = new Set(['reason-with-every-chunk']);

const isExploring = process.env['PROPERTY_SEED'] === 'random';

/** Every byte of short streams. Of long ones the last bytes, those around line ends, and some in between: inside of a line all are alike. */
function lengthsOf(bytes: Uint8Array): readonly number[] {
  const isNearLineEnd = (at: number): boolean => bytes.subarray(Math.max(0, at - 3), at + 4).includes(10);
  return Array.from(bytes, (_, at) => at).filter((at) => isExploring || bytes.length < 1000 || at > bytes.length - 300 || at % 23 === 0 || isNearLineEnd(at));
}

describe('whole answers', () => {
  const call = (id: string, name: string): IrAssistantPart => ({ type: 'tool-call', id, name, input: { type: 'json', text: '{}' } });
  const answerOf = (server: Protocol, parts: readonly IrAssistantPart[]): string => JSON.stringify(codecs[server].encodeResponse({ id: 'x', model: 'm', parts, finish: { reason: 'tool-calls' }, usage: {} }, contextOf(server)));

  for (const server of protocols) {
    it(`of a ${server} server whose calls share an id have calls with ids of their own`, () => {
      const text = answerOf(server, [call('call_a', 'f'), call('call_b', 'g')]).replaceAll('call_b', 'call_a');
      const ids = codecs[server].decodeResponse(JSON.parse(text) as Json).response.parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []));
      assert.equal(new Set(ids).size, 2, text);
    });

    it(`of a ${server} server with a call without a name have failed`, () => {
      const text = answerOf(server, [call('call_a', 'nameless')]).replaceAll('"nameless"', '""');
      assert.throws(() => codecs[server].decodeResponse(JSON.parse(text) as Json), (error) => error instanceof FailedAnswerError || error instanceof ProtocolError);
    });
  }
});

describe('streams that are cut', () => {
  for (const server of protocols) {
    it(`by a ${server} server at any byte are an error, or complete`, () => {
      for (const { name, bytes } of streamsIn(`${server}/streams`)) {
        const whole = decodePieces(codecs[server].createStreamDecoder({ newId: countedIds() }), [bytes]);
        const said = JSON.stringify(contentOf(whole));
        for (const length of lengthsOf(bytes)) {
          const cut = decodePieces(codecs[server].createStreamDecoder({ newId: countedIds() }), [bytes.subarray(0, length)]);
          if (cut.at(-1)?.type === 'error') continue;
          assertWellFormed(cut);
          if (indistinguishable.has(name)) continue;
          assert.ok(whole.at(-1)?.type !== 'error', `${name}: an end at ${length} of ${bytes.length}, where the whole stream is an error`);
          assert.equal(JSON.stringify(contentOf(cut)), said, `${name}: an end at ${length} of ${bytes.length}`);
        }
      }
    });
  }
});

/** Everything but the counts, which may come behind the end. */
function contentOf(events: readonly IrEvent[]): readonly IrEvent[] {
  return events.filter(({ type }) => type !== 'usage');
}
