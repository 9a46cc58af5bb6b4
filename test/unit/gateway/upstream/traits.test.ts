import assert from 'node:assert/strict';
import type { UpstreamTarget } from '../../../../src/core/gateway/model.ts';
import type { Protocol } from '../../../../src/core/protocol.ts';
import type { ServerKindId } from '../../../../src/core/servers/kinds.ts';
import { codecs } from '../../../../src/gateway/protocol/codecs.ts';
import type { UpstreamTraits } from '../../../../src/gateway/protocol/codec.ts';
import type { IrRequest, JsonObject } from '../../../../src/gateway/protocol/ir.ts';
import { openAiEfforts } from '../../../../src/gateway/upstream/openai-models.ts';
import { traitsOf } from '../../../../src/gateway/upstream/traits.ts';
import { serverAt } from '../../../support/model-server.ts';

function target(kind: ServerKindId, model: string, more: { readonly capabilities?: readonly string[]; readonly address?: string } = {}): UpstreamTarget {
  const server = serverAt(kind, more.address ?? 'http://127.0.0.1:9000');
  return { server, model, names: [model], speaks: server.protocols, ...(more.capabilities && { capabilities: more.capabilities }) };
}

/** What a server of this protocol gets, and what was lost on the way. */
function encode(to: Protocol, traits: UpstreamTraits, request: Partial<IrRequest>): { readonly body: JsonObject; readonly codes: readonly string[] } {
  const { body, warnings } = codecs[to].encodeRequest({ model: 'm', messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }], tools: [], stream: true, ...request }, traits);
  return { body: body as JsonObject, codes: warnings.map(({ code }) => code) };
}

describe('efforts of OpenAI’s models', () => {
  const cases: readonly [model: string, efforts: string][] = [
    ['gpt-4o', ''],
    ['gpt-4.1-mini', ''],
    ['gpt-5-chat-latest', ''],
    ['o1-mini', ''],
    ['o3', 'low medium high'],
    ['o4-mini-2025-04-16', 'low medium high'],
    ['gpt-5', 'minimal low medium high'],
    ['gpt-5-mini-2025-08-07', 'minimal low medium high'],
    ['gpt-5-codex', 'low medium high'],
    ['gpt-5-pro', 'high'],
    ['gpt-5.1', 'none low medium high'],
    ['gpt-5.1-codex', 'low medium high'],
    ['gpt-5.1-codex-max', 'low medium high xhigh'],
    ['gpt-5.2', 'none low medium high xhigh'],
    ['gpt-5.3-codex', 'low medium high xhigh'],
    ['gpt-5.5', 'none low medium high xhigh'],
    ['gpt-6', 'none low medium high xhigh'],
    ['davinci-002', ''],
  ];
  for (const [model, efforts] of cases) it(`${model}: ${efforts || 'none at all'}`, () => assert.equal(openAiEfforts(model).join(' '), efforts));
});

