import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type { ModelInfo } from '../../../src/core/servers/health.ts';
import { anthropicListing } from '../../../src/core/servers/listing/anthropic.ts';
import { googleListing } from '../../../src/core/servers/listing/google.ts';
import { ollamaListing } from '../../../src/core/servers/listing/ollama.ts';
import { openaiListing } from '../../../src/core/servers/listing/openai.ts';
import type { Listing } from '../../../src/core/servers/listing/page.ts';
import { type CurationOptions, curate, hiddenWords, tierOf } from '../../../src/core/servers/models/curate.ts';
import '../../support/properties.ts';

const now = Date.UTC(2026, 10, 21);
const vendor: CurationOptions = { now, preview: false, choice: 'vendor' };
const owner: CurationOptions = { ...vendor, choice: 'owner' };

function listed(listing: Listing, ...names: readonly string[]): readonly ModelInfo[] {
  return names.flatMap((name) => {
    const page = listing.parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/catalogues', `${name}.json`), 'utf8')));
    assert.ok(page, name);
    return page.models;
  });
}

const lists = {
  openai: listed(openaiListing, 'openai'),
  anthropic: listed(anthropicListing, 'anthropic-1', 'anthropic-2'),
  google: listed(googleListing, 'google-1', 'google-2'),
  openrouter: listed(openaiListing, 'openrouter'),
  huggingface: listed(openaiListing, 'huggingface'),
  mistral: listed(openaiListing, 'mistral'),
  xai: listed(openaiListing, 'xai'),
  ollama: listed(ollamaListing, 'ollama'),
};

const shownOf = (models: readonly ModelInfo[], options = vendor): readonly string[] => curate(models, options).shown.map(({ tier, id }) => `${tier} ${id}`);
const hiddenOf = (models: readonly ModelInfo[], options = vendor): readonly string[] => curate(models, options).hidden.map(({ hidden, id }) => `${hidden?.reason} ${id}`).sort();

