import assert from 'node:assert/strict';
import { claudeModel } from '../../../../../src/gateway/protocol/anthropic-messages/claude-models.ts';
import { anthropicMessages } from '../../../../../src/gateway/protocol/anthropic-messages/index.ts';
import type { UpstreamTraits } from '../../../../../src/gateway/protocol/codec.ts';
import type { IrMessage, IrRequest, JsonObject } from '../../../../../src/gateway/protocol/ir.ts';

const hi: IrMessage = { role: 'user', parts: [{ type: 'text', text: 'hi' }] };

function encode(request: Partial<IrRequest>, traits: UpstreamTraits = {}): { readonly body: JsonObject; readonly headers: Readonly<Record<string, string>>; readonly warnings: readonly string[] } {
  const encoded = anthropicMessages.encodeRequest({ model: 'claude-opus-5', messages: [hi], tools: [], stream: false, ...request }, traits);
  return { body: encoded.body as JsonObject, headers: encoded.headers, warnings: encoded.warnings.map(({ message }) => message) };
}

function decode(fields: JsonObject): IrRequest['reasoning'] {
  return anthropicMessages.decodeRequest({ model: 'm', max_tokens: 100, messages: [], ...fields }, {}).request.reasoning;
}

describe('anthropic-messages: thinking', () => {
  it('is understood in every spelling', () => {
    assert.deepEqual(decode({ thinking: { type: 'enabled', budget_tokens: 31_999, display: 'omitted' } }), { enabled: true, budgetTokens: 31_999, visible: false });
    assert.deepEqual(decode({ thinking: { type: 'adaptive', display: 'updates' }, output_config: { effort: 'high' } }), { enabled: true, effort: 'high', visible: true });
    assert.deepEqual(decode({ thinking: { type: 'enabled', budget_tokens: -1 } }), { enabled: true });
    assert.deepEqual(decode({ thinking: { type: 'between_tools' } }), { enabled: true });
    assert.deepEqual(decode({ thinking: { type: 'disabled' }, output_config: { effort: 'low' } }), { enabled: false });
    assert.equal(decode({ output_config: { effort: 'high' } }), undefined);
  });

  const asked: readonly (readonly [model: string, reasoning: IrRequest['reasoning'], fields: JsonObject])[] = [
    ['claude-opus-5', { enabled: true, effort: 'xhigh' }, { thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' } }],
    ['claude-opus-4-6', { enabled: true, effort: 'xhigh' }, { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }],
    ['claude-sonnet-4-6', { enabled: true, budgetTokens: 3000 }, { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }],
    ['claude-haiku-4-5-20251001', { enabled: true, effort: 'low' }, { thinking: { type: 'enabled', budget_tokens: 4096 } }],
    ['claude-haiku-4-5', { enabled: true, budgetTokens: 99_999 }, { thinking: { type: 'enabled', budget_tokens: 18_976 } }],
    ['claude-opus-5', { enabled: true, visible: true }, { thinking: { type: 'adaptive', display: 'summarized' } }],
    ['claude-opus-5', { enabled: false }, { thinking: { type: 'disabled' } }],
    ['claude-opus-5', { effort: 'none' }, { thinking: { type: 'disabled' } }],
    ['claude-fable-5', { enabled: false }, {}],
    ['qwen3', { enabled: true, effort: 'high', visible: false }, { thinking: { type: 'enabled', budget_tokens: 18_976 } }],
    ['claude-opus-5', { visible: true }, {}],
    ['claude-opus-5', undefined, {}],
  ];
  for (const [model, reasoning, fields] of asked) {
    it(`of ${model} is asked for as ${JSON.stringify(fields)} when the client wants ${JSON.stringify(reasoning)}`, () => {
      const { body } = encode({ model, maxOutputTokens: 20_000, ...(reasoning === undefined ? {} : { reasoning }) });
      const { thinking, output_config: config } = body;
      assert.deepEqual({ ...(thinking === undefined ? {} : { thinking }), ...(config === undefined ? {} : { output_config: config }) }, fields);
    });
  }

  it('is not asked for where the server would refuse the request for it', () => {
    const tools = [{ type: 'function', name: 'f', schema: { type: 'object' } }] as const;
    const reasoning = { enabled: true } as const;
    assert.equal(encode({ tools, reasoning, toolChoice: { type: 'required' } }).body['thinking'], undefined);
    assert.equal(encode({ model: 'claude-haiku-4-5', reasoning, maxOutputTokens: 1000 }).body['thinking'], undefined);
    // A conversation that another model began: its last answer has no thoughts that Anthropic signed.
    const foreign: readonly IrMessage[] = [hi, { role: 'assistant', parts: [{ type: 'tool-call', id: 'a', name: 'f', input: { type: 'json', text: '{}' } }] }, { role: 'user', parts: [{ type: 'tool-result', callId: 'a', content: [], isError: false }] }];
    const { body, warnings } = encode({ model: 'claude-haiku-4-5', tools, reasoning, messages: foreign });
    assert.equal(body['thinking'], undefined);
    assert.match(warnings.join(), /began without it/);
    assert.deepEqual(encode({ model: 'claude-opus-5', tools, reasoning, messages: foreign }).body['thinking'], { type: 'adaptive' });
  });

  it('between calls is asked for by a header where the model needs it', () => {
    const tools = [{ type: 'function', name: 'f', schema: { type: 'object' } }] as const;
    assert.equal(encode({ model: 'claude-sonnet-4-5', tools, reasoning: { enabled: true } }).headers['anthropic-beta'], 'interleaved-thinking-2025-05-14');
    assert.equal(encode({ model: 'claude-opus-5', tools, reasoning: { enabled: true } }).headers['anthropic-beta'], undefined);
    assert.equal(encode({ model: 'qwen3', tools, reasoning: { enabled: true } }).headers['anthropic-beta'], undefined);
  });

  it('goes back only to whom it came from (peers 12)', () => {
    const thoughts: IrMessage = {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'own', summary: false, signature: { origin: 'anthropic-messages', value: 'EqQB' } },
        { type: 'reasoning', text: '', summary: false, sealed: { origin: 'anthropic-messages', value: 'EmwK' } },
        { type: 'reasoning', text: 'foreign', summary: false, signature: { origin: 'gemini', value: 'x' } },
        { type: 'reasoning', text: 'unsigned', summary: false },
        { type: 'text', text: 'One.' },
      ],
    };
    const blocks = (traits: UpstreamTraits): unknown => ((encode({ messages: [hi, thoughts, hi] }, traits).body['messages'] as readonly JsonObject[])[1] as JsonObject)['content'];
    const own = [{ type: 'thinking', thinking: 'own', signature: 'EqQB' }, { type: 'redacted_thinking', data: 'EmwK' }];
    assert.deepEqual(blocks({}), [...own, { type: 'text', text: 'One.' }]);
    assert.deepEqual(blocks({ unsignedThinking: true }), [...own, { type: 'thinking', thinking: 'foreign', signature: '' }, { type: 'thinking', thinking: 'unsigned', signature: '' }, { type: 'text', text: 'One.' }]);
  });

  it('decides which sampling settings a model takes', () => {
    const sampling = (model: string, reasoning?: IrRequest['reasoning']): unknown => {
      const { temperature, top_p: topP, top_k: topK } = encode({ model, temperature: 1.5, topP: 0.9, topK: 5, ...(reasoning === undefined ? {} : { reasoning }) }).body;
      return [temperature, topP, topK];
    };
    assert.deepEqual(sampling('claude-3-5-sonnet-20241022'), [1, 0.9, 5]);
    assert.deepEqual(sampling('claude-sonnet-4-5'), [1, undefined, 5]);
    assert.deepEqual(sampling('claude-sonnet-4-5', { enabled: true }), [undefined, undefined, undefined]);
    assert.deepEqual(sampling('claude-opus-4-8'), [undefined, undefined, undefined]);
    assert.deepEqual(sampling('qwen3', { enabled: true }), [1, 0.9, 5]);
  });

  it('knows the models by their names', () => {
    const version = (name: string): number | undefined => claudeModel(name).version;
    assert.deepEqual(
      ['claude-3-opus-20240229', 'claude-3-7-sonnet-20250219', 'claude-sonnet-4-20250514', 'claude-opus-4-1', 'claude-haiku-4-5-20251001', 'anthropic/claude-sonnet-4.5', 'us.anthropic.claude-opus-4-6-v1', 'claude-fable-5-1', 'claude-mythos-preview', 'mock-model', 'gpt-5'].map(version),
      [3, 3.7, 4, 4.1, 4.5, 4.5, 4.6, 5.1, 5, undefined, undefined],
    );
  });
});
