/** OpenAI's own client reads what the encoders write, heartbeats included. No sockets: it is handed the answer. */
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { responseEvents } from '../../../../../src/gateway/protocol/collect.ts';
import { openAiResponses } from '../../../../../src/gateway/protocol/openai-responses/index.ts';
import type { IrEvent, IrResponse } from '../../../../../src/gateway/protocol/ir.ts';

const tools: OpenAI.Responses.Tool[] = [
  { type: 'function', name: 'read', parameters: { type: 'object', properties: {} }, strict: false },
  { type: 'custom', name: 'apply_patch' },
  { type: 'namespace', name: 'agents', description: 'Sub-agents.', tools: [{ type: 'function', name: 'spawn' }] },
];
const { context } = openAiResponses.decodeRequest({ model: 'gpt-x', input: 'hi', tools: JSON.parse(JSON.stringify(tools)) }, { receivedAt: 1_795_197_711_000 });
const answer: IrResponse = {
  id: 'msg_1',
  model: 'upstream',
  parts: [
    { type: 'reasoning', text: 'Let me see.', summary: false, signature: { origin: 'anthropic-messages', value: 'abcd' } },
    { type: 'text', text: 'Grüße, 世界 👋' },
    { type: 'tool-call', id: 'c1', name: 'read', input: { type: 'json', text: '{"path":"a\\n"}' }, signature: { origin: 'gemini', value: 'efgh' } },
    { type: 'tool-call', id: 'c2', name: 'agents__spawn', input: { type: 'json', text: '' } },
    { type: 'tool-call', id: 'c3', name: 'apply_patch', input: { type: 'json', text: '{"input":"*** Begin Patch"}' } },
  ],
  finish: { reason: 'tool-calls' },
  usage: { inputUncached: 10, cacheRead: 5, outputText: 7, outputReasoning: 3 },
};

function client(body: string, contentType: string, status = 200, headers: Readonly<Record<string, string>> = {}): OpenAI {
  return new OpenAI({ apiKey: 'x', baseURL: 'http://gateway.test', maxRetries: 0, fetch: async () => new Response(body, { status, headers: { 'content-type': contentType, ...headers } }) });
}

function streamOf(events: readonly IrEvent[]): string {
  const encoder = openAiResponses.createStreamEncoder(context);
  return encoder.heartbeat() + events.map((event) => encoder.encode(event) + encoder.heartbeat()).join('') + encoder.end();
}

const request = { model: 'gpt-x', input: 'hi', tools };

describe('openai-responses: the client of OpenAI', () => {
  it('puts a stream together', async () => {
    const response = await client(streamOf(responseEvents(answer)), 'text/event-stream').responses.stream(request).finalResponse();
    assert.deepEqual(response.output.map((item) => item.type), ['reasoning', 'message', 'function_call', 'reasoning', 'function_call', 'custom_tool_call']);
    assert.equal(response.output_text, 'Grüße, 世界 👋');
    const [read, spawn] = response.output.filter((item) => item.type === 'function_call');
    assert.deepEqual([read?.name, read?.arguments, read?.call_id], ['read', '{"path":"a\\n"}', 'c1']);
    assert.deepEqual([spawn?.name, spawn?.namespace, spawn?.arguments], ['spawn', 'agents', '{}']);
    assert.equal(response.output.find((item) => item.type === 'custom_tool_call')?.input, '*** Begin Patch');
    assert.deepEqual([response.model, response.status, response.created_at], ['gpt-x', 'completed', 1_795_197_711]);
    assert.deepEqual([response.usage?.input_tokens, response.usage?.output_tokens, response.usage?.input_tokens_details.cached_tokens, response.usage?.output_tokens_details.reasoning_tokens], [15, 10, 5, 3]);
  });

  it('reads a whole answer', async () => {
    const response = await client(JSON.stringify(openAiResponses.encodeResponse(answer, context)), 'application/json').responses.create(request);
    assert.equal(response.output_text, 'Grüße, 世界 👋');
    assert.equal(response.tools.length, 3);
  });

  it('fails with an error in the stream, and with a stream that was cut off', async () => {
    const [first, ...rest] = responseEvents(answer);
    assert.ok(first);
    const failing = streamOf([first, ...rest.slice(0, 3), { type: 'error', error: { type: 'overloaded', status: 529, message: 'Overloaded, come back later' } }]);
    await assert.rejects(client(failing, 'text/event-stream').responses.stream(request).finalResponse(), (error) => error instanceof OpenAI.APIError && /Overloaded/.test(error.message));
    await assert.rejects(client(streamOf([first, ...rest.slice(0, 5)]), 'text/event-stream').responses.stream(request).finalResponse(), /before the end/);
  });

  it('knows the error by its class', async () => {
    const { status, headers, body } = openAiResponses.encodeError({ type: 'rate-limit', status: 429, message: 'slow down' });
    await assert.rejects(client(JSON.stringify(body), 'application/json', status, headers).responses.create(request), (error) => error instanceof OpenAI.RateLimitError && error.code === 'rate_limit_exceeded' && error.headers?.get('retry-after') === '5');
  });

  it('writes requests that are understood whole', async () => {
    let sent = '';
    const writing = new OpenAI({
      apiKey: 'x',
      baseURL: 'http://gateway.test',
      fetch: async (_url, init) => {
        sent = String(init?.body);
        return new Response(JSON.stringify(openAiResponses.encodeResponse(answer, context)), { headers: { 'content-type': 'application/json' } });
      },
    });
    const first = await writing.responses.create(request);
    await writing.responses.create({ ...request, input: [{ role: 'user', content: 'hi' }, ...(first.output as OpenAI.Responses.ResponseInputItem[]), { type: 'function_call_output', call_id: 'c1', output: 'text' }, { type: 'custom_tool_call_output', call_id: 'c3', output: 'done' }] });
    const { request: decoded, warnings } = openAiResponses.decodeRequest(JSON.parse(sent), {});
    assert.deepEqual(warnings, []);
    assert.deepEqual(decoded.messages[1]?.parts, answer.parts.map((part) => (part.type !== 'tool-call' ? part : part.name === 'apply_patch' ? { ...part, input: { type: 'text', text: '*** Begin Patch' } } : part.input.text === '' ? { ...part, input: { type: 'json', text: '{}' } } : part)));
  });
});
