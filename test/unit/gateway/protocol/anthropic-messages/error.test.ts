import assert from 'node:assert/strict';
import { anthropicMessages } from '../../../../../src/gateway/protocol/anthropic-messages/index.ts';
import { carriesForeignThoughts } from '../../../../../src/gateway/protocol/anthropic-messages/index.ts';
import { ProtocolError } from '../../../../../src/gateway/protocol/codec.ts';
import type { IrErrorType, Json, JsonObject } from '../../../../../src/gateway/protocol/ir.ts';
import { createBodyMemory } from '../../../../../src/gateway/body-memory.ts';
import { bodyMarks } from '../../../../../src/gateway/needs-hub.ts';

describe('anthropic-messages: errors', () => {
  const shapes: readonly (readonly [type: IrErrorType, status: number, name: string, headers: Readonly<Record<string, string>>])[] = [
    ['invalid-request', 400, 'invalid_request_error', {}],
    ['authentication', 401, 'authentication_error', { 'x-should-retry': 'false' }],
    ['permission', 403, 'permission_error', { 'x-should-retry': 'false' }],
    ['billing', 402, 'billing_error', { 'x-should-retry': 'false' }],
    ['not-found', 404, 'not_found_error', { 'x-should-retry': 'false' }],
    ['too-large', 413, 'request_too_large', {}],
    ['rate-limit', 429, 'rate_limit_error', { 'retry-after': '5' }],
    ['overloaded', 529, 'overloaded_error', {}],
    ['timeout', 504, 'timeout_error', {}],
    ['network', 502, 'api_error', {}],
    ['server', 500, 'api_error', {}],
    ['truncated', 502, 'api_error', {}],
  ];
  for (const [type, status, name, headers] of shapes) {
    it(`${type} is ${status} ${name}`, () => {
      assert.deepEqual(anthropicMessages.encodeError({ type, status: 418, message: 'why' }), { status, headers, body: { type: 'error', error: { type: name, message: 'why' } } });
    });
  }

  for (const type of ['network', 'timeout'] as const) {
    it(`a server that cannot be reached (${type}) is not asked again for minutes`, () => {
      const { status, headers } = anthropicMessages.encodeError({ type, status: 424, message: 'why' });
      assert.deepEqual([status, headers], [424, { 'x-should-retry': 'false' }]);
    });
  }

  it('a conversation that is too long is told in the words that claude compacts on', () => {
    const told = (message: string): string => ((anthropicMessages.encodeError({ type: 'context-overflow', status: 400, message }).body as JsonObject)['error'] as JsonObject)['message'] as string;
    // What claude 2.1 looks for.
    const numbers = /prompt is too long[^0-9]*(\d+)\s*tokens?\s*>\s*(\d+)/i;
    assert.deepEqual(numbers.exec(told('request (68879 tokens) exceeds the available context size (65536 tokens), try increasing it'))?.slice(1), ['68879', '65536']);
    assert.equal(told('prompt is too long: 208310 tokens > 200000 maximum'), 'prompt is too long: 208310 tokens > 200000 maximum');
    const plain = told('the input length exceeds the context length');
    assert.match(plain, /prompt is too long/);
    assert.match(plain, /capability_rejected: prompt_too_long/);
    assert.match(plain, /the input length exceeds the context length/);
  });

  it('an answer for which there is no room makes claude ask for a shorter one', () => {
    const { body } = anthropicMessages.encodeError({ type: 'context-overflow', status: 400, message: "This model's maximum context length is 262144 tokens. You requested a total of 262462 tokens: 230462 tokens from the input messages and 32000 tokens for the completion." });
    assert.match(((body as JsonObject)['error'] as JsonObject)['message'] as string, /^input length and `max_tokens` exceed context limit: 230462 \+ 32000 > 262144/);
  });

  it('a request that nobody can understand names the field', () => {
    const pathOf = (body: Json): string => {
      try {
        anthropicMessages.decodeRequest(body, {});
      } catch (error) {
        assert.ok(error instanceof ProtocolError);
        return error.path;
      }
      return '';
    };
    assert.equal(pathOf({ messages: [] }), 'model');
    assert.equal(pathOf({ model: 'm', messages: [{ role: 'user', content: [{ type: 'text', text: 5 }] }] }), 'messages.0.content.0.text');
    assert.equal(pathOf({ model: 'm', messages: [{ role: 'robot', content: 'x' }] }), 'messages.0.role');
    assert.equal(pathOf({ model: 'm', messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text' }] }] }] }), 'messages.0.content.0.text');
    assert.equal(pathOf({ model: 'm', messages: [{ role: 'user', content: [{ type: 'tomorrow', data: {}, text: 1 }] }] }), '', 'blocks of tomorrow are skipped');
    assert.equal(pathOf('nonsense'), '');
  });

  it('thoughts that nobody signed are noticed in a body that would be passed on as it is', () => {
    const carries = (turn: string): boolean => {
      const read = createBodyMemory().read(Buffer.from(`{"messages":[${turn}]}`));
      assert.ok(read);
      return carriesForeignThoughts(bodyMarks(read));
    };
    assert.equal(carries('{"thinking":"a","signature":"EqQB"},{"thinking":"a", "signature" :\n ""}'), true);
    assert.equal(carries('{"thinking":"a","signature":"EqQB"}'), false);
    assert.equal(carries(JSON.stringify({ text: '{"thinking":"a","signature":""}' })), false);
    assert.equal(carries('{"x":"signature","y":"","signature":1}'), false);
  });
});
