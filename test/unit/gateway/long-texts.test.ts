import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type { Protocol } from '../../../src/core/protocol.ts';
import { type BodyMemory, createBodyMemory, type ReadBody } from '../../../src/gateway/body-memory.ts';
import { outlineOf } from '../../../src/gateway/body-outline.ts';
import { type LongTexts, takeLongTexts } from '../../../src/gateway/long-texts.ts';
import type { UpstreamTraits } from '../../../src/gateway/protocol/codec.ts';
import { codecs } from '../../../src/gateway/protocol/codecs.ts';
import { parseBodyJson } from '../../../src/gateway/protocol/json.ts';
import { translateRequest } from '../../../src/gateway/translate-request.ts';
import { fixtures } from './protocol/replay.ts';

const protocols = Object.keys(codecs) as readonly Protocol[];
const line = { model: 'm', stream: false, receivedAt: 0 };
const traits: UpstreamTraits = { images: true, documents: true, reasoningField: 'reasoning_content', systemAnywhere: true, contextWindow: 200_000 };
const filler = 'The quick brown fox jumps over the lazy dog. '.repeat(900);

function readWith(memory: BodyMemory, body: string): ReadBody {
  const read = memory.read(Buffer.from(body));
  assert.ok(read);
  return read;
}

function take(bytes: Buffer): LongTexts | undefined {
  const outline = outlineOf(bytes);
  return outline && takeLongTexts(outline);
}

/** What is sent, by both ways; ids that are made up are the same in both. */
function translated(body: string, client: Protocol, server: Protocol, memory = createBodyMemory()): { readonly whole: unknown; readonly around: unknown; readonly lifted: boolean } {
  const options = { client: codecs[client], upstream: codecs[server], line, prepare: <T,>(request: T): T => request, traits };
  const { body: sent, context, warnings } = translateRequest(readWith(memory, body), options);
  const json = parseBodyJson(body);
  assert.ok(json !== undefined);
  const decoded = codecs[client].decodeRequest(json, line);
  const encoded = codecs[server].encodeRequest(decoded.request, traits);
  const text = typeof sent === 'string' ? sent : Buffer.isBuffer(sent) ? sent.toString() : Buffer.concat(sent).toString();
  const comparable = (value: object): object => JSON.parse(JSON.stringify(value)) as object;
  return {
    whole: { body: comparable(encoded.body as object), context: comparable(decoded.context), warnings: [...decoded.warnings, ...encoded.warnings] },
    around: { body: JSON.parse(text) as unknown, context: comparable(context), warnings },
    lifted: typeof sent !== 'string',
  };
}

/** Bodies of each client with given texts where its conversation has texts. */
const bodies: Readonly<Record<Protocol, (texts: readonly string[]) => object>> = {
  'anthropic-messages': ([a = '', b = '', c = '', d = '']) => ({
    model: 'm',
    max_tokens: 100,
    system: [{ type: 'text', text: a }],
    tools: [{ name: 'write', description: d, input_schema: { type: 'object', properties: { description: { type: 'string', description: c } } } }],
    messages: [
      { role: 'user', content: b },
      { role: 'assistant', content: [{ type: 'text', text: c }, { type: 'tool_use', id: 'call_1', name: 'write', input: { content: d, text: a } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', is_error: true, content: [{ type: 'text', text: d }] }, { type: 'text', text: b }] },
    ],
  }),
  'openai-chat': ([a = '', b = '', c = '', d = '']) => ({
    model: 'm',
    tools: [{ type: 'function', function: { name: 'write', description: d, parameters: { type: 'object', properties: { text: { type: 'string', description: c } } } } }],
    messages: [
      { role: 'system', content: a },
      { role: 'user', content: [{ type: 'text', text: b }] },
      { role: 'assistant', content: c, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'write', arguments: JSON.stringify({ content: d }) } }] },
      { role: 'tool', tool_call_id: 'call_1', content: d },
    ],
  }),
  'openai-responses': ([a = '', b = '', c = '', d = '']) => ({
    model: 'm',
    instructions: a,
    tools: [{ type: 'function', name: 'write', description: d, parameters: { type: 'object', properties: { text: { type: 'string', description: c } } }, strict: false }],
    input: [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: b }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: c }] },
      { type: 'function_call', call_id: 'call_1', name: 'write', arguments: JSON.stringify({ content: d }) },
      { type: 'function_call_output', call_id: 'call_1', output: d },
    ],
  }),
  gemini: ([a = '', b = '', c = '', d = '']) => ({
    systemInstruction: { parts: [{ text: a }] },
    tools: [{ functionDeclarations: [{ name: 'write', description: d, parameters: { type: 'OBJECT', properties: { text: { type: 'STRING', description: c } } } }] }],
    contents: [
      { role: 'user', parts: [{ text: b }] },
      { role: 'model', parts: [{ text: c }, { functionCall: { name: 'write', args: { content: d } } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'write', response: { output: d } } }] },
    ],
  }),
  ollama: ([a = '', b = '', c = '', d = '']) => ({
    model: 'm',
    tools: [{ type: 'function', function: { name: 'write', description: d, parameters: { type: 'object', properties: { text: { type: 'string', description: c } } } } }],
    messages: [
      { role: 'system', content: a },
      { role: 'user', content: b },
      { role: 'assistant', content: c, tool_calls: [{ function: { name: 'write', arguments: { content: d } } }] },
      { role: 'tool', tool_name: 'write', content: d },
    ],
  }),
};

