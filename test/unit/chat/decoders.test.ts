import assert from 'node:assert/strict';
import fc from 'fast-check';
import { anthropicMessages } from '../../../src/core/chat/anthropic-messages.ts';
import type { ChatCodec, ChatEvent } from '../../../src/core/chat/model.ts';
import { ollama } from '../../../src/core/chat/ollama.ts';
import { openaiChat } from '../../../src/core/chat/openai-chat.ts';
import { crumbs, cuts, decodeAll, decodeText, encode, reasoningOf, textOf } from './support.ts';
import * as wire from './wire.ts';

const cases: readonly { readonly codec: ChatCodec; readonly answers: Readonly<Record<string, string>> }[] = [
  { codec: openaiChat, answers: wire.openai },
  { codec: ollama, answers: wire.ollama },
  { codec: anthropicMessages, answers: wire.anthropic },
];

function decode(codec: ChatCodec, answer: string): ChatEvent[] {
  return decodeText(codec.createDecoder(), answer);
}

function failureOf(events: readonly ChatEvent[]): string {
  const last = events.at(-1);
  assert.equal(last?.type, 'error');
  return `${last.failure.kind}: ${last.failure.message}`;
}

for (const { codec, answers } of cases) {
  describe(`decoding ${codec.protocol}`, () => {
    for (const [name, answer] of Object.entries(answers)) {
      it(`gives the same events for any cut of the answer “${name}”`, () => {
        const bytes = encode(answer);
        const expected = decodeAll(codec.createDecoder(), [bytes]);
        assert.deepEqual(decodeAll(codec.createDecoder(), crumbs(bytes)), expected);
        fc.assert(
          fc.property(cuts(bytes), (pieces) => assert.deepEqual(decodeAll(codec.createDecoder(), pieces), expected)),
          { numRuns: 50 },
        );
      });

      it(`does not mind CRLF in the answer “${name}”`, () => {
        assert.deepEqual(decode(codec, answer.replaceAll('\n', '\r\n')), decode(codec, answer));
      });

      it(`ends the answer “${name}” with exactly one last event`, () => {
        const ends = decode(codec, answer).filter(({ type }) => type === 'finish' || type === 'error');
        assert.equal(ends.length, 1);
      });
    }

    it('calls every early end truncated and never makes up an end', () => {
      const bytes = encode(answers['plain'] ?? '');
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), (length) => {
          const last = decodeAll(codec.createDecoder(), [bytes.subarray(0, length)]).at(-1);
          // A finish is true only when the server's own reason has arrived; a cut inside JSON is malformed or truncated.
          const arrived = new TextDecoder().decode(bytes.subarray(0, length));
          if (last?.type === 'finish') assert.match(arrived, /"finish_reason":"stop"|"done":true|"stop_reason":"end_turn"/);
          else assert.ok(last?.type === 'error' && ['truncated', 'malformed'].includes(last.failure.kind));
        }),
      );
    });

    it('says nothing more after its last event', () => {
      const decoder = codec.createDecoder();
      decoder.push(encode(answers['failing'] ?? ''));
      assert.deepEqual(decoder.push(encode(answers['plain'] ?? '')), []);
      assert.deepEqual(decoder.end(), []);
    });

    it('reads text of every width', () => {
      assert.equal(textOf(decode(codec, answers['plain'] ?? '')), 'Grüß 世界 🌍');
    });

    it('refuses bytes that are something else', () => {
      assert.match(failureOf(decode(codec, 'data: {not json}\n\n')), /^malformed: The server sent (an event|a line) that is not JSON$/);
      assert.match(failureOf(decode(codec, '')), /^truncated: /);
    });
  });
}

