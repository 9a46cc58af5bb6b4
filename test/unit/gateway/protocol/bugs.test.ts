/** What users of other bridges ran into (docs and trackers of the peers), by number: each is proven here or by the corpus of streams. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anthropicMessages } from '../../../../src/gateway/protocol/anthropic-messages/index.ts';
import type { Json, JsonObject } from '../../../../src/gateway/protocol/ir.ts';
import { openAiChat } from '../../../../src/gateway/protocol/openai-chat/index.ts';
import { fixtures } from './replay.ts';

const provenByCorpus = new Set(
  ['openai-chat', 'anthropic-messages', 'ollama'].flatMap((wire) =>
    globSync('*.json', { cwd: join(fixtures, wire, 'streams') }).flatMap((file) => (JSON.parse(readFileSync(join(fixtures, wire, 'streams', file), 'utf8')) as { readonly proves: readonly string[] }).proves),
  ),
);

const claude = (name: string): Json => JSON.parse(readFileSync(join(fixtures, 'anthropic-messages/requests', `${name}.json`), 'utf8')) as Json;

/** What a chat server gets of a request of claude. */
function chatBody(body: Json): JsonObject {
  return openAiChat.encodeRequest(anthropicMessages.decodeRequest(body, {}).request, { reasoningField: 'reasoning_content' }).body as JsonObject;
}

/** What an Anthropic server gets of it, if it is translated at all. */
function messagesBody(body: Json, traits = {}): JsonObject {
  return anthropicMessages.encodeRequest(anthropicMessages.decodeRequest(body, {}).request, traits).body as JsonObject;
}