describe('the shortlist of', () => {
  it('OpenAI', () => {
    assert.deepEqual(shownOf(lists.openai), [
      'flagship gpt-5.5',
      'flagship gpt-5.5-pro',
      'flagship gpt-5.1-codex',
      'flagship gpt-5.1',
      'flagship gpt-5-pro',
      'flagship gpt-5-codex',
      'flagship gpt-5',
      'reasoning o4-mini',
      'reasoning o3',
      'cheap ft:gpt-4.1-mini:example:triage:AbCdEf12',
      'cheap gpt-5.1-codex-mini',
      'cheap gpt-5-nano',
      'cheap gpt-5-mini',
    ]);
    assert.deepEqual(hiddenOf(lists.openai), [
      'not-chat dall-e-3',
      'not-chat gpt-4o-audio-preview',
      'not-chat gpt-4o-realtime-preview',
      'not-chat gpt-4o-transcribe',
      'not-chat gpt-audio',
      'not-chat gpt-image-1',
      'not-chat gpt-realtime',
      'not-chat omni-moderation-latest',
      'not-chat sora-2',
      'not-chat text-embedding-3-small',
      'not-chat text-embedding-ada-002',
      'not-chat tts-1',
      'not-chat tts-1-hd',
      'not-chat whisper-1',
      'old babbage-002',
      'old gpt-3.5-turbo',
      'old gpt-3.5-turbo-instruct',
      'old gpt-4',
      'old gpt-4-0613',
      'old gpt-4.1',
      'old gpt-4o',
      'old gpt-4o-mini',
      'old o1',
      'old o3-mini',
      'old o3-pro',
      'preview gpt-4o-2024-08-06',
      'preview gpt-4o-search-preview',
      'preview gpt-5-2025-08-07',
      'preview gpt-5-mini-2025-08-07',
      'preview gpt-5.5-2026-04-23',
      'preview o4-mini-2025-04-16',
    ]);
  });

  it('Anthropic: a snapshot stays where its plain name is not listed', () => {
    assert.deepEqual(shownOf(lists.anthropic), [
      'flagship claude-opus-4-8',
      'flagship claude-opus-4-5-20251101',
      'balanced claude-sonnet-4-6',
      'balanced claude-sonnet-4-5',
      'cheap claude-haiku-4-5-20251001',
    ]);
    assert.deepEqual(hiddenOf(lists.anthropic), [
      'dated claude-sonnet-4-5-20250929',
      'deprecated claude-instant-1.2',
      'deprecated claude-opus-4-1-20250805',
      'deprecated claude-sonnet-4-20250514',
      'old claude-3-haiku-20240307',
    ]);
  });

  it('Gemini: without dates, the higher number first', () => {
    assert.deepEqual(shownOf(lists.google), [
      'flagship gemini-2.5-pro',
      'balanced gemini-3.8-flash',
      'balanced gemini-2.5-flash',
      'balanced gemini-2.0-flash-001',
      'cheap gemini-2.5-flash-lite',
      'other gemini-flash-latest',
      'other gemma-3-27b-it',
    ]);
    assert.deepEqual(hiddenOf(lists.google), [
      'not-chat aqa',
      'not-chat embedding-gecko-001',
      'not-chat gemini-2.5-flash-preview-tts',
      'not-chat gemini-embedding-001',
      'not-chat gemini-live-2.5-flash-native-audio',
      'not-chat imagen-4.0-generate-001',
      'not-chat veo-3.1-generate-preview',
      'preview gemini-2.0-flash-exp',
      'preview gemini-2.0-flash-thinking-exp-1219',
      'preview gemini-2.5-flash-preview-09-2025',
      'preview gemini-3-pro-preview',
    ]);
  });

  it('OpenRouter: what calls tools and is not about to go; an alpha inside of a word is none', () => {
    assert.deepEqual(shownOf(lists.openrouter), [
      'flagship x-ai/grok-5',
      'flagship anthropic/claude-opus-4.8',
      'flagship openai/gpt-5.5',
      'balanced mistralai/devstral-medium',
      'reasoning qwen/qwen3-235b-a22b-thinking-2507',
      'cheap anthropic/claude-haiku-4.5',
      'cheap openai/gpt-5-mini',
      'cheap google/gemini-2.5-flash-lite',
      'other alphafold/protein-chat',
      'other qwen/qwen3-coder',
      'other qwen/qwen3-coder:free',
    ]);
    assert.deepEqual(hiddenOf(lists.openrouter), [
      'dated mistralai/devstral-medium-2507',
      'deprecated x-ai/grok-4-fast:free',
      'no-tools deepseek/deepseek-r1',
      'not-chat openai/gpt-image-2',
      'not-chat qwen/qwen3-embedding-8b',
      'old mancer/weaver',
      'old openai/gpt-4o',
      'old openrouter/auto',
      'preview google/gemini-3-pro-preview',
      'preview openai/gpt-4o-2024-08-06',
      'preview stealth/ox-alpha',
    ]);
  });

  it('Hugging Face: a model is left out when every provider says that it calls no tools, not when none says anything', () => {
    assert.deepEqual(shownOf(lists.huggingface), ['other google/gemma-4-31B-it', 'other openai/gpt-oss-20b', 'other Qwen/Qwen3-Coder-480B-A35B-Instruct']);
    assert.deepEqual(hiddenOf(lists.huggingface), ['no-tools aisingapore/Gemma-SEA-LION-v4-27B-IT', 'old meta-llama/Llama-3.1-8B-Instruct']);
  });

  it('Mistral and xAI, as any server in OpenAI’s form', () => {
    assert.deepEqual(shownOf(lists.mistral), ['balanced magistral-medium-2509', 'balanced mistral-medium-2508', 'cheap mistral-small-2603', 'other codestral-2508', 'other mistral-large-2512', 'other mistral-large-latest']);
    assert.deepEqual(hiddenOf(lists.mistral), ['deprecated devstral-small-2507', 'no-tools open-mistral-7b', 'not-chat mistral-embed', 'not-chat mistral-moderation-2411', 'not-chat mistral-ocr-2512', 'not-chat voxtral-mini-transcribe-2507']);
    assert.deepEqual(shownOf(lists.xai), ['flagship grok-5', 'flagship grok-4', 'reasoning grok-4-fast-reasoning', 'cheap grok-4-fast-non-reasoning', 'cheap grok-code-fast-1']);
    assert.deepEqual(hiddenOf(lists.xai), ['dated grok-4-0709', 'old grok-2-vision-1212', 'old grok-3-mini']);
  });

  it('Ollama: everything that somebody has put there and that can chat, however old and whatever it is called', () => {
    assert.deepEqual(shownOf(lists.ollama, owner), [
      'cheap deepseek-r1:8b',
      'other qwen3-coder:30b',
      'other gpt-oss:120b-cloud',
      'other qwen3:4b-instruct-2507',
      'other qwen3:4b',
      'other gemma3:4b',
      'other my-legacy-alpha-2024-01-01',
      'other llama2:latest',
    ]);
    assert.deepEqual(hiddenOf(lists.ollama, owner), ['not-chat nomic-embed-text:latest']);
  });
});

