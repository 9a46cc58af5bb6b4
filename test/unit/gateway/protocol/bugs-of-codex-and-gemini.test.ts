/** What users of other bridges ran into, by number, with codex or gemini at one end. Streams that are cut anywhere are in the corpora. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Protocol } from '../../../../src/core/protocol.ts';
import type { UpstreamTraits } from '../../../../src/gateway/protocol/codec.ts';
import { codecs } from '../../../../src/gateway/protocol/codecs.ts';
import { decodeCountRequest, encodeCountRequest } from '../../../../src/gateway/protocol/gemini/index.ts';
import type { IrEvent, IrRequest, Json, JsonObject } from '../../../../src/gateway/protocol/ir.ts';
import { estimateTokens } from '../../../../src/gateway/token-estimate.ts';
import { collect } from './arbitrary.ts';
import { decodePieces, fixtures } from './replay.ts';

const line = { model: 'm', stream: true, sse: true };
const captured = (path: string): Json => JSON.parse(readFileSync(join(fixtures, path), 'utf8')) as Json;
const responses = (name: string): Json => captured(`openai-responses/requests/${name}.json`);
const gemini = (name: string): Json => captured(`gemini/requests/${name}.json`);

function sent(client: Protocol, body: Json, server: Protocol, traits: UpstreamTraits = {}): JsonObject {
  return JSON.parse(JSON.stringify(codecs[server].encodeRequest(codecs[client].decodeRequest(body, line).request, traits).body)) as JsonObject;
}

function answered(server: Protocol, stream: string): readonly IrEvent[] {
  return decodePieces(codecs[server].createStreamDecoder(), [readFileSync(join(fixtures, server, 'streams', `${stream}.sse`))]);
}

function streamTo(client: Protocol, body: Json, events: readonly IrEvent[]): string {
  const encoder = codecs[client].createStreamEncoder(codecs[client].decodeRequest(body, line).context);
  return events.map((event) => encoder.encode(event)).join('') + encoder.end();
}

describe('bugs of other bridges, with codex and gemini', () => {
  it('1, 6, 8: arguments of parallel calls whose pieces interleave stay with their calls', () => {
    for (const client of ['openai-responses', 'gemini'] as const) {
      const text = streamTo(client, client === 'gemini' ? gemini('gemini-tool-loop') : responses('codex-tool-loop'), answered('openai-responses', 'reasoning-text-parallel-calls'));
      const read = collect(decodePieces(codecs[client].createStreamDecoder(), [new TextEncoder().encode(text)]));
      assert.deepEqual(read.parts.flatMap((part) => (part.type === 'tool-call' ? [part.input.text] : [])), ['{"path":"a.ts"}', '{"path":"b.ts"}']);
    }
  });

  it('5: a call has one result, however often the client gives it', () => {
    const call = { functionCall: { id: 'a', name: 'ls' } };
    const result = { functionResponse: { id: 'a', name: 'ls', response: { output: 'x' } } };
    const body: Json = { contents: [{ role: 'user', parts: [{ text: 'hi' }] }, { role: 'model', parts: [call] }, { role: 'user', parts: [result, result] }] };
    for (const server of ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'] as const) {
      const again: IrRequest = codecs[server].decodeRequest(sent('gemini', body, server), line).request;
      assert.equal(again.messages.flatMap(({ parts }) => parts.filter(({ type }) => type === 'tool-result')).length, 1, server);
    }
  });

  it('12: a conversation that was begun with another vendor goes on', () => {
    const body = responses('codex-tool-loop') as JsonObject;
    const foreign: Json = { type: 'reasoning', summary: [], encrypted_content: 'gAAAAABforeign' };
    const moved: Json = { ...body, input: [...(body['input'] as Json[]), foreign] };
    for (const server of ['anthropic-messages', 'openai-chat', 'gemini', 'ollama'] as const) assert.doesNotMatch(JSON.stringify(sent('openai-responses', moved, server)), /gAAAAABforeign/);
    assert.match(JSON.stringify(sent('gemini', gemini('gemini-missing-signature'), 'gemini')), /skip_thought_signature_validator/);
    assert.doesNotMatch(JSON.stringify(sent('gemini', gemini('gemini-tool-loop'), 'anthropic-messages')), /bW9jay10aG91Z2h0/);
  });

  it('13: a chat server gets its reasoning_content back, though codex and gemini keep it in no field of that name', () => {
    const thinking: IrEvent[] = [
      { type: 'start', id: '1', model: 'm' },
      { type: 'reasoning-start', block: 0, summary: false },
      { type: 'reasoning-delta', block: 0, text: 'I look first.' },
      { type: 'reasoning-end', block: 0 },
      { type: 'tool-call-start', block: 1, id: 'c1', name: 'ls', input: 'json' },
      { type: 'tool-call-end', block: 1 },
      { type: 'finish', finish: { reason: 'tool-calls' } },
    ];
    const events = (text: string): JsonObject[] => text.split('\n').filter((one) => one.startsWith('data: ')).map((one) => JSON.parse(one.slice('data: '.length)) as JsonObject);
    const completed = events(streamTo('openai-responses', responses('codex-warm-up'), thinking)).at(-1)?.['response'] as { readonly output: readonly Json[] };
    const codex = sent('openai-responses', { model: 'm', input: [{ role: 'user', content: 'hi' }, ...completed.output, { type: 'function_call_output', call_id: 'c1', output: 'x' }] }, 'openai-chat', { reasoningField: 'reasoning_content' });
    const chunks = events(streamTo('gemini', gemini('gemini-tool-loop'), thinking)) as unknown as { readonly candidates: readonly { readonly content: { readonly parts: readonly JsonObject[] } }[] }[];
    const parts = chunks.flatMap(({ candidates }) => candidates[0]?.content.parts ?? []);
    const kept = parts.filter((part) => part['thought'] !== true);
    const cli = sent('gemini', { contents: [{ role: 'user', parts: [{ text: 'hi' }] }, { role: 'model', parts: kept }, { role: 'user', parts: [{ functionResponse: { name: 'ls', response: { output: 'x' } } }] }] }, 'openai-chat', { reasoningField: 'reasoning_content' });
    for (const body of [codex, cli]) assert.equal((body['messages'] as readonly JsonObject[]).find(({ role }) => role === 'assistant')?.['reasoning_content'], 'I look first.');
  });

  it('14: a picture in a result is no reason for a server to refuse', () => {
    const picture: Json = { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=' };
    const body: Json = { model: 'm', input: [{ role: 'user', content: 'hi' }, { type: 'function_call', call_id: 'c', name: 'view_image', arguments: '{}' }, { type: 'function_call_output', call_id: 'c', output: [{ type: 'input_text', text: 'attached' }, picture] }] };
    for (const server of ['anthropic-messages', 'openai-chat', 'gemini', 'ollama'] as const) assert.match(JSON.stringify(sent('openai-responses', body, server, { images: true })), /iVBORw0KGgo=/, server);
    for (const server of ['openai-chat', 'gemini', 'ollama'] as const) assert.doesNotMatch(JSON.stringify(sent('openai-responses', body, server, { images: false })), /iVBORw0KGgo=/, server);
  });

  it('16: instructions in the middle of a conversation reach servers that take them only at its beginning', () => {
    const body: Json = { model: 'm', input: [{ role: 'user', content: 'a' }, { role: 'assistant', content: 'b' }, { role: 'developer', content: 'MIDDLE' }, { role: 'user', content: 'c' }] };
    for (const server of ['anthropic-messages', 'openai-chat', 'gemini'] as const) {
      const again = codecs[server].decodeRequest(sent('openai-responses', body, server, { systemAnywhere: false }), line).request.messages;
      assert.ok(!again.slice(1).some(({ role }) => role === 'system'), server);
      assert.match(JSON.stringify(again), /MIDDLE/, server);
    }
  });

  it('18: an answer that broke off, and a call that is none, are failures for every client', () => {
    for (const [server, streams] of [['openai-responses', ['truncated', 'truncated-in-event', 'failed', 'call-without-name']], ['gemini', ['no-reason', 'truncated-in-chunk', 'malformed-call', 'unexpected-call']]] as const) {
      for (const stream of streams) {
        const events = answered(server, stream);
        assert.equal(events.at(-1)?.type, 'error', stream);
        assert.match(streamTo('openai-responses', responses('codex-tool-loop'), events), /response\.failed/);
        assert.match(streamTo('gemini', gemini('gemini-tool-loop'), events), /\{"error":\{"code"/);
      }
    }
  });

  it('22: a count of tokens counts instructions and tools', () => {
    const { request } = decodeCountRequest({ generateContentRequest: gemini('gemini-tool-loop') }, line);
    const { body } = encodeCountRequest(request, {});
    const bare = encodeCountRequest({ ...request, tools: [], messages: request.messages.filter(({ role }) => role !== 'system') }, {}).body;
    assert.ok(estimateTokens(body) > 2 * estimateTokens(bare));
  });

  it('24: tools that only a vendor can run are left out, not refused', () => {
    for (const name of ['codex-tool-loop', 'codex-custom-tool', 'codex-additional-tools']) {
      for (const server of ['anthropic-messages', 'openai-chat', 'gemini', 'ollama'] as const) {
        const names = codecs[server].decodeRequest(sent('openai-responses', responses(name), server), line).request.tools.map((tool) => tool.name);
        assert.ok(names.length > 8 && !names.includes('web_search'), `${name} → ${server}`);
      }
    }
  });

  it('47, 48: tokens out of the cache are counted once, in each vendor’s own way', () => {
    const answer = collect(answered('gemini', 'text'));
    assert.deepEqual(answer.usage, { inputUncached: 176, cacheRead: 1024, outputText: 16, outputReasoning: 64 });
    const whole = (client: Protocol, body: Json): JsonObject => codecs[client].encodeResponse(answer, codecs[client].decodeRequest(body, line).context) as JsonObject;
    assert.deepEqual(whole('openai-responses', responses('codex-tool-loop'))['usage'], { input_tokens: 1200, input_tokens_details: { cached_tokens: 1024, cache_write_tokens: 0 }, output_tokens: 80, output_tokens_details: { reasoning_tokens: 64 }, total_tokens: 1280 });
    assert.deepEqual(whole('gemini', gemini('gemini-tool-loop'))['usageMetadata'], { promptTokenCount: 1200, cachedContentTokenCount: 1024, candidatesTokenCount: 16, thoughtsTokenCount: 64, totalTokenCount: 1280 });
  });
});
