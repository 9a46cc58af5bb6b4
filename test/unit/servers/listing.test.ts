import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type { ModelInfo } from '../../../src/core/servers/health.ts';
import { anthropicListing, parseAnthropicModels } from '../../../src/core/servers/listing/anthropic.ts';
import { googleListing, parseGoogleModels } from '../../../src/core/servers/listing/google.ts';
import { parseLlamacppProps, withProps } from '../../../src/core/servers/listing/llamacpp.ts';
import { isUnknownEndpoint, lmstudioListing, parseLmstudioModels } from '../../../src/core/servers/listing/lmstudio.ts';
import { ollamaListing, parseOllamaTags, withRunning } from '../../../src/core/servers/listing/ollama.ts';
import { openaiListing, parseOpenaiModels } from '../../../src/core/servers/listing/openai.ts';
import { typeByName } from '../../../src/core/servers/listing/page.ts';

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/wire/listing', `${name}.json`), 'utf8'));
}

const openai = (name: string): readonly ModelInfo[] | undefined => parseOpenaiModels(fixture(name))?.models;

describe('model lists', () => {
  describe('Ollama', () => {
    it('reads sizes, quantization, context, capabilities, and tells cloud and embedding models apart', () => {
      assert.deepEqual(parseOllamaTags(fixture('ollama-tags'))?.models, [
        { id: 'qwen3-coder:30b', sizeBytes: 18_556_701_140, parameters: '30.5B', quantization: 'Q4_K_M', contextWindow: 262_144, capabilities: ['tools'], supportsTools: true, created: Date.parse('2026-08-30T07:12:44.512Z'), type: 'chat' },
        { id: 'llama3.2', sizeBytes: 2_019_393_189, parameters: '3.2B', quantization: 'Q4_K_M', created: Date.parse('2025-01-03T10:00:00Z'), type: 'chat' },
        { id: 'gpt-oss:120b-cloud', parameters: '116.8B', quantization: 'MXFP4', contextWindow: 131_072, capabilities: ['tools', 'reasoning', 'cloud'], supportsTools: true, created: Date.parse('2026-07-01T08:00:00Z'), type: 'chat' },
        { id: 'nomic-embed-text:latest', sizeBytes: 274_302_450, parameters: '137M', quantization: 'F16', created: Date.parse('2025-01-03T10:00:00Z'), type: 'embedding' },
      ]);
    });

    it('adds what is loaded; an untagged name is the latest; a model kept for good has no end', () => {
      const models = withRunning(parseOllamaTags(fixture('ollama-tags'))?.models ?? [], fixture('ollama-ps'));
      assert.deepEqual(models.map(({ id, loaded, loadedContext, loadedBytes, loadedUntil }) => [id, loaded, loadedContext, loadedBytes, loadedUntil]), [
        ['qwen3-coder:30b', true, 32_768, 21_474_836_480, Date.parse('2026-09-01T06:05:00.123Z')],
        ['llama3.2', true, 4096, 3_500_000_000, undefined],
        ['gpt-oss:120b-cloud', false, undefined, undefined, undefined],
        ['nomic-embed-text:latest', false, undefined, undefined, undefined],
      ]);
    });

    it('takes a missing list as empty where Ollama means it, and nothing else as a list', () => {
      assert.deepEqual(parseOllamaTags({ models: null }), { models: [] });
      assert.deepEqual(parseOllamaTags({ models: [] }), { models: [] });
      for (const value of [{}, { data: [] }, { models: [{ key: 'x' }] }, [], null]) assert.equal(parseOllamaTags(value), undefined);
    });

    it('keeps the good entries beside bad ones', () => {
      assert.deepEqual(parseOllamaTags({ models: [null, { name: 'a', size: 'big', details: 3, capabilities: 'x' }, 7] })?.models, [{ id: 'a', type: 'chat' }]);
    });

    it('is unchanged by something that is no list of loaded models', () => {
      const models: readonly ModelInfo[] = [{ id: 'a' }];
      assert.equal(withRunning(models, { error: 'x' }), models);
    });
  });

  it('LM Studio: the context of the first instance, not the maximum', () => {
    assert.deepEqual(parseLmstudioModels(fixture('lmstudio-models'))?.models, [
      { id: 'gemma-3-270m-it-qat', displayName: 'Gemma 3 270m Instruct Qat', sizeBytes: 241_410_208, parameters: '270M', quantization: 'Q4_0', contextWindow: 32_768, loadedContext: 4096, loaded: true, supportsTools: false, type: 'chat' },
      { id: 'qwen/qwen3-vl-8b', displayName: 'Qwen3 VL 8B', sizeBytes: 6_190_000_000, contextWindow: 262_144, loaded: false, capabilities: ['tools', 'vision'], supportsTools: true, type: 'chat' },
      { id: 'text-embedding-nomic-embed-text-v1.5-embedding', displayName: 'Nomic Embed Text v1.5', sizeBytes: 274_290_560, quantization: 'F16', contextWindow: 2048, loaded: false, type: 'embedding' },
    ]);
    assert.equal(isUnknownEndpoint({ error: 'Unexpected endpoint or method. (GET /x)' }), true);
    assert.equal(isUnknownEndpoint({ error: { message: 'Unexpected endpoint or method.' } }), false);
  });

  it('llama.cpp: trained context from the list, real context from its properties', () => {
    const models = openai('llamacpp-models') ?? [];
    const id = '../models/Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf';
    assert.deepEqual(models, [{ id, sizeBytes: 4_912_898_304, parameters: '8B', contextWindow: 131_072, created: 1_735_142_223_000, type: 'chat' }]);
    const props = parseLlamacppProps(fixture('llamacpp-props'));
    assert.deepEqual(props, { version: 'b9812-a1b2c3d4e', context: 16_384, capabilities: [], isSleeping: false });
    assert.ok(props);
    assert.deepEqual(withProps(models, props), [{ ...models[0], loadedContext: 16_384, loaded: true }]);
    assert.deepEqual(withProps(models, { ...props, isSleeping: true, capabilities: ['vision'] })[0]?.capabilities, ['vision']);
  });

  it('llama.cpp’s router: which of several models are loaded', () => {
    const models = openai('llamacpp-router-models') ?? [];
    assert.deepEqual(models, [
      { id: 'ggml-org/gemma-3-4b-it-GGUF:Q4_K_M', loaded: true, capabilities: ['vision'], created: 1_780_000_000_000, type: 'chat' },
      { id: 'ggml-org/embeddinggemma-300M-GGUF', loaded: false, created: 1_780_000_000_000, type: 'embedding' },
    ]);
    assert.equal(withProps(models, { context: 1, capabilities: [], isSleeping: false }), models);
  });

  it('the context window, wherever each server has it', () => {
    const windows = (name: string): unknown => openai(name)?.map(({ id, contextWindow }) => [id, contextWindow]);
    assert.deepEqual(windows('vllm-models'), [['Qwen/Qwen3-8B', 40_960], ['sql-lora', undefined]]);
    assert.deepEqual(windows('huggingface-models'), [['Qwen/Qwen3-Coder-480B-A35B-Instruct', 262_144]]);
    assert.deepEqual(windows('groq-models'), [['llama-3.3-70b-versatile', 131_072], ['whisper-large-v3', 448]]);
    assert.deepEqual(windows('mistral-models'), [['devstral-small-2507', 131_072]]);
    assert.deepEqual(windows('together-models'), [['moonshotai/Kimi-K2-Instruct', 131_072], ['black-forest-labs/FLUX.1-schnell', undefined], ['BAAI/bge-large-en-v1.5', undefined]]);
  });

  it('OpenRouter: names, prices, what models can do and what they put out', () => {
    assert.deepEqual(openai('openrouter-models'), [
      { id: 'anthropic/claude-sonnet-4.5', displayName: 'Anthropic: Claude Sonnet 4.5', contextWindow: 1_000_000, capabilities: ['tools', 'vision'], supportsTools: true, created: 1_759_000_000_000, price: { inputMicros: 3_000_000, outputMicros: 15_000_000 }, type: 'chat' },
      { id: 'openai/gpt-image-2', displayName: 'OpenAI: GPT Image 2', contextWindow: 400_000, supportsTools: false, type: 'other' },
      { id: 'qwen/qwen3-embedding-8b', displayName: 'Qwen: Qwen3 Embedding 8B', contextWindow: 32_768, type: 'embedding' },
    ]);
  });

  it('OpenAI and Together: what cannot chat is told apart', () => {
    const types = (name: string): unknown => Object.groupBy((openai(name) ?? []).map(({ id, type }) => ({ id, type: type ?? 'none' })), ({ type }) => type);
    const ids = (name: string, type: string): unknown => (types(name) as Record<string, { id: string }[]>)[type]?.map(({ id }) => id);
    assert.deepEqual(ids('openai-models', 'chat'), ['gpt-5.5', 'gpt-5.5-mini', 'o4-mini', 'chatgpt-5-latest']);
    assert.deepEqual(ids('openai-models', 'embedding'), ['text-embedding-3-large', 'text-embedding-ada-002']);
    assert.deepEqual(ids('together-models', 'other'), ['black-forest-labs/FLUX.1-schnell']);
    assert.deepEqual(ids('together-models', 'embedding'), ['BAAI/bge-large-en-v1.5']);
    assert.deepEqual(ids('groq-models', 'other'), ['whisper-large-v3']);
  });

  it('does not take chat models for something else', () => {
    for (const id of ['qwen3:8b', 'llama3.2:latest', 'deepseek-r1:70b', 'mistral-small', 'phi-4', 'gemma-3-27b-it', 'gpt-oss-120b', 'claude-sonnet-4-5', 'kimi-k2-instruct', 'starcoder2', 'tulu3', 'command-r-plus', 'fluxion-chat']) assert.equal(typeByName(id), 'chat', id);
    for (const id of ['text-embedding-nomic', 'nomic-embed-text', 'mxbai-embed-large', 'BAAI/bge-m3', 'all-minilm', 'intfloat/e5-large', 'Qwen3-Embedding-8B']) assert.equal(typeByName(id), 'embedding', id);
  });

  it('Anthropic: names, limits and the next page', () => {
    assert.deepEqual(parseAnthropicModels(fixture('anthropic-models')), {
      models: [
        { id: 'claude-opus-4-8', displayName: 'Claude Opus 4.8', contextWindow: 1_000_000, created: Date.parse('2026-05-20T00:00:00Z'), capabilities: ['tools', 'vision'], type: 'chat' },
        { id: 'claude-haiku-4-5-20251001', displayName: 'Claude Haiku 4.5', created: Date.parse('2025-10-15T00:00:00Z'), type: 'chat' },
      ],
      next: { after_id: 'claude-haiku-4-5-20251001' },
    });
    assert.deepEqual(parseAnthropicModels({ data: [], has_more: false }), { models: [] });
  });

  it('Google: no prefix, limits, methods and the next page', () => {
    assert.deepEqual(parseGoogleModels(fixture('google-models')), {
      models: [
        { id: 'gemini-3.8-flash', displayName: 'Gemini 3.8 Flash', contextWindow: 1_048_576, capabilities: ['reasoning'], type: 'chat' },
        { id: 'gemini-embedding-001', displayName: 'Gemini Embedding 001', contextWindow: 2048, type: 'embedding' },
        { id: 'imagen-4.0-generate-001', displayName: 'Imagen 4', contextWindow: 480, type: 'other' },
      ],
      next: { pageToken: 'Ch9tb2RlbHM' },
    });
    assert.deepEqual(parseGoogleModels({}), { models: [] });
    for (const value of [{ error: {} }, { data: [] }, { models: [{ id: 'x' }] }, { models: 'x' }]) assert.equal(parseGoogleModels(value), undefined);
  });

  it('are asked for below the root, below a path prefix and below another version', () => {
    const root = { baseUrl: 'http://localhost:1234', openaiPath: '/v1' };
    const deep = { baseUrl: 'https://host.example/llm', openaiPath: '/v4' };
    assert.deepEqual([openaiListing, anthropicListing, googleListing, ollamaListing, lmstudioListing].map((listing) => [listing.url(root), listing.url(deep)]), [
      ['http://localhost:1234/v1/models', 'https://host.example/llm/v4/models'],
      ['http://localhost:1234/v1/models?limit=1000', 'https://host.example/llm/v1/models?limit=1000'],
      ['http://localhost:1234/v1beta/models?pageSize=1000', 'https://host.example/llm/v1beta/models?pageSize=1000'],
      ['http://localhost:1234/api/tags', 'https://host.example/llm/api/tags'],
      ['http://localhost:1234/api/v1/models', 'https://host.example/llm/api/v1/models'],
    ]);
  });

  describe('whatever a server answers', () => {
    const parsers = [parseOpenaiModels, parseAnthropicModels, parseGoogleModels, parseOllamaTags, parseLmstudioModels];
    const names = ['openai-models', 'llamacpp-models', 'openrouter-models', 'huggingface-models', 'anthropic-models', 'google-models', 'ollama-tags', 'ollama-ps', 'lmstudio-models', 'llamacpp-props'];
    const valid = (models: readonly ModelInfo[]): void => {
      for (const model of models) {
        assert.ok(typeof model.id === 'string' && model.id !== '');
        for (const value of [model.sizeBytes, model.contextWindow, model.loadedContext, model.loadedBytes, model.loadedUntil]) assert.ok(value === undefined || (Number.isFinite(value) && value > 0));
      }
    };

    it('no parser throws on any JSON, and every model has an id', () => {
      fc.assert(
        fc.property(fc.jsonValue(), (value) => {
          for (const parse of parsers) valid(parse(value)?.models ?? []);
          valid(withRunning([{ id: 'a' }], value));
          const props = parseLlamacppProps(value);
          if (props) valid(withProps([{ id: 'a' }], props));
        }),
      );
    });

    it('no parser throws on a list in which anything was replaced by anything', () => {
      fc.assert(
        fc.property(fc.constantFrom(...names), fc.nat(), fc.jsonValue(), (name, position, replacement) => {
          const value = replaceAt(fixture(name), position, replacement);
          for (const parse of parsers) valid(parse(value)?.models ?? []);
          valid(withRunning(parseOllamaTags(fixture('ollama-tags'))?.models ?? [], value));
          const props = parseLlamacppProps(value);
          if (props) valid(withProps([{ id: 'a' }], props));
        }),
        { numRuns: 500 },
      );
    });
  });
});

/** The same value with the `position`-th part of it (counted around) replaced. */
function replaceAt(value: unknown, position: number, replacement: unknown): unknown {
  let count = 0;
  const walk = (part: unknown, visit: (part: unknown) => unknown): unknown => {
    const changed = visit(part);
    if (changed !== part) return changed;
    if (Array.isArray(part)) return part.map((item) => walk(item, visit));
    if (typeof part === 'object' && part !== null) return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, walk(item, visit)]));
    return part;
  };
  walk(value, (part) => (count++, part));
  let index = position % count;
  return walk(value, (part) => (index-- === 0 ? replacement : part));
}
