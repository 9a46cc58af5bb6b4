/** Every stream of the corpus, of whichever of the five kinds of server, for every kind of client: read again, it says the same. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { anthropicMessages } from '../../../../src/gateway/protocol/anthropic-messages/index.ts';
import type { ProtocolCodec, StreamEncoder } from '../../../../src/gateway/protocol/codec.ts';
import { gemini } from '../../../../src/gateway/protocol/gemini/index.ts';
import type { IrEvent, IrResponse, Json } from '../../../../src/gateway/protocol/ir.ts';
import { ollama } from '../../../../src/gateway/protocol/ollama/index.ts';
import { openAiChat } from '../../../../src/gateway/protocol/openai-chat/index.ts';
import { openAiResponses } from '../../../../src/gateway/protocol/openai-responses/index.ts';
import { argumentsObject } from '../../../../src/gateway/protocol/json.ts';
import { bytesOf, collect, countedIds, decodeAll, encodeAll } from './meaning.ts';
import { fixtures, requestsIn } from './replay.ts';

const servers: readonly Pick<ProtocolCodec, 'protocol' | 'createStreamDecoder'>[] = [anthropicMessages, openAiChat, openAiResponses, gemini, ollama];

const hi = { role: 'user', content: 'hi' } as const;
/** Clients that want everything that their wire can say. */
const clients: readonly { readonly codec: Pick<ProtocolCodec, 'protocol' | 'createStreamDecoder'>; readonly encoder: () => StreamEncoder }[] = [
  { codec: anthropicMessages, encoder: () => anthropicMessages.createStreamEncoder(anthropicMessages.decodeRequest({ model: 'm', messages: [hi], thinking: { type: 'adaptive' } }, {}).context) },
  { codec: openAiChat, encoder: () => openAiChat.createStreamEncoder(openAiChat.decodeRequest({ model: 'm', messages: [hi], stream_options: { include_usage: true } }, {}).context) },
  { codec: openAiResponses, encoder: () => openAiResponses.createStreamEncoder(openAiResponses.decodeRequest({ model: 'm', input: 'hi', include: ['reasoning.encrypted_content'], reasoning: { summary: 'auto' } } as Json, { receivedAt: 1000 }).context) },
  { codec: gemini, encoder: () => gemini.createStreamEncoder(gemini.decodeRequest({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }], generationConfig: { thinkingConfig: { includeThoughts: true } } } as Json, { model: 'm', stream: true, sse: true }).context) },
  { codec: ollama, encoder: () => ollama.createStreamEncoder(ollama.decodeRequest({ model: 'm', messages: [hi] }, {}).context) },
];

/** What no client may lose: what was said, which tools are called with what, and whether the answer is whole. */
function essence({ parts, finish }: IrResponse): unknown {
  const text = parts.flatMap((part) => (part.type === 'text' || part.type === 'refusal' ? [part.text] : [])).join('').replaceAll(/\s+/g, ' ').trim();
  const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [[part.name, part.input.type === 'json' ? JSON.stringify(argumentsObject(part.input.text)) : JSON.stringify({ input: part.input.text })]] : []));
  return { text, calls, isCut: finish.reason === 'length' };
}

/** Pictures become a note where a client cannot have them, and so does a refusal without words. */
function isSpecial({ parts, finish }: IrResponse): boolean {
  return parts.some((part) => part.type === 'image') || (['refusal', 'content-filter'].includes(finish.reason) && !parts.some((part) => part.type === 'refusal'));
}

for (const server of servers) {
  const folder = join(fixtures, server.protocol, 'streams');
  const streams = globSync('*.{sse,ndjson,json-stream}', { cwd: folder }).toSorted();
  describe(`streams of ${server.protocol} servers`, () => {
    for (const { codec, encoder } of clients) {
      it(`say the same to clients of ${codec.protocol}`, () => {
        assert.ok(streams.length > 15);
        for (const file of streams) {
          const name = basename(file);
          const events: readonly IrEvent[] = decodeAll(server.createStreamDecoder({ newId: countedIds() }), [readFileSync(join(folder, file))]);
          const sent = collect(events);
          if (sent.ok && isSpecial(sent.response)) continue;
          const text = encodeAll(encoder(), events, true);
          const read = collect(decodeAll(codec.createStreamDecoder({ newId: countedIds() }), [bytesOf(text)]));
          assert.equal(read.ok, sent.ok, `${name}: ${read.ok ? '' : read.error.message}`);
          if (sent.ok && read.ok) assert.deepEqual(essence(read.response), essence(sent.response), name);
        }
      });
    }
  });
}

const codecs: readonly Pick<ProtocolCodec, 'protocol' | 'decodeRequest' | 'encodeRequest'>[] = [anthropicMessages, openAiChat, openAiResponses, gemini, ollama];

/** Every text in a body, at whatever depth. */
function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(textsIn);
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : [];
}

for (const client of codecs) {
  const requests = requestsIn(`${client.protocol}/requests`);
  describe(`requests of ${client.protocol} clients`, () => {
    for (const server of codecs) {
      it(`say the same to servers of ${server.protocol}`, () => {
        for (const { name, path } of requests) {
          const { request } = client.decodeRequest(JSON.parse(readFileSync(path, 'utf8')) as Json, { model: 'm', stream: true, sse: true });
          const body = JSON.parse(JSON.stringify(server.encodeRequest(request, {}).body)) as Json;
          const arrived = textsIn(body).join('\n');
          for (const message of request.messages) {
            for (const part of message.parts) {
              const said = part.type === 'text' || part.type === 'refusal' ? [part.text] : part.type === 'tool-result' ? part.content.flatMap((piece) => (piece.type === 'text' ? [piece.text] : [])) : [];
              // The beginning of an answer that the model is to go on with loses white space at its end.
              for (const text of said) assert.ok(arrived.includes(text.trimEnd()), `${name}: ${text}`);
              if (part.type === 'tool-call') assert.ok(arrived.includes(part.name), `${name}: ${part.name}`);
            }
          }
          // A server that knows no choice of a tool is offered the chosen one alone.
          const { toolChoice } = request;
          for (const tool of toolChoice?.type === 'none' ? [] : request.tools.filter(({ name: own }) => toolChoice?.type !== 'tool' || own === toolChoice.name)) assert.ok(arrived.includes(tool.name), `${name}: ${tool.name}`);
        }
      });
    }
  });
}