describe('curation', () => {
  const ids = (models: readonly ModelInfo[], options = vendor): readonly string[] => curate(models, options).shown.map(({ id }) => id);

  it('counts 540 days from the day of publication', () => {
    const day = 24 * 60 * 60 * 1000;
    assert.deepEqual(ids([{ id: 'a', created: now - 540 * day }, { id: 'b', created: now - 540 * day - 1 }, { id: 'c' }]), ['a', 'c']);
  });

  it('drops a snapshot only for a root that is shown itself', () => {
    const old = Date.UTC(2024, 0, 1);
    assert.deepEqual(ids([{ id: 'm', created: old }, { id: 'm-20260901', created: Date.UTC(2026, 8, 1) }]), ['m-20260901']);
    assert.deepEqual(ids([{ id: 'm' }, { id: 'm-2024-08' }, { id: 'm-0613' }, { id: 'm-061' }]), ['m', 'm-061']);
  });

  it('keeps what operator.toml names', () => {
    const models = [{ id: 'gpt-4o-2024-08-06', created: 1 }, { id: 'text-embedding-3-small', type: 'embedding' as const }];
    assert.deepEqual(ids(models, { ...vendor, named: new Set(['gpt-4o-2024-08-06']) }), ['gpt-4o-2024-08-06']);
  });

  it('believes a server of one’s own that says a model chats and calls tools, whatever its name', () => {
    const model: ModelInfo = { id: 'qwen2-audio-chat', type: 'chat', capabilities: ['tools'] };
    assert.deepEqual(ids([model], owner), ['qwen2-audio-chat']);
    assert.deepEqual(ids([model], vendor), []);
  });

  it('takes the tier from the first rule that matches id or name', () => {
    const tiers: Readonly<Record<string, string>> = {
      'text-embedding-3-large': 'embedding',
      'grok-4-fast-non-reasoning': 'cheap',
      'o3-mini': 'reasoning',
      'o1-pro': 'reasoning',
      'deepseek-reasoner': 'reasoning',
      'kimi-k2-thinking': 'reasoning',
      'gpt-5-nano': 'cheap',
      'claude-haiku-4-5': 'cheap',
      'llama-3.1-8b-instruct': 'cheap',
      'gemini-2.5-pro': 'flagship',
      'gpt-5.5': 'flagship',
      'gpt-4.5-preview': 'flagship',
      'grok-5': 'flagship',
      'claude-sonnet-4-5': 'balanced',
      'gpt-4o': 'balanced',
      'gemini-3.8-flash': 'balanced',
      'mistral-medium-2508': 'balanced',
      'gemini-2.5-flash-lite': 'cheap',
      'qwen3-coder:30b': 'other',
      // Words inside of words say nothing.
      'gemini-embed-2': 'embedding',
      'prototype-9': 'other',
      'minimax-m2': 'other',
      'corpus-reader': 'other',
    };
    assert.deepEqual(Object.fromEntries(Object.keys(tiers).map((id) => [id, tierOf({ id })])), tiers);
    assert.equal(tierOf({ id: 'model-x', displayName: 'Claude Opus' }), 'flagship');
    assert.equal(tierOf({ id: 'bge-m3', type: 'embedding' }), 'embedding');
  });

  it('says how many are left out and why', () => {
    assert.equal(hiddenWords(curate(lists.xai, vendor).hidden), '2 older than 18 months, 1 dated');
  });

  const word = fc.constantFrom('gpt', 'claude', 'opus', 'mini', 'preview', 'exp', 'alpha', 'beta', 'legacy', 'embedding', 'o3', 'pro', '8b', '20250929', '0613', '2024-08-06', '2024-08', 'thinking', 'x', 'latest');
  const id = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('-'));
  const model: fc.Arbitrary<ModelInfo> = fc.record(
    {
      id: fc.oneof({ weight: 4, arbitrary: id }, { weight: 1, arbitrary: fc.string({ minLength: 1 }) }),
      displayName: fc.oneof(id, fc.constant('Legacy Preview')),
      created: fc.integer({ min: now - 700 * 86_400_000, max: now + 86_400_000 }),
      type: fc.constantFrom('chat' as const, 'embedding' as const, 'other' as const),
      supportsTools: fc.boolean(),
      deprecated: fc.boolean(),
      capabilities: fc.subarray(['tools', 'vision']),
    },
    { requiredKeys: ['id'] },
  );
  const models = fc.array(model, { maxLength: 30 });
  const options: fc.Arbitrary<CurationOptions> = fc.record({ now: fc.constant(now), preview: fc.boolean(), choice: fc.constantFrom('vendor' as const, 'owner' as const), named: id.map((each) => new Set([each])) });

  it('puts every model into one of two lists, and invents none', () => {
    fc.assert(
      fc.property(models, options, (all, how) => {
        const { shown, hidden } = curate(all, how);
        assert.deepEqual([...shown, ...hidden].map((each) => each.id).sort(), [...new Set(all.map((each) => each.id))].sort());
        for (const { tier, hidden: why, ...info } of [...shown, ...hidden]) {
          assert.ok(tier);
          assert.ok(all.some((each) => JSON.stringify(each) === JSON.stringify(info)));
          assert.equal(shown.some((each) => each.id === info.id), why === undefined);
        }
      }),
    );
  });

  it('of its own shortlist makes the same shortlist', () => {
    fc.assert(
      fc.property(models, options, (all, how) => {
        const { shown } = curate(all, how);
        assert.deepEqual(curate(shown, how), { shown, hidden: [] });
      }),
    );
  });

  it('does not depend on the order of the list', () => {
    fc.assert(
      fc.property(models.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }))), options, ([all, shuffled], how) => {
        assert.deepEqual(curate(shuffled, how), curate(all, how));
      }),
    );
  });

  it('with previews shows the same and more', () => {
    fc.assert(
      fc.property(models, options, (all, how) => {
        const more = new Set(curate(all, { ...how, preview: true }).shown.map((each) => each.id));
        for (const each of curate(all, { ...how, preview: false }).shown) assert.ok(more.has(each.id), each.id);
      }),
    );
  });
});