describe('openai-chat', () => {
  const { openai } = wire;

  it('reports usage and finish in this order', () => {
    assert.deepEqual(decode(openaiChat, openai.plain).slice(-2), [
      { type: 'usage', inputTokens: 9, outputTokens: 4 },
      { type: 'finish', reason: 'stop' },
    ]);
  });

  it('keeps reasoning apart, in each of its fields and forms', () => {
    assert.equal(reasoningOf(decode(openaiChat, openai.reasoning)), 'Hm – ja');
    assert.equal(textOf(decode(openaiChat, openai.reasoning)), 'Ja');
    assert.deepEqual(decode(openaiChat, openai.reasoning).at(-1), { type: 'finish', reason: 'length' });
    assert.equal(reasoningOf(decode(openaiChat, openai.parts)), 'Hm');
    assert.equal(textOf(decode(openaiChat, openai.parts)), 'Ja');
  });

  it('takes a finish reason for the end where [DONE] is missing', () => {
    assert.deepEqual(decode(openaiChat, openai.bare), [{ type: 'text-delta', text: 'Ja' }, { type: 'finish', reason: 'stop' }]);
  });

  it('does not wait for more after [DONE]', () => {
    const events = openaiChat.createDecoder().push(encode(openai.plain));
    assert.equal(events.at(-1)?.type, 'finish');
  });

  it('shows an error in mid-answer in the words of the server', () => {
    assert.equal(failureOf(decode(openaiChat, openai.failing)), 'server: The server stopped with an error: CUDA out of memory');
    assert.equal(failureOf(decode(openaiChat, openai.errorField)), 'server: The server stopped with an error: context shift is disabled');
    assert.equal(textOf(decode(openaiChat, openai.failing)), 'Ja');
  });

  it('keeps an unknown finish reason', () => {
    assert.deepEqual(decode(openaiChat, 'data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n'), [{ type: 'finish', reason: 'other', detail: 'tool_calls' }]);
  });

  it('understands an answer in one piece', () => {
    const body = { choices: [{ message: { role: 'assistant', content: 'Ja', reasoning_content: 'Hm' }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 2 } };
    assert.deepEqual(openaiChat.decodeWhole?.(body), [
      { type: 'reasoning-delta', text: 'Hm' },
      { type: 'text-delta', text: 'Ja' },
      { type: 'usage', inputTokens: 1, outputTokens: 2 },
      { type: 'finish', reason: 'stop' },
    ]);
    assert.match(failureOf(openaiChat.decodeWhole?.({ error: { message: 'no' } }) ?? []), /^server: .*no$/);
    assert.match(failureOf(openaiChat.decodeWhole?.({ hello: 1 }) ?? []), /^malformed: /);
  });

  it('asks for usage, and leaves it out only where exactly that is refused', () => {
    const request = openaiChat.buildRequest({ model: 'm', messages: [{ role: 'system', content: 's' }, { role: 'user', content: 'u' }] });
    assert.deepEqual(request.body, { model: 'm', messages: [{ role: 'system', content: 's' }, { role: 'user', content: 'u' }], stream: true, stream_options: { include_usage: true } });
    assert.deepEqual(openaiChat.simplify?.(request, 422, 'stream_options: extra inputs are not permitted')?.body, { model: 'm', messages: request.body['messages'], stream: true });
    assert.equal(openaiChat.simplify?.(request, 400, 'unknown model'), undefined);
    assert.equal(openaiChat.simplify?.(request, 500, 'stream_options'), undefined);
  });
});

describe('ollama', () => {
  it('reads thinking, usage and the reason of the end', () => {
    assert.equal(reasoningOf(decode(ollama, wire.ollama.thinking)), 'Hm');
    assert.deepEqual(decode(ollama, wire.ollama.thinking).at(-1), { type: 'finish', reason: 'length' });
    assert.deepEqual(decode(ollama, wire.ollama.plain).slice(-2), [
      { type: 'usage', inputTokens: 9, outputTokens: 4 },
      { type: 'finish', reason: 'stop' },
    ]);
  });

  it('shows an error in mid-answer in the words of the server', () => {
    assert.equal(failureOf(decode(ollama, wire.ollama.failing)), 'server: The server stopped with an error: llama runner process has terminated: exit status 2');
  });

  it('refuses JSON that is no chat answer', () => {
    assert.match(failureOf(decode(ollama, '{"status":"ok"}\n')), /^malformed: /);
  });
});

describe('anthropic-messages', () => {
  const { anthropic } = wire;

  it('reads thinking without its signature, and counts what came from the cache', () => {
    const events = decode(anthropicMessages, anthropic.thinking);
    assert.equal(reasoningOf(events), 'Hm');
    assert.equal(textOf(events), 'Ja');
    assert.deepEqual(events.filter(({ type }) => type === 'usage'), [{ type: 'usage', inputTokens: 9, outputTokens: 1 }, { type: 'usage', inputTokens: undefined, outputTokens: 4 }]);
    assert.deepEqual(events.at(-1), { type: 'finish', reason: 'length' });
  });

  it('takes a stop reason for the end where message_stop is missing', () => {
    assert.deepEqual(decode(anthropicMessages, anthropic.noStop).at(-1), { type: 'finish', reason: 'stop' });
  });

  it('shows an error in mid-answer in the words of the server', () => {
    assert.equal(failureOf(decode(anthropicMessages, anthropic.failing)), 'server: The server stopped with an error: Overloaded');
  });

  it('puts the system text where the protocol has it, and always a limit', () => {
    const { body, headers } = anthropicMessages.buildRequest({ model: 'm', messages: [{ role: 'system', content: 's' }, { role: 'user', content: 'u' }] });
    assert.deepEqual(body, { model: 'm', max_tokens: 16384, system: 's', messages: [{ role: 'user', content: 'u' }], stream: true });
    assert.equal(headers['anthropic-version'], '2023-06-01');
  });

  it('understands an answer in one piece', () => {
    const events = anthropicMessages.decodeWhole?.({ type: 'message', content: [{ type: 'thinking', thinking: 'Hm' }, { type: 'text', text: 'Ja' }], stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 2 } }) ?? [];
    assert.deepEqual(events.map(({ type }) => type), ['reasoning-delta', 'text-delta', 'usage', 'finish']);
    assert.match(failureOf(anthropicMessages.decodeWhole?.({ type: 'error', error: { type: 'x', message: 'no' } }) ?? []), /^server: .*no$/);
  });
});
