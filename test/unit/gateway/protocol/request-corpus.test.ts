/** The golden corpus of requests: what real clients sent, and what they might, as the hub and every kind of server see it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Protocol, protocols } from '../../../../src/core/protocol.ts';
import type { UpstreamTraits } from '../../../../src/gateway/protocol/codec.ts';
import { codecs } from '../../../../src/gateway/protocol/codecs.ts';
import type { Json } from '../../../../src/gateway/protocol/ir.ts';
import { assertRecorded, requestsIn } from './replay.ts';

/** A server of each wire as one meets it: open models behind strict templates, and the vendors themselves. */
const servers: Readonly<Record<Protocol, { readonly model: string; readonly traits: UpstreamTraits }>> = {
  'openai-chat': { model: 'qwen3-coder', traits: { reasoningField: 'reasoning_content', plainSchemas: true } },
  'anthropic-messages': { model: 'claude-opus-5', traits: { documents: true } },
  'openai-responses': { model: 'gpt-5.5', traits: { images: true, documents: true, systemAnywhere: true, promptCacheKey: true, efforts: ['none', 'low', 'medium', 'high', 'xhigh'] } },
  gemini: { model: 'gemini-3-pro', traits: { images: true, documents: true } },
  ollama: { model: 'gpt-oss:20b', traits: { contextWindow: 65_536 } },
};

/** Gemini says in the address what the others say in the body. */
const line = { gemini: { model: 'm', stream: true, sse: true } } as const;

for (const client of protocols) {
  describe(`requests of clients of ${client}`, () => {
    const requests = requestsIn(`${client}/requests`);

    it('has a corpus', () => assert.ok(requests.length > 6));

    for (const { name, path } of requests) {
      it(name, () => {
        const { request, warnings, context } = codecs[client].decodeRequest(JSON.parse(readFileSync(path, 'utf8')) as Json, client === 'gemini' ? line.gemini : {});
        const beside = (suffix: string): string => path.replace(/\.json$/, `.${suffix}.json`);
        // What these two remember for their answers is proven with the answers.
        assertRecorded(beside('ir'), client === 'openai-responses' || client === 'gemini' ? { request, warnings } : { request, context, warnings });
        for (const server of protocols) {
          const { model, traits } = servers[server];
          const { path: address, body, headers, warnings: lost } = codecs[server].encodeRequest({ ...request, model }, traits);
          assertRecorded(beside(`to.${server}`), { path: address, headers, body, warnings: lost });
        }
      });
    }
  });
}
