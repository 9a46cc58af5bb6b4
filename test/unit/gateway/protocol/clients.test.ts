/** The vendors' own clients read what the encoders write, streams with heartbeats included. No sockets: they are handed the answer. */
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { Ollama } from 'ollama/browser';
import OpenAI from 'openai';
import { anthropicMessages } from '../../../../src/gateway/protocol/anthropic-messages/index.ts';
import { responseEvents } from '../../../../src/gateway/protocol/collect.ts';
import type { IrError, IrResponse } from '../../../../src/gateway/protocol/ir.ts';
import { ollama } from '../../../../src/gateway/protocol/ollama/index.ts';
import { openAiChat } from '../../../../src/gateway/protocol/openai-chat/index.ts';
import { encodeAll } from './meaning.ts';

const answer: IrResponse = {
  id: 'resp-1',
  model: 'upstream',
  parts: [
    { type: 'reasoning', text: 'Let me see.', summary: false, signature: { origin: 'gemini', value: 'abcd' } },
    { type: 'text', text: 'Grüße, 世界 👋' },
    { type: 'tool-call', id: 'call:1', name: 'read', input: { type: 'json', text: '{"path":"a\\n"}' } },
    { type: 'tool-call', id: 'call_2', name: 'list', input: { type: 'json', text: '' } },
  ],
  finish: { reason: 'tool-calls' },
  usage: { inputUncached: 10, cacheRead: 5, outputText: 7, outputReasoning: 3 },
};
const refusal: IrResponse = { id: 'r', model: 'm', parts: [{ type: 'refusal', text: 'No.' }], finish: { reason: 'refusal' }, usage: {} };
const overloaded: IrError = { type: 'overloaded', status: 529, message: 'Overloaded, come back later' };

const respond = (body: string, contentType: string, status = 200, headers: Readonly<Record<string, string>> = {}) => async (): Promise<Response> => new Response(body, { status, headers: { 'content-type': contentType, ...headers } });

describe('the client of Anthropic', () => {
  const context = { model: 'claude-x', thinking: true, usedCallIds: [] };
  const client = (fetch: () => Promise<Response>): Anthropic => new Anthropic({ apiKey: 'x', baseURL: 'http://gateway.test', fetch, maxRetries: 0 });
  const request: Anthropic.MessageCreateParamsNonStreaming = { model: 'claude-x', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] };
  const streamOf = (response: IrResponse): string => encodeAll(anthropicMessages.createStreamEncoder(context), responseEvents(response), true);

  it('puts a stream together', async () => {
    const message = await client(respond(streamOf(answer), 'text/event-stream')).messages.stream(request).finalMessage();
    const [thinking, text, first, second] = message.content;
    assert.equal(thinking?.type === 'thinking' ? thinking.thinking : '', 'Let me see.');
    assert.match(thinking?.type === 'thinking' ? thinking.signature : '', /^[A-Za-z0-9+/=]+$/);
    assert.equal(text?.type === 'text' ? text.text : '', 'Grüße, 世界 👋');
    assert.deepEqual(first?.type === 'tool_use' ? [first.name, first.input] : [], ['read', { path: 'a\n' }]);
    assert.match(first?.type === 'tool_use' ? first.id : '', /^[a-zA-Z0-9_-]+$/);
    assert.deepEqual(second?.type === 'tool_use' ? [second.id, second.input] : [], ['call_2', {}]);
    assert.deepEqual([message.model, message.stop_reason, message.stop_sequence, message.id], ['claude-x', 'tool_use', null, 'msg_resp1']);
    const { input_tokens: input, output_tokens: output, cache_read_input_tokens: cached } = message.usage;
    assert.deepEqual([input, output, cached], [10, 10, 5]);
  });

  it('reads a whole answer', async () => {
    const body = JSON.stringify(anthropicMessages.encodeResponse(answer, context));
    const message = await client(respond(body, 'application/json')).messages.create(request);
    assert.deepEqual(message.content.map((block) => block.type), ['thinking', 'text', 'tool_use', 'tool_use']);
    assert.equal(message.usage.output_tokens, 10);
  });

  it('sees why an answer is refused', async () => {
    const message = await client(respond(streamOf(refusal), 'text/event-stream')).messages.stream(request).finalMessage();
    assert.equal(message.stop_reason, 'refusal');
    assert.equal(message.content[0]?.type === 'text' ? message.content[0].text : '', 'No.');
  });

  it('fails with an error in the stream, and with a stream that was cut off', async () => {
    const events = responseEvents(answer);
    const failing = encodeAll(anthropicMessages.createStreamEncoder(context), [...events.slice(0, 3), { type: 'error', error: overloaded }]);
    await assert.rejects(client(respond(failing, 'text/event-stream')).messages.stream(request).finalMessage(), (error) => error instanceof Anthropic.APIError && error.type === 'overloaded_error');
    const cut = encodeAll(anthropicMessages.createStreamEncoder(context), events.slice(0, 5));
    await assert.rejects(client(respond(cut, 'text/event-stream')).messages.stream(request).finalMessage(), /before the end/);
  });

  it('knows the error by its class', async () => {
    const { status, headers, body } = anthropicMessages.encodeError({ type: 'rate-limit', status: 429, message: 'slow down' });
    await assert.rejects(client(respond(JSON.stringify(body), 'application/json', status, headers)).messages.create(request), (error) => error instanceof Anthropic.RateLimitError && error.headers?.get('retry-after') === '5');
  });
});

