/** Google's own client reads what the encoders write. It knows no other way to the network than the global fetch, which is lent to it. */
import assert from 'node:assert/strict';
import { ApiError, type GenerateContentResponse, GoogleGenAI, Type } from '@google/genai';
import { responseEvents } from '../../../../../src/gateway/protocol/collect.ts';
import { gemini } from '../../../../../src/gateway/protocol/gemini/index.ts';
import type { IrEvent, IrResponse, JsonObject } from '../../../../../src/gateway/protocol/ir.ts';

const answer: IrResponse = {
  id: 'msg_1',
  model: 'upstream',
  parts: [
    { type: 'reasoning', text: 'Let me see.', summary: false, signature: { origin: 'anthropic-messages', value: 'abcd' } },
    { type: 'text', text: 'Grüße, 世界 👋' },
    { type: 'tool-call', id: 'toolu_1', name: 'read', input: { type: 'json', text: '{"path":"a\\n"}' } },
    { type: 'tool-call', id: 'toolu_2', name: 'list', input: { type: 'json', text: '' } },
  ],
  finish: { reason: 'tool-calls' },
  usage: { inputUncached: 10, cacheRead: 5, outputText: 7, outputReasoning: 3 },
};

describe('gemini: the client of Google', () => {
  const original = globalThis.fetch;
  let sent: { readonly url: string; readonly body: JsonObject } | undefined;
  let reply: (events: readonly string[]) => Response = () => new Response();
  let pieces: readonly string[] = [];

  before(() => {
    globalThis.fetch = async (url, init) => {
      sent = { url: String(url), body: JSON.parse(String(init?.body)) as JsonObject };
      return reply(pieces);
    };
  });
  after(() => {
    globalThis.fetch = original;
  });

  const client = new GoogleGenAI({ apiKey: 'x', httpOptions: { baseUrl: 'http://gateway.test', retryOptions: { attempts: 1 } } });
  const request = {
    model: 'openai/gpt-oss:20b',
    contents: 'hi',
    config: { systemInstruction: 'Be brief.', thinkingConfig: { includeThoughts: true }, tools: [{ functionDeclarations: [{ name: 'read', parameters: { type: Type.OBJECT, properties: { path: { type: Type.STRING, nullable: true } } } }] }] },
  };
  const { context } = gemini.decodeRequest({ contents: [{ parts: [{ text: 'hi' }] }], generationConfig: { thinkingConfig: { includeThoughts: true } } }, { model: 'm', stream: true, sse: true });

  function streamed(events: readonly IrEvent[]): void {
    const encoder = gemini.createStreamEncoder(context);
    pieces = [encoder.heartbeat(), ...events.flatMap((event) => [encoder.encode(event), event.type === 'error' ? '' : encoder.heartbeat()]), encoder.end()].filter((piece) => piece !== '');
    reply = (list) => new Response(new ReadableStream({ start: (controller) => (list.forEach((piece) => controller.enqueue(new TextEncoder().encode(piece))), controller.close()) }), { headers: { 'content-type': encoder.contentType } });
  }

  async function read(): Promise<readonly GenerateContentResponse[]> {
    const chunks: GenerateContentResponse[] = [];
    for await (const chunk of await client.models.generateContentStream(request)) chunks.push(chunk);
    return chunks;
  }

  it('puts a stream together', async () => {
    streamed(responseEvents(answer));
    const chunks = await read();
    const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
    assert.deepEqual(parts.filter((part) => part.thought === true).map(({ text }) => text), ['Let me see.']);
    assert.equal(parts.filter((part) => part.thought !== true).map(({ text }) => text ?? '').join(''), 'Grüße, 世界 👋');
    assert.deepEqual(chunks.flatMap((chunk) => chunk.functionCalls ?? []), [{ id: 'toolu_1', name: 'read', args: { path: 'a\n' } }, { id: 'toolu_2', name: 'list', args: {} }]);
    const last = chunks.at(-1);
    assert.deepEqual([last?.candidates?.[0]?.finishReason, last?.usageMetadata?.promptTokenCount, last?.usageMetadata?.cachedContentTokenCount, last?.usageMetadata?.totalTokenCount, last?.modelVersion, last?.responseId], ['STOP', 15, 5, 25, 'm', 'msg_1']);
  });

  it('reads a whole answer', async () => {
    reply = () => new Response(JSON.stringify(gemini.encodeResponse(answer, context)), { headers: { 'content-type': 'application/json' } });
    const response = await client.models.generateContent(request);
    assert.equal(response.candidates?.[0]?.content?.parts?.length, 4);
    assert.equal(response.functionCalls?.length, 2);
  });

  it('fails with an error in the stream, and with a stream that was cut off', async () => {
    streamed([...responseEvents(answer).slice(0, 4), { type: 'error', error: { type: 'overloaded', status: 529, message: 'Overloaded, come back later' } }]);
    await assert.rejects(read(), (error) => error instanceof ApiError && error.status === 503 && /Overloaded/.test(error.message));
    streamed(responseEvents(answer).slice(0, 4));
    await assert.rejects(read(), /before the end/);
  });

  it('knows the error by its status', async () => {
    const { status, headers, body } = gemini.encodeError({ type: 'not-found', status: 404, message: 'no such model' });
    reply = () => new Response(JSON.stringify(body), { status, headers: { ...headers, 'content-type': 'application/json' } });
    await assert.rejects(client.models.generateContent(request), (error) => error instanceof ApiError && error.status === 404 && /no such model/.test(error.message));
  });

  it('writes requests that are understood whole, what it keeps of an answer included', async () => {
    reply = () => new Response(JSON.stringify(gemini.encodeResponse(answer, context)), { headers: { 'content-type': 'application/json' } });
    const { candidates } = await client.models.generateContent(request);
    const model = candidates?.[0]?.content;
    assert.ok(model);
    await client.models.generateContent({ ...request, contents: [{ role: 'user', parts: [{ text: 'hi' }] }, model, { role: 'user', parts: [{ functionResponse: { id: 'toolu_1', name: 'read', response: { output: 'text' } } }] }] });
    assert.match(sent?.url ?? '', /\/models\/openai\/gpt-oss:20b:generateContent$/);
    const { request: decoded, warnings } = gemini.decodeRequest(sent?.body ?? {}, { model: 'm' });
    assert.deepEqual(warnings, []);
    assert.deepEqual(decoded.tools[0]?.type === 'function' && decoded.tools[0].schema, { type: 'object', properties: { path: { type: ['string', 'null'] } } });
    assert.deepEqual(decoded.messages.map(({ role }) => role), ['system', 'user', 'assistant', 'user']);
    assert.deepEqual(decoded.messages[2]?.parts, answer.parts.map((part) => (part.type === 'tool-call' && part.input.text === '' ? { ...part, input: { type: 'json', text: '{}' } } : part)));
  });
});