/** What is known of a body is used again, so that nobody may change it. */
function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
}

/** Long enough to be taken out, with everything in it that JSON writes in a way of its own. */
const awkward = fc.constantFrom('"', '\\', '\n', '\t', '\u0001', '\u001f', '/', 'é', '漢', '😀', '\ud800', '\u2028', ' ', '{', '}', 'u0001', 'error', '<think>', '</think>', 'data:image/png;base64,');
const longText = fc
  .tuple(fc.array(fc.oneof({ weight: 3, arbitrary: fc.lorem({ maxCount: 12 }) }, { weight: 2, arbitrary: awkward }), { minLength: 1, maxLength: 60 }), fc.nat(80), fc.boolean())
  .map(([words, repeats, isSpaced]) => words.join(isSpaced ? ' ' : '').repeat(repeats + 1));
const anyText = fc.oneof(longText, fc.constant(filler), fc.string({ unit: 'binary' }), fc.json().map((json) => json + ' '.repeat(3000) + json));

describe('long texts of a conversation', () => {
  for (const client of protocols) {
    for (const server of protocols) {
      if (client === server) continue;
      it(`arrive as if they had been read, from ${client} to ${server}`, () => {
        let lifted = 0;
        fc.assert(
          fc.property(fc.array(anyText, { minLength: 4, maxLength: 4 }), fc.constantFrom(undefined, 1), (texts, indent) => {
            const result = translated(JSON.stringify(bodies[client](texts), undefined, indent), client, server);
            if (result.lifted) lifted++;
            assert.deepEqual(result.around, result.whole);
          }),
          { numRuns: 60 },
        );
        const plain = translated(JSON.stringify(bodies[client]([filler, filler, filler, filler])), client, server);
        assert.ok(plain.lifted && lifted > 0, 'the short way was taken');
        assert.deepEqual(plain.around, plain.whole);
      });
    }
  }

  it('arrive when the conversation goes on, whatever of it is known already', () => {
    let known = 0;
    const pairs = protocols.flatMap((client) => protocols.filter((server) => server !== client).map((server) => [client, server] as const));
    const step = fc.record({
      pair: fc.constantFrom(...pairs),
      /** Of the turns so far, the one from which on they are others now. */
      keep: fc.oneof({ weight: 3, arbitrary: fc.constant(9) }, { weight: 1, arbitrary: fc.nat({ max: 3 }) }),
      add: fc.array(fc.tuple(anyText, anyText), { maxLength: 2 }),
      /** Instructions and tools; the first pair most of the time. */
      frame: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.tuple(anyText, anyText) }),
      isToolsFirst: fc.boolean(),
      indent: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constant(1) }),
    });
    fc.assert(
      fc.property(fc.constantFrom(...protocols), fc.array(step, { minLength: 2, maxLength: 5 }), (client, steps) => {
        const memory = createBodyMemory();
        let turns: (readonly [string, string])[] = [[filler, filler]];
        for (const { pair, keep, add, frame, isToolsFirst, indent } of steps) {
          turns = [...turns.slice(0, keep), ...add].slice(-5);
          if (turns.length === 0) turns = [[filler, filler]];
          const [instructions, tool] = frame ?? [filler, filler];
          const list = (['messages', 'input', 'contents'] as const).find((name) => name in bodies[client]([])) ?? 'messages';
          const { tools, ...rest } = bodies[client]([instructions, '', tool, tool]) as Record<string, unknown>;
          const all = { ...(isToolsFirst ? { tools, ...rest } : { ...rest, tools }), [list]: turns.flatMap(([b, c]) => (bodies[client]([instructions, b, c, b]) as Record<string, readonly unknown[]>)[list] ?? []) };
          const body = JSON.stringify(all, undefined, indent);
          const result = translated(body, client, pair[0] === client ? pair[1] : client === 'ollama' ? 'gemini' : 'ollama', memory);
          assert.deepEqual(result.around, result.whole);
          const read = readWith(memory, body);
          known += read.outline.knownTurns;
          if (read.before) deepFreeze(read.before.parsed.json);
        }
      }),
      { numRuns: 60 },
    );
    assert.ok(known > 50, String(known));
  });

  it('are told apart where only their middles differ, whichever was sent before', () => {
    const middle = (name: string): string => `${filler.slice(0, 20_000)}${name}${filler.slice(20_000)}`;
    for (const client of protocols) {
      const list = (['messages', 'input', 'contents'] as const).find((name) => name in bodies[client]([])) ?? 'messages';
      for (const server of protocols) {
        if (client === server) continue;
        const memory = createBodyMemory();
        for (const name of ['one', 'two', 'one', 'six', 'two', 'ten']) {
          // Instructions and tools stand behind the turns, which are the same every time.
          const { [list]: turns, ...rest } = bodies[client]([middle(name), filler, filler, middle(name)]) as Record<string, unknown>;
          const known = bodies[client]([filler, filler, filler, filler]) as Record<string, unknown>;
          const { around, whole } = translated(JSON.stringify({ model: 'm', [list]: name === 'six' ? turns : known[list], ...rest }), client, server, memory);
          assert.deepEqual(around, whole, `${name}, from ${client} to ${server}`);
        }
      }
    }
  });

  it('arrive in what real clients send', () => {
    let count = 0;
    for (const client of protocols) {
      for (const file of globSync('*.json', { cwd: join(fixtures, client, 'requests') })) {
        if (/\.(ir|to\.[a-z-]+)\.json$/.test(file)) continue;
        const recorded = JSON.parse(readFileSync(join(fixtures, client, 'requests', file), 'utf8')) as unknown;
        const grown = JSON.stringify(recorded, (key, value: unknown) => (typeof value === 'string' && ['text', 'content', 'output'].includes(key) ? `${value} ${filler}${value}` : value));
        for (const server of protocols) {
          if (client === server) continue;
          const { around, whole } = translated(grown, client, server);
          assert.deepEqual(around, whole, `${file} to ${server}`);
          count++;
        }
      }
    }
    assert.ok(count > 20, String(count));
  });

  it('are left in the body where anything is out of the ordinary', () => {
    const taken = (text: string): boolean => take(Buffer.from(`{"messages":[{"role":"user","content":"${text}"}]}`)) !== undefined;
    assert.ok(taken(filler));
    assert.ok(!taken(`{\\"a\\": 1 ${filler}`), 'what may be JSON itself');
    assert.ok(!taken(`\\n [${filler}`));
    assert.ok(!taken(`${filler}\\x${filler}`), 'a broken escape');
    assert.ok(!taken(`${filler}\\u12g4${filler}`));
    assert.ok(!taken(`${filler}\n${filler}`), 'a bare line end');
    assert.ok(!taken(`${filler}${' '.repeat(5000)}`), 'an end that may be trimmed');
    assert.ok(!taken('x'.repeat(50_000)));
    assert.equal(take(Buffer.from(`{"messages":[{"role":"assistant","content":[{"type":"thinking","signature":"b3BlcmF0b3Iuc2VhbGVk"},{"type":"text","text":"${filler}"}]}]}`)), undefined, 'a proof of another server');
    assert.equal(take(Buffer.concat([Buffer.from(`{"messages":[{"content":"${filler}`), Buffer.from([0xff]), Buffer.from(`${filler}"}]}`)])), undefined, 'no UTF-8');
    assert.equal(take(Buffer.from(`{"tools":[{"content":"${filler}"}]}`)), undefined, 'no conversation');
  });

  it('are refused by a text in which a mark was changed', () => {
    const body = JSON.stringify({ messages: [{ role: 'user', content: filler }] });
    const texts = take(Buffer.from(body));
    assert.ok(texts);
    const skeleton = JSON.stringify(texts.parsed.json);
    const restored = (json: string): string | undefined => texts.restore(json)?.join('');
    assert.equal(restored(skeleton), body);
    const { content } = (JSON.parse(skeleton) as { readonly messages: readonly [{ readonly content: string }] }).messages[0];
    assert.equal(restored(JSON.stringify(content)), JSON.stringify(filler));
    assert.equal(restored(JSON.stringify(JSON.stringify(content))), JSON.stringify(JSON.stringify(filler)), 'in JSON that is in a string');
    const from = content.indexOf('\u0001');
    const to = content.lastIndexOf('\u0001') + 1;
    assert.ok(to - from > 30);
    for (let cut = from + 1; cut < to; cut++) {
      assert.equal(restored(JSON.stringify(content.slice(0, cut))), undefined, content.slice(from, cut));
      assert.equal(restored(JSON.stringify(content.slice(cut))), undefined, content.slice(cut, to));
    }
    assert.equal(restored(JSON.stringify(JSON.stringify(JSON.stringify(content)))), undefined, 'three times in a string');
  });
});