describe('bugs of other bridges', () => {
  const byCorpus: Readonly<Record<number, string>> = {
    1: 'streamed arguments arrive empty when the block changes',
    2: 'thoughts inside of a text block, two beginnings of the message',
    3: 'blocks that are not thoughts with reasoning models',
    4: 'content block not found',
    6: 'parallel calls break when they are streamed',
    7: 'arguments are cut off, closing tags of thoughts leak',
    8: 'calls that share an index stop claude',
    13: 'reasoning_content is lost',
    15: 'calls of local models end as ordinary answers',
    18: 'lost calls look like the end of the turn',
    19: 'thoughts begin before the text block has ended',
    24: 'unknown hosted tools are rejected',
  };
  for (const [number, bug] of Object.entries(byCorpus)) {
    it(`${number}: ${bug} (streams)`, () => assert.ok(provenByCorpus.has(`peers ${number}`)));
  }

  it('5: several results for one call', () => {
    const body = chatBody(claude('results'));
    const ids = (body['messages'] as readonly JsonObject[]).flatMap((message) => (message['role'] === 'tool' ? [message['tool_call_id']] : []));
    assert.deepEqual(ids, ['toolu_2', 'toolu_1', 'toolu_3', 'toolu_4']);
  });

  it('9, 10: fields of one server are refused by another, or contradict the request', () => {
    for (const name of ['claude-tool-loop', 'claude-haiku-budget', 'claude-auto-mode']) {
      for (const body of [chatBody(claude(name)), messagesBody(claude(name))]) {
        for (const field of ['context_management', 'safeguards', 'metadata', 'betas']) assert.equal(body[field], undefined, `${name}: ${field}`);
      }
    }
  });

  it('11: thoughts are changed on their way, so that their signature is wrong', () => {
    const thinking = 'a "quoted" \\ thought\u2028with é and 世界 👋';
    const signature = 'EqQBCkYIARgCKkA/+x==';
    const body = messagesBody({ model: 'claude-opus-5', messages: [{ role: 'user', content: 'hi' }, { role: 'assistant', content: [{ type: 'thinking', thinking, signature }, { type: 'text', text: 'x' }] }, { role: 'user', content: 'y' }] });
    assert.deepEqual((((body['messages'] as readonly JsonObject[])[1] as JsonObject)['content'] as readonly JsonObject[])[0], { type: 'thinking', thinking, signature });
  });

  it('12: signatures of another server are refused', () => {
    const foreign = anthropicMessages.encodeResponse({ id: 'x', model: 'm', parts: [{ type: 'reasoning', text: 'Hm.', summary: false, signature: { origin: 'gemini', value: 'c2ln' } }, { type: 'text', text: 'Yes.' }], finish: { reason: 'stop' }, usage: {} }, { model: 'm', thinking: true, usedCallIds: [] }) as JsonObject;
    const body: Json = { model: 'claude-opus-5', messages: [{ role: 'user', content: 'hi' }, { role: 'assistant', content: foreign['content'] ?? [] }, { role: 'user', content: 'y' }] };
    assert.deepEqual((messagesBody(body)['messages'] as readonly JsonObject[])[1], { role: 'assistant', content: [{ type: 'text', text: 'Yes.' }] });
  });

  it('13: servers that think between calls want their thoughts back', () => {
    const body = chatBody(claude('claude-tool-loop'));
    const answer = (body['messages'] as readonly JsonObject[]).find((message) => message['role'] === 'assistant');
    assert.equal(answer?.['reasoning_content'], 'Mock thinking.');
    assert.equal((answer?.['tool_calls'] as readonly Json[]).length, 1);
  });

  it('14, 17: pictures in results are refused, or become a flood of text', () => {
    const chat = JSON.stringify((chatBody(claude('media'))['messages'] as readonly JsonObject[]).filter((message) => message['role'] === 'tool'));
    assert.doesNotMatch(chat, /iVBOR/);
    const turn = (messagesBody(claude('media'), { resultMedia: false })['messages'] as readonly JsonObject[])[2]?.['content'] as readonly JsonObject[];
    assert.deepEqual(turn.map((block) => block['type']), ['tool_result', 'tool_result', 'text', 'image', 'text', 'document', 'text']);
    assert.doesNotMatch(JSON.stringify(turn.slice(0, 2)), /iVBOR|JVBERi/);
  });

  it('16: instructions in the middle of the conversation are refused', () => {
    for (const body of [chatBody(claude('system')), messagesBody(claude('system'))]) {
      const roles = (body['messages'] as readonly JsonObject[]).map((message) => message['role']);
      assert.ok(roles.lastIndexOf('system') <= 0, roles.join());
      assert.match(JSON.stringify(body), /In the middle\./);
      assert.match(JSON.stringify(body), /Between call and result\./);
    }
  });

  it('20: characters of several bytes that are cut (streams: every fixture is replayed byte by byte)', () => {
    assert.ok(readFileSync(join(fixtures, 'openai-chat/streams/text.sse'), 'utf8').includes('世界 👋'));
  });

  it('22: a count of tokens without instructions and tools', () => {
    const { request } = anthropicMessages.decodeRequest({ model: 'm', system: 'Be brief.', messages: [{ role: 'user', content: 'hi' }], tools: [{ name: 'f', input_schema: { type: 'object' } }] }, {});
    assert.deepEqual([request.messages.length, request.tools.length, request.maxOutputTokens], [2, 1, undefined]);
  });

  it('25: a line that changes with every prompt spoils the prefix cache', () => {
    assert.doesNotMatch(JSON.stringify(chatBody(claude('claude-tool-loop'))), /x-anthropic-billing-header/);
  });

  it('47, 48: tokens from the cache are counted twice, or not at all', () => {
    const usage = { inputUncached: 10, cacheRead: 90, cacheWrite: 5, outputText: 4, outputReasoning: 6 };
    const answer = { id: 'x', model: 'm', parts: [], finish: { reason: 'stop' }, usage } as const;
    const chat = openAiChat.encodeResponse(answer, { model: 'm', includeUsage: true, customTools: [], usedCallIds: [], created: 0 }) as JsonObject;
    const messages = anthropicMessages.encodeResponse(answer, { model: 'm', thinking: true, usedCallIds: [] }) as JsonObject;
    assert.deepEqual(chat['usage'], { prompt_tokens: 105, completion_tokens: 10, total_tokens: 115, prompt_tokens_details: { cached_tokens: 90, cache_write_tokens: 5 }, completion_tokens_details: { reasoning_tokens: 6 } });
    assert.deepEqual(messages['usage'], { input_tokens: 10, cache_creation_input_tokens: 5, cache_read_input_tokens: 90, output_tokens: 10, output_tokens_details: { thinking_tokens: 6 } });
    assert.deepEqual(openAiChat.decodeResponse(chat).response.usage, usage);
    assert.deepEqual(anthropicMessages.decodeResponse(messages).response.usage, usage);
  });
});