describe('what is known of a server', () => {
  it('asks OpenAI for the nearest level that the model takes, and models that do not think for nothing', () => {
    const reasoning = { enabled: true, effort: 'xhigh', visible: true } as const;
    const ask = (model: string): JsonObject => encode('openai-responses', traitsOf(target('openai-api', model), 'openai-responses'), { reasoning }).body;
    assert.deepEqual(ask('gpt-5.1')['reasoning'], { effort: 'high', summary: 'auto' });
    assert.deepEqual(ask('gpt-5.2')['reasoning'], { effort: 'xhigh', summary: 'auto' });
    assert.deepEqual([ask('gpt-4o')['reasoning'], ask('gpt-4o')['include']], [undefined, undefined]);
  });

  it('sends strict vendors nothing that they refuse to know, and says so', () => {
    const messages: IrRequest['messages'] = [
      { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
      { role: 'assistant', parts: [{ type: 'reasoning', text: 'hm', summary: false }, { type: 'text', text: 'ho' }] },
      { role: 'user', parts: [{ type: 'text', text: 'more' }] },
    ];
    const traits = traitsOf(target('openai-compat', 'mistral-large-latest', { address: 'https://api.mistral.ai/v1' }), 'openai-chat');
    const { body, codes } = encode('openai-chat', traits, { messages, seed: 1, user: 'u', topK: 5, maxOutputTokens: 9, cacheKey: 'k', reasoning: { enabled: true, effort: 'high' } });
    assert.deepEqual(Object.keys(body).sort(), ['max_tokens', 'messages', 'model', 'stream']);
    assert.ok(!JSON.stringify(body).includes('reasoning'));
    assert.ok(codes.filter((code) => code === 'unsupported-setting').length >= 3, codes.join());
  });

  it('asks unknown servers for no effort, but for the model that everybody has levels for', () => {
    const effort = (kind: ServerKindId, model: string): unknown => encode('openai-chat', traitsOf(target(kind, model), 'openai-chat'), { reasoning: { enabled: true, effort: 'high' } }).body['reasoning_effort'];
    assert.deepEqual([effort('openai-compat', 'some-model'), effort('openai-compat', 'openai/gpt-oss-120b'), effort('litellm', 'x'), effort('vllm', 'x'), effort('openrouter', 'x')], [undefined, 'high', undefined, 'high', 'high']);
  });

  it('leaves the levels of Messages to the names of its models', () => {
    assert.equal(traitsOf(target('openrouter', 'anthropic/claude-opus-4.8'), 'anthropic-messages').efforts, undefined);
    assert.ok(traitsOf(target('openrouter', 'anthropic/claude-opus-4.8'), 'openai-chat').efforts?.includes('minimal'));
  });

  it('gives Claude only signed thoughts, wherever it runs, and other models of the same API theirs without', () => {
    const messages: IrRequest['messages'] = [
      { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
      { role: 'assistant', parts: [{ type: 'reasoning', text: 'a thought', summary: false }, { type: 'text', text: 'ho' }] },
      { role: 'user', parts: [{ type: 'text', text: 'more' }] },
    ];
    const keeps = (kind: ServerKindId, model: string): boolean => JSON.stringify(encode('anthropic-messages', traitsOf(target(kind, model), 'anthropic-messages'), { model, messages }).body).includes('a thought');
    for (const kind of ['anthropic-api', 'openrouter', 'litellm', 'openai-compat'] as const) assert.deepEqual([keeps(kind, 'anthropic/claude-opus-4.8'), keeps(kind, 'deepseek-v4')], [false, true], kind);
    for (const kind of ['ollama', 'llamacpp', 'vllm'] as const) assert.ok(keeps(kind, 'claude-distilled'), kind);
  });

  it('never asks an Ollama model to think that cannot', () => {
    const off = { enabled: false } as const;
    const think = (model: string, capabilities: readonly string[] | undefined, reasoning: IrRequest['reasoning']): unknown =>
      encode('ollama', traitsOf(target('ollama', model, capabilities && { capabilities }), 'ollama'), { model, reasoning }).body['think'];
    assert.deepEqual([think('llama3.2', ['tools'], off), think('qwen3', ['tools', 'thinking'], off), think('gpt-oss:20b', ['tools', 'thinking'], { enabled: true, effort: 'high' })], [undefined, false, 'high']);
    const effort = (capabilities: readonly string[]): unknown => encode('openai-chat', traitsOf(target('ollama', 'qwen3', { capabilities }), 'openai-chat'), { reasoning: { enabled: true, effort: 'minimal' } }).body['reasoning_effort'];
    assert.deepEqual([effort(['tools']), effort(['thinking'])], [undefined, 'low']);
  });

  it('simplifies schemas for servers that make grammars of them', () => {
    const tools: IrRequest['tools'] = [{ type: 'function', name: 'f', schema: { type: 'object', properties: { id: { type: 'string', pattern: '\\d+' } } } }];
    for (const kind of ['llamacpp', 'lmstudio', 'localai'] as const) assert.ok(!JSON.stringify(encode('openai-chat', traitsOf(target(kind, 'm'), 'openai-chat'), { tools }).body).includes('pattern'), kind);
    for (const kind of ['vllm', 'openai-api', 'openrouter'] as const) assert.ok(JSON.stringify(encode('openai-chat', traitsOf(target(kind, 'm'), 'openai-chat'), { tools }).body).includes('pattern'), kind);
  });

  it('gives freeform tools to OpenAI as they are, and to other Responses servers as functions with their history', () => {
    const request: Partial<IrRequest> = {
      tools: [{ type: 'custom', name: 'apply_patch', grammar: { syntax: 'lark', definition: 'start: "x"' } }],
      toolChoice: { type: 'tool', name: 'apply_patch' },
      messages: [
        { role: 'user', parts: [{ type: 'text', text: 'patch' }] },
        { role: 'assistant', parts: [{ type: 'tool-call', id: 'c1', name: 'apply_patch', input: { type: 'text', text: 'x' } }] },
        { role: 'user', parts: [{ type: 'tool-result', callId: 'c1', content: [{ type: 'text', text: 'done' }], isError: false }] },
      ],
    };
    const typesAt = (kind: ServerKindId): unknown => {
      const { body } = encode('openai-responses', traitsOf(target(kind, 'gpt-5.5'), 'openai-responses'), request);
      return [body['tools'], [body['tool_choice']], body['input']].map((list) => (list as readonly JsonObject[]).map((item) => item['type']));
    };
    assert.deepEqual(typesAt('openai-api'), [['custom'], ['custom'], ['message', 'custom_tool_call', 'custom_tool_call_output']]);
    for (const kind of ['vllm', 'llamacpp', 'lmstudio', 'ollama', 'litellm', 'openrouter'] as const) assert.deepEqual(typesAt(kind), [['function'], ['function'], ['message', 'function_call', 'function_call_output']], kind);
    const { body } = encode('openai-responses', traitsOf(target('vllm', 'm'), 'openai-responses'), request);
    assert.equal((body['input'] as readonly JsonObject[])[1]?.['arguments'], '{"input":"x"}');
  });

  it('puts a note in the place of a picture that the model cannot see', () => {
    const messages: IrRequest['messages'] = [
      { role: 'user', parts: [{ type: 'text', text: 'see' }, { type: 'image', media: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } }] },
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'c', name: 'shot', input: { type: 'json', text: '{}' } }] },
      { role: 'user', parts: [{ type: 'tool-result', callId: 'c', name: 'shot', isError: false, content: [{ type: 'image', media: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } }] }] },
    ];
    const blind = target('ollama', 'llama3.2', { capabilities: ['tools'] });
    for (const protocol of ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini', 'ollama'] as const) {
      const { body, codes } = encode(protocol, traitsOf(blind, protocol), { messages });
      assert.ok(!JSON.stringify(body).includes('AAAA'), protocol);
      assert.equal(JSON.stringify(body).match(/left out: this model cannot read it/g)?.length, 2, `${protocol}: ${JSON.stringify(body)}`);
      assert.ok(codes.includes('unsupported-part'), protocol);
    }
  });

  it('takes silence about vision for blindness only where the list would have told', () => {
    const images = (kind: ServerKindId, capabilities?: readonly string[]): boolean | undefined => traitsOf(target(kind, 'm', capabilities && { capabilities }), 'openai-chat').images;
    assert.deepEqual([images('ollama'), images('ollama', ['tools']), images('ollama', ['vision']), images('lmstudio', ['tools']), images('openrouter', ['tools']), images('openai-api')], [true, false, true, false, true, true]);
  });
});
