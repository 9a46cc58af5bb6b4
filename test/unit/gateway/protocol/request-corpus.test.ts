/** The golden corpus of requests: what real clients sent, and what they might, as the hub and every kind of server see it. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anthropicMessages } from '../../../../src/gateway/protocol/anthropic-messages/index.ts';
import type { ProtocolCodec, UpstreamTraits } from '../../../../src/gateway/protocol/codec.ts';
import type { Json } from '../../../../src/gateway/protocol/ir.ts';
import { ollama } from '../../../../src/gateway/protocol/ollama/index.ts';
import { openAiChat } from '../../../../src/gateway/protocol/openai-chat/index.ts';
import type { Wire } from './meaning.ts';
import { assertRecorded, fixtures } from './replay.ts';

const codecs: Readonly<Record<Wire, Pick<ProtocolCodec, 'decodeRequest' | 'encodeRequest'>>> = { 'openai-chat': openAiChat, 'anthropic-messages': anthropicMessages, ollama };
const wires = Object.keys(codecs) as readonly Wire[];

/** A server of each wire as one meets it: open models behind strict templates, and Anthropic itself. */
const servers: Readonly<Record<Wire, { readonly model: string; readonly traits: UpstreamTraits }>> = {
  'openai-chat': { model: 'qwen3-coder', traits: { reasoningField: 'reasoning_content', plainSchemas: true } },
  'anthropic-messages': { model: 'claude-opus-5', traits: { documents: true } },
  ollama: { model: 'gpt-oss:20b', traits: { contextWindow: 65_536 } },
};

for (const client of wires) {
  describe(`requests of clients of ${client}`, () => {
    const folder = join(fixtures, client, 'requests');
    const names = globSync('*.json', { cwd: folder }).filter((file) => !/\.(ir|to\.[a-z-]+)\.json$/.test(file)).map((file) => file.replace('.json', '')).toSorted();

    it('has a corpus', () => assert.ok(names.length > 3));

    for (const name of names) {
      it(name, () => {
        const { request, warnings, context } = codecs[client].decodeRequest(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Json, {});
        assertRecorded(join(folder, `${name}.ir.json`), { request, context, warnings });
        for (const wire of wires) {
          if (wire === client) continue;
          const { model, traits } = servers[wire];
          const { path, body, headers, warnings: lost } = codecs[wire].encodeRequest({ ...request, model }, traits);
          assertRecorded(join(folder, `${name}.to.${wire}.json`), { path, headers, body, warnings: lost });
        }
      });
    }
  });
}