describe('the client of OpenAI', () => {
  const context = { model: 'gpt-x', includeUsage: true, customTools: ['patch'], usedCallIds: [], created: 1_763_670_000 };
  const client = (fetch: () => Promise<Response>): OpenAI => new OpenAI({ apiKey: 'x', baseURL: 'http://gateway.test', fetch, maxRetries: 0 });
  const request: OpenAI.ChatCompletionCreateParamsNonStreaming = { model: 'gpt-x', messages: [{ role: 'user', content: 'hi' }] };
  const streamOf = (response: IrResponse): string => encodeAll(openAiChat.createStreamEncoder(context), responseEvents(response), true);

  it('puts a stream together', async () => {
    const completion = await client(respond(streamOf(answer), 'text/event-stream')).chat.completions.stream({ model: request.model, messages: request.messages }).finalChatCompletion();
    const choice = completion.choices[0];
    assert.equal(choice?.message.content, 'Grüße, 世界 👋');
    assert.equal(choice?.finish_reason, 'tool_calls');
    assert.deepEqual(choice?.message.tool_calls?.map((call) => (call.type === 'function' ? [call.function.name, call.function.arguments] : [])), [['read', '{"path":"a\\n"}'], ['list', '{}']]);
    assert.deepEqual([completion.model, completion.id, completion.created], ['gpt-x', 'resp-1', 1_763_670_000]);
    assert.deepEqual([completion.usage?.prompt_tokens, completion.usage?.completion_tokens, completion.usage?.prompt_tokens_details?.cached_tokens, completion.usage?.completion_tokens_details?.reasoning_tokens], [15, 10, 5, 3]);
  });

  it('reads a whole answer', async () => {
    const body = JSON.stringify(openAiChat.encodeResponse(answer, context));
    const completion = await client(respond(body, 'application/json')).chat.completions.create(request);
    assert.equal(completion.choices[0]?.message.tool_calls?.length, 2);
    assert.equal(completion.object, 'chat.completion');
  });

  it('sees why an answer is refused', async () => {
    const completion = await client(respond(streamOf(refusal), 'text/event-stream')).chat.completions.stream({ model: request.model, messages: request.messages }).finalChatCompletion();
    assert.equal(completion.choices[0]?.message.refusal, 'No.');
  });

  it('fails with an error in the stream', async () => {
    const failing = encodeAll(openAiChat.createStreamEncoder(context), [...responseEvents(answer).slice(0, 3), { type: 'error', error: overloaded }]);
    await assert.rejects(client(respond(failing, 'text/event-stream')).chat.completions.stream({ model: request.model, messages: request.messages }).finalChatCompletion(), /Overloaded/);
    assert.doesNotMatch(failing, /\[DONE\]/);
  });

  it('knows the error by its class', async () => {
    const { status, headers, body } = openAiChat.encodeError({ type: 'context-overflow', status: 400, message: 'the request exceeds the available context size' });
    await assert.rejects(client(respond(JSON.stringify(body), 'application/json', status, headers)).chat.completions.create(request), (error) => error instanceof OpenAI.BadRequestError && error.code === 'context_length_exceeded');
  });
});

describe('the client of Ollama', () => {
  const context = { model: 'qwen3', thinking: true, createdAt: '2026-11-20T12:00:00.000Z' };
  const client = (fetch: () => Promise<Response>): Ollama => new Ollama({ host: 'http://gateway.test', fetch });
  const request = { model: 'qwen3', messages: [{ role: 'user', content: 'hi' }] };

  it('puts a stream together', async () => {
    const text = encodeAll(ollama.createStreamEncoder(context), responseEvents(answer), true);
    const pieces = [];
    for await (const piece of await client(respond(text, 'application/x-ndjson')).chat({ ...request, stream: true })) pieces.push(piece);
    assert.equal(pieces.map((piece) => piece.message.content).join(''), 'Grüße, 世界 👋');
    assert.equal(pieces.map((piece) => piece.message.thinking ?? '').join(''), 'Let me see.');
    assert.deepEqual(pieces.flatMap((piece) => piece.message.tool_calls ?? []).map((call) => [call.function.name, call.function.arguments]), [['read', { path: 'a\n' }], ['list', {}]]);
    const last = pieces.at(-1);
    assert.deepEqual([last?.done, last?.done_reason, last?.prompt_eval_count, last?.eval_count, last?.model], [true, 'stop', 15, 10, 'qwen3']);
  });

  it('reads a whole answer', async () => {
    const reply = await client(respond(JSON.stringify(ollama.encodeResponse(answer, context)), 'application/json')).chat({ ...request, stream: false });
    assert.equal(reply.message.tool_calls?.length, 2);
    assert.equal(reply.done, true);
  });

  it('fails with an error in the stream, and by status', async () => {
    const failing = encodeAll(ollama.createStreamEncoder(context), [...responseEvents(answer).slice(0, 3), { type: 'error', error: overloaded }]);
    await assert.rejects(async () => {
      for await (const piece of await client(respond(failing, 'application/x-ndjson')).chat({ ...request, stream: true })) void piece;
    }, /Overloaded/);
    const { status, body } = ollama.encodeError(overloaded);
    await assert.rejects(client(respond(JSON.stringify(body), 'application/json', status)).chat(request), /Overloaded/);
  });
});
