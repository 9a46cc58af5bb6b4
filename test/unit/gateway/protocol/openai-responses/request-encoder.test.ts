import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { UpstreamTraits } from '../../../../../src/gateway/protocol/codec.ts';
import type { IrMessage, IrRequest, JsonObject } from '../../../../../src/gateway/protocol/ir.ts';
import { openAiResponses } from '../../../../../src/gateway/protocol/openai-responses/index.ts';
import { assistantParts } from '../arbitrary.ts';

const minimal: IrRequest = { model: 'gpt-5.5', messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }], tools: [], stream: true };

function encode(request: Partial<IrRequest>, traits: UpstreamTraits = {}): { readonly body: JsonObject; readonly codes: readonly string[] } {
  const { body, warnings } = openAiResponses.encodeRequest({ ...minimal, ...request }, traits);
  return { body: body as JsonObject, codes: warnings.map(({ code }) => code) };
}

function inputOf(messages: readonly IrMessage[], traits: UpstreamTraits = {}): unknown {
  return encode({ messages }, traits).body['input'];
}

describe('openai-responses: requests to a server', () => {
  it('are as small as what was asked', () => {
    const { path, body, headers, warnings } = openAiResponses.encodeRequest(minimal, {});
    assert.equal(path, '/responses');
    assert.deepEqual(headers, { accept: 'text/event-stream' });
    assert.deepEqual(warnings, []);
    assert.deepEqual(body, { model: 'gpt-5.5', input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] }], stream: true, store: false });
  });

  it('say leading instructions in their own place and later ones where they came', () => {
    const messages: IrMessage[] = [
      { role: 'system', developer: false, parts: [{ type: 'text', text: 'a', cache: {} }, { type: 'text', text: 'b' }] },
      { role: 'system', developer: true, parts: [{ type: 'text', text: 'c' }] },
      { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
      { role: 'system', developer: true, parts: [{ type: 'text', text: 'd' }] },
      { role: 'system', developer: false, parts: [{ type: 'text', text: 'e' }] },
    ];
    const { body } = encode({ messages });
    assert.equal(body['instructions'], 'a\n\nb\n\nc');
    const rolesOf = (traits: UpstreamTraits): unknown => (inputOf(messages, traits) as { role: string }[]).map(({ role }) => role);
    assert.deepEqual(rolesOf({}), ['user', 'developer', 'system']);
    assert.deepEqual(rolesOf({ systemRole: 'system' }), ['user', 'system', 'system']);
    assert.deepEqual(rolesOf({ systemAnywhere: false }), ['user', 'user', 'user']);
    assert.deepEqual(encode({ messages }, { systemAnywhere: false }).codes, ['approximated']);
  });

  it('say a whole tool loop, custom tools and error results included', () => {
    const messages: IrMessage[] = [
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', id: 'rs_1', text: 'Hm', summary: true, sealed: { origin: 'openai-responses', value: 'gAAA' } },
          { type: 'text', text: 'Look:' },
          { type: 'tool-call', id: 'c1', name: 'read', input: { type: 'json', text: '' } },
          { type: 'tool-call', id: 'c2', name: 'apply_patch', input: { type: 'text', text: '*** Begin' } },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'tool-result', callId: 'c1', content: [{ type: 'text', text: 'a' }, { type: 'image', media: { type: 'base64', mediaType: 'image/png', data: 'AA==' } }], isError: false },
          { type: 'tool-result', callId: 'c2', content: [{ type: 'text', text: 'no such line' }], isError: true },
          { type: 'text', text: 'go on' },
        ],
      },
    ];
    assert.deepEqual(inputOf(messages), [
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm' }], encrypted_content: 'gAAA' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Look:' }] },
      { status: 'completed', call_id: 'c1', type: 'function_call', name: 'read', arguments: '{}' },
      { status: 'completed', call_id: 'c2', type: 'custom_tool_call', name: 'apply_patch', input: '*** Begin' },
      { type: 'function_call_output', call_id: 'c1', output: [{ type: 'input_text', text: 'a' }, { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'auto' }] },
      { type: 'custom_tool_call_output', call_id: 'c2', output: 'Error: no such line' },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'go on' }] },
    ]);
  });

  it('never hand another vendor’s proof to OpenAI', () => {
    const messages: IrMessage[] = [
      { role: 'assistant', parts: [{ type: 'reasoning', text: 'secret', summary: false, signature: { origin: 'anthropic-messages', value: 'SIG' } }, { type: 'tool-call', id: 'c', name: 'f', input: { type: 'json', text: '{}' }, signature: { origin: 'gemini', value: 'GSIG' } }] },
      { role: 'user', parts: [{ type: 'tool-result', callId: 'c', content: [], isError: false }] },
    ];
    const { body, codes } = encode({ messages });
    assert.doesNotMatch(JSON.stringify(body), /SIG|secret/);
    assert.deepEqual(codes, ['dropped-signature', 'dropped-signature']);
    assert.match(JSON.stringify(encode({ messages }, { reasoningField: 'reasoning' }).body), /"reasoning_text","text":"secret"/);
  });

  it('bring ids and names into OpenAI’s bounds, the same in call and result, and names back again', () => {
    const id = `run_shell_command__${'x'.repeat(80)}`;
    const request: IrRequest = {
      ...minimal,
      tools: [{ type: 'function', name: 'mail.send:now', schema: { type: 'object' } }],
      toolChoice: { type: 'tool', name: 'mail.send:now' },
      messages: [
        { role: 'assistant', parts: [{ type: 'tool-call', id, name: 'mail.send:now', input: { type: 'json', text: '{}' } }] },
        { role: 'user', parts: [{ type: 'tool-result', callId: id, content: [], isError: false }] },
      ],
    };
    const { body, context } = openAiResponses.encodeRequest(request, {});
    const [call, result] = (body as { input: { call_id: string; name?: string }[] }).input;
    assert.ok(call && result && call.call_id === result.call_id && call.call_id.length <= 64);
    assert.equal(call.name, 'mail_send_now');
    assert.deepEqual((body as JsonObject)['tool_choice'], { type: 'function', name: 'mail_send_now' });
    const { response } = openAiResponses.decodeResponse({ id: 'r', status: 'completed', output: [{ type: 'function_call', call_id: 'c', name: 'mail_send_now', arguments: '{}' }] }, context);
    assert.deepEqual(response.parts, [{ type: 'tool-call', id: 'c', name: 'mail.send:now', input: { type: 'json', text: '{}' } }]);
  });

  it('declare tools; strict only where OpenAI would take it', () => {
    const closed: JsonObject = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
    const { body, codes } = encode({
      parallelToolCalls: false,
      tools: [
        { type: 'function', name: 'f', description: 'F', schema: closed, strict: true },
        { type: 'function', name: 'g', schema: { type: 'object', properties: { a: {} } }, strict: true },
        { type: 'function', name: 'h', schema: { anyOf: [{ type: 'object', properties: { x: {} } }, { type: 'object', properties: { y: {} } }] } },
        { type: 'custom', name: 'p', description: 'P', grammar: { syntax: 'lark', definition: 'start: "x"' } },
      ],
    });
    const [f, g, h, p] = body['tools'] as JsonObject[];
    assert.deepEqual(f, { type: 'function', name: 'f', description: 'F', parameters: closed, strict: true });
    assert.equal(g?.['strict'], false);
    assert.equal((h?.['parameters'] as JsonObject)['type'], 'object');
    assert.deepEqual(p, { type: 'custom', name: 'p', description: 'P', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } });
    assert.equal(body['parallel_tool_calls'], false);
    assert.deepEqual(codes, ['schema-changed']);
  });

  it('say settings as far as the wire has them, and warn of the others', () => {
    const { body, codes } = encode({ maxOutputTokens: 100, temperature: 1, topP: 0.9, cacheKey: 'k', user: 'u', verbosity: 'low', reasoning: { enabled: true, effort: 'high', visible: true }, output: { type: 'json-schema', name: 'my answer', schema: { type: 'object' }, strict: true } });
    assert.deepEqual({ ...body, input: 0 }, {
      model: 'gpt-5.5', input: 0, stream: true, store: false, max_output_tokens: 100, temperature: 1, top_p: 0.9, prompt_cache_key: 'k', safety_identifier: 'u',
      reasoning: { effort: 'high', summary: 'auto' }, include: ['reasoning.encrypted_content'],
      text: { format: { type: 'json_schema', name: 'my_answer', schema: { type: 'object' }, strict: false }, verbosity: 'low' },
    });
    assert.deepEqual(codes, []);
    assert.deepEqual(encode({ topK: 1, seed: 1, presencePenalty: 1, frequencyPenalty: 1, stop: ['x'] }).codes, Array(5).fill('unsupported-setting'));
    assert.deepEqual(encode({ stop: [] }).codes, []);
  });

  it('keep the least and the most that servers take', () => {
    assert.deepEqual([encode({ maxOutputTokens: 1 }).body['max_output_tokens'], encode({ maxOutputTokens: 1 }).codes], [16, ['approximated']]);
    const tight = encode({ maxOutputTokens: 32_000 }, { contextWindow: 32_000 });
    assert.deepEqual([tight.body['max_output_tokens'], tight.codes], [undefined, ['approximated']]);
    assert.equal(encode({ maxOutputTokens: 1000 }, { contextWindow: 32_000 }).body['max_output_tokens'], 1000);
  });

  it('ask for thinking in levels that the server knows', () => {
    const effortOf = (reasoning: IrRequest['reasoning'], traits: UpstreamTraits = {}): unknown => (encode({ reasoning }, traits).body['reasoning'] as JsonObject | undefined)?.['effort'];
    assert.equal(effortOf({ enabled: true, budgetTokens: 31_999 }), 'high');
    assert.equal(effortOf({ enabled: true, budgetTokens: -1 }), undefined);
    assert.equal(effortOf({ enabled: true, effort: 'max' }), 'high');
    assert.equal(effortOf({ enabled: true, effort: 'xhigh' }, { efforts: ['low', 'high', 'xhigh'] }), 'xhigh');
    assert.equal(effortOf({ enabled: false }), undefined);
    assert.equal(effortOf({ enabled: false }, { efforts: ['none', 'low'] }), 'none');
    assert.deepEqual(encode({ reasoning: { visible: true } }).body['include'], undefined);
  });

  it('leave OpenAI\'s thinkers their own sampling, and ask for their thoughts without a word about thinking', () => {
    const thinker = encode({ temperature: 1, topP: 0.95 }, { thinker: true, efforts: ['none', 'low', 'medium', 'high'] });
    assert.deepEqual([thinker.body['temperature'], thinker.body['top_p'], thinker.body['include'], thinker.codes], [undefined, undefined, ['reasoning.encrypted_content'], ['unsupported-setting']]);
    assert.deepEqual(encode({ temperature: 1, topP: 1 }, { thinker: true }).codes, [], 'the usual sampling is no loss');
    assert.deepEqual(encode({ reasoning: { enabled: false } }, { thinker: true, efforts: ['none', 'low'] }).body['include'], ['reasoning.encrypted_content']);
    const other = encode({ temperature: 0.5, topP: 0.95 }, { efforts: [] });
    assert.deepEqual([other.body['temperature'], other.body['top_p'], other.body['include']], [0.5, 0.95, undefined]);
  });

  it('leave out what a server is known not to read', () => {
    const messages: IrMessage[] = [{ role: 'user', parts: [{ type: 'text', text: 'see' }, { type: 'image', media: { type: 'url', url: 'https://x/a.png' } }, { type: 'document', media: { type: 'base64', mediaType: 'application/pdf', data: 'AA==' } }, { type: 'audio', media: { type: 'base64', mediaType: 'audio/wav', data: 'AA==' } }, { type: 'image', media: { type: 'file', id: 'f', origin: 'gemini' } }] }];
    const all = encode({ messages });
    assert.deepEqual((all.body['input'] as { content: { type: string }[] }[])[0]?.content.map(({ type }) => type), ['input_text', 'input_image', 'input_file', 'input_text', 'input_text']);
    assert.deepEqual(all.codes, ['unsupported-part', 'unsupported-part']);
    const blind = (encode({ messages }, { images: false, documents: false }).body['input'] as { content: { type: string; text: string }[] }[])[0]?.content ?? [];
    assert.ok(blind.every(({ type }) => type === 'input_text'));
    assert.deepEqual(blind.map(({ text }) => text.includes('left out')), [false, true, true, true, true]);
  });

  it('come back as they went, for every turn of a model', () => {
    fc.assert(
      fc.property(assistantParts({ signatures: false, custom: ['apply_patch'] }), (parts) => {
        const spoken = parts.filter((part) => part.type !== 'reasoning');
        const results = spoken.flatMap((part) => (part.type === 'tool-call' ? [{ type: 'tool-result' as const, callId: part.id, name: part.name, content: [{ type: 'text' as const, text: 'done' }], isError: false }] : []));
        const messages: IrMessage[] = [...minimal.messages, ...(spoken.length > 0 ? [{ role: 'assistant' as const, parts: spoken }] : []), ...(results.length > 0 ? [{ role: 'user' as const, parts: results }] : [])];
        const tools: IrRequest['tools'] = [{ type: 'function', name: 'bash', schema: { type: 'object', properties: {} }, strict: false }, { type: 'function', name: 'read_file', schema: { type: 'object', properties: {} }, strict: false }, { type: 'custom', name: 'apply_patch' }];
        const { body, warnings } = openAiResponses.encodeRequest({ ...minimal, messages, tools }, {});
        assert.deepEqual(warnings, []);
        const again = openAiResponses.decodeRequest(body, {});
        assert.deepEqual(again.request, { ...minimal, messages, tools });
        assert.deepEqual(again.warnings, []);
      }),
    );
  });
});
